"""Message parameters, zones and paths, row by row."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from fixtures.writers import xpress

COLLECTION = "/requests/xStudents"
SINGLE = "/requests/xStudents/xStudent"
XML = {"Content_Type": "application/xml"}
Students = Callable[[int], list[etree._Element]]


@pytest.fixture
def five(sis: Any, students: Students) -> list[str]:
    """Five stored students."""
    found = students(5)
    body = etree.tostring(xpress.collection("xStudents", found))
    assert sis.send("POST", COLLECTION, body, **XML).status_code == 200
    return [each.get("refId", "") for each in found]


@pytest.mark.requirement("INF-HDR-001")
@pytest.mark.parametrize(
    "spelled", ["navigationpagesize", "NAVIGATIONPAGESIZE", "navigationPageSize"]
)
def test_header_names_are_read_in_any_case(sis: Any, five: list[str], spelled: str) -> None:
    assert sis.send("GET", COLLECTION, **{spelled: "2"}).headers["navigationPageSize"] == "2"


@pytest.mark.requirement("INF-HDR-001", "INF-ZON-006")
def test_matrix_and_query_names_and_zone_ids_are_read_in_their_case(
    sis: Any, five: list[str]
) -> None:
    assert sis.send("GET", f"{COLLECTION};zoneid=nowhere").status_code == 200
    assert sis.send("GET", f"{COLLECTION};zoneId=nowhere").status_code == 404
    assert sis.send("GET", f"{COLLECTION};zoneId=Demo-District").status_code == 404
    reply = sis.send("GET", f"{COLLECTION}?navigationpagesize=2")
    assert reply.headers["navigationPageSize"] == "5"


@pytest.mark.requirement("INF-HDR-002", "INF-HDR-008", "NEG-021")
def test_each_parameter_of_both_places_is_read_in_both(
    sis: Any, five: list[str], one_student: etree._Element
) -> None:
    asked = {"navigationPage": "2", "navigationPageSize": "2"}
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    by_header, by_query = (
        sis.send("GET", COLLECTION, **asked),
        sis.send("GET", f"{COLLECTION}?{query}"),
    )
    assert by_header.content == by_query.content
    one_student.set("refId", "row-2")
    body = etree.tostring(one_student)
    for path, more in (
        (f"{SINGLE}?mustUseAdvisory=true", {}),
        (SINGLE, {"mustUseAdvisory": "true"}),
    ):
        assert sis.send("POST", path, body, **XML, **more).status_code == 404
    won = sis.send("POST", f"{SINGLE}?mustUseAdvisory=true", body, **XML, mustUseAdvisory="false")
    assert won.status_code == 201


@pytest.mark.requirement("INF-HDR-004", "NEG-030")
@pytest.mark.parametrize(
    ("verb", "override", "action"),
    [
        ("GET", "", "QUERY"),
        ("HEAD", "", "HEAD"),
        ("POST", "", "CREATE"),
        ("POST", "POST", "CREATE"),
        ("POST", "GET", "QUERY"),
        ("PUT", "", "UPDATE"),
        ("PUT", "UPDATE", "UPDATE"),
        ("PUT", "DELETE", "DELETE"),
        ("DELETE", "", "DELETE"),
    ],
)
def test_the_answer_names_the_action_that_was_asked_for(
    sis: Any, verb: str, override: str, action: str
) -> None:
    more = {"methodOverride": override} if override else {}
    asked = sis.send(verb, COLLECTION, b"<x/>" if verb in ("POST", "PUT") else None, **more, **XML)
    assert asked.headers["responseAction"] == action


@pytest.mark.requirement("NEG-029")
def test_only_the_header_of_the_standard_overrides_a_method(sis: Any, five: list[str]) -> None:
    body = f"<deleteRequest><deletes><delete id='{five[0]}'/></deletes></deleteRequest>".encode()
    reply = sis.send("PUT", COLLECTION, body, X_HTTP_Method_Override="DELETE", **XML)
    assert (reply.status_code, reply.headers["responseAction"]) == (400, "UPDATE")
    assert sis.send("GET", f"{COLLECTION}/{five[0]}").status_code == 200


@pytest.mark.requirement("INF-HDR-006")
def test_what_is_left_out_is_as_if_the_default_were_said(sis: Any, five: list[str]) -> None:
    defaults = {
        "messageType": "REQUEST",
        "requestType": "IMMEDIATE",
        "serviceType": "OBJECT",
        "requestAction": "QUERY",
        "queryIntention": "ONE-OFF",
    }
    said = sis.send("GET", f"{COLLECTION};zoneId=demo-district;contextId=DEFAULT", **defaults)
    assert (said.status_code, said.content) == (200, sis.send("GET", COLLECTION).content)


@pytest.mark.requirement("INF-HDR-009", "NEG-063")
@pytest.mark.parametrize(
    "path", ["/requests;zoneId=nowhere/xStudents", "/requests/xSchools;zoneId=nowhere/1/xStudents"]
)
def test_matrix_parameters_elsewhere_are_never_overlooked(
    sis: Any, five: list[str], path: str
) -> None:
    assert sis.send("GET", path).status_code in (400, 404)


@pytest.mark.requirement("INF-ZON-001", "INF-ZON-010", "INF-ZON-003")
def test_a_direct_consumer_may_name_its_zone_or_leave_it_out(sis: Any, five: list[str]) -> None:
    (zone,) = {each.get("id") for each in sis.environment.iter("{*}defaultZone")}
    answers = [sis.send("GET", f"{COLLECTION}{named}") for named in ("", f";zoneId={zone}")]
    assert sis.environment.get("type") == "DIRECT"
    assert [reply.headers["navigationCount"] for reply in answers] == ["5", "5"]


@pytest.mark.requirement("INF-URL-002", "INF-BLK-001")
def test_the_form_of_the_path_alone_decides_on_the_form_of_the_answer(
    sis: Any, students: Students
) -> None:
    one, other = students(2)
    single = sis.send("POST", SINGLE, etree.tostring(one), **XML)
    many = sis.send(
        "POST", COLLECTION, etree.tostring(xpress.collection("xStudents", [other])), **XML
    )
    assert (single.status_code, many.status_code) == (201, 200)
    assert etree.QName(etree.fromstring(single.content)).localname == "xStudent"
    (item,) = etree.fromstring(many.content).iter("{*}create")
    assert (item.get("statusCode"), item.get("id")) == ("201", other.get("refId"))


@pytest.mark.requirement("INF-URL-007")
@pytest.mark.parametrize(
    ("written", "found"), [("%64emo-district", 200), ("%2564emo-district", 404)]
)
def test_what_is_percent_encoded_is_decoded_once(
    sis: Any, five: list[str], written: str, found: int
) -> None:
    assert sis.send("GET", f"{COLLECTION};zoneId={written}").status_code == found


@pytest.mark.requirement("NEG-018")
def test_a_page_named_twice_is_400(sis: Any, five: list[str]) -> None:
    host = sis.base.partition("//")[2]
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.putrequest("GET", COLLECTION)
    fields = [("navigationPage", "1"), ("navigationPage", "2"), ("navigationPageSize", "1")]
    for name, value in (*sis.signed(sis.user).items(), *fields):
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 400
    connection.close()


@pytest.mark.requirement("NEG-031")
@pytest.mark.parametrize("said", ["NO-CACHE", "NO-CACHING"])
def test_both_spellings_of_no_caching_are_taken(sis: Any, five: list[str], said: str) -> None:
    assert (
        sis.send("GET", COLLECTION, queryIntention=said, navigationPageSize="5").status_code == 200
    )
