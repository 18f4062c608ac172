"""A grant that shrinks or ends holds from that moment on, for what was begun or waits as well."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from reference_hub.journeys.delay import answer_next
from reference_hub.journeys.end_pod import end_pods
from reference_hub.model.pod import Condition
from reference_hub.replay import replaying
from reference_hub.store import pods, vendors
from tests.reference_hub.gate.conftest import LIST, NARROW, OPEN, XML, Ground, code, entry, seen
from tests.reference_hub.gate.doors import MARKER
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client

LITTLE = {("student", "RefId"), ("student", "localId")}


def later(ground: Ground, token: str, **more: str) -> None:
    """Ask for the list later."""
    wanted = {"requestType": "DELAYED", "queueId": ground.box.id, "requestId": "r"}
    asked = ground.reader.send("GET", LIST, **(wanted | more | {MARKER: token}))
    assert asked.status_code == 202


def answered(ground: Ground) -> bool:
    """Let the worker answer what was asked for later."""
    replay = replaying(ground.app)
    return answer_next(ground.hub.engine, ground.hub.settings, replay, ground.clock)


def delayed_answer(ground: Ground, token: str) -> Any:
    """What lies in the queue for that request."""
    found = ground.box.all(**{MARKER: token})
    return next((each for each in found if each.headers.get("requestId") == "r"), None)


def end(ground: Ground) -> None:
    """End the agreement."""
    with ground.hub.engine.begin() as connection:
        vendor = vendors.vendor_by_id(connection, 1)
        assert vendor is not None
        end_pods(connection, vendor, "a test", ground.clock)


@pytest.mark.requirement("POD-VER-005", "POD-GATE-009")
def test_a_later_page_needs_the_new_marker_and_another_query(ground: Ground) -> None:
    wide = ground.pod()
    path = f"{LIST}?navigationPageSize=1"
    first = ground.reader.send("GET", path, queryIntention="ALL", **{MARKER: wide.token})
    on = {"navigationId": first.headers["navigationId"], "navigationPage": "2"}
    narrow = ground.replace(*NARROW)
    assert ground.reader.send("GET", path, **on, **{MARKER: wide.token}).status_code == 410
    kept = ground.reader.send("GET", path, **on, **{MARKER: narrow.token})
    assert (kept.status_code, seen(kept.content)) == (404, set())


@pytest.mark.requirement("POD-VER-005", "POD-GATE-009")
def test_a_marker_of_changes_counts_for_its_grant_only(ground: Ground) -> None:
    wide = ground.pod()
    head = ground.reader.send("HEAD", LIST, **{MARKER: wide.token})
    ground.change(0, "Another")
    narrow = ground.replace(*NARROW)
    path = f"{LIST}?changesSinceMarker={head.headers['changesSinceMarker']}"
    reply = ground.reader.send("GET", path, **{MARKER: narrow.token})
    assert reply.status_code in (400, 410)
    assert not seen(reply.content)


@pytest.mark.requirement("POD-VER-005", "DAT-POD-004")
def test_what_was_asked_before_a_narrowing_is_refused_when_it_is_carried_out(
    ground: Ground,
) -> None:
    wide = ground.pod()
    later(ground, wide.token)
    narrow = ground.replace(*NARROW)
    assert answered(ground)
    reply = delayed_answer(ground, narrow.token)
    assert etree.fromstring(reply.content).findtext("{*}code") == "410"
    assert not seen(reply.content)


@pytest.mark.requirement("POD-VER-005", "DAT-POD-004")
def test_an_answer_that_waits_shows_what_the_new_grant_leaves(ground: Ground) -> None:
    wide = ground.pod()
    later(ground, wide.token)
    assert answered(ground)
    narrow = ground.replace(*NARROW)
    reply = delayed_answer(ground, narrow.token)
    assert seen(reply.content) == LITTLE


@pytest.mark.requirement("POD-VER-005", "DAT-POD-004")
def test_an_event_that_waits_shows_what_the_new_grant_leaves(ground: Ground) -> None:
    wide = ground.pod()
    assert seen(ground.box.read(**{MARKER: wide.token}).content) <= OPEN
    narrow = ground.replace(*NARROW)
    assert code(ground.box.read(**{MARKER: wide.token})) == (410, "410-20")
    assert seen(ground.box.read(**{MARKER: narrow.token}).content) == LITTLE


@pytest.mark.requirement("POD-END-001", "DAT-POD-005")
def test_after_the_end_nothing_waits_and_nothing_new_comes(ground: Ground) -> None:
    pod = ground.pod()
    assert ground.reader.send("GET", LIST, **{MARKER: pod.token}).status_code == 200
    end(ground)
    ground.change(0, "Another")
    assert code(ground.reader.send("GET", LIST, **{MARKER: pod.token})) == (410, "410-20")
    assert ground.query("SELECT 1 FROM subscription WHERE service_type = 'OBJECT'") == []
    assert set(ground.query("SELECT state, reason FROM message WHERE kind = 'event'")) == {
        ("purged", "agreement ended")
    }


@pytest.mark.requirement("POD-END-001", "DAT-POD-004")
def test_a_request_for_later_meets_the_end(ground: Ground) -> None:
    pod = ground.pod()
    later(ground, pod.token)
    end(ground)
    assert answered(ground)
    reply = delayed_answer(ground, pod.token)
    assert etree.fromstring(reply.content).findtext("{*}code") == "410"


@pytest.mark.requirement("POD-END-001", "DAT-POD-005")
def test_an_answer_that_waits_for_an_ended_vendor_is_never_read(ground: Ground) -> None:
    pod = ground.pod()
    later(ground, pod.token)
    assert answered(ground)
    end(ground)
    assert ground.box.read(**{MARKER: ground.pod().token}).status_code == 204
    found = ground.query("SELECT state, reason FROM message WHERE kind = 'response'")
    assert found == [("purged", "agreement ended")]


@pytest.mark.requirement("POD-MIN-005", "DAT-POD-004")
@pytest.mark.parametrize("kind", ["ROW_FILTER", "HASH", "GENERALISE"])
def test_an_answer_for_later_shows_what_the_list_shows(ground: Ground, kind: str) -> None:
    conditions = {
        "ROW_FILTER": Condition("ROW_FILTER", "xStudent/enrollment/membershipType", "in", "Home"),
        "HASH": Condition("HASH", "xStudent/localId"),
        "GENERALISE": Condition("GENERALISE", "xStudent/localId", "prefix", "4"),
    }
    pod = ground.hub.pod(1, entries=(entry(*NARROW, conditions=(conditions[kind],)),))
    now = ground.reader.send("GET", LIST, **{MARKER: pod.token})
    later(ground, pod.token)
    assert answered(ground)
    assert etree.canonicalize(delayed_answer(ground, pod.token).text) == etree.canonicalize(
        now.text
    )
    assert len(etree.fromstring(now.content)) == 3


@pytest.mark.requirement("POD-LC-005", "POD-GATE-006")
def test_an_application_with_a_pod_of_its_own_has_that_one_alone(ground: Ground) -> None:
    wide, own = ground.pod(), ground.pod(*NARROW, app_id="maths")
    with ground.hub.engine.begin() as connection:
        vendors.add_application(connection, "maths", SECRET, SCOPE, vendor_id=1, app_id="maths")
    maths = Client(ground.hub.base, "maths")
    assert maths.open().status_code == 201
    assert code(maths.send("GET", LIST, **{MARKER: wide.token})) == (410, "410-20")
    assert seen(maths.send("GET", LIST, **{MARKER: own.token}).content) == LITTLE
    assert ground.reader.send("GET", LIST, **{MARKER: own.token}).status_code == 403
    assert ground.reader.send("GET", LIST, **{MARKER: wide.token}).status_code == 200


@pytest.mark.requirement("POD-LC-005")
def test_when_its_own_pod_is_over_the_one_for_all_counts_again(ground: Ground) -> None:
    wide, own = ground.pod(), ground.pod(*NARROW, app_id="maths")
    with ground.hub.engine.begin() as connection:
        vendors.add_application(connection, "maths", SECRET, SCOPE, vendor_id=1, app_id="maths")
        pods.set_status(connection, own.id, "Expired")
    maths = Client(ground.hub.base, "maths")
    assert maths.open().status_code == 201
    assert maths.send("GET", LIST, **{MARKER: wide.token}).status_code == 200
    reply = maths.send("POST", "/privacy/markers", b"{}", Content_Type="application/json")
    assert reply.json()["dataPrivacyMarker"] == wide.token


@pytest.mark.requirement("POD-MIN-007")
@pytest.mark.parametrize("operator", ["=", "!=", "<", ">="])
def test_a_condition_on_a_hidden_field_has_one_answer(ground: Ground, operator: str) -> None:
    marked = {MARKER: ground.pod(*NARROW).token}
    born = [str(each.findtext(".//{*}birthDate")) for each in ground.students]
    answers = set()
    for value in (*born, "1066-01-01", "2999-01-01"):
        path = f'{LIST}?where=[demographics/birthDate{operator}"{value}"]'
        reply = ground.reader.send("GET", path, **marked)
        answers.add((reply.status_code, reply.content, reply.headers.get("navigationCount")))
    assert answers == {(204, b"", "0")}


@pytest.mark.requirement("POD-MIN-007")
def test_an_order_or_example_by_a_hidden_field_tells_nothing(ground: Ground) -> None:
    marked = {MARKER: ground.pod(*NARROW).token}
    plain = ground.reader.send("GET", LIST, **marked).content
    for way in ("ascending", "descending"):
        path = f"{LIST}?order=[demographics/birthDate={way}]"
        assert ground.reader.send("GET", path, **marked).content == plain
    space, born = "http://www.sifassociation.org/datamodel/na/4.x", "<birthDate>{}</birthDate>"
    for value in (ground.students[0].findtext(".//{*}birthDate"), "1066-01-01", "%"):
        body = f'<xStudent xmlns="{space}"><demographics>{born.format(value)}</demographics>'
        reply = ground.reader.send(
            "POST", LIST, f"{body}</xStudent>".encode(), methodOverride="GET",
            Content_Type=XML, **marked,
        )  # fmt: skip
        assert (reply.status_code, reply.headers.get("navigationCount")) == (204, "0")


UNITY = "http://www.sifassociation.org/datamodel/na/4.3"
EXTENDED = "SIF_ExtendedElements"
NAMED = '<LocalId>7</LocalId><Name Type="04"><LastName>L</LastName><FirstName>F</FirstName></Name>'


@pytest.mark.requirement("POD-MIN-003")
@pytest.mark.parametrize(
    "granted",
    [
        ("StudentPersonal",),
        tuple(f"StudentPersonal/{each}" for each in ("@RefId", "LocalId", "Name")),
    ],
)
def test_extensions_and_metadata_stay_behind_unless_a_path_names_them(
    ground: Ground, granted: tuple[str, ...]
) -> None:
    secret, refid = "Kept-Behind-Value", "A" * 32
    inner = f'<{EXTENDED}><SIF_ExtendedElement Name="x">{secret}</SIF_ExtendedElement></{EXTENDED}>'
    meta = f"<SIF_Metadata><TimeElements>{secret}</TimeElements></SIF_Metadata>"
    body = (
        f'<StudentPersonal xmlns="{UNITY}" RefId="{refid}">{NAMED}{meta}{inner}</StudentPersonal>'
    )
    path = "/requests/StudentPersonals"
    made = ground.sis.send("POST", f"{path}/StudentPersonal", body.encode())
    assert (made.status_code, ground.sis.send("GET", path).text.count(secret)) == (201, 2)
    plain = ground.pod(*granted)
    assert secret not in ground.reader.send("GET", path, **{MARKER: plain.token}).text
    named = ground.replace(*granted, f"StudentPersonal/{EXTENDED}")
    assert ground.reader.send("GET", path, **{MARKER: named.token}).text.count(secret) == 1
