"""The queue of a client: made, subscribed, read in order, each message deleted once."""

from __future__ import annotations

from lxml import etree

from conformance import expect, trees
from conformance.checks.consumer.seen import document, ready, steps, to, wanted
from conformance.problems import NotApplicable, NotVerified
from conformance.stage.calls import MESSAGES, QUEUE, SUBSCRIPTION, Call
from conformance.stage.observing import through_relay
from conformance.stage.play import Stage, answered
from conformance.stage.shelf import CREATE
from conformance.trees import collection
from conformance.verifies import verifies

SERVICE = "xStudents"
# So many calls to a queue show what becomes of pauses between them.
POLLS = 4
BROKEN = b"<xStudents><xStudent></xStudents>"


def subscribed(stage: Stage, service: str = SERVICE) -> list[str]:
    """The zones whose events of a service the client gets; else nothing can be told."""
    ready(stage)
    found = [zone for zone in stage.zones if stage.hub.post.subscribed(service, zone)]
    if not found:
        raise NotVerified(f"no queue of the client is subscribed to {service}")
    return found


def polls(calls: list[Call]) -> list[Call]:
    """The calls to the messages of a queue."""
    return [one for one in calls if one.given.kind == MESSAGES]


def handed(call: Call) -> str:
    """The id of the message that a call brought."""
    return call.given.line("messageId") if call.given.status == 200 else ""


def deleted(call: Call) -> str:
    """The id of the message that a call deletes."""
    if call.asked.method == "DELETE" and steps(call)[-1:] != steps(call)[1:2]:
        return call.asked.given.get("deleteMessageId", "") or steps(call)[-1]
    return call.asked.given.get("deleteMessageId", "")


def events(stage: Stage, count: int = 2, service: str = SERVICE) -> list[str]:
    """Put new students as events into the queue; the ids of the messages."""
    (zone, *_) = subscribed(stage, service)
    return [tell_new(stage, zone) for _ in range(count)]


def tell_new(stage: Stage, zone: str) -> str:
    """An event of a student that is new; the id of the message."""
    student = stage.newcomer(zone)
    stage.hub.history.change(zone, CREATE, student)
    shown = stage.hub.shown(stage.hub.places[zone], [student])
    stage.hub.tell(zone, SERVICE, CREATE, trees.tostring(collection(SERVICE, shown)))
    return str(stage.hub.post.subscribed(SERVICE, zone)[-1].messages[-1][0])


def fetched(stage: Stage, last: str) -> list[Call]:
    """The calls until the message of this id was fetched and the queue was empty again."""
    done = lambda some: any(handed(one) == last for one in some) and answered(some)  # noqa: E731
    calls = stage.synchronise(done)
    if not polls(calls):
        raise NotVerified("the client did not read its queue")
    return calls + stage.watch(lambda _: False)


@through_relay
@verifies("INF-QUE-021")
def check_messages_are_fetched_where_the_queue_says(stage: Stage) -> None:
    """The queue is read at its queueUri, which looks like nothing that could be put together."""
    if not stage.relayed:
        events(stage)
    calls = stage.life() if stage.relayed else stage.synchronise()
    found = [one for one in calls if one.given.kind in (MESSAGES, QUEUE)]
    found = [one for one in found if one.asked.method == "GET"]
    for call in wanted(found, "call to its queue"):
        place = "/".join(steps(call)[:1])
        expect.equal(place, "mail", "first step of the address of messages", call.message)


def own_queues(calls: list[Call]) -> list[etree._Element]:
    """The queues that the hub described to the client."""
    found = [one.given for one in to(calls, "queues") if one.given.kind == QUEUE]
    return [trees.parse(one.body) for one in found if one.status in (200, 201) and one.body]


@through_relay
@verifies("DAT-CON-050")
def check_each_service_is_subscribed_once(stage: Stage) -> None:
    """A subscription names service, type and a queue of the client; none is made twice."""
    made = {trees.refid(one) for one in own_queues(stage.life())}
    found = [one for one in to(stage.life(), "subscriptions") if one.asked.method == "POST"]
    known: set[tuple[str, ...]] = set()
    for call in wanted(found, "subscription"):
        root = document(call)
        expect.true(root is not None, "a subscription is XML", call.message, "it is not")
        assert root is not None
        names = ("zoneId", "contextId", "serviceType", "serviceName", "queueId")
        told = tuple(trees.text(root, name) for name in names)
        expect.one_of(told[2], ("OBJECT", "UTILITY", "FUNCTIONAL"), "serviceType", call.message)
        right = "OBJECT" if told[3] == SERVICE else told[2]
        expect.equal(told[2], right, f"serviceType of {told[3]}", call.message)
        expect.one_of(told[4], made, "queueId", call.message)
        expect.one_of(told[0], ("", *stage.zones), "zoneId", call.message)
        expect.true(told not in known, "a subscription is made once", call.message, "twice")
        known.add(told)
        expect.equal(call.given.kind, SUBSCRIPTION, "what was asked for", call.message)


def polls_of_the_run(stage: Stage) -> list[Call]:
    """Every call to a queue behind a relay, from the first message on that the hub gave."""
    stage.life()
    stage.synchronise()
    calls = polls(stage.calls(of_the_run=True))
    first = next((at for at, one in enumerate(calls) if handed(one)), 0)
    return calls[first:]


@through_relay
@verifies("DAT-CON-051")
def check_each_message_is_deleted_by_its_id(stage: Stage) -> None:
    """After a message its id is deleted, by the next call or the one after, and no other id."""
    ids = [] if stage.relayed else events(stage, 3)
    calls = polls_of_the_run(stage) if stage.relayed else polls(fetched(stage, ids[-1]))
    gone = [deleted(one) for one in calls if deleted(one)]
    brought = [one for one in calls if handed(one)]
    if stage.relayed:
        # The next call to a queue may come after the run.
        last = {steps(one): one for one in calls}
        brought = [one for one in brought if one is not last[steps(one)]]
    if not brought:
        raise NotVerified("the hub put no message into the queue; let something change there")
    for call in brought:
        expect.true(handed(call) in gone, "the message is deleted", call.message, "it is not")
    known = {handed(one) for one in calls}
    for call in [one for one in calls if deleted(one)]:
        expect.one_of(deleted(call), known, "id that is deleted", call.message)
    if stage.relayed:
        return
    left = [one for queue in stage.hub.post.queues.values() for one in queue.messages]
    left = [one for one in left if one[0] in ids]
    expect.equal(len(left), 0, "messages that still wait", calls[-1].message)


@verifies("NEG-047", negative=True)
def check_no_message_is_deleted_twice(stage: Stage) -> None:
    """A deletion is answered 404: it is not sent again, and the messages behind it are read."""
    ids = events(stage, 2)
    stage.hub.post.forgetful = True
    calls = fetched(stage, ids[-1])
    if not any(one.given.status == 404 for one in polls(calls)):
        raise NotVerified("the client deleted no message")
    if not any(handed(one) == ids[-1] for one in calls):
        calls += stage.synchronise(silence=True)
    gone: list[str] = []
    for call in [one for one in polls(calls) if deleted(one)]:
        fresh = deleted(call) not in gone
        expect.true(fresh, "a message is deleted once", call.message, "twice")
        gone.append(deleted(call))
    read = any(handed(one) == ids[-1] for one in polls(calls))
    expect.true(read, "the next message is read", polls(calls)[-1].message, "it is not")


@verifies("NEG-042", negative=True)
def check_a_bad_message_is_put_aside(stage: Stage) -> None:
    """A message that is no XML is fetched a few times at most; the one behind it is read."""
    (zone, *_) = subscribed(stage)
    stage.hub.tell(zone, SERVICE, CREATE, BROKEN)
    bad = str(stage.hub.post.subscribed(SERVICE, zone)[-1].messages[-1][0])
    good = tell_new(stage, zone)
    calls = fetched(stage, good)
    if not any(handed(one) == good for one in polls(calls)):
        calls += stage.synchronise(silence=True)
    seen = [one for one in polls(calls) if handed(one) == bad]
    if not seen:
        raise NotVerified("the client did not fetch the bad message")
    most = stage.config.consumer.most_tries
    few = len(seen) <= most
    expect.true(few, f"fetched at most {most} times", seen[-1].message, str(len(seen)))
    read = any(handed(one) == good for one in polls(calls))
    expect.true(read, "the message behind it is read", seen[-1].message, "it is not")


@verifies("DAT-CON-052", negative=True)
def check_a_lost_queue_is_made_anew(stage: Stage) -> None:
    """The queue is gone, 404: another one is made in two rounds, with its subscriptions."""
    subscribed(stage)
    stage.hub.post.clear()
    calls = stage.synchronise()
    if not any(one.given.status == 404 and one.given.kind == QUEUE for one in calls):
        raise NotVerified("the client did not read its queue")
    if not stage.hub.post.subscribed(SERVICE):
        calls += stage.synchronise(silence=True)
    fine = bool(stage.hub.post.subscribed(SERVICE))
    expect.true(fine, "a queue with its subscriptions is made", calls[-1].message, "it is not")


def waiting(stage: Stage) -> list[Call]:
    """The calls of several rounds to a queue that wants a pause of a second."""
    ready(stage)
    stage.behave(min_wait=1)
    stage.hub.forget()
    calls = stage.synchronise(order="restart")
    if len(polls(calls)) < POLLS:
        calls += stage.synchronise(silence=True)
    # The checks behind this one shall not wait so long.
    stage.behave()
    stage.hub.forget()
    return polls(calls)


def rounds(stage: Stage) -> list[Call]:
    """Those calls, made for the first check that looks at them."""
    return stage.once("a queue that wants a pause", lambda: waiting(stage))


@through_relay
@verifies("INF-QUE-011")
def check_an_empty_queue_is_left_alone(stage: Stage) -> None:
    """After 204 the minWaitTime of one second passes before the queue is read again."""
    if not stage.relayed:
        after(rounds(stage), 204)
        return
    life = stage.life()
    told = [trees.text(one, "minWaitTime") for one in own_queues(life)]
    seconds = max((int(one) for one in told if one.isdigit()), default=0)
    if not seconds:
        raise NotApplicable("the queue of the hub asks for no pause")
    after(polls(life + stage.synchronise()), 204, seconds)


@verifies("NEG-046", negative=True)
def check_a_busy_queue_is_left_alone(stage: Stage) -> None:
    """A queue that was read too early and said so is not read again at once."""
    calls = rounds(stage)
    if not any(one.given.status == 204 for one in calls):
        raise NotVerified("the client did not read an empty queue")
    after(calls, 503)


def after(calls: list[Call], status: int, seconds: int = 1) -> None:
    """After an answer with this status so many seconds pass before the next call."""
    if len(calls) < 2:
        raise NotVerified("the client did not read its queue a second time")
    for at, call in enumerate(calls[:-1]):
        if call.given.status == status and not deleted(calls[at + 1]):
            took = calls[at + 1].moment - call.moment
            long = took >= 0.9 * seconds
            what = f"a pause of {seconds} s"
            expect.true(long, what, calls[at + 1].message, f"{took:.2f} s")
