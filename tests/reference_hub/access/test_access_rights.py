"""Rights as the environment lists them, and as requests find them."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from reference_hub.model.environment import Environment
from reference_hub.model.party import Application
from reference_hub.model.rights import RIGHTS, Grant, Rights, merged, without_provide
from reference_hub.model.scope import Scope
from reference_hub.model.served import OBJECTS
from tests.reference_hub.access.conftest import grant, rights_of
from tests.reference_hub.web.conftest import INF, Hub

HERE = Scope("demo-district")
NONE = "00000000-0000-4000-8000-000000000000"


def test_a_named_service_stands_before_any() -> None:
    found = Rights((grant("*", QUERY="APPROVED"), grant("xStudents", QUERY="REJECTED")))
    assert found.value(HERE, "OBJECT", "xStudents", "QUERY") == "REJECTED"
    assert found.value(HERE, "OBJECT", "xSchools", "QUERY") == "APPROVED"
    assert found.value(HERE, "OBJECT", "xSchools", "CREATE") == ""
    assert found.value(HERE, "UTILITY", "xStudents", "QUERY") == ""


def test_any_service_is_listed_by_the_known_names() -> None:
    found = Rights((grant("a", CREATE="REJECTED"), grant("*", QUERY="APPROVED")))
    listed = found.listed({"OBJECT": ["a", "b"]})
    assert [(each.name, each.rights) for each in listed] == [
        ("a", {"QUERY": "APPROVED", "CREATE": "REJECTED"}),
        ("b", {"QUERY": "APPROVED"}),
    ]


@pytest.mark.requirement("INF-ACL-005")
def test_a_service_path_is_listed_with_query_only() -> None:
    rights = dict.fromkeys(RIGHTS, "APPROVED")
    found = Rights((grant("xSchools/{}/xStudents", "SERVICEPATH", **rights),))
    assert [each.rights for each in found.listed({})] == [{"QUERY": "APPROVED"}]


def test_of_two_grants_for_one_service_the_newer_value_stays() -> None:
    newer, older = grant("a", QUERY="REJECTED"), grant("a", QUERY="APPROVED", CREATE="APPROVED")
    (found,) = merged([newer], [older])
    assert found.rights == {"QUERY": "REJECTED", "CREATE": "APPROVED"}


def test_without_provide_nothing_else_changes() -> None:
    (found,) = without_provide([grant("a", PROVIDE="APPROVED", QUERY="APPROVED")])
    assert found.rights == {"PROVIDE": "UNSUPPORTED", "QUERY": "APPROVED"}
    assert without_provide([grant("a", PROVIDE="REJECTED")])[0].rights == {"PROVIDE": "REJECTED"}


def session(application: Application, *provisioned: Grant, kind: str = "DIRECT") -> Environment:
    plain = ("", "", "token", "fp", "Basic", "", "", "", "", "")
    return Environment("id", application, *plain, type=kind, provisioned=provisioned)


@pytest.mark.parametrize("way", ["given", "provisioned"])
def test_a_vendor_has_no_right_outside_of_the_place_of_its_pods(way: str) -> None:
    elsewhere = grant("xStudents", zone="other-district", QUERY="APPROVED")
    given = (elsewhere,) if way == "given" else ()
    vendor = Application("v", "s", "vendor", 1, HERE, grants=given)
    found = session(vendor, *(() if given else (elsewhere,))).rights
    assert found.value(elsewhere.scope, "OBJECT", "xStudents", "QUERY") == ""
    assert elsewhere.scope not in found.scopes()


@pytest.mark.requirement("INF-ACL-008")
@pytest.mark.parametrize(("kind", "value"), [("DIRECT", "UNSUPPORTED"), ("BROKERED", "APPROVED")])
def test_nobody_provides_in_a_direct_environment(register: Any, kind: str, value: str) -> None:
    rights = {"QUERY": "APPROVED", "PROVIDE": "APPROVED"}
    client = register("p", kind="provider", environment_type=kind, grants=[grant("as", **rights)])
    client.open()
    assert rights_of(client.environment, "as") == {"QUERY": "APPROVED", "PROVIDE": value}


@pytest.mark.requirement("INF-ACL-010")
@pytest.mark.parametrize("kind", ["source", "provider"])
def test_the_right_admin_is_never_listed(register: Any, kind: str) -> None:
    client = register("p", kind=kind)
    client.open()
    found = {each.get("type") for each in client.environment.iter("{*}right")}
    assert found <= set(RIGHTS)
    assert "QUERY" in found


def test_every_known_object_is_listed_where_any_is_granted(register: Any) -> None:
    client = register("sis")
    client.open()
    names = [
        each.get("name")
        for each in client.environment.iter("{*}service")
        if each.get("type") == "OBJECT"
    ]
    assert names == [f"{name}s" for name in OBJECTS]


@pytest.mark.requirement("INF-ZON-007")
def test_utilities_are_listed_in_their_own_zone_and_context(register: Any) -> None:
    client = register("sis")
    client.open()
    path = ".//{*}provisionedZone[@id='environment-global']//{*}service"
    found = {each.get("name"): each.get("contextId") for each in client.environment.findall(path)}
    assert {"zones", "namespaces", "codeSets", "alerts"} <= set(found)
    assert set(found.values()) == {"DEFAULT"}
    for zone in ("environment-global", "infrastructure-utilities", "demo-district"):
        assert client.send("GET", f"/requests/zones;zoneId={zone}").status_code == 200


def test_the_zone_of_utilities_is_a_setting(hub_with: Any) -> None:
    client = hub_with(utility_zone="infrastructure-utilities").client("sis")
    client.open()
    assert rights_of(client.environment, "zones", "infrastructure-utilities")["QUERY"] == "APPROVED"


def test_only_a_vendor_finds_pods_in_its_list(register: Any, hub: Hub) -> None:
    sis, reader = register("sis"), register("reader", vendor_id=hub.vendor())
    sis.open(), reader.open()
    assert sis.environment.findall(".//{*}service[@name='pods']") == []
    assert rights_of(reader.environment, "pods")["QUERY"] == "APPROVED"
    assert rights_of(reader.environment, "pods")["CREATE"] == "UNSUPPORTED"


NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
BODY = f'<xStudent xmlns="{NA4}" refId="7f5b3c1e-7ab3-4c36-a9f5-0d3a1d1c0001"/>'.encode()
SAMPLED = ("xStudents", "StudentPersonals", "alerts", "codeSets", "namespaces", "pods", "zones")
SAMPLED += ("providers", "xquerys", "xSchools/{}/xStudents")
TRIED = {
    "QUERY": ("GET", "/requests/{name}", b""),
    "CREATE": ("POST", "/requests/{name}/{singular}", BODY),
    "UPDATE": ("PUT", f"/requests/{{name}}/{NONE}", BODY),
    "DELETE": ("DELETE", f"/requests/{{name}}/{NONE}", b""),
}


@pytest.mark.requirement("INF-ACL-003", "INF-ACL-004")
@pytest.mark.parametrize("kind", ["source", "vendor"])
def test_what_the_list_says_is_what_requests_meet(register: Any, hub: Hub, kind: str) -> None:
    vendor = {"vendor_id": hub.vendor(policy="off")} if kind == "vendor" else {}
    client = register("app", **vendor)
    client.open()
    wrong = []
    for service in client.environment.iter("{*}service"):
        name = service.get("name", "")
        for right, value in rights_of(client.environment, name).items():
            if right not in TRIED or name not in SAMPLED:
                continue
            verb, path, body = TRIED[right]
            path = path.format(name=name.format(NONE), singular=name.removesuffix("s"))
            status = client.send(verb, path, body).status_code
            allowed = {"APPROVED": status not in (401, 403, 405), "REJECTED": status == 403}
            if not allowed.get(value, status == 405):
                wrong.append((name, right, value, status))
    assert wrong == []


@pytest.mark.requirement("INF-ACL-004")
@pytest.mark.parametrize(
    ("right", "verb", "path", "headers"),
    [
        ("QUERY", "GET", "", {}),
        ("QUERY", "HEAD", "", {}),
        ("QUERY", "POST", "", {"methodOverride": "GET"}),
        ("CREATE", "POST", "/xStudent", {}),
        ("CREATE", "POST", "", {}),
        ("UPDATE", "PUT", f"/{NONE}", {}),
        ("UPDATE", "PUT", "", {}),
        ("DELETE", "DELETE", f"/{NONE}", {}),
        ("DELETE", "PUT", "", {"methodOverride": "DELETE"}),
    ],
)
def test_each_way_to_ask_needs_its_own_right(
    register: Any, right: str, verb: str, path: str, headers: dict[str, str]
) -> None:
    others = dict.fromkeys({"QUERY", "CREATE", "UPDATE", "DELETE"} - {right}, "APPROVED")
    client = register("sis", grants=[grant("xStudents", **others)])
    client.open()
    body = None if verb in ("GET", "HEAD") else b"<xStudents/>"
    assert client.send(verb, f"/requests/xStudents{path}", body, **headers).status_code == 403
    all_rights = others | {right: "APPROVED"}
    register("sis", grants=[grant("xStudents", **all_rights)])
    assert client.send(verb, f"/requests/xStudents{path}", body, **headers).status_code != 403


@pytest.mark.requirement("INF-ACL-004")
def test_to_subscribe_to_publish_and_to_provide_need_rights_of_their_own(register: Any) -> None:
    client = register(
        "sis", environment_type="BROKERED", grants=[grant("xStudents", QUERY="APPROVED")]
    )
    client.open()
    inner = "<zoneId>demo-district</zoneId><serviceType>OBJECT</serviceType>"
    inner += f"<serviceName>xStudents</serviceName><queueId>{NONE}</queueId>"
    subscription = f'<subscription xmlns="{INF}">{inner}</subscription>'.encode()
    event = {"messageType": "EVENT", "eventAction": "CREATE", "serviceName": "xStudents"}
    event |= {"serviceType": "OBJECT", "zoneId": "demo-district"}
    provider = f'<provider xmlns="{INF}"><serviceType>OBJECT</serviceType>'
    provider += "<serviceName>xStudents</serviceName><contextId>DEFAULT</contextId>"
    provider += "<zoneId>demo-district</zoneId><providerName>p</providerName></provider>"
    body = f'<xStudents xmlns="{NA4}"><xStudent refId="{NONE}"/></xStudents>'.encode()
    replies = [
        client.send("POST", "/subscriptions", subscription),
        client.send("POST", "/eventsConnector", body, **event),
        client.send("POST", "/requests/providers/provider", provider.encode()),
    ]
    assert [each.status_code for each in replies] == [403, 403, 403]


@pytest.mark.requirement("INF-ENV-024")
def test_the_default_zone_is_one_of_the_registry_and_serves_requests_without_one(
    register: Any,
) -> None:
    client = register("sis")
    client.open()
    default = client.environment.find("{*}defaultZone").get("id")
    zones = etree.fromstring(client.send("GET", "/requests/zones").content)
    assert default in [each.get("id") for each in zones.iter("{*}zone")]
    made = client.send("POST", "/requests/xStudents/xStudent", BODY)
    found = client.send("GET", f"/requests/xStudents;zoneId={default}")
    assert (made.status_code, found.status_code) == (201, 200)


@pytest.mark.requirement("INF-ZON-004")
@pytest.mark.parametrize("kind", ["DIRECT", "BROKERED"])
@pytest.mark.parametrize(
    "path",
    ["xStudents;zoneId=nowhere", "xStudents;contextId=1999", "nothings", "xStudents/x/xDogs"],
)
def test_where_nobody_provides_is_404(register: Any, kind: str, path: str) -> None:
    client = register("sis", environment_type=kind)
    client.open()
    assert client.send("GET", f"/requests/{path}").status_code == 404


@pytest.mark.requirement("NEG-017")
@pytest.mark.parametrize(
    "path",
    [
        "/environments/environment",
        "/queues",
        "/subscriptions",
        "/provisionRequests",
        "/services/rosterValidations/rosterValidation",
        "/requests/alerts/alert",
        "/requests/xStudents/xStudent",
    ],
)
def test_a_broken_document_is_400_everywhere(register: Any, path: str) -> None:
    client = register("sis")
    client.open()
    if path.startswith("/environments"):
        assert client.open(b"<environment").status_code == 400
        return
    assert client.send("POST", path, b"<broken").status_code == 400


@pytest.mark.requirement("INF-ACL-009")
def test_who_never_publishes_cannot_be_subscribed_to(register: Any) -> None:
    client = register("sis")
    client.open()
    queue = client.send("POST", "/queues", f'<queue xmlns="{INF}"/>'.encode())
    queue_id = etree.fromstring(queue.content).get("id")
    values = {}
    for name in ("zones", "namespaces", "xquerys", "alerts", "codeSets", "providers"):
        told = rights_of(client.environment, name)["SUBSCRIBE"]
        inner = "<zoneId>demo-district</zoneId><serviceType>UTILITY</serviceType>"
        inner += f"<serviceName>{name}</serviceName><queueId>{queue_id}</queueId>"
        body = f'<subscription xmlns="{INF}">{inner}</subscription>'.encode()
        values[name] = (told, client.send("POST", "/subscriptions", body).status_code)
    silent, loud = ("UNSUPPORTED", 405), ("APPROVED", 201)
    expected = dict.fromkeys(("zones", "namespaces", "xquerys"), silent)
    assert values == expected | dict.fromkeys(("alerts", "codeSets", "providers"), loud)


@pytest.mark.requirement("INF-ACL-002")
def test_what_is_supported_may_be_asked_and_what_is_not_listed_is_refused(register: Any) -> None:
    client = register("sis", grants=[grant("xStudents", QUERY="SUPPORTED", CREATE="UNSUPPORTED")])
    client.open()
    assert client.send("GET", "/requests/xStudents").status_code == 204
    assert client.send("POST", "/requests/xStudents", b"<xStudents/>").status_code == 405
    assert client.send("GET", "/requests/xSchools").status_code == 403


@pytest.mark.requirement("INF-ZON-002", "INF-ZON-003", "INF-ZON-005", "INF-ZON-006", "INF-ZON-010")
@pytest.mark.parametrize(
    ("matrix", "status"),
    [
        ("", 204),
        (";zoneId=demo-district", 204),
        (";contextId=DEFAULT;zoneId=demo%2Ddistrict", 204),
        (";zoneId=demo-district;contextId=DEFAULT", 204),
        (";contextId=2026", 204),
        (";zoneId=other-district", 204),
        (";zoneId=Demo-District", 404),
        (";zoneId=nowhere", 404),
        (";contextId=1999", 404),
        (";zoneId=other-district;contextId=2026", 404),
        (";zoneId=demo-district;zoneId=demo-district", 400),
        (";contextId=DEFAULT;contextId=2026", 400),
    ],
)
def test_zone_and_context_are_read_from_the_last_segment(
    register: Any, matrix: str, status: int
) -> None:
    grants = [
        grant("xStudents", QUERY="APPROVED"),
        Grant("demo-district", "2026", "OBJECT", "xStudents", {"QUERY": "APPROVED"}),
        grant("xStudents", zone="other-district", QUERY="APPROVED"),
    ]
    client = register("sis", grants=grants)
    client.open()
    assert client.send("GET", f"/requests/xStudents{matrix}").status_code == status


def test_a_context_without_rights_is_403(register: Any) -> None:
    client = register("sis")
    client.open()
    assert client.send("GET", "/requests/xStudents;contextId=2026").status_code == 403


@pytest.mark.requirement("INF-ZON-001", "NEG-064")
def test_each_zone_and_context_has_its_own_objects(register: Any, hub: Hub) -> None:
    rights = {"QUERY": "APPROVED", "CREATE": "APPROVED"}
    grants = [
        grant("xStudents", **rights),
        Grant("demo-district", "2026", "OBJECT", "xStudents", rights),
        grant("xStudents", zone="other-district", **rights),
    ]
    client = register("sis", grants=grants)
    client.open()
    places = ["", ";contextId=2026", ";zoneId=other-district"]
    for place in places:
        path = f"/requests/xStudents/xStudent{place}"
        reply = client.send("POST", path, BODY, Content_Type="application/xml")
        assert reply.status_code == 201
        found = etree.fromstring(client.send("GET", f"/requests/xStudents{place}").content)
        assert len(found) == 1
