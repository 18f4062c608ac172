"""No way to data without the gate: all operations are known, and each gated one refuses alike."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import Engine, text

from reference_hub.cli import work
from reference_hub.clock import Clock
from reference_hub.model.rights import Grant
from reference_hub.settings import Settings
from reference_hub.store import audits, vendors
from reference_hub.web import connector
from reference_hub.web.jobs import jobs
from reference_hub.web.privacy import privacy
from reference_hub.web.queues import queues, subscriptions
from reference_hub.workers.loop import transports
from tests.reference_hub.gate import doors
from tests.reference_hub.gate.conftest import OPEN, Ground, code, seen
from tests.reference_hub.gate.doors import DOORS, MARKER
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client
from tests.reference_hub.web.job_documents import JOBS

NONE = "00000000-0000-4000-8000-000000000000"
REFUSALS = {"none": (403, "403-01"), "unknown": (403, "403-PO"), "stale": (410, "410-20")}


def of_table(name: str, table: Iterable[tuple[str, str]], tail: str = "") -> set[str]:
    """Keys of the rows of a table from method and form."""
    return {f"{name} {verb} {form}{tail}" for verb, form in table}


def of_forms(name: str, forms: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Keys of tables that each serve one form of path."""
    return {f"{name} {verb} {form}" for form, table in forms.items() for verb in table}


def operations() -> set[str]:
    """Every operation of every connector, as its tables say."""
    found = of_table("requests", connector.OBJECTS) | of_table("requests", connector.PATHS_QUERIED)
    for name, table in connector.UTILITIES.items():
        found |= of_table("requests", table, f" of {name}")
    templates = connector.xquery_service.TEMPLATES
    found |= of_table("requests", templates, " of a template")
    found |= of_table("services", jobs.HANDLERS)
    found |= of_forms(
        "queues",
        {
            "collection": queues._COLLECTION, "singular": queues._SINGULAR,
            "instance": queues._INSTANCE, "messages": queues._MESSAGES, "message": queues._MESSAGE,
        },
    )  # fmt: skip
    kinds = {"collection": subscriptions._COLLECTION, "singular": subscriptions._SINGULAR}
    found |= of_forms("subscriptions", {**kinds, "instance": subscriptions._INSTANCE})
    named = {
        " ".join(part for part in path if part != "*"): table
        for path, table in privacy._TABLES.items()
    }
    return found | of_forms("privacy", named)


def errands() -> set[str]:
    """What a worker does beside delivering: all that its command brings in for that."""
    body = ast.parse(textwrap.dedent(inspect.getsource(work.callback)))
    brought = [each for each in ast.walk(body) if isinstance(each, ast.ImportFrom)]
    others = ("reference_hub.time_zones", "reference_hub.workers.loop")
    return {each.names[0].name for each in brought if each.module not in others}


@pytest.mark.requirement("POD-GATE-009")
def test_each_operation_is_gated_or_says_why_not() -> None:
    gated = {name for name in DOORS if name.split()[0] in ("requests", "queues", "privacy")}
    assert operations() == gated | set(doors.WRITES) | set(doors.CLEAR)


@pytest.mark.requirement("POD-GATE-009")
def test_each_route_is_a_connector_or_says_why_not(gate_app: Any) -> None:
    every = {rule.rule for rule in gate_app.url_map.iter_rules()}
    # Pages for people of the district: each with its roles in docs/console-permissions.md.
    rules = {rule for rule in every if not rule.startswith("/console/")}
    assert rules == doors.CONNECTORS | set(doors.CLEAR_RULES)


@pytest.mark.requirement("POD-GATE-009", "DAT-POD-004")
def test_each_way_out_of_a_worker_is_known(engine: Engine) -> None:
    with transports(Settings(), Clock()) as ways:
        assert set(ways) == set(doors.TRANSPORTS)
    kinds = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_message_kind'"
    with engine.connect() as connection:
        (listed,) = connection.execute(text(kinds)).scalars()
    assert set(re.findall(r"'(\w+)'", listed)) == set(doors.KINDS)
    assert errands() == set(doors.ERRANDS)


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> str:
    """Each gated door by name."""
    return str(request.param)


def marked(token: str) -> dict[str, str]:
    return {MARKER: token}


def opened(ground: Ground, door: str) -> dict[str, Any]:
    """The answers of a door to each wrong marker, while another POD is in force."""
    stale = ground.pod()
    current = ground.replace()
    ground.names = marked(current.token)
    wrong = {"none": {}, "unknown": marked("nobody-gave-this-out"), "stale": marked(stale.token)}
    return {kind: DOORS[door](ground, headers) for kind, headers in wrong.items()}


def told(door: str, reply: Any) -> tuple[int, str]:
    """Status and sub code of a refusal; what was asked for later tells them in its body."""
    if not door.startswith("a delayed"):
        return code(reply)
    error = etree.fromstring(reply.content)
    assert reply.headers["messageType"] == "ERROR"
    return int(error.findtext("{*}code", "")), error.findtext("{*}description", "")[:6]


@pytest.mark.requirement(
    "POD-GATE-002", "POD-GATE-003", "POD-GATE-004", "POD-GATE-009", "POD-VER-002", "DAT-POD-003"
)
def test_without_the_right_marker_a_door_stays_shut(ground: Ground, door: str) -> None:
    for kind, reply in opened(ground, door).items():
        status, sub_code = REFUSALS[kind]
        assert told(door, reply) == (status, "" if "HEAD" in door else sub_code)
        # The path that the caller wrote itself comes back with a delayed answer.
        assert seen(b"\n".join(doors.answers(reply))) <= {("school", "RefId")}


@pytest.mark.requirement("POD-GATE-009", "POD-MIN-001")
def test_with_the_marker_a_door_shows_what_is_granted(ground: Ground, door: str) -> None:
    pod = ground.pod()
    ground.names = marked(pod.token)
    reply = DOORS[door](ground, marked(pod.token))
    assert reply.status_code == 200
    found = seen(b"\n".join(doors.answers(reply)))
    assert found <= OPEN
    assert reply.headers[MARKER] == pod.token
    assert ("HEAD" in door) or ("student", "RefId") in found


@pytest.mark.requirement("POD-GATE-012")
@pytest.mark.parametrize("door", ["requests HEAD collection", "requests HEAD instance"])
def test_head_without_the_right_marker_tells_no_numbers(ground: Ground, door: str) -> None:
    for reply in opened(ground, door).values():
        names = {name.lower() for name in reply.headers}
        assert not {each for each in names if each.startswith(("navigation", "changes", "etag"))}


@pytest.mark.requirement("POD-GATE-009")
@pytest.mark.parametrize("door", doors.BROKERED)
def test_a_provider_is_behind_the_gate_too(ground: Ground, brokered: Client, door: str) -> None:
    pod, ground.reader = ground.pod(), brokered
    refused = DOORS[door](ground, {})
    assert (refused.status_code, ground.elsewhere.seen) == (403, [])
    if "instance" in door:
        body = etree.tostring(ground.students[0]).decode()
        ground.elsewhere.says(body)
    reply = DOORS[door](ground, marked(pod.token))
    assert reply.status_code == 200
    assert seen(reply.content) <= OPEN
    assert "HEAD" in door or seen(reply.content)


@pytest.mark.requirement("POD-GATE-007", "POD-GATE-008")
def test_a_refusal_is_a_whole_error_object(ground: Ground, infrastructure: etree.XMLSchema) -> None:
    for kind, reply in opened(ground, "requests GET collection").items():
        error = etree.fromstring(reply.content)
        infrastructure.assertValid(error)
        assert error.findtext("{*}code") == str(REFUSALS[kind][0])
        assert error.findtext("{*}scope") == "Data privacy"


@pytest.mark.requirement("POD-GATE-007")
def test_from_3_6_on_the_sub_code_has_a_place_of_its_own(ground: Ground) -> None:
    client = ground.hub.client("newer", 1)
    namespace = "http://www.sifassociation.org/infrastructure/3.6"
    assert client.open(f'<environment xmlns="{namespace}"/>'.encode()).status_code == 201
    error = etree.fromstring(client.send("GET", "/requests/xStudents").content)
    assert error.findtext(".//{*}errorDetail/{*}subCode") == "403-01"


@pytest.mark.requirement("POD-GATE-010", "POD-GATE-011")
@pytest.mark.parametrize("marker", [{}, {MARKER: "unknown"}])
def test_deletes_are_answered_without_a_marker(ground: Ground, marker: dict[str, str]) -> None:
    one, two = (each.get("refId") for each in ground.students[:2])
    assert ground.sis.send("DELETE", f"/requests/xStudents/{one}", **marker).status_code == 204
    body = (
        '<deleteRequest xmlns="http://www.sifassociation.org/infrastructure/3.3"><deletes>'
        f'<delete id="{two}"/></deletes></deleteRequest>'
    ).encode()
    reply = ground.sis.send("PUT", "/requests/xStudents", body, methodOverride="DELETE", **marker)
    assert reply.status_code == 200
    assert "204" in {each.get("statusCode") for each in etree.fromstring(reply.content).iter("*")}


@pytest.mark.requirement("POD-GATE-009", "DAT-POD-004")
@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", JOBS),
        ("HEAD", JOBS),
        ("POST", f"{JOBS}/rosterValidation"),
        ("GET", f"{JOBS}/{NONE}"),
        ("GET", f"{JOBS}/{NONE}/validation"),
    ],
)
def test_jobs_are_not_for_vendors_whatever_their_rights(
    ground: Ground, verb: str, path: str
) -> None:
    rights = dict.fromkeys(("QUERY", "CREATE", "DELETE", "SUBSCRIBE"), "APPROVED")
    grant = Grant("demo-district", "DEFAULT", "FUNCTIONAL", "*", rights)
    with ground.hub.engine.begin() as connection:
        vendors.add_application(connection, "jobs", SECRET, SCOPE, vendor_id=1, grants=(grant,))
    client = Client(ground.hub.base, "jobs")
    assert client.open().status_code == 201
    reply = client.send(verb, path, **marked(ground.pod("xStudent", "xSchool").token))
    assert (reply.status_code, seen(reply.content)) == (403, set())


@pytest.mark.requirement("POD-AUD-001")
@pytest.mark.parametrize("door", ["requests GET collection", "queues GET messages", "a page"])
def test_what_is_read_is_noted_with_pod_and_fields(ground: Ground, door: str) -> None:
    pod = ground.pod()
    reply = DOORS[door](ground, marked(pod.token))
    number = len(etree.fromstring(reply.content))
    with ground.hub.engine.connect() as connection:
        (noted,) = audits.noted(connection, SCOPE, "read")
    assert (noted["pod"], noted["version"]) == (pod.id, pod.version)
    assert noted["fields"] == dict.fromkeys(
        ("xStudent/@refId", "xStudent/localId", "xStudent/name/givenName", "xStudent/enrollment"),
        number,
    )
