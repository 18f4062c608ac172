"""Requests for rights: who gets what, when, and what the environment says then."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from lxml import etree

from reference_hub.clock import Clock
from reference_hub.journeys.provision import completion, covered, decided, possible, settle
from reference_hub.model.environment import Environment
from reference_hub.model.party import Application
from reference_hub.model.rights import Grant
from reference_hub.model.scope import Scope
from reference_hub.problems import SetupError
from reference_hub.settings import Access
from reference_hub.store import provision_requests, vendors
from tests.reference_hub.access.conftest import grant, rights_of
from tests.reference_hub.web.conftest import INF, SCOPE, SECRET, Client, Hub

PATH = "/provisionRequests"
HERE = Scope("demo-district")
GRANTS = [grant("xStudents", QUERY="APPROVED", CREATE="REJECTED")]
MAY = [grant("xStaffs", QUERY="APPROVED"), grant("xStudents", DELETE="APPROVED")]


def asking(
    name: str,
    *rights: str,
    zone: str = "demo-district",
    kind: str = "OBJECT",
    value: str = "REQUESTED",
    wrapped: bool = True,
) -> bytes:
    inner = "".join(f'<right type="{right}">{value}</right>' for right in rights)
    service = f'<service type="{kind}" name="{name}" contextId="DEFAULT"><rights>{inner}</rights>'
    zones = f'<provisionedZone id="{zone}"><services>{service}</service></services>'
    body = f"{zones}</provisionedZone>"
    body = f"<provisionedZones>{body}</provisionedZones>" if wrapped else body
    return f'<provisionRequest xmlns="{INF}">{body}</provisionRequest>'.encode()


@pytest.fixture
def client(register: Any) -> Client:
    """An application with a few rights, and a few more for the asking."""
    made: Client = register("sis", grants=GRANTS, requestable=MAY)
    made.open()
    return made


def current(client: Client) -> etree._Element:
    assert client.environment is not None
    reply = client.send("GET", f"/environments/{client.environment.get('id')}")
    return etree.fromstring(reply.content)


@pytest.mark.requirement("INF-PRQ-001", "INF-PRQ-002", "INF-ACL-007")
@pytest.mark.parametrize(
    "path", [PATH, f"{PATH}/provisionRequest", f"{PATH}/provisionRequest;zoneId=x"]
)
def test_a_request_is_created_with_an_id(
    client: Client, infrastructure: etree.XMLSchema, path: str
) -> None:
    reply = client.send("POST", path, asking("xStaffs", "QUERY"))
    made = etree.fromstring(reply.content)
    infrastructure.assertValid(made)
    assert (reply.status_code, made.get("completionStatus")) == (201, "ACCEPTED")
    assert uuid.UUID(made.get("id")).version == 4
    assert rights_of(made, "xStaffs") == {"QUERY": "APPROVED"}


@pytest.mark.requirement("INF-PRQ-002", "INF-PRQ-007")
@pytest.mark.parametrize("value", ["REQUEST", "REQUESTED", "requested"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_the_words_of_prose_and_schema_are_both_taken(
    client: Client, infrastructure: etree.XMLSchema, value: str, wrapped: bool
) -> None:
    body = asking("xStaffs", "QUERY", value=value, wrapped=wrapped)
    made = etree.fromstring(client.send("POST", PATH, body).content)
    infrastructure.assertValid(made)
    assert made.findtext("{*}provisionedZones//{*}right") == "APPROVED"


@pytest.mark.requirement("INF-PRQ-003")
@pytest.mark.parametrize(
    ("name", "rights", "status", "values"),
    [
        ("xStaffs", ["QUERY"], "ACCEPTED", ["APPROVED"]),
        ("xStudents", ["QUERY", "DELETE"], "ACCEPTED", ["APPROVED", "APPROVED"]),
        ("xStaffs", ["QUERY", "DELETE"], "MIXED", ["APPROVED", "REJECTED"]),
        ("xStudents", ["CREATE"], "REJECTED", ["REJECTED"]),
        ("xSchools", ["QUERY"], "REJECTED", ["REJECTED"]),
    ],
)
def test_a_decided_request_tells_each_right(
    client: Client, name: str, rights: list[str], status: str, values: list[str]
) -> None:
    made = etree.fromstring(client.send("POST", PATH, asking(name, *rights)).content)
    reply = client.send("GET", f"{PATH}/{made.get('id')}")
    found = etree.fromstring(reply.content)
    assert (reply.status_code, found.get("completionStatus")) == (200, status)
    assert list(rights_of(found, name).values()) == values


@pytest.mark.requirement("INF-PRQ-005", "INF-ENV-025")
def test_good_and_bad_news_stand_in_the_environment_at_once(client: Client) -> None:
    assert client.send("GET", "/requests/xStaffs").status_code == 403
    client.send("POST", PATH, asking("xStaffs", "QUERY", "DELETE"))
    assert rights_of(current(client), "xStaffs") == {"QUERY": "APPROVED", "DELETE": "REJECTED"}
    assert rights_of(current(client), "xStudents")["QUERY"] == "APPROVED"
    assert client.send("GET", "/requests/xStaffs").status_code == 204


def test_what_was_provisioned_stays_when_the_request_is_deleted(client: Client) -> None:
    made = etree.fromstring(client.send("POST", PATH, asking("xStaffs", "QUERY")).content)
    path = f"{PATH}/{made.get('id')}"
    assert client.send("DELETE", path).status_code == 204
    assert client.send("GET", path).status_code == 404
    assert client.send("DELETE", path).status_code == 404
    assert client.send("GET", "/requests/xStaffs").status_code == 204


def test_asking_twice_takes_nothing_away(client: Client) -> None:
    for _ in range(2):
        client.send("POST", PATH, asking("xStaffs", "QUERY"))
    client.send("POST", PATH, asking("xStaffs", "CREATE"))
    assert rights_of(current(client), "xStaffs") == {"QUERY": "APPROVED", "CREATE": "REJECTED"}


def test_a_rejection_does_not_outlive_what_the_district_allows_later(
    client: Client, register: Any
) -> None:
    client.send("POST", PATH, asking("xSchools", "QUERY"))
    register("sis", grants=GRANTS, requestable=[grant("xSchools", QUERY="APPROVED")])
    made = etree.fromstring(client.send("POST", PATH, asking("xSchools", "QUERY")).content)
    assert made.get("completionStatus") == "ACCEPTED"


def test_other_registered_rights_take_back_what_was_provisioned(
    client: Client, register: Any
) -> None:
    client.send("POST", PATH, asking("xStaffs", "QUERY"))
    register("sis", grants=GRANTS, requestable=[])
    assert client.send("GET", "/requests/xStaffs").status_code == 403


def test_a_right_to_any_service_is_no_right_to_all_exceptions(register: Any) -> None:
    may = [grant("*", QUERY="APPROVED"), grant("xStaffs", QUERY="REJECTED")]
    client = register("sis", grants=GRANTS, requestable=may)
    client.open()
    assert client.send("POST", PATH, asking("*", "QUERY")).status_code == 400
    made = etree.fromstring(client.send("POST", PATH, asking("xStaffs", "QUERY")).content)
    assert made.get("completionStatus") == "REJECTED"
    made = etree.fromstring(client.send("POST", PATH, asking("xSchools", "QUERY")).content)
    assert made.get("completionStatus") == "ACCEPTED"


def test_a_utility_is_asked_for_in_the_zone_it_is_listed_in(register: Any) -> None:
    may = [grant("alerts", "UTILITY", QUERY="APPROVED")]
    client = register("sis", grants=GRANTS, requestable=may)
    client.open()
    assert client.send("GET", "/requests/alerts").status_code == 403
    body = asking("alerts", "QUERY", zone="environment-global", kind="UTILITY")
    client.send("POST", PATH, body)
    assert rights_of(current(client), "alerts", "environment-global")["QUERY"] == "APPROVED"
    assert client.send("GET", "/requests/alerts").status_code in (200, 204)


@pytest.mark.requirement("INF-ACL-010")
def test_the_former_right_admin_is_taken_and_never_told(
    client: Client, infrastructure: etree.XMLSchema
) -> None:
    for rights, status in ((["ADMIN"], "REJECTED"), (["QUERY", "ADMIN"], "MIXED")):
        reply = client.send("POST", PATH, asking("xStaffs", *rights))
        made = etree.fromstring(reply.content)
        infrastructure.assertValid(made)
        assert (made.get("completionStatus"), b"ADMIN" in reply.content) == (status, False)
    assert b"ADMIN" not in etree.tostring(current(client))


@pytest.mark.parametrize(("kind", "status"), [("DIRECT", "REJECTED"), ("BROKERED", "ACCEPTED")])
def test_only_in_a_brokered_environment_may_a_service_be_provided(
    register: Any, kind: str, status: str
) -> None:
    may = [grant("xStaffs", PROVIDE="APPROVED")]
    client = register("p", kind="provider", environment_type=kind, grants=GRANTS, requestable=may)
    client.open()
    made = etree.fromstring(client.send("POST", PATH, asking("xStaffs", "PROVIDE")).content)
    assert made.get("completionStatus") == status


def test_a_vendor_does_not_provision_itself_around_the_gate(register: Any, hub: Hub) -> None:
    may = [grant("*", QUERY="APPROVED"), grant("*", zone="other-district", QUERY="APPROVED")]
    client = register("reader", vendor_id=hub.vendor(), requestable=may)
    client.open()
    for zone, status in (("demo-district", "ACCEPTED"), ("other-district", "REJECTED")):
        reply = client.send("POST", PATH, asking("xStudents", "QUERY", zone=zone))
        assert etree.fromstring(reply.content).get("completionStatus") == status
    assert client.send("GET", "/requests/xStudents").status_code == 403
    assert client.send("GET", "/requests/xStudents;zoneId=other-district").status_code == 403


@pytest.mark.requirement("INF-PRQ-008")
@pytest.mark.parametrize(
    ("verb", "path"),
    [("PUT", PATH), ("DELETE", PATH), ("PUT", f"{PATH}/{{id}}"), ("POST", f"{PATH}/{{id}}")],
)
def test_a_request_is_never_changed(client: Client, verb: str, path: str) -> None:
    made = etree.fromstring(client.send("POST", PATH, asking("xStaffs", "QUERY")).content)
    body = asking("xStaffs", "QUERY")
    assert client.send(verb, path.format(id=made.get("id")), body).status_code == 405


@pytest.mark.requirement("INF-PRQ-008")
def test_only_the_own_requests_are_seen(
    client: Client, register: Any, infrastructure: etree.XMLSchema
) -> None:
    other = register("other")
    other.open()
    made = etree.fromstring(client.send("POST", PATH, asking("xStaffs", "QUERY")).content)
    listed = etree.fromstring(client.send("GET", PATH).content)
    infrastructure.assertValid(listed)
    assert [each.get("id") for each in listed] == [made.get("id")]
    assert other.send("GET", PATH).status_code == 204
    for verb in ("GET", "DELETE"):
        assert other.send(verb, f"{PATH}/{made.get('id')}").status_code == 404
    assert client.send("GET", f"{PATH}/{made.get('id').upper()}").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<provisionRequest",
        b"<provisionRequest/>",
        b"<provisionRequests/>",
        b"<provisionRequest><surprise/></provisionRequest>",
        asking("", "QUERY"),
        asking("xStaffs"),
        asking("xStaffs", "FLY"),
        asking("xStaffs", "QUERY", value="APPROVED"),
        asking("xStaffs", "QUERY", value=""),
        asking("xStaffs", "QUERY", kind="MAGIC"),
        f'<provisionRequest xmlns="{INF}"/>'.encode(),
    ],
)
@pytest.mark.requirement("NEG-017")
def test_a_request_that_cannot_be_followed_is_400(client: Client, body: bytes) -> None:
    before = etree.tostring(current(client))
    assert client.send("POST", PATH, body).status_code == 400
    assert etree.tostring(current(client)) == before


def test_a_request_for_too_much_is_400(client: Client) -> None:
    service = "".join(
        f'<service type="OBJECT" name="a{number}" contextId="DEFAULT"><rights>'
        '<right type="QUERY">REQUESTED</right></rights></service>'
        for number in range(1001)
    )
    zone = f'<provisionedZone id="demo-district"><services>{service}</services></provisionedZone>'
    body = f'<provisionRequest xmlns="{INF}">{zone}</provisionRequest>'
    assert client.send("POST", PATH, body.encode()).status_code == 400


@pytest.fixture
def waiting(hub_with: Any) -> tuple[Hub, Client, str]:
    """A hub whose operator decides, and a request that waits."""
    hub = hub_with(access=Access(provisioning="manual"))
    with hub.engine.begin() as connection:
        vendors.add_application(connection, "sis", SECRET, SCOPE, grants=GRANTS, requestable=MAY)
    client = Client(hub.base, "sis")
    client.open()
    body = asking("xSchools", "QUERY", "PROVIDE")
    made = etree.fromstring(client.send("POST", PATH, body).content)
    return hub, client, str(made.get("id"))


@pytest.mark.requirement("INF-PRQ-003")
def test_a_request_that_waits_is_202(
    waiting: tuple[Hub, Client, str], infrastructure: etree.XMLSchema
) -> None:
    _, client, request_id = waiting
    reply = client.send("GET", f"{PATH}/{request_id}")
    found = etree.fromstring(reply.content)
    infrastructure.assertValid(found)
    assert (reply.status_code, found.get("completionStatus")) == (202, None)
    assert rights_of(found, "xSchools") == {"QUERY": "REQUESTED", "PROVIDE": "REQUESTED"}
    assert client.send("GET", "/requests/xSchools").status_code == 403


@pytest.mark.requirement("INF-PRQ-003", "INF-PRQ-005")
@pytest.mark.parametrize(
    ("approve", "status", "value", "code"),
    [(True, "MIXED", "APPROVED", 204), (False, "REJECTED", "REJECTED", 403)],
)
def test_the_operator_decides_once(
    waiting: tuple[Hub, Client, str], approve: bool, status: str, value: str, code: int
) -> None:
    hub, client, request_id = waiting
    with hub.engine.begin() as connection:
        assert settle(connection, request_id, Clock(), approve=approve).completion == status
    reply = client.send("GET", f"{PATH}/{request_id}")
    assert reply.status_code == 200
    assert rights_of(current(client), "xSchools") == {"QUERY": value, "PROVIDE": "REJECTED"}
    assert client.send("GET", "/requests/xSchools").status_code == code
    with hub.engine.begin() as connection, pytest.raises(SetupError, match="decided already"):
        settle(connection, request_id, Clock(), approve=True)


@pytest.mark.parametrize("request_id", ["x", str(uuid.uuid4())], ids=["x", "uuid"])
def test_an_unknown_request_cannot_be_decided(hub: Hub, request_id: str) -> None:
    with hub.engine.begin() as connection, pytest.raises(SetupError, match="app requests"):
        settle(connection, request_id, Clock(), approve=True)


def test_a_request_ends_with_its_session(waiting: tuple[Hub, Client, str]) -> None:
    hub, client, _ = waiting
    assert client.environment is not None
    client.send("DELETE", f"/environments/{client.environment.get('id')}")
    with hub.engine.connect() as connection:
        assert provision_requests.pending(connection) == []


def test_of_two_requests_at_once_both_results_stay(client: Client) -> None:
    bodies = [asking("xStaffs", "QUERY"), asking("xStudents", "DELETE")] * 4
    threads = [threading.Thread(target=client.send, args=("POST", PATH, each)) for each in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rights_of(current(client), "xStaffs") == {"QUERY": "APPROVED"}
    assert rights_of(current(client), "xStudents")["DELETE"] == "APPROVED"


def session(kind: str = "DIRECT", vendor_id: int | None = None, **given: Any) -> Environment:
    role = "vendor" if vendor_id else "source"
    application = Application("a", "s", role, vendor_id, HERE, kind, **given)
    plain = ("", "", "token", "fp", "Basic", "", "", "", "", "")
    return Environment("id", application, *plain, type=kind)


def test_the_rights_of_the_kind_count_as_granted() -> None:
    judge = covered(session())
    assert judge(grant("xStudents"), "QUERY")
    assert not judge(grant("xStudents"), "PROVIDE")
    assert not judge(grant("xStudents", zone="other-district"), "QUERY")


def test_an_operator_cannot_give_a_vendor_another_place() -> None:
    judge = possible(session(vendor_id=1))
    assert judge(grant("xStudents"), "CREATE")
    assert not judge(grant("xStudents", zone="other-district"), "QUERY")
    assert not judge(Grant("demo-district", "2026", "OBJECT", "xStudents", {}), "QUERY")


@pytest.mark.requirement("INF-PRQ-004")
@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([True], "ACCEPTED"),
        ([False], "REJECTED"),
        ([True, True], "ACCEPTED"),
        ([False, False], "REJECTED"),
        ([True, False], "MIXED"),
    ],
)
def test_the_completion_sums_the_rights_up(answers: list[bool], status: str) -> None:
    asked = [grant(f"a{number}", QUERY="REQUESTED") for number in range(len(answers))]
    verdicts = {each.name: answer for each, answer in zip(asked, answers, strict=True)}
    assert completion(decided(asked, lambda each, _: verdicts[each.name])) == status
