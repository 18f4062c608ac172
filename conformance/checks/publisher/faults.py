"""A hub that is slow, busy, broken, or cut off: nothing is lost, and nothing is there twice."""

from __future__ import annotations

from itertools import pairwise

from conformance import expect
from conformance.checks.publisher.looking import arrived, creations
from conformance.problems import NotVerified
from conformance.stage.calls import Call
from conformance.stage.desk import Desk, Person, names
from conformance.stage.sendings import Sent, events, messages
from conformance.stage.trouble import Trouble
from conformance.verifies import verifies

LASTING = 10_000


def about(desk: Desk, person: Person) -> list[Sent]:
    """The new objects about a student since the check began."""
    made = creations(desk.sent(desk.recent()))
    return [one for one in made if names(one.element, person)]


def met(desk: Desk, trouble: Trouble, person: Person) -> list[Sent]:
    """A student is entered while the hub is in trouble; what was sent about it."""
    times = trouble.left
    with desk.troubled(trouble):
        desk.let("add", person, until=lambda _: len(arrived(desk, person)) == len(desk.zones))
        desk.rest()
    desk.struck(trouble, times)
    made = about(desk, person)
    if not made:
        raise NotVerified("the student did not come")
    return made


def in_every_zone(desk: Desk, person: Person, message: Sent) -> None:
    """The hub holds the student wherever it should."""
    found, all_of_them = arrived(desk, person), sorted(desk.zones.values())
    expect.equal(found, all_of_them, "zones that hold the student", message.call.message)


def one_of_each(desk: Desk, person: Person, made: list[Sent]) -> None:
    """All attempts in a zone name one id, and the hub holds one object there."""
    first: dict[str, Sent] = {}
    for one in made:
        known = first.setdefault(one.zone, one)
        expect.same_id(one.refid, known.refid, "id of the object", one.call.message)
    in_every_zone(desk, person, made[-1])
    expect.equal(len(desk.keys(person)), len(desk.zones), "objects held", made[-1].call.message)


@verifies("DAT-PUB-040", negative=True)
def check_an_unclear_answer_makes_no_second_object(desk: Desk) -> None:
    """The connection is cut after the hub took the object: it is sent under the same id or not."""
    person = desk.person()
    one_of_each(desk, person, met(desk, Trouble(left=1, cut=True), person))
    after = desk.person()
    desk.enrol(after)
    in_every_zone(desk, after, about(desk, person)[-1])


@verifies("DAT-PUB-048", negative=True)
def check_half_an_answer_makes_no_second_object(desk: Desk) -> None:
    """The answer is cut in its middle, the object was taken: none comes under another id."""
    person = desk.person()
    one_of_each(desk, person, met(desk, Trouble(left=1, half=True), person))


@verifies("DAT-PUB-047", negative=True)
def check_a_web_page_is_no_success(desk: Desk) -> None:
    """A message is answered 200 with a web page, by a proxy: it is sent again, under its id."""
    person = desk.person()
    trouble = Trouble(left=1, garbage=True)
    with desk.troubled(trouble):
        desk.let("add", person)
        desk.rest()
    desk.struck(trouble, 1)
    made = about(desk, person)
    if not made:
        raise NotVerified("the student did not come")
    desk.let("publish", until=lambda _: len(arrived(desk, person)) == len(desk.zones))
    one_of_each(desk, person, made)


@verifies("DAT-PUB-041", negative=True)
def check_a_slow_answer_makes_no_second_object(desk: Desk) -> None:
    """The hub takes its time to answer: the object is not sent under another id meanwhile."""
    person = desk.person()
    made = met(desk, Trouble(left=1, wait=desk.waits.slow_seconds), person)
    one_of_each(desk, person, made)


def paused(desk: Desk, status: int) -> None:
    """A busy hub names a pause: nothing comes before it is over, and then the object does."""
    seconds, person = desk.waits.retry_after_seconds, desk.person()
    made = met(desk, Trouble(left=1, status=status, retry_after=f"{seconds:g}"), person)
    calls = messages(desk.recent())
    place = next(at for at, one in enumerate(calls) if one.given.status == status)
    refusal = calls[place]
    for later in calls[place + 1 : place + 2]:
        took = later.moment - refusal.moment
        expect.true(took >= 0.9 * seconds, f"a pause of {seconds:g} s", later.message,
                    f"{took:.2f} s")  # fmt: skip
    in_every_zone(desk, person, made[-1])


@verifies("DAT-PUB-042", negative=True)
def check_a_busy_hub_gets_its_pause(desk: Desk) -> None:
    """503 with Retry-After: the next message comes after the pause, with what was refused."""
    paused(desk, 503)


@verifies("DAT-PUB-043", negative=True)
def check_too_many_requests_lead_to_a_pause(desk: Desk) -> None:
    """429 with Retry-After: the next message comes after the pause, with what was refused."""
    paused(desk, 429)


def broken(desk: Desk, person: Person) -> list[Call]:
    """A student is entered while the hub answers 500 to everything; the messages that came."""
    trouble = Trouble(left=LASTING, status=500)
    with desk.troubled(trouble):
        desk.let("add", person)
        desk.rest()
    desk.struck(trouble, LASTING)
    return messages(desk.recent())


@verifies("DAT-PUB-044", negative=True)
def check_a_broken_hub_is_not_hammered(desk: Desk) -> None:
    """The hub answers 500 to everything: few messages come."""
    tried = broken(desk, desk.person())
    most = desk.waits.most_tries * 2 * len(desk.zones)
    expect.true(len(tried) <= most, f"at most {most} messages", tried[-1].message, str(len(tried)))


@verifies("DAT-PUB-049", negative=True)
def check_a_message_refused_for_good_is_not_repeated(desk: Desk) -> None:
    """A message is answered 400 each time: it comes a few times at most, and the next one does."""
    person, other = desk.person(), desk.person()
    with desk.troubled(Trouble(left=LASTING, status=400)):
        desk.let("add", person)
        desk.rest()
    tried = about(desk, person)
    if not tried:
        raise NotVerified("the student did not come")
    most = desk.waits.most_tries * len(desk.zones)
    message = tried[-1].call.message
    expect.true(len(tried) <= most, f"at most {most} messages", message, str(len(tried)))
    desk.enrol(other)
    in_every_zone(desk, other, tried[-1])


@verifies("DAT-PUB-045", negative=True)
def check_nothing_is_lost_while_the_hub_is_broken(desk: Desk) -> None:
    """The hub answered 500 to everything: when it is well again, what was held back is sent."""
    person = desk.person()
    tried = broken(desk, person)
    desk.let("publish", until=lambda _: len(arrived(desk, person)) == len(desk.zones))
    in_every_zone(desk, person, desk.sent(tried)[-1])


@verifies("DAT-PUB-046", negative=True)
def check_an_event_sent_again_keeps_its_message_id(desk: Desk) -> None:
    """The connection is cut after an event: when it is sent again, its messageId is the same."""
    zone, person = desk.zones["provide"], desk.person()
    trouble = Trouble(left=LASTING, cut=True, zone=zone)
    with desk.troubled(trouble):
        desk.let("add", person)
        desk.rest()
    desk.struck(trouble, LASTING)
    tried = [one for one in events(desk.recent()) if one.zone == zone]
    if not tried or "messageId" not in tried[0].asked.headers:
        raise NotVerified("no event with a messageId came")
    for one, other in pairwise(tried):
        if same_object(one, other):
            named = one.asked.headers.get("messageId")
            expect.header(other.message, "messageId", named)


def same_object(one: Call, other: Call) -> bool:
    """Whether two events carry the same bytes."""
    return one.asked.body == other.asked.body
