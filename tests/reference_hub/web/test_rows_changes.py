"""Queries and changes, row by row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import text

from fixtures.writers import xpress

COLLECTION = "/requests/xStudents"
SINGLE = "/requests/xStudents/xStudent"
NS = f'xmlns="{xpress.NA4}"'
XML = {"Content_Type": "application/xml"}
INF = "http://www.sifassociation.org/infrastructure/3.3"
Students = Callable[[int], list[etree._Element]]


def many(elements: list[etree._Element]) -> bytes:
    return etree.tostring(xpress.collection("xStudents", elements))


def versions(hub: Any) -> list[tuple[Any, ...]]:
    """Everything that changes when an object does."""
    found = "SELECT v::text FROM object_version v ORDER BY 1"
    queued = "SELECT m::text FROM message m ORDER BY 1"
    with hub.engine.connect() as connection:
        return [tuple(connection.execute(text(each)).scalars()) for each in (found, queued)]


@pytest.mark.requirement("INF-QRY-009")
@pytest.mark.parametrize("verb", ["GET", "HEAD"])
def test_a_query_changes_nothing_and_tells_nobody(
    hub: Any, sis: Any, ear: Callable[..., Any], students: Students, verb: str
) -> None:
    ear(sis, "OBJECT", "xStudents")
    sis.send("POST", COLLECTION, many(students(2)), **XML)
    before = versions(hub)
    assert [len(each) for each in before] == [2, 1]
    paths = (COLLECTION, f"{COLLECTION}?navigationPage=1&navigationPageSize=1", "/requests/zones")
    assert {sis.send(verb, path).status_code for path in paths} == {200}
    assert versions(hub) == before


@pytest.mark.requirement("INF-HED-002", "INF-TRN-014")
@pytest.mark.parametrize("path", ["/environments/environment", "/environments"])
def test_head_where_it_is_not_offered_is_405(sis: Any, path: str) -> None:
    assert sis.send("HEAD", path).status_code == 405


@pytest.mark.requirement("INF-BLK-004", "NEG-012")
def test_results_of_many_hold_no_data_of_the_objects(sis: Any, students: Students) -> None:
    found = students(3)
    created = sis.send("POST", COLLECTION, many(found), **XML)
    updated = sis.send("PUT", COLLECTION, many(found), **XML)
    ids = "".join(f'<delete id="{each.get("refId")}"/>' for each in found)
    body = f'<deleteRequest xmlns="{INF}"><deletes>{ids}</deletes></deleteRequest>'.encode()
    deleted = sis.send("PUT", COLLECTION, body, methodOverride="DELETE", **XML)
    for reply in (created, updated, deleted):
        items = list(etree.fromstring(reply.content).iter("{*}create", "{*}update", "{*}delete"))
        assert len(items) == 3
        assert [(len(item), (item.text or "").strip()) for item in items] == [(0, "")] * 3
        assert set().union(*(item.attrib for item in items)) <= {"id", "advisoryId", "statusCode"}


@pytest.mark.requirement("INF-BLK-002", "INF-BLK-003", "INF-CRE-003", "NEG-012", "NEG-013")
def test_many_that_all_fail_are_200_with_an_error_each(
    sis: Any, students: Students, infrastructure: etree.XMLSchema
) -> None:
    found = students(3)
    sis.send("POST", COLLECTION, many(found), **XML)
    reply = sis.send("POST", COLLECTION, many(found), **XML)
    answer = etree.fromstring(reply.content)
    infrastructure.assertValid(answer)
    items = list(answer.iter("{*}create"))
    assert [item.get("advisoryId") for item in items] == [each.get("refId") for each in found]
    assert {(item.get("statusCode"), item.findtext("{*}error/{*}code")) for item in items} == {
        ("409", "409")
    }


@pytest.mark.requirement("INF-CRE-004")
def test_an_object_without_an_id_has_an_empty_advisory_id(
    sis: Any, one_student: etree._Element, infrastructure: etree.XMLSchema
) -> None:
    del one_student.attrib["refId"]
    answer = etree.fromstring(sis.send("POST", COLLECTION, many([one_student]), **XML).content)
    infrastructure.assertValid(answer)
    (item,) = answer.iter("{*}create")
    assert (item.get("statusCode"), item.get("advisoryId")) == ("201", "")


@pytest.mark.requirement("INF-BLK-002", "NEG-058")
def test_faults_of_the_whole_request_refuse_the_whole_request(
    hub: Any, sis: Any, reader: Any, students: Students
) -> None:
    body = many(students(2))
    assert sis.send("POST", COLLECTION, body[:-5], **XML).status_code == 400
    assert reader.send("POST", COLLECTION, body, **XML).status_code == 403
    sis.user = "somebody"
    assert sis.send("POST", COLLECTION, body, **XML).status_code == 401


@pytest.mark.requirement("INF-CRE-008", "NEG-041")
def test_children_in_another_order_than_the_schemas_are_400(
    sis: Any, one_student: etree._Element
) -> None:
    one_student.append(one_student[0])
    reply = sis.send("POST", SINGLE, etree.tostring(one_student), **XML)
    assert reply.status_code == 400
    assert etree.fromstring(reply.content).findtext("{*}description", "").startswith("400-01")


@pytest.mark.requirement("INF-CRE-005", "INF-CRE-006")
def test_a_usable_suggestion_is_kept_when_it_must_be(sis: Any, one_student: etree._Element) -> None:
    reply = sis.send("POST", SINGLE, etree.tostring(one_student), **XML, mustUseAdvisory="true")
    made = etree.fromstring(reply.content)
    assert (reply.status_code, made.get("refId")) == (201, one_student.get("refId"))


@pytest.mark.requirement("INF-UPD-007")
def test_the_override_update_does_what_a_plain_put_does(
    sis: Any, one_student: etree._Element
) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student), **XML)
    path, sent = (
        f"{COLLECTION}/{one_student.get('refId')}",
        "<xStudent {}><localId>{}</localId></xStudent>",
    )
    for value, more in (("1", {}), ("2", {"methodOverride": "UPDATE"})):
        reply = sis.send("PUT", path, sent.format(NS, value).encode(), **XML, **more)
        assert (reply.status_code, reply.content) == (204, b"")
        assert etree.fromstring(sis.send("GET", path).content).findtext("{*}localId") == value


@pytest.mark.requirement("INF-DEL-003", "NEG-016")
def test_a_collection_cannot_be_deleted_whatever_the_body(sis: Any, students: Students) -> None:
    sis.send("POST", COLLECTION, many(students(2)), **XML)
    body = f'<deleteRequest xmlns="{INF}"/>'.encode()
    assert [sis.send("DELETE", COLLECTION, each, **XML).status_code for each in (None, body)] == [
        405
    ] * 2
    assert sis.send("GET", COLLECTION).headers["navigationCount"] == "2"


@pytest.mark.requirement("INF-ACL-004", "INF-QRY-006", "INF-AUT-015", "NEG-058")
@pytest.mark.parametrize("granted", ["QUERY", "CREATE", "UPDATE", "DELETE"])
def test_each_request_needs_the_right_of_its_action(
    hub: Any, sis: Any, students: Students, granted: str
) -> None:
    (stored,) = students(1)
    sis.send("POST", SINGLE, etree.tostring(stored), **XML)
    holder = restricted(hub, granted)
    allowed = {
        verb + override: holder.send(verb, path, body, **XML, **said).status_code != 403
        for verb, override, path, body, said in requests_on(stored)
    }
    needs = {"GET": "QUERY", "HEAD": "QUERY", "POST": "CREATE", "POSTGET": "QUERY", "PUT": "UPDATE",
             "PUTDELETE": "DELETE", "DELETE": "DELETE"}  # fmt: skip
    assert allowed == {name: right == granted for name, right in needs.items()}


def restricted(hub: Any, granted: str) -> Any:
    """A source that has one right only."""
    client = hub.client("holder")
    rights = dict.fromkeys(("QUERY", "CREATE", "UPDATE", "DELETE"), "REJECTED")
    grant = [{"zone": "demo-district", "type": "OBJECT", "name": "*",
              "rights": rights | {granted: "APPROVED"}}]  # fmt: skip
    grant[0]["context"] = "DEFAULT"
    with hub.engine.begin() as connection:
        connection.execute(
            text("UPDATE application SET rights = CAST(:rights AS jsonb) WHERE key = 'holder'"),
            {"rights": json.dumps(grant)},
        )
    assert client.open().status_code == 201
    return client


def requests_on(
    stored: etree._Element,
) -> Iterator[tuple[str, str, str, bytes | None, dict[str, str]]]:
    """One request of each kind."""
    path, body = f"{COLLECTION}/{stored.get('refId')}", etree.tostring(stored)
    ids = f'<deleteRequest xmlns="{INF}"><deletes><delete id="1"/></deletes></deleteRequest>'
    yield "GET", "", path, None, {}
    yield "HEAD", "", COLLECTION, None, {}
    yield "POST", "", SINGLE, body, {}
    yield "POST", "GET", COLLECTION, body, {"methodOverride": "GET"}
    yield "PUT", "", path, body, {}
    yield "PUT", "DELETE", COLLECTION, ids.encode(), {"methodOverride": "DELETE"}
    yield "DELETE", "", path, None, {}
