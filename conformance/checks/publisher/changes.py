"""Changes and deletions: the right object, the new value, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from conformance import expect, trees
from conformance.checks.publisher.looking import arrived
from conformance.stage.calls import EVENT
from conformance.stage.desk import Desk
from conformance.stage.sendings import Sent
from conformance.stage.shelf import CREATE, DELETE, UPDATE
from conformance.verifies import verifies


def of(sent: Iterable[Sent], action: str) -> list[Sent]:
    """The objects that were sent with this action."""
    return [one for one in sent if one.action == action]


@verifies("DAT-PUB-020")
def check_a_change_is_sent_with_its_new_value(desk: Desk) -> None:
    """After the given name of a student was changed, an update with the new name is sent."""
    life = desk.life()
    life.heard("change")
    updates = of(life.changed, UPDATE)
    last = desk.calls()[-1].message
    expect.true(bool(updates), "an update is sent", last, "none came")
    for sent in updates:
        there = sent.says(life.renamed.given_name)
        expect.true(there, "the update holds the new given name", sent.call.message)


@verifies("DAT-PUB-021")
def check_only_what_changed_is_sent_again(desk: Desk) -> None:
    """One changed student leads to messages about this student only."""
    person = desk.person()
    desk.enrol(person)
    own = {trees.folded(refid) for _, _, refid in desk.keys(person)}
    mark = len(desk.calls())
    desk.rename(person, f"{person.given_name}-Rosa")
    for sent in desk.sent(desk.calls()[mark:]):
        same = trees.folded(sent.refid) in own
        expect.true(same, "the message is about the changed student", sent.call.message)


@verifies("DAT-PUB-022")
def check_an_update_holds_what_changed(desk: Desk) -> None:
    """A partial update holds the id and the elements that changed, and leaves the rest out."""
    life = desk.life()
    whole = {trees.local(child) for one in of(life.added, CREATE) for child in one.element}
    for sent in of(life.changed, UPDATE):
        event = sent.call.given.kind == EVENT
        full = sent.call.asked.headers.get("replacement").upper() == "FULL"
        # A request may carry the whole object; an event says when it does.
        if full if event else whole <= {trees.local(child) for child in sent.element}:
            continue
        for child in sent.element:
            moved = any(value == life.renamed.given_name for _, value in trees.leaves(child))
            expect.true(moved, f"{trees.local(child)} changed", sent.call.message, "it did not")


@verifies("DAT-PUB-023")
def check_a_deletion_is_about_the_student_that_left(desk: Desk) -> None:
    """A deleted student is deleted at the hub by its id, and no other object is."""
    person = desk.person()
    desk.enrol(person)
    own, mark = {trees.folded(refid) for _, _, refid in desk.keys(person)}, len(desk.calls())
    sent = desk.remove(person)
    gone = of(desk.sent(desk.calls()[mark:]), DELETE)
    last = sent[-1].call.message if sent else None
    expect.true(bool(gone), "the deletion is sent", last, "none came")
    for one in gone:
        same = trees.folded(one.refid) in own
        expect.true(same, "the id is that of the student", one.call.message, "another one")
    expect.equal(arrived(desk, person), [], "zones that still hold the student", last)


@verifies("DAT-PUB-024", negative=True)
def check_what_is_known_is_not_sent_as_new(desk: Desk) -> None:
    """When nothing changed, the hub is not told of new or deleted objects."""
    calls = desk.let("publish")
    for sent in desk.sent(calls):
        known = sent.action not in (CREATE, DELETE) or not sent.taken
        expect.true(known, "nothing new is made without news", sent.call.message, sent.action)
