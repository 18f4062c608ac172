"""The providers registry: who answers for which service, and who may say so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from reference_hub.journeys.provide import refuse_address
from reference_hub.problems import Refusal
from tests.reference_hub.broker.conftest import STUDENT, Elsewhere, drained
from tests.reference_hub.web.conftest import INF, Client

Any_ = Callable[..., Any]
PATH = "/requests/providers"
UTILITY = {"serviceType": "UTILITY", "Content-Type": "application/xml"}


def entry(url: str, name: str = "xStudents", **changes: str) -> str:
    """A registration; an element set to '' is left out."""
    texts = {
        "serviceType": "OBJECT", "serviceName": name, "contextId": "DEFAULT",
        "zoneId": "demo-district", "providerName": "Far SIS",
        "querySupport": "<dynamicQuery>true</dynamicQuery><maxPageSize>500</maxPageSize>",
        "mimeTypes": "<mediaType>application/xml</mediaType>",
        "endPoint": f"<location>{url}</location>",
    } | changes  # fmt: skip
    inner = "".join(f"<{tag}>{text}</{tag}>" for tag, text in texts.items() if text)
    return f'<provider xmlns="{INF}">{inner}</provider>'


def register(client: Client, *entries: str) -> Any:
    """Post one entry alone, several as a collection."""
    if len(entries) == 1:
        return client.send("POST", f"{PATH}/provider", entries[0].encode(), **UTILITY)
    body = f'<providers xmlns="{INF}">{"".join(entries)}</providers>'
    return client.send("POST", PATH, body.encode(), **UTILITY)


def listed(client: Client, place: str = "") -> dict[tuple[str | None, ...], etree._Element]:
    """The registry's entries by zone, type and name."""
    reply = client.send("GET", PATH + place, **UTILITY)
    assert reply.status_code == 200, reply.text
    names = ("zoneId", "serviceType", "serviceName")
    return {
        tuple(each.findtext(f"{{*}}{name}") for name in names): each
        for each in etree.fromstring(reply.content)
    }


@pytest.mark.requirement("INF-PRG-003")
def test_a_registered_provider_gets_requests_at_once(
    provider: Client, consumer: Client, elsewhere: Elsewhere, infrastructure: etree.XMLSchema
) -> None:
    reply = register(provider, entry(elsewhere.url))
    assert reply.status_code == 201
    infrastructure.assertValid(etree.fromstring(reply.content))
    assert b"endPoint" not in reply.content
    assert consumer.send("GET", "/requests/xStudents").status_code == 200
    assert len(elsewhere.seen) == 1


@pytest.mark.requirement("INF-PRG-003")
def test_several_are_registered_in_one_request(
    provider: Client, elsewhere: Elsewhere, infrastructure: etree.XMLSchema
) -> None:
    good, bad = entry(elsewhere.url), entry(elsewhere.url, zoneId="other-district")
    text = entry("", endPoint=elsewhere.url, serviceName="xSchools")
    reply = register(provider, good, bad, text)
    root = etree.fromstring(reply.content)
    infrastructure.assertValid(root)
    assert reply.status_code == 200
    statuses = [each.get("statusCode") for each in root.iter("{*}create")]
    assert statuses == ["201", "403", "201"]


@pytest.mark.requirement("INF-PRG-003")
@pytest.mark.parametrize(
    "changes",
    [
        {"endPoint": ""},
        {"endPoint": "<location/>"},
        {"zoneId": ""},
        {"contextId": ""},
        {"serviceName": ""},
        {"serviceType": "THING"},
        {"providerName": ""},
        {"querySupport": "<paged>perhaps</paged>"},
        {"querySupport": "<maxPageSize>-1</maxPageSize>"},
        {"endPoint": "ftp://sis.example/sif"},
        {"endPoint": "https://user:pw@sis.example/sif"},
        {"endPoint": "https://sis.example/sif?x=1"},
        {"endPoint": "https://sis.example:port/sif"},
    ],
)
def test_an_incomplete_registration_is_400(provider: Client, changes: dict[str, str]) -> None:
    reply = register(provider, entry("https://sis.example/sif", **changes))
    assert reply.status_code == 400


def test_a_registration_may_be_json(
    provider: Client, consumer: Client, elsewhere: Elsewhere
) -> None:
    written = {
        "serviceType": "OBJECT", "serviceName": "xStudents", "contextId": "DEFAULT",
        "zoneId": "demo-district", "providerName": "Far SIS", "querySupport": {"paged": "true"},
        "endPoint": {"location": elsewhere.url},
    }  # fmt: skip
    headers = UTILITY | {"Content-Type": "application/json"}
    body = json.dumps({"provider": written}).encode()
    assert provider.send("POST", f"{PATH}/provider", body, **headers).status_code == 201
    assert consumer.send("GET", "/requests/xStudents").status_code == 200
    assert len(elsewhere.seen) == 1


def test_without_the_right_provide_it_is_403(consumer: Client, elsewhere: Elsewhere) -> None:
    assert register(consumer, entry(elsewhere.url)).status_code == 403


@pytest.mark.requirement("INF-PRG-002")
def test_in_a_direct_environment_it_is_405(join: Any_, elsewhere: Elsewhere) -> None:
    direct = join("direct", kind="provider", environment_type="DIRECT")
    reply = register(direct, entry(elsewhere.url))
    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.requirement("INF-PRG-009", "INF-ZON-001")
def test_a_second_provider_for_the_service_is_409(
    provider: Client, join: Any_, elsewhere: Elsewhere
) -> None:
    rival = join("rival", kind="provider")
    assert register(provider, entry(elsewhere.url)).status_code == 201
    assert register(rival, entry(elsewhere.url)).status_code == 409
    assert register(provider, entry(elsewhere.url)).status_code == 409
    assert register(rival, entry(elsewhere.url, "xSchools")).status_code == 201


@pytest.mark.requirement("INF-PRG-009")
def test_what_the_hub_provides_itself_is_409(
    provider: Client, join: Any_, elsewhere: Elsewhere, granted: Any_
) -> None:
    sis = join("sis", environment_type="DIRECT")
    assert sis.send("POST", "/requests/xStudents/xStudent", STUDENT.encode()).status_code == 201
    assert register(provider, entry(elsewhere.url)).status_code == 409
    utilities = granted("*", "CREATE", "PROVIDE", kind="UTILITY")
    jobs = granted("*", "PROVIDE", kind="FUNCTIONAL")
    other = join("other", kind="provider", grants=[utilities, jobs])
    for kind, name, status in (
        ("UTILITY", "zones", 409),
        ("UTILITY", "timetables", 201),
        ("FUNCTIONAL", "rosterValidations", 409),
        ("FUNCTIONAL", "yearRollovers", 201),
    ):
        reply = register(other, entry(elsewhere.url, name, serviceType=kind))
        assert reply.status_code == status


@pytest.mark.requirement("INF-PRG-006")
def test_only_the_creator_deletes_and_then_it_is_404(
    provider: Client, consumer: Client, join: Any_, elsewhere: Elsewhere
) -> None:
    rival = join("rival", kind="provider")
    made = register(provider, entry(elsewhere.url, "xGadgets"))
    path = f"{PATH}/{etree.fromstring(made.content).get('id')}"
    assert consumer.send("GET", "/requests/xGadgets").status_code == 200
    assert rival.send("DELETE", path, **UTILITY).status_code == 403
    assert provider.send("PUT", path, entry(elsewhere.url).encode(), **UTILITY).status_code == 405
    assert provider.send("DELETE", path, **UTILITY).status_code == 204
    assert consumer.send("GET", "/requests/xGadgets").status_code == 404
    assert provider.send("DELETE", path, **UTILITY).status_code == 404


def test_what_the_operator_named_no_application_deletes(provider: Client, registered: Any_) -> None:
    path = f"{PATH}/{registered('xStudents').id}"
    assert provider.send("DELETE", path, **UTILITY).status_code == 403


def test_the_hub_s_own_entries_stay(provider: Client) -> None:
    own = listed(provider)["demo-district", "OBJECT", "xStudents"].get("id")
    assert provider.send("DELETE", f"{PATH}/{own}", **UTILITY).status_code == 403
    assert provider.send("GET", f"{PATH}/{own}", **UTILITY).status_code == 200
    assert provider.send("DELETE", f"{PATH}/nothing", **UTILITY).status_code == 404


@pytest.mark.requirement("INF-PRG-004", "NEG-051")
def test_the_registry_never_shows_an_end_point(
    provider: Client, consumer: Client, elsewhere: Elsewhere
) -> None:
    made = etree.fromstring(register(provider, entry(elsewhere.url)).content)
    for client in (provider, consumer):
        for path in (PATH, f"{PATH};zoneId=environment-global", f"{PATH}/{made.get('id')}"):
            reply = client.send("GET", path, **UTILITY)
            assert reply.status_code == 200
            assert "endPoint" not in reply.text
            assert "127.0.0.1" not in reply.text


@pytest.mark.requirement("INF-PRG-001", "INF-PRG-008")
def test_each_service_has_one_entry(
    provider: Client, consumer: Client, elsewhere: Elsewhere, infrastructure: etree.XMLSchema
) -> None:
    register(provider, entry(elsewhere.url))
    reply = consumer.send("GET", f"{PATH};zoneId=environment-global", **UTILITY)
    root = etree.fromstring(reply.content)
    infrastructure.assertValid(root)
    found = listed(consumer, ";zoneId=environment-global")
    assert len(found) == len(root)
    assert found["demo-district", "OBJECT", "xStudents"].findtext("{*}providerName") == "Far SIS"
    own = found["demo-district", "OBJECT", "xSchools"]
    assert own.findtext("{*}providerName") == "Reference hub"
    assert own.findtext("{*}querySupport/{*}maxPageSize") == "1000"
    assert own.findtext("{*}querySupport/{*}totalCount") == "true"
    assert ("environment-global", "UTILITY", "providers") in found
    assert ("demo-district", "FUNCTIONAL", "rosterValidations") in found
    path = found["demo-district", "SERVICEPATH", "xSchools/{}/xStudents"]
    flags = [
        path.findtext(f"{{*}}querySupport/{{*}}{name}") for name in ("paged", "changesSinceMarker")
    ]
    assert flags == ["true", "false"]
    assert [each.text for each in own.iter("{*}mediaType")] == [
        "application/xml",
        "application/json",
    ]


@pytest.mark.requirement("INF-PRG-010")
def test_the_zone_is_a_filter(join: Any_, granted: Any_, registered: Any_) -> None:
    both = [granted("xStudents", "QUERY"), granted("xStaffs", "QUERY", zone="other-district")]
    client = join("both", grants=[*both, granted("providers", "QUERY", kind="UTILITY")])
    assert {zone for zone, _, _ in listed(client)} == {"demo-district", "environment-global"}
    other = listed(client, ";zoneId=other-district")
    assert ("other-district", "OBJECT", "xStaffs") in other
    assert "demo-district" not in {zone for zone, _, _ in other}
    everything = {zone for zone, _, _ in listed(client, ";zoneId=environment-global")}
    assert everything == {"demo-district", "other-district", "environment-global"}


@pytest.mark.requirement("INF-PRG-007")
def test_changes_of_the_registry_are_events(
    provider: Client, consumer: Client, elsewhere: Elsewhere, subscribed: Any_
) -> None:
    messages = subscribed(consumer, "providers", "UTILITY")
    made = etree.fromstring(register(provider, entry(elsewhere.url)).content)
    provider.send("DELETE", f"{PATH}/{made.get('id')}", **UTILITY)
    created, deleted = drained(consumer, messages)
    assert [each.headers["eventAction"] for each in (created, deleted)] == ["CREATE", "DELETE"]
    for event in (created, deleted):
        assert event.headers["serviceName"] == "providers"
        assert etree.fromstring(event.content)[0].get("id") == made.get("id")
        assert "endPoint" not in event.text


def test_a_session_that_ends_takes_its_entries_along(
    provider: Client, consumer: Client, elsewhere: Elsewhere, subscribed: Any_
) -> None:
    messages = subscribed(consumer, "providers", "UTILITY")
    register(provider, entry(elsewhere.url, "xGadgets"))
    assert provider.environment is not None
    path = f"/environments/{provider.environment.get('id')}"
    assert provider.send("DELETE", path).status_code == 204
    assert consumer.send("GET", "/requests/xGadgets").status_code == 404
    actions = [each.headers["eventAction"] for each in drained(consumer, messages)]
    assert actions == ["CREATE", "DELETE"]


def test_products_and_page_size_are_told_as_registered(
    provider: Client, consumer: Client, elsewhere: Elsewhere
) -> None:
    product = "<applicationProduct><productName>Far</productName></applicationProduct>"
    support = f"<pageSize>20</pageSize><paged>1</paged>{product}"
    register(provider, entry(elsewhere.url, querySupport=support, mimeTypes=""))
    found = listed(consumer)["demo-district", "OBJECT", "xStudents"]
    told = {each.tag.rpartition("}")[2]: each.text for each in found.find("{*}querySupport")}
    assert told == {"paged": "true", "maxPageSize": "20", "applicationProduct": None}
    assert found.findtext(".//{*}productName") == "Far"
    assert found.findtext(".//{*}mediaType") == "application/xml"


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1",
     "0.0.0.0", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1]", "224.0.0.1"],
)  # fmt: skip
def test_an_application_may_not_name_the_hub_s_own_machine(host: str) -> None:
    with pytest.raises(Refusal, match="own machine"):
        refuse_address(f"http://{host}:8080/sif", local=False)
    refuse_address(f"http://{host}:8080/sif", local=True)


@pytest.mark.parametrize(
    "host",
    ["loc%61lhost", "%31%32%37.0.0.1", "127.0.0.1\\.sis.example", "sis.example\\", "[::1%25lo]"],
)
def test_an_address_that_two_programs_read_differently_is_refused(host: str) -> None:
    for local in (False, True):
        with pytest.raises(Refusal, match="http or https"):
            refuse_address(f"http://{host}:8080/sif", local=local)


@pytest.mark.parametrize("host", ["sis.example", "10.0.0.8", "[2001:db8::1]", "localhost.example"])
def test_an_application_may_name_other_hosts(host: str) -> None:
    refuse_address(f"https://{host}/sif", local=False)
