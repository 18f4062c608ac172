"""A marker in the wrong hands: it opens nothing, tells nothing, and somebody hears of it."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from lxml import etree
from structlog.testing import capture_logs

from reference_hub.model.pod import DRAFT, EXPIRED, LIVE, Pod, Terms
from reference_hub.model.scope import Scope
from reference_hub.store import audits, vendors
from tests.reference_hub.gate import doors
from tests.reference_hub.gate.conftest import GRANTED, LIST, Ground, code, seen
from tests.reference_hub.gate.doors import DOORS, MARKER, filtering, reading, waiting
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client

WAYS = {
    "a list": reading(LIST),
    "one": reading(f"{LIST}/{{one}}"),
    "a path": DOORS["requests GET service path"],
    "the queue": waiting,
    "filtering": filtering,
}


KINDS = ("of a stranger", DRAFT, "other zone", "other context", "other application")


@pytest.fixture(params=KINDS)
def stolen(ground: Ground, request: pytest.FixtureRequest) -> Pod:
    """A POD that is not the caller's."""
    ground.pod()
    kind = request.param
    if kind == "of a stranger":
        return ground.hub.pod(ground.hub.vendor("stranger"), status=LIVE)
    if kind == DRAFT:
        return ground.hub.pod(ground.hub.vendor("stranger"), status=DRAFT)
    places = {
        "other zone": {"scope": Scope("other-district")},
        "other context": {"scope": Scope("demo-district", "NEXT")},
        "other application": {"app_id": "another"},
    }
    return ground.pod(status=LIVE, **places[kind])


def told(reply: Any) -> tuple[Any, ...]:
    """Status and all that an error says but its id."""
    error = etree.fromstring(reply.content)
    texts = tuple((etree.QName(each).localname, each.text) for each in error)
    return (reply.status_code, texts, sorted(reply.headers))


@pytest.mark.requirement("POD-GATE-004", "POD-GATE-005", "POD-GATE-006", "POD-GATE-008")
def test_anothers_marker_has_the_answer_of_an_unknown_one(ground: Ground, stolen: Pod) -> None:
    for ask in WAYS.values():
        reply = ask(ground, {MARKER: stolen.token})
        guess = ask(ground, {MARKER: "a-guess-of-nobody"})
        assert told(reply) == told(guess)
        assert (reply.status_code, seen(reply.content)) == (403, set())


def alerts(ground: Ground) -> list[str]:
    """What was reported."""
    return [bytes(row[0]).decode() for row in ground.query("SELECT document FROM alert")]


def refusals(ground: Ground) -> list[audits.Entry]:
    """What the audit trail says of refusals."""
    with ground.hub.engine.connect() as connection:
        return [each for each in audits.trail(connection, SCOPE) if each.action == "refused"]


@pytest.mark.requirement("POD-GATE-005")
def test_a_stolen_marker_is_an_alert_once_a_day_and_a_line_each_time(ground: Ground) -> None:
    stolen = ground.hub.pod(ground.hub.vendor("stranger"), status=LIVE)
    for way in ("a list", "one", "the queue", "a list"):
        assert WAYS[way](ground, {MARKER: stolen.token}).status_code == 403
    (alert,) = alerts(ground)
    assert ">WARNING<" in alert
    assert [each.detail["stolen"] for each in refusals(ground)] == [True] * 4
    ground.watch.forward(86_400)
    ground.reader.open()
    WAYS["a list"](ground, {MARKER: stolen.token})
    assert len(alerts(ground)) == 2


@pytest.mark.requirement("POD-GATE-005")
@pytest.mark.parametrize("marker", ["", "a-guess-of-nobody"])
def test_a_guess_is_no_theft(ground: Ground, marker: str) -> None:
    WAYS["a list"](ground, {MARKER: marker} if marker else {})
    assert alerts(ground) == []
    assert [each.detail["stolen"] for each in refusals(ground)] == [False]


@pytest.mark.requirement("POD-AUD-001", "POD-GATE-008")
def test_each_kind_of_refusal_is_a_line_without_values(ground: Ground) -> None:
    stale = ground.pod(status=EXPIRED)
    for marker in ({}, {MARKER: "a-guess-of-nobody"}, {MARKER: stale.token}):
        WAYS["one"](ground, marker)
    found = [(each.actor, each.object_type, each.count, each.detail) for each in refusals(ground)]
    said = [(403, "403-01"), (403, "403-POD-UNKNOWN"), (410, "410-20")]
    assert found == [
        ("reader", "xStudent", 1, {"status": status, "subCode": code, "stolen": False})
        for status, code in said
    ]


@pytest.mark.requirement("POD-GATE-006")
@pytest.mark.parametrize(
    "entry",
    [
        Terms(granted=GRANTED, app_ids=("another",)),
        Terms(granted=GRANTED, fingerprints=("another",)),
        Terms(granted=GRANTED, places=(("other-district", ""),)),
        Terms(granted=GRANTED, places=(("demo-district", "NEXT"),)),
    ],
)
def test_a_marker_opens_only_where_its_entry_does(ground: Ground, entry: Terms) -> None:
    pod = ground.pod(entries=(entry,))
    reply = WAYS["a list"](ground, {MARKER: pod.token})
    assert (reply.status_code, seen(reply.content)) == (403, set())


@pytest.mark.requirement("POD-GATE-006")
@pytest.mark.parametrize(("version", "status"), [("4.4", 403), ("4.3", 200)])
def test_a_marker_opens_only_the_model_versions_of_its_entry(
    ground: Ground, version: str, status: int
) -> None:
    client = ground.hub.client("modern", 1)
    space = "http://www.sifassociation.org/datamodel/na/4.3"
    inf = "http://www.sifassociation.org/infrastructure/3.3"
    info = f"<applicationInfo><dataModelNamespace>{space}</dataModelNamespace></applicationInfo>"
    assert (
        client.open(f'<environment xmlns="{inf}">{info}</environment>'.encode()).status_code == 201
    )
    pod = ground.pod(entries=(Terms(granted=GRANTED, version_min=version),))
    assert client.send("GET", LIST, **{MARKER: pod.token}).status_code == status


@pytest.mark.requirement("POD-GATE-017", "POD-GATE-008")
def test_no_marker_stands_in_logs_audit_alerts_or_addresses(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    own, stolen = ground.pod(), ground.hub.pod(ground.hub.vendor("stranger"), status=LIVE)
    stale, guess = ground.pod(status=EXPIRED), "a-guess-of-nobody"
    tokens = [own.token, stolen.token, stale.token, guess]
    ground.names = {MARKER: own.token}
    with capture_logs() as logs, caplog.at_level(logging.DEBUG):
        for name, ask in DOORS.items():
            marker = tokens[len(name) % 4]
            reply = ask(ground, {MARKER: marker})
            assert marker == own.token or b"refId=" not in reply.content
        for token in tokens:
            ground.reader.send("GET", LIST, **{MARKER: token})
    rows = ground.query("SELECT to_jsonb(audit)::text FROM audit")
    written = [json.dumps(logs, default=str), caplog.text, *(str(row) for row in rows)]
    written += alerts(ground)
    kept = "\n".join(written)
    assert "refused" in kept
    assert [token for token in tokens if token in kept] == []
    assert seen(kept.encode()) <= {("student", "RefId"), ("school", "RefId")}


@pytest.mark.requirement("POD-GATE-017")
def test_a_marker_in_an_address_opens_nothing(ground: Ground) -> None:
    pod = ground.pod()
    for where in (f"?{MARKER}={pod.token}", f";{MARKER}={pod.token}"):
        reply = ground.reader.send("GET", f"{LIST}{where}")
        assert reply.status_code in (400, 403)
        assert not seen(b"\n".join(doors.answers(reply)))


@pytest.mark.requirement("POD-GATE-002")
@pytest.mark.parametrize("value", ["", "a, b", "a;"])
def test_a_header_that_is_none_opens_nothing(ground: Ground, value: str) -> None:
    pod = ground.pod()
    both = value.replace("a", pod.token).replace("b", pod.token)
    reply = ground.reader.send("GET", LIST, **{MARKER: both})
    assert reply.status_code in (400, 403)
    assert not seen(reply.content)


@pytest.mark.requirement("POD-GATE-006")
def test_another_vendors_application_never_gets_the_zone_of_this_one(ground: Ground) -> None:
    with ground.hub.engine.begin() as connection:
        other = vendors.add_vendor(connection, "afar", "Afar", Scope("other-district"))
        vendors.add_application(
            connection, "afar", SECRET, Scope("other-district"), vendor_id=other
        )
    client = Client(ground.hub.base, "afar")
    assert client.open().status_code == 201
    own = ground.hub.pod(other, scope=Scope("other-district"), status=LIVE)
    reply = client.send("GET", f"{LIST};zoneId=demo-district", **{MARKER: own.token})
    assert (code(reply)[0], seen(reply.content)) == (403, set())
