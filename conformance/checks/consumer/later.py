"""What comes by the queue: changed students, delayed answers, and alerts about bad messages."""

from __future__ import annotations

import time
from copy import deepcopy

from lxml import etree

from conformance import expect, trees
from conformance.checks.consumer.queues import (
    BROKEN,
    SERVICE,
    deleted,
    fetched,
    handed,
    own_queues,
    polls,
    subscribed,
)
from conformance.checks.consumer.seen import document, ready, wanted
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.stage.calls import ALERT, ENVIRONMENT, QUEUE, Call
from conformance.stage.observing import through_relay
from conformance.stage.play import Stage, answered
from conformance.stage.post import Queue
from conformance.stage.shelf import CREATE, DELETE, UPDATE
from conformance.trees import collection, folded
from conformance.verifies import verifies


def event(stage: Stage, zone: str, action: str, element: etree._Element) -> str:
    """Tell of one student; the id of the message."""
    body = trees.tostring(collection(SERVICE, [element]))
    stage.hub.tell(zone, SERVICE, action, body)
    return str(stage.hub.post.subscribed(SERVICE, zone)[-1].messages[-1][0])


def shown(stage: Stage, zone: str, element: etree._Element) -> etree._Element:
    """What the document of the zone grants of a student."""
    return stage.hub.shown(stage.hub.places[zone], [element])[0]


def renamed(element: etree._Element, given: str) -> etree._Element:
    """A copy with another given name."""
    made = deepcopy(element)
    name = trees.child(made, "name", "givenName")
    assert name is not None
    name.text = given
    return made


def bare(element: etree._Element, *names: str) -> etree._Element:
    """A copy with its id and these parts only."""
    made = deepcopy(element)
    for one in [one for one in made if trees.local(one) not in names]:
        made.remove(one)
    return made


def row(stored: ReadBack, refid: str) -> dict[str, str] | None:
    """What the vendor shows of a student."""
    rows = stored.table("users")
    return next((dict(one) for one in rows if folded(one["sourcedId"]) == folded(refid)), None)


@verifies("DAT-CON-053")
def check_events_are_applied_in_their_order(stage: Stage, stored: ReadBack) -> None:
    """A new student, renamed twice, shows the last name; a deleted one is gone."""
    (zone, *_) = subscribed(stage)
    first, other = (shown(stage, zone, stage.newcomer(zone)) for _ in range(2))
    for one in (first, other):
        event(stage, zone, CREATE, one)
    for name in ("Ada", "Berta"):
        event(stage, zone, UPDATE, bare(renamed(first, name), "name"))
    last = event(stage, zone, DELETE, bare(other))
    calls = polls(fetched(stage, last))
    found = row(stored, trees.refid(first))
    seen = found["givenName"] if found else "no such student"
    expect.equal(seen, "Berta", "given name after two changes", calls[-1].message)
    gone = row(stored, trees.refid(other)) is None
    expect.true(gone, "a deleted student is gone", calls[-1].message, "it is there")


@verifies("DAT-CON-054")
def check_a_partial_update_leaves_the_rest(stage: Stage, stored: ReadBack) -> None:
    """A change of the name leaves the local id as it was."""
    (zone, *_) = subscribed(stage)
    student = shown(stage, zone, stage.newcomer(zone))
    event(stage, zone, CREATE, student)
    last = event(stage, zone, UPDATE, bare(renamed(student, "Carla"), "name"))
    calls = polls(fetched(stage, last))
    found = row(stored, trees.refid(student)) or {}
    local = trees.text(student, "localId")
    if not found:
        raise NotVerified("the new student does not show")
    expect.equal(found.get("identifier", ""), local, "local id afterwards", calls[-1].message)


@verifies("DAT-CON-055", negative=True)
def check_an_event_that_comes_again_changes_nothing(stage: Stage, stored: ReadBack) -> None:
    """A creation and two changes come twice: one student with the last name, the next is read."""
    (zone, *_) = subscribed(stage)
    student, other = (shown(stage, zone, stage.newcomer(zone)) for _ in range(2))

    def told() -> str:
        event(stage, zone, CREATE, student)
        event(stage, zone, UPDATE, bare(renamed(student, "Dora"), "name"))
        return event(stage, zone, UPDATE, bare(renamed(student, "Edda"), "name"))

    fetched(stage, told())
    if (row(stored, trees.refid(student)) or {}).get("givenName") != "Edda":
        raise NotVerified("the student does not show as it was told the first time")
    told()
    last = event(stage, zone, CREATE, other)
    calls = polls(fetched(stage, last))
    refid = folded(trees.refid(student))
    names = [one["givenName"] for one in stored.table("users") if folded(one["sourcedId"]) == refid]
    expect.equal(names, ["Edda"], "given names of the student", calls[-1].message)
    read = row(stored, trees.refid(other)) is not None
    expect.true(read, "the event behind it is taken", calls[-1].message, "it is not")


# -- delayed answers -------------------------------------------------------------------------


def delayed(calls: list[Call]) -> list[Call]:
    """The delayed requests."""
    return [one for one in calls if one.asked.headers.get("requestType").upper() == "DELAYED"]


def asked_later(stage: Stage) -> list[Call]:
    """The calls of a round with at least one delayed request."""
    ready(stage)
    calls = stage.synchronise() + stage.synchronise(silence=True)
    wanted(delayed(calls), "delayed request")
    return calls


@through_relay
@verifies("DAT-CON-060")
def check_a_delayed_request_names_queue_and_id(stage: Stage) -> None:
    """A delayed request has the id of a queue of the client, and a requestId."""
    calls = delayed(asked_later(stage))
    for call in calls:
        expect.true(bool(call.asked.says("requestId")), "requestId is told", call.message, "none")
        known = {trees.refid(one) for one in own_queues(stage.life())}
        known |= set() if stage.relayed else set(stage.hub.post.queues)
        expect.one_of(call.asked.says("queueId"), known, "queueId", call.message)


@through_relay
@verifies("INF-DLY-009")
def check_delayed_requests_have_ids_of_their_own(stage: Stage) -> None:
    """No two delayed requests have the same requestId."""
    known: set[str] = set()
    for call in delayed(asked_later(stage)):
        told = call.asked.says("requestId")
        fresh = told not in known
        expect.true(fresh, "the requestId was not used before", call.message, "it was")
        known.add(told)


@through_relay
@verifies("DAT-CON-062")
def check_delayed_answers_are_fetched(stage: Stage) -> None:
    """The answers to delayed requests do not stay in the queue."""
    calls = asked_later(stage)
    marks = {one.asked.says("requestId") for one in delayed(calls)}
    calls += stage.synchronise(silence=True)

    def answers() -> list[Call]:
        return [one for one in polls(calls) if one.given.line("requestId") in marks]

    deadline = time.monotonic() + stage.config.consumer.wait_seconds
    while stage.relayed and len(answers()) < 2 and time.monotonic() < deadline:
        # Another hub may take its time; the answer before the last must be deleted by then.
        stage.watch(lambda _: False, min(1.0, stage.config.consumer.poll_seconds))
        calls += stage.synchronise(silence=True)
    found, gone = answers(), {deleted(one) for one in polls(calls)}
    if stage.relayed and not found:
        raise NotVerified("the hub put no delayed answer into the queue in time")
    if stage.relayed:
        found = [one for one in found if one is not polls(calls)[-1]]
    expect.true(bool(found), "an answer is fetched", calls[-1].message, "none was")
    for call in found:
        expect.true(handed(call) in gone, "the answer is deleted", call.message, "it is not")


@verifies("DAT-CON-061", negative=True)
def check_an_answer_to_nobody_is_not_taken(stage: Stage, stored: ReadBack) -> None:
    """An answer whose requestId was never sent is deleted, and its students are not stored."""
    calls = asked_later(stage)
    (zone, *_) = stage.zones
    student = shown(stage, zone, stage.newcomer(zone))
    body = trees.tostring(collection(SERVICE, [student]))
    lines = (
        ("messageType", "RESPONSE"), ("requestId", "11111111-2222-4333-8444-555555555555"),
        ("responseAction", "QUERY"), ("serviceType", "OBJECT"), ("serviceName", SERVICE),
        ("zoneId", zone), ("contextId", "DEFAULT"),
    )  # fmt: skip
    queue = newest_queue(stage)
    last = queue.put(lines, body, zone)
    calls = fetched(stage, last)
    if not any(handed(one) == last for one in polls(calls)):
        raise NotVerified("the client did not fetch the message")
    found = row(stored, trees.refid(student)) is not None
    expect.true(not found, "what nobody asked for is not stored", calls[-1].message, "it is")


def newest_queue(stage: Stage) -> Queue:
    """The queue that the client made last; NotVerified where it made none."""
    if not stage.hub.post.queues:
        raise NotVerified("the client has no queue")
    return list(stage.hub.post.queues.values())[-1]


@verifies("NEG-045", negative=True)
def check_a_delayed_error_is_no_error_of_the_queue(stage: Stage) -> None:
    """An error comes as a message: it is deleted, and neither queue nor session is made anew."""
    asked_later(stage)
    lines = (
        ("messageType", "ERROR"), ("requestId", "11111111-2222-4333-8444-555555555556"),
        ("serviceType", "OBJECT"), ("serviceName", SERVICE), ("zoneId", stage.zones[0]),
    )  # fmt: skip
    queue = newest_queue(stage)
    body = stage.error(404, "There is no such zone.")
    last = queue.put(lines, body, stage.zones[0])
    calls = fetched(stage, last)
    seen = [one for one in polls(calls) if handed(one) == last]
    if not seen:
        raise NotVerified("the client did not fetch the message")
    begun = [one for one in calls if one.given.kind in (ENVIRONMENT, QUEUE)]
    begun = [one for one in begun if one.asked.method == "POST"]
    message = begun[0].message if begun else seen[-1].message
    expect.true(not begun, "neither queue nor session is made anew", message, "one is")
    gone = any(deleted(one) == last for one in polls(calls))
    expect.true(gone, "the error is deleted like any message", seen[-1].message, "it is not")


# -- alerts ----------------------------------------------------------------------------------


def alerts(stage: Stage) -> list[Call]:
    """The alerts after a message that is no XML."""
    (zone, *_) = subscribed(stage)
    stage.hub.tell(zone, SERVICE, CREATE, BROKEN)
    last = str(stage.hub.post.subscribed(SERVICE, zone)[-1].messages[-1][0])
    return raised(fetched(stage, last))


def raised(calls: list[Call]) -> list[Call]:
    """The alerts among these calls."""
    return [one for one in calls if one.given.kind == ALERT]


@verifies("INF-ALR-006", negative=True)
def check_a_message_that_cannot_be_read_is_told(stage: Stage) -> None:
    """A message that is no XML leads to an alert."""
    found = alerts(stage)
    expect.true(bool(found), "an alert is raised", None, "none was")
    expect.xml(found[0].message, "alert")


@verifies("INF-ALR-004")
def check_an_alert_has_category_and_code(stage: Stage) -> None:
    """The alert has a reporter, the level, a category, and a code that is an HTTP status."""
    for call in wanted(alerts(stage), "alert"):
        root = document(call)
        expect.true(root is not None, "an alert is XML", call.message, "it is not")
        assert root is not None
        if trees.text(root, "level") != "ERROR":
            continue
        category, code = trees.text(root, "category"), trees.text(root, "code")
        expect.true(category.isdigit(), "category is a number", call.message, category or "none")
        status = code.isdigit() and 400 <= int(code) < 600
        expect.true(status, "code is a status of an error", call.message, code or "none")


@verifies("INF-ALR-005")
def check_a_message_in_an_alert_is_text(stage: Stage) -> None:
    """The body of the alert holds no elements: the message in it is escaped."""
    for call in wanted(alerts(stage), "alert"):
        root = document(call)
        expect.true(root is not None, "the alert can be read", call.message, "it cannot")
        assert root is not None
        body = trees.child(root, "body")
        plain = body is None or len(body) == 0
        expect.true(plain, "the body of the alert is text", call.message, "it has elements")


@verifies("INF-EVT-013", negative=True)
def check_an_unknown_object_is_told_once(stage: Stage) -> None:
    """Deletions and changes of students that nobody knows lead to alerts, one for each."""
    (zone, *_) = subscribed(stage)
    unknown = shown(stage, zone, stage.newcomer(zone))
    ids = [event(stage, zone, DELETE, bare(unknown)), event(stage, zone, UPDATE, bare(unknown))]
    calls = fetched(stage, ids[-1])
    found = raised(calls)
    message = polls(calls)[-1].message
    expect.true(bool(found), "an alert is raised", message, "none was")
    few = len(found) <= len(ids)
    expect.true(few, "no more alerts than bad events", found[-1].message, str(len(found)))
    started = time.monotonic()
    later = raised(stage.synchronise(answered, silence=True))
    took = f"{len(later)} more in {time.monotonic() - started:.0f} s"
    expect.true(not later, "the same is not told again", found[-1].message, took)
