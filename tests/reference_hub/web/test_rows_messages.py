"""Header fields that say the same in several ways, or twice: service types, zones and contexts."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from fixtures.writers.xpress import NA4
from reference_hub.model.rights import Grant
from reference_hub.store import vendors
from tests.reference_hub.web.conftest import INF, SCOPE, SECRET, Client, Hub

WWW = "http://www.sifassociation.org/infrastructure/"
LIST = "/requests/xStudents"
JOBS = "/services/rosterValidations"
PLACE = ";zoneId=demo-district;contextId=DEFAULT"
XML = {"Content_Type": "application/xml"}


def speaking(hub: Hub, release: str) -> Client:
    """A consumer of an infrastructure release."""
    client = hub.client("peer")
    assert client.open(f'<environment xmlns="{WWW}{release}"/>'.encode()).status_code == 201
    return client


@pytest.mark.requirement("INF-HDR-006", "INF-UTL-001", "INF-SVP-003", "NEG-054")
@pytest.mark.parametrize(
    ("path", "named", "status"),
    [
        (LIST, "", 204),
        (LIST, "OBJECT", 204),
        (LIST, "object", 204),
        (LIST, "SERVICE", 404),
        (LIST, "UTILITY", 404),
        (LIST, "FUNCTIONAL", 404),
        (LIST, "XQUERYTEMPLATE", 404),
        (LIST, "SERVICEPATH", 400),
        ("/requests/zones", "", 200),
        ("/requests/zones", "OBJECT", 200),
        ("/requests/zones", "UTILITY", 200),
        ("/requests/nameSpaces", "UTILITY", 200),
        ("/requests/namespaces", "UTILITY", 200),
        ("/requests/xQueryTemplates", "UTILITY", 204),
        ("/requests/xquerys", "UTILITY", 204),
        ("/requests/rosterValidations", "FUNCTION", 404),
        (JOBS, "", 204),
        (JOBS, "FUNCTION", 204),
        (JOBS, "FUNCTIONAL", 204),
    ],
)
def test_a_service_is_found_by_its_type_however_it_is_written(
    sis: Any, path: str, named: str, status: int
) -> None:
    headers = {"serviceType": named} if named else {}
    assert sis.send("GET", path, **headers).status_code == status


@pytest.mark.requirement("INF-HDR-011", "INF-HDR-012")
@pytest.mark.parametrize("path", [LIST, JOBS, "/requests/zones"])
@pytest.mark.parametrize(
    "headers",
    [
        {"messageType": "LETTER"},
        {"requestType": "SOON"},
        {"serviceType": "THING"},
        {"requestAction": "THINK"},
        {"requestAction": "DELETE"},
    ],
)
def test_a_word_that_is_none_of_the_list_is_400(
    sis: Any, path: str, headers: dict[str, str]
) -> None:
    reply = sis.send("GET", path, **headers)
    assert (reply.status_code, etree.fromstring(reply.content).findtext("{*}code")) == (400, "400")


@pytest.mark.requirement("INF-HDR-011")
@pytest.mark.parametrize(("verb", "word"), [("POST", "PUT"), ("PUT", "GET"), ("PUT", "PATCH")])
def test_an_override_that_the_method_has_not_is_400(sis: Any, verb: str, word: str) -> None:
    reply = sis.send(verb, LIST, f'<xStudents xmlns="{NA4}"/>'.encode(), methodOverride=word)
    assert reply.status_code == 400
    assert sis.send("GET", LIST).status_code == 204


@pytest.mark.requirement("INF-HDR-010")
@pytest.mark.parametrize("path", [LIST, JOBS, "/requests/zones"])
@pytest.mark.parametrize(("name", "code"), [("zoneId", "409-02"), ("contextId", "409-03")])
@pytest.mark.parametrize("release", ["3.6", "3.7"])
def test_from_3_6_on_a_place_that_is_named_twice_is_409(
    hub: Any, path: str, name: str, code: str, release: str
) -> None:
    client = speaking(hub, release)
    same = {"zoneId": "demo-district", "contextId": "DEFAULT"}[name]
    assert client.send("GET", f"{path};{name}={same}").status_code in (200, 204)
    assert client.send("GET", path, **{name: same}).status_code in (200, 204)
    reply = client.send("GET", f"{path};{name}={same}", **{name: same})
    error = etree.fromstring(reply.content)
    assert (reply.status_code, error.findtext("{*}subCode")) == (409, code)


@pytest.mark.requirement("INF-HDR-010")
@pytest.mark.parametrize("release", ["3.0.1", "3.2.1", "3.3", "3.5"])
def test_before_3_6_a_place_may_be_named_twice_but_not_two_of_them(hub: Any, release: str) -> None:
    client = speaking(hub, release)
    same = {"zoneId": "demo-district", "contextId": "DEFAULT"}
    assert client.send("GET", LIST + PLACE, **same).status_code == 204
    for name in same:
        reply = client.send("GET", LIST + PLACE, **(same | {name: "other-district"}))
        assert reply.status_code == 400


@pytest.mark.requirement("INF-CRE-009")
def test_what_the_hub_does_not_take_from_a_consumer_is_ignored(sis: Any) -> None:
    times = (
        "<created>2001-01-01T00:00:00Z</created><lastModified>2001-01-01T00:00:00Z</lastModified>"
    )
    optional = {
        "/queues/queue": (
            f"<queue xmlns='{INF}'><ownerId>x</ownerId><name>in</name>{times}"
            "<messageCount>9</messageCount></queue>"
        ),
        f"{JOBS}/rosterValidation": (
            f"<job xmlns='{INF}'><name>rosterValidation</name><state>COMPLETED</state>{times}</job>"
        ),
        "/requests/alerts/alert": (
            f"<alert xmlns='{INF}'><reporter>a</reporter><cause>b</cause><exchange>EVENT</exchange>"
            "<level>INFO</level><unknown>c</unknown></alert>"
        ),
    }
    for path, body in optional.items():
        made = sis.send("POST", path, body.encode(), **XML)
        assert made.status_code == 201
        for ignored in (b"2001-", b">x<", b">9<", b"COMPLETED", b"unknown"):
            assert ignored not in made.content


@pytest.mark.requirement("INF-CRE-009")
def test_every_optional_element_of_an_object_is_taken(sis: Any, one_student: Any) -> None:
    assert len(list(one_student.iter())) > 20
    made = sis.send("POST", f"{LIST}/xStudent", etree.tostring(one_student), **XML)
    kept = etree.fromstring(made.content)
    assert made.status_code == 201
    assert [(each.tag, each.text) for each in kept.iter()] == [
        (each.tag, each.text) for each in one_student.iter()
    ]


@pytest.mark.requirement("INF-CHG-011", "INF-WHR-001")
def test_the_right_to_query_suffices_for_changes_and_the_registry_tells_of_them(hub: Any) -> None:
    rights = {"QUERY": "APPROVED"}
    grants = tuple(
        Grant("demo-district", "DEFAULT", kind, name, rights)
        for kind, name in (("OBJECT", "xStudents"), ("UTILITY", "providers"))
    )
    with hub.engine.begin() as connection:
        vendors.add_application(connection, "looker", SECRET, SCOPE, grants=grants)
    client = Client(hub.base, "looker")
    client.open()
    marker = client.send("HEAD", LIST).headers["changesSinceMarker"]
    assert client.send("GET", f"{LIST}?changesSinceMarker={marker}").status_code == 204
    entries = etree.fromstring(client.send("GET", "/requests/providers").content)
    (own,) = (each for each in entries if each.findtext("{*}serviceName") == "xStudents")
    told = {etree.QName(each).localname: each.text for each in own.find("{*}querySupport")}
    assert (told["changesSinceMarker"], told["dynamicQuery"]) == ("true", "true")
    assert (told["queryByExample"], told["paged"], told["totalCount"]) == ("true",) * 3


@pytest.mark.requirement("INF-PAG-003", "NEG-019")
def test_the_first_page_of_nothing_is_204_and_no_error(sis: Any) -> None:
    reply = sis.send("GET", LIST, navigationPage="1", navigationPageSize="5")
    assert (reply.status_code, reply.content) == (204, b"")
    assert (reply.headers["navigationCount"], reply.headers["messageType"]) == ("0", "RESPONSE")


@pytest.mark.requirement("INF-ZRG-002")
def test_every_zone_that_the_caller_has_a_right_in_is_listed(hub: Any) -> None:
    rights = {"QUERY": "APPROVED"}
    grants = (
        Grant("demo-district", "DEFAULT", "UTILITY", "zones", rights),
        Grant("other-district", "DEFAULT", "OBJECT", "xStudents", rights),
    )
    with hub.engine.begin() as connection:
        vendors.add_application(connection, "both", SECRET, SCOPE, grants=grants)
    client = Client(hub.base, "both")
    client.open()
    found = etree.fromstring(client.send("GET", "/requests/zones", serviceType="UTILITY").content)
    zones = ["demo-district", "other-district", "environment-global"]
    assert [each.get("id") for each in found] == zones


@pytest.mark.requirement("INF-SUB-001")
def test_several_subscriptions_at_once_are_refused(sis: Any) -> None:
    queue = sis.send("POST", "/queues", f'<queue xmlns="{INF}"/>'.encode(), **XML)
    queue_id = etree.fromstring(queue.content).get("id")
    one = (
        "<subscription><serviceType>OBJECT</serviceType><serviceName>xStudents</serviceName>"
        f"<queueId>{queue_id}</queueId></subscription>"
    )
    body = f'<subscriptions xmlns="{INF}">{one}</subscriptions>'.encode()
    assert sis.send("POST", "/subscriptions", body, **XML).status_code == 400
    assert sis.send("GET", "/subscriptions").status_code == 204
