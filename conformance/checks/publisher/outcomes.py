"""What the hub says of single objects: refused now or for good, there already, gone, renamed."""

from __future__ import annotations

from conformance import expect, trees
from conformance.checks.publisher.looking import arrived, by_way, creations
from conformance.problems import NotApplicable, NotVerified
from conformance.stage.desk import Desk, Person, names
from conformance.stage.sendings import Sent, inside
from conformance.stage.shelf import CREATE
from conformance.stage.trouble import Trouble
from conformance.verifies import verifies

LASTING = 10_000


def attempts(desk: Desk, person: Person) -> list[Sent]:
    """The new objects about a student that were posted since the check began."""
    made = by_way(desk, creations(desk.sent(desk.recent())), "post")
    return [one for one in made if names(one.element, person)]


def refused(
    desk: Desk, person: Person, status: int, times: int = 1, target: Person | None = None
) -> list[Sent]:
    """A student is entered while the hub refuses it, or another one; the attempts to post it."""
    trouble = Trouble(left=times, item_status=status, target=(target or person).local_id)
    with desk.troubled(trouble):
        desk.let("add", person)
        desk.rest()
    desk.struck(trouble, times)
    return attempts(desk, target or person)


@verifies("DAT-PUB-030", negative=True)
def check_an_object_refused_for_now_is_sent_again(desk: Desk) -> None:
    """One object is answered 500, once: it is sent again under its id, and is there in the end."""
    person = desk.person()
    made = refused(desk, person, 500)
    if len(made) < 2:
        desk.let("publish", until=lambda _: len(attempts(desk, person)) > 1)
        made = attempts(desk, person)
    first = made[0]
    expect.true(len(made) > 1, "the object is sent again", first.call.message, "it was not")
    for one in made:
        expect.same_id(one.refid, first.refid, "id of the object", one.call.message)
    there = desk.zones["post"] in arrived(desk, person)
    expect.true(there, "the object is there in the end", made[-1].call.message)


@verifies("DAT-PUB-031", negative=True)
def check_an_object_refused_for_good_is_left(desk: Desk) -> None:
    """One object is answered 400 each time: it is not sent again and again, and others go on."""
    person, other = desk.person(), desk.person()
    made = refused(desk, person, 400, LASTING)
    with desk.troubled(Trouble(left=LASTING, item_status=400, target=person.local_id)):
        sent = desk.enrol(other)
    most = desk.waits.most_tries
    tries = attempts(desk, person)
    message = tries[-1].call.message
    expect.true(len(tries) <= most, f"at most {most} attempts", message, str(len(tries)))
    fine = any(one.taken for one in by_way(desk, sent, "post"))
    expect.true(fine, "the next student is sent all the same", made[0].call.message)


@verifies("DAT-PUB-032", negative=True)
def check_an_object_that_exists_gets_no_second_id(desk: Desk) -> None:
    """One object is answered 409: it is not sent under another id."""
    person = desk.person()
    made = refused(desk, person, 409)
    desk.let("publish")
    for one in attempts(desk, person):
        expect.same_id(one.refid, made[0].refid, "id of the object", one.call.message)


@verifies("DAT-PUB-033", negative=True)
def check_an_object_the_hub_lost_is_sent_whole(desk: Desk) -> None:
    """An update is answered 404: the object is sent whole, under the same id."""
    person = desk.person()
    desk.enrol(person)
    zone = desk.zones["post"]
    lost = [key for key in desk.keys(person) if key[0] == zone]
    if not lost:
        raise NotVerified("the student did not come")
    with desk.counter.lock:
        for key in lost:
            del desk.counter.shelf.objects[key]
    mark = len(desk.calls())
    moved = f"{person.given_name}-Eva"
    renamed = desk.altered(person, given_name=moved)
    desk.let("change", renamed, until=lambda _: zone in arrived(desk, person))
    sent = by_way(desk, desk.sent(desk.calls()[mark:]), "post")
    if not sent:
        raise NotVerified("the change was not sent")
    again = [one for one in sent if one.taken and one.action == CREATE
             and names(one.element, person)]  # fmt: skip
    expect.true(bool(again), "the object is sent whole", sent[-1].call.message, "it was not")
    expect.one_of(again[0].key, lost, "the object", again[0].call.message)
    expect.true(again[0].says(moved), "with its new value", again[0].call.message)


@verifies("DAT-PUB-062")
def check_the_id_that_the_hub_assigns_is_used(desk: Desk) -> None:
    """The hub gives a new object another id: later changes and deletions use that one."""
    person = desk.person()
    zone = desk.zones["post"]
    desk.counter.shelf.assigns = True
    try:
        made = by_way(desk, desk.enrol(person), "post")
    finally:
        desk.counter.shelf.assigns = False
    given = [key for key in desk.keys(person) if key[0] == zone]
    if not made or not given:
        raise NotVerified("the student did not come")
    mark = len(desk.calls())
    renamed = desk.altered(person, given_name=f"{person.given_name}-Ida")
    desk.let("change", renamed)
    desk.let("delete", renamed, until=lambda _: zone not in arrived(desk, person))
    sent = by_way(desk, desk.sent(desk.calls()[mark:]), "post")
    known = {trees.folded(made[0].refid), given[0][2]}
    sent = [one for one in sent if trees.folded(one.refid) in known]
    if not sent:
        raise NotVerified("neither change nor deletion was sent")
    for one in sent:
        expect.same_id(one.refid, given[0][2], "id of the object", one.call.message)


@verifies("DAT-PUB-061", negative=True)
def check_outcomes_are_told_apart_by_the_advisory_id(desk: Desk) -> None:
    """Of two objects one is refused for now, and results come in another order: it comes again."""
    person, other, zone = desk.person(), desk.person(), desk.zones["post"]
    with desk.troubled(Trouble(left=LASTING, status=500, zone=zone)):
        desk.let("add", person)
        desk.rest()
    made = refused(desk, other, 503, target=person)
    both = [one for one in made if one.call.given.status == 200]
    if not both or len(inside(both[0].call)) < 2:
        raise NotApplicable("objects are sent one by one, so there is nothing to tell apart")
    desk.let("publish", until=lambda _: zone in arrived(desk, person))
    last = both[0].call.message
    expect.true(zone in arrived(desk, person), "what was refused comes again", last, "it does not")
    expect.true(zone in arrived(desk, other), "what was taken is there", last, "it is not")


@verifies("DAT-PUB-034", negative=True)
def check_a_message_that_is_too_large_is_cut_down(desk: Desk) -> None:
    """A message with many objects is answered 413: they come in smaller ones, each of them."""
    before = set(desk.counter.shelf.objects)
    with desk.troubled(Trouble(left=LASTING, most=1)):
        calls = desk.let("restart")
        desk.rest()
    large = [one for one in desk.recent() if one.given.status == 413]
    if not large:
        raise NotApplicable("no message had two objects, so none was too large")
    known = {refid for _, _, refid in before}
    asked = {trees.folded(trees.refid(one)) for call in large for one in inside(call)} & known
    done = {trees.folded(one.refid) for one in desk.sent(desk.recent()) if one.taken}
    expect.equal(sorted(asked - done), [], "objects that did not come again", large[0].message)
    expect.true(set(desk.counter.shelf.objects) >= before, "nothing is lost", calls[-1].message)


@verifies("DAT-PUB-035", negative=True)
def check_a_deletion_of_what_is_gone_is_done(desk: Desk) -> None:
    """A deletion is answered 404: it is not sent for ever, and the object is not made again."""
    person, zone = desk.person(), desk.zones["post"]
    desk.enrol(person)
    lost = [key for key in desk.keys(person) if key[0] == zone]
    if not lost:
        raise NotVerified("the student did not come")
    with desk.counter.lock:
        for key in lost:
            del desk.counter.shelf.objects[key]
    mark = len(desk.calls())
    desk.let("delete", person)
    desk.let("publish")
    desk.rest()
    sent = [one for one in by_way(desk, desk.sent(desk.calls()[mark:]), "post") if one.key in lost]
    if not sent:
        raise NotVerified("the deletion did not come")
    most, message = desk.waits.most_tries, sent[-1].call.message
    expect.true(len(sent) <= most, f"at most {most} messages", message, str(len(sent)))
    made = creations(sent)
    expect.equal(len(made), 0, "times the object was made again", message)
