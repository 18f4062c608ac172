"""What changes when a POD does: narrower grants, replaced tokens, the end, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance import expect, hub_pods, trees
from conformance.checks.broker.doors import DOORS, PAGE, SHOWN, no_data, opened
from conformance.checks.preparation import objects_in
from conformance.hub_client import HubClient
from conformance.hub_district import outside
from conformance.hub_pods import EXPIRED, Entry
from conformance.hub_race import race
from conformance.hub_stage import HubStage
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.verifies import verifies

WIDE = (*SHOWN, "xStudent/demographics", "xStudent/email")
NARROW = SHOWN


def only_narrow(hub: HubStage, reply: Reply) -> None:
    """A Finding if the answer shows more than NARROW grants."""
    told = sorted({path for one in objects_in(reply) for path in outside(one, NARROW)})
    expect.equal(told[:3], [], "paths shown beyond the narrower grant", reply)
    leaks = hub.district.leaks([reply], NARROW)
    expect.equal(len(leaks), 0, "values of a person beyond the narrower grant", reply)


def shows_wide(reply: Reply) -> None:
    """The positive control: the wide grant shows what the narrow one does not."""
    told = {path for one in objects_in(reply) for path in outside(one, NARROW)}
    if not told:
        raise NotVerified(
            f"the wide grant shows no more than the narrow one (exchange {reply.exchange})"
        )


@pytest.mark.parametrize("door", sorted(DOORS))
@verifies("POD-VER-002", negative=True)
def check_replaced_token_opens_no_door(hub: HubStage, door: str) -> None:
    """From the moment a POD is replaced its token opens no way to read."""
    way = DOORS[door]
    hub.need(*([way.needs] if way.needs else []))
    old = hub.open(hub.a, *SHOWN)
    kept = way.prepare(hub, hub.a, old.token)
    hub.grant(hub.a, *SHOWN)
    no_data(hub, way.read(hub, hub.a, kept, old.token), f"the door {door} with a replaced token")


@verifies("POD-VER-002", negative=True)
def check_replaced_token_opens_nothing_for_many_readers(hub: HubStage) -> None:
    """Of many readers none gets data with the old token once the new POD is published."""
    old = hub.open(hub.a, *WIDE)
    document = hub_pods.document(hub.a.who.party, Entry(NARROW, app=hub.a.who.key))
    run = race(hub, hub.a, old.token, lambda: hub.operator.publish(hub.a.who.vendor, document))
    if not any(objects_in(one) for one in run.before()):
        raise NotVerified("no reader got data before the change, so nothing is proven")
    if not run.after():
        raise NotVerified("no reader asked again after the change, so nothing is proven")
    for reply in run.after():
        expect.true(not objects_in(reply), "no data with the old token", reply)


@verifies("POD-VER-005", negative=True)
def check_waiting_message_obeys_the_narrower_grant(hub: HubStage) -> None:
    """A message that waited while the grant was narrowed shows what is granted now."""
    hub.need("queue")
    wide = hub.open(hub.a, *WIDE)
    queue = hub.queue(hub.a, "xStudents")
    shows_wide(_event(hub, hub.a, queue, wide.token, "Qvexbefore"))
    hub.changed(3, "name", "middleName", text="Qvexduring")
    narrow = hub.open(hub.a, *NARROW)
    found = [one for one in hub.a.drained(queue, narrow.token) if objects_in(one)]
    hub.restore(3)
    if not found:
        raise NotVerified("the message that waited did not come")
    for reply in found:
        only_narrow(hub, reply)


def _event(hub: HubStage, who: HubClient, queue: str, token: str, text: str) -> Reply:
    """Change a student and give the event of it, which is then deleted."""
    hub.changed(3, "name", "middleName", text=text)
    found: list[Reply] = []

    def look() -> bool:
        found.extend(one for one in who.drained(queue, token) if objects_in(one))
        return bool(found)

    if not hub.eventually(look):
        raise NotVerified("no event of a change came into the queue within settle_seconds")
    return found[0]


@verifies("POD-VER-005", negative=True)
def check_next_page_obeys_the_narrower_grant(hub: HubStage) -> None:
    """The page after the grant was narrowed shows what is granted now."""
    hub.need("paging")
    wide = hub.open(hub.a, *WIDE)
    first = opened(hub.a.page(1, PAGE, wide.token, queryIntention="ALL"), "the first page is shown")
    shows_wide(first)
    kept = first.headers.get("navigationId")
    narrow = hub.grant(hub.a, *NARROW)
    more = {"navigationId": kept} if kept else {}
    only_narrow(hub, hub.a.page(2, PAGE, narrow.token, **more))


@verifies("POD-END-001", negative=True)
def check_list_after_the_end_is_410_20(hub: HubStage) -> None:
    """After the end of the agreement a list is refused with 410 and 410-20."""
    pod = hub.open(hub.a, *SHOWN)
    opened(hub.a.students(pod.token), "the token opens the list before")
    hub.operator.end(hub.a.who.vendor)
    expect.refused(hub.a.students(pod.token), 410, marker_error="410-20")


@verifies("DAT-POD-005", negative=True)
def check_nothing_waits_after_the_end(hub: HubStage) -> None:
    """What waited is gone with the end, what changes afterwards does not come, also not later."""
    hub.need("queue")
    pod = hub.open(hub.a, *SHOWN)
    queue = hub.queue(hub.a, "xStudents")
    _event(hub, hub.a, queue, pod.token, "Qvexcontrol")
    hub.changed(3, "name", "middleName", text="Qvexwaited")
    hub.operator.end(hub.a.who.vendor)
    no_data(hub, hub.a.messages(queue, pod.token), "a queue after the end")
    hub.changed(3, "name", "middleName", text="Qvexlate")
    again = hub.open(hub.a, *SHOWN)
    for reply in hub.a.drained(queue, again.token):
        expect.equal(len(objects_in(reply)), 0, "students in the old queue", reply)
    hub.restore(3)


def _pod_events(hub: HubStage, queue: str, wanted: Callable[[hub_pods.Seen, str], bool]) -> bool:
    """Whether an event of the service pods comes that is as wanted."""
    heard: list[Reply] = []

    def look() -> bool:
        heard.extend(hub.a.drained(queue))
        told = [one for one in heard if one.ok and one.headers.get("serviceName") == "pods"]
        return any(
            wanted(hub_pods.seen(pod), one.headers.get("eventAction"))
            for one in told
            for pod in trees.every(one.object, "pod")
        )

    return hub.eventually(look)


@verifies("POD-DEL-004")
def check_new_pod_is_an_event(hub: HubStage) -> None:
    """Who subscribed to `pods` finds a published POD in the queue."""
    queue = hub.queue(hub.a, "pods")
    pod = hub.grant(hub.a, *SHOWN)
    came = _pod_events(hub, queue, lambda one, _: one.token == pod.token)
    expect.true(came, "the new POD comes as an event", hub.a.heard[-1])


@verifies("POD-DEL-004")
def check_end_of_a_pod_is_an_event(hub: HubStage) -> None:
    """Who subscribed to `pods` is told when a POD has ended."""
    pod = hub.open(hub.a, *SHOWN)
    queue = hub.queue(hub.a, "pods")
    hub.operator.end(hub.a.who.vendor)
    came = _pod_events(
        hub,
        queue,
        lambda one, action: one.id == pod.id and (one.status == EXPIRED or action == "DELETE"),
    )
    expect.true(came, "the end of the POD comes as an event", hub.a.heard[-1])
