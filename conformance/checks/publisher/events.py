"""The events of a publisher: header lines, payload, one action and one type of object each."""

from __future__ import annotations

from conformance import expect, trees
from conformance.checks.publisher.changes import of
from conformance.checks.publisher.looking import by_way, every_message
from conformance.problems import NotVerified
from conformance.stage.calls import Call
from conformance.stage.counter import ACTIONS
from conformance.stage.desk import Desk
from conformance.stage.sendings import action, events, inside
from conformance.stage.shelf import CREATE, DELETE, UPDATE
from conformance.verifies import verifies


def told(desk: Desk) -> list[Call]:
    """The events of the run, at least one."""
    found = events(every_message(desk))
    if not found:
        raise NotVerified("no event came")
    return found


@verifies("INF-EVT-003")
def check_events_say_what_they_are(desk: Desk) -> None:
    """An event names itself, its moment, its service and what was done, in the words of SIF."""
    for call in told(desk):
        expect.header(call.message, "messageType", "EVENT")
        expect.uuid(call.asked.headers.get("messageId"), "messageId", call.message)
        expect.matches(call.message, "timestamp", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*", "a time")
        expect.header(call.message, "eventAction", ACTIONS)
        expect.header(call.message, "serviceName", desk.waits.services)
        if "serviceType" in call.asked.headers:
            expect.header(call.message, "serviceType", "OBJECT")


@verifies("INF-ZON-009")
def check_events_name_their_zone_in_a_header(desk: Desk) -> None:
    """An event has the header zoneId; contextId is DEFAULT or left out."""
    for call in told(desk):
        expect.header(call.message, "zoneId", tuple(desk.zones.values()))
        if "contextId" in call.asked.headers:
            context = desk.config.endpoint.context or "DEFAULT"
            expect.header(call.message, "contextId", context)


@verifies("INF-EVT-004", "NEG-048")
def check_events_carry_the_collection(desk: Desk) -> None:
    """The payload of an event is the collection of its service, also around a single object."""
    for call in told(desk):
        expect.xml(call.message, call.asked.headers.get("serviceName"))
        expect.true(bool(inside(call)), "the collection holds an object", call.message, "none")


@verifies("INF-FMT-015")
def check_events_are_xml(desk: Desk) -> None:
    """The body of an event is XML and labelled as XML."""
    for call in told(desk):
        expect.content_type(call.message, "application/xml", "text/xml")
        named = trees.namespace(call.message.object)
        expect.true(bool(named), "the body is XML in a namespace", call.message, "none")


@verifies("INF-EVT-005")
def check_events_carry_what_their_action_needs(desk: Desk) -> None:
    """A new object comes whole, a changed one with its id, a deleted one as its id only."""
    life = desk.life()
    for sent in by_way(desk, of(life.added, CREATE), "provide"):
        there = sent.says(life.person.family_name) and bool(sent.refid)
        expect.true(there, "the new object is whole, with its id", sent.call.message)
    for sent in by_way(desk, of(life.changed, UPDATE), "provide"):
        expect.true(bool(sent.refid), "the changed object has its id", sent.call.message)
    for sent in by_way(desk, of(life.deleted, DELETE), "provide"):
        bare = not len(sent.element) and bool(sent.refid)
        expect.true(bare, "a deletion holds the id only", sent.call.message, "more, or no id")


@verifies("INF-EVT-006")
def check_replacement_stands_on_updates_only(desk: Desk) -> None:
    """The header replacement stands on updates only, and says PARTIAL or FULL."""
    for call in told(desk):
        if action(call) == UPDATE and "replacement" in call.asked.headers:
            expect.header(call.message, "replacement", ("PARTIAL", "FULL"))
        elif action(call) != UPDATE:
            expect.absent(call.message, "replacement")


@verifies("INF-EVT-007")
def check_events_hold_one_type_of_object(desk: Desk) -> None:
    """All objects of an event are of the type that its service is made of."""
    for call in told(desk):
        names = {trees.local(one) for one in inside(call)}
        service = call.asked.headers.get("serviceName")
        expect.equal(len(names), 1, "types of object in the event", call.message)
        fits = service.startswith(min(names)[:-1])
        expect.true(fits, f"the objects are of {service}", call.message, min(names))


@verifies("INF-EVT-008")
def check_every_change_of_its_own_is_published(desk: Desk) -> None:
    """What people change in the system, new, changed and deleted, each leads to an event."""
    life = desk.life()
    life.heard("change")
    life.heard("delete")
    made = (("new", life.added, CREATE), ("changed", life.changed, UPDATE),
            ("deleted", life.deleted, DELETE))  # fmt: skip
    for what, sent, wanted in made:
        found = of(by_way(desk, sent, "provide"), wanted)
        last = sent[-1].call.message if sent else None
        expect.true(bool(found), f"an event tells of the {what} student", last, "none came")
