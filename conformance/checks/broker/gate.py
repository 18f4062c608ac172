"""The gate: which marker opens, how the others are refused, and what needs none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance import expect, pods, trees
from conformance.checks.broker.doors import DOORS, SHOWN, example_of, no_data, opened, shut
from conformance.checks.preparation import objects_in
from conformance.hub_client import HubClient
from conformance.hub_operator import Declined
from conformance.hub_pods import Entry
from conformance.hub_stage import HubStage, control
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.sif import MARKER
from conformance.verifies import verifies

GATE_CODES = (b"403-01", b"410-20")
COUNTS = ("navigationCount", "navigationLastPage", "navigationPageSize", "changesSinceMarker")


def unknown(hub: HubStage) -> str:
    """A marker that nobody gave out."""
    return pods.fresh_token(hub.rng)


def replaced(hub: HubStage, who: HubClient) -> str:
    """The token of a POD that was used and then replaced by another one, used as well."""
    old = hub.open(who, *SHOWN)
    hub.open(who, *SHOWN)
    return old.token


@pytest.mark.parametrize("door", ["list", "one", "example"])
@verifies("POD-GATE-002", negative=True)
def check_missing_marker_is_403_01(hub: HubStage, door: str) -> None:
    """A request for data without a marker that is refused is refused with 403 and 403-01."""
    way = DOORS[door]
    hub.need(*([way.needs] if way.needs else []))
    pod = hub.usable(hub.a, *SHOWN)
    reply = way.read(hub, hub.a, "", None)
    if reply.ok and door != "list":
        raise NotVerified("this door is open, which is judged elsewhere")
    expect.refused(reply, 403, marker_error="403-01")
    opened(way.read(hub, hub.a, "", pod.token), "the token opens this door")


@verifies("POD-GATE-003", negative=True)
def check_outdated_marker_on_a_list_is_410_20(hub: HubStage) -> None:
    """A list asked for with the token of a replaced POD is refused with 410 and 410-20."""
    reply = hub.a.students(replaced(hub, hub.a))
    expect.refused(reply, 410, marker_error="410-20")


@pytest.mark.parametrize("door", ["one", "example", "path"])
@verifies("DAT-POD-003", negative=True)
def check_outdated_marker_elsewhere_is_410_or_403(hub: HubStage, door: str) -> None:
    """One object, an example and a path are refused with 410 or 403 under a replaced POD."""
    way = DOORS[door]
    hub.need(*([way.needs] if way.needs else []))
    expect.status(way.read(hub, hub.a, "", replaced(hub, hub.a)), 403, 410)


@verifies("POD-GATE-004", negative=True)
def check_marker_nobody_gave_out_is_refused(hub: HubStage) -> None:
    """A list asked for with a marker nobody gave out is refused, though a POD is in force."""
    pod = hub.usable(hub.a, *SHOWN)
    for marker in (unknown(hub), pod.token[:-1], pod.token.swapcase(), f"{pod.token}x"):
        shut(hub, hub.a.students(marker), "a list with an unknown marker")
    opened(hub.a.students(pod.token), "the token itself opens the list")


@verifies("POD-GATE-005", negative=True)
def check_marker_of_another_party_is_refused(hub: HubStage) -> None:
    """The token of the second vendor opens nothing for the first, though both have a POD."""
    hub.open(hub.a, *SHOWN)
    theirs = hub.open(hub.b, *SHOWN)
    shut(hub, hub.a.students(theirs.token), "a list with the marker of another party")
    opened(hub.b.students(theirs.token), "its own party still reads with it")


@verifies("POD-GATE-005", negative=True)
def check_marker_of_another_party_is_told_to_the_district(hub: HubStage) -> None:
    """After a stolen marker the audit has a new line that names the vendor who used it."""
    theirs = hub.open(hub.b, *SHOWN)
    hub.open(hub.a, *SHOWN)
    before = len(hub.operator.audit())
    hub.a.students(theirs.token)
    told = [line for line in hub.operator.audit()[before:] if _names(line, hub.a)]
    expect.true(bool(told), "the audit tells of a marker that was not its user's")


def _names(line: str, who: HubClient) -> bool:
    return any(f'"{name}"' in line for name in (who.who.vendor, who.who.key, who.who.party))


PLACES = {
    "zone": {"zone": "another-district"},
    "context": {"context": "ANOTHER"},
    "application": {"app": "another-application"},
    "data model": {"namespace": "http://www.sifassociation.org/datamodel/au/3.4"},
}


@pytest.mark.parametrize("what", sorted(PLACES))
@verifies("POD-GATE-006", negative=True)
def check_marker_counts_only_where_its_pod_does(hub: HubStage, what: str) -> None:
    """The token of a POD for another zone, context, application or model opens nothing here."""
    hub.open(hub.a, *SHOWN)
    there = replace(Entry(SHOWN), **PLACES[what])  # type: ignore[arg-type]
    try:
        pod = hub.publish(hub.a, there)
    except Declined as error:
        raise NotApplicable(f"the operator's side takes no such POD: {error.reason}") from None
    shut(hub, hub.a.students(pod.token), f"a list under a POD for another {what}")
    here = hub.publish(hub.a, Entry(SHOWN, zone=hub.a.sif.zone, context="DEFAULT"))
    opened(hub.a.students(here.token), "a POD for this place opens the list")


def refusals(hub: HubStage) -> dict[str, Reply]:
    """Refusals of all kinds, some of them of requests with personal data."""
    old = replaced(hub, hub.a)
    student = hub.district.student(1)
    found = {
        "missing": hub.a.students(),
        "outdated": hub.a.students(old),
        "unknown": hub.a.students(unknown(hub)),
        "one": hub.a.one(trees.refid(student)),
    }
    if hub.offers("example"):
        found["example"] = hub.a.example(example_of(student, "name", "localId", "email"))
    if hub.offers("update"):
        found["update"] = hub.a.update(trees.refid(student), student)
    return found


@verifies("POD-GATE-007", negative=True)
def check_refusals_are_complete_errors(hub: HubStage) -> None:
    """Refusals carry a complete SIF error; from 3.6 on the sub code stands in errorDetails."""
    for what, reply in refusals(hub).items():
        if reply.ok:
            continue
        element = expect.error(reply)
        if what in ("missing", "outdated") and _is_late(hub):
            codes = [(one.text or "").strip() for one in trees.every(element, "subCode")]
            expect.true(bool(codes), "the sub code stands in errorDetails", reply)


def _is_late(hub: HubStage) -> bool:
    parts = hub.config.endpoint.infrastructure.split(".")
    return [int(one) for one in parts[:2]] >= [3, 6]


@verifies("POD-GATE-008", negative=True)
def check_refusals_name_no_person(hub: HubStage) -> None:
    """Refusals hold no value of the district and none of those that were sent."""
    pod = hub.usable(hub.a, *SHOWN)
    data = opened(hub.a.students(pod.token), "students are shown under the POD")
    if not hub.district.canaries(data.body):
        raise NotVerified("the list of students holds none of the values looked for")
    for what, reply in refusals(hub).items():
        if not reply.ok:
            told = hub.district.canaries(reply.head, reply.body)
            expect.equal(len(told), 0, f"values of a person in a refusal ({what})", reply)


@verifies("POD-GATE-010", negative=True)
def check_delete_is_answered_without_a_marker(hub: HubStage) -> None:
    """A DELETE is answered without a marker as it is with one."""
    pod = hub.usable(hub.a, *SHOWN)
    place = f"xStudents/{pods.fresh_id()}"
    _same(hub.a.send("DELETE", place, pod.token), hub.a.send("DELETE", place))


@verifies("POD-GATE-011", negative=True)
def check_delete_of_many_is_answered_without_a_marker(hub: HubStage) -> None:
    """A PUT with methodOverride DELETE is answered without a marker as it is with one."""
    pod = hub.usable(hub.a, *SHOWN)
    body = trees.inf("deleteRequest", trees.inf("deletes", trees.inf("delete", id=pods.fresh_id())))
    headers = {"methodOverride": "DELETE"}
    with_marker = hub.a.send("PUT", "xStudents", pod.token, headers, body)
    _same(with_marker, hub.a.send("PUT", "xStudents", None, headers, body))


def _same(with_marker: Reply, without: Reply) -> None:
    if with_marker.status >= 500:
        raise NotVerified(f"{with_marker.request} answered {with_marker.status} with a marker")
    told = [code.decode() for code in GATE_CODES if code in without.body]
    expect.equal(told, [], "sub codes of the gate in the answer", without)
    expect.equal(without.status, with_marker.status, "the status without a marker", without)


@verifies("POD-GATE-012", negative=True)
def check_head_without_a_marker_tells_no_counts(hub: HubStage) -> None:
    """HEAD without a marker has no header that tells how many students there are."""
    pod = hub.usable(hub.a, *SHOWN)
    control(hub.a.head(pod.token), "HEAD is answered with the token")
    reply = hub.a.head()
    for name in COUNTS:
        expect.absent(reply, name)


@verifies("POD-GATE-017", negative=True)
def check_token_stands_in_no_address(hub: HubStage) -> None:
    """No header but the marker's own and no body but that of `pods` has the token."""
    hub.a.forget()
    pod = hub.grant(hub.a, *SHOWN)
    own = {id(one) for one in hub.a.heard}
    opened(hub.a.students(pod.token), "the token opens the list")
    hub.a.one(trees.refid(hub.district.student(0)), pod.token)
    if hub.offers("paging"):
        hub.a.page(1, 2, pod.token)
    for reply in hub.a.heard:
        told = [name for name, value in reply.headers if pod.token in value]
        others = [name for name in told if name.lower() != MARKER.lower()]
        expect.equal(others, [], "headers with the token", reply)
        inside = pod.token.encode() in reply.body and id(reply) not in own
        expect.true(not inside, "the body does not hold the token", reply)


@verifies("POD-GATE-017", negative=True)
def check_token_stands_in_no_audit(hub: HubStage) -> None:
    """The audit that the operator exports does not hold the token."""
    pod = hub.usable(hub.a, *SHOWN)
    lines = hub.operator.audit()
    if not lines:
        raise NotVerified("the operator's audit is empty")
    expect.true(pod.token not in "\n".join(lines), "the audit does not hold the token")


@pytest.mark.parametrize("door", sorted(DOORS))
@verifies("POD-GATE-009", negative=True)
def check_every_door_is_gated(hub: HubStage, door: str) -> None:
    """Without a marker no way to read lets anything through; with it each shows students."""
    way = DOORS[door]
    hub.need(*([way.needs] if way.needs else []))
    pod = hub.usable(hub.a, *SHOWN)
    kept = way.prepare(hub, hub.a, pod.token)
    shut(hub, way.read(hub, hub.a, kept, None), f"the door {door} without a marker")
    opened(way.read(hub, hub.a, kept, pod.token), f"the door {door} with the token")


@verifies("DAT-POD-004", negative=True)
def check_waiting_messages_are_gated(hub: HubStage) -> None:
    """A message about a student is given out with the token only."""
    hub.need("queue")
    pod = hub.usable(hub.a, *SHOWN)
    queue = hub.queue(hub.a, "xStudents")
    hub.changed(2, "name", "middleName", text="Qvexwaits")
    no_data(hub, hub.a.messages(queue), "a queue without a marker")
    got = hub.eventually(lambda: bool(objects_in(hub.a.messages(queue, pod.token))))
    hub.restore(2)
    if not got:
        raise NotVerified("no event of a change came into the queue within settle_seconds")
