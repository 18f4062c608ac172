"""The readers of a Java consumer: events and delayed answers, on one hub process and on two."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Any

import pytest

from tests.system.flows.au_data import NAMESPACE, new_refid, student, students
from tests.system.flows.conftest import Served
from tests.system.flows.java_framework import Answer, JavaConsumer, Queue

Join = Callable[..., JavaConsumer]
PLACE = ";zoneId=demo-district;contextId=DEFAULT"


@pytest.fixture(scope="module")
def hub(australia: Served) -> Served:
    """A hub that judges by the Australian model, and a worker for what is delayed."""
    return australia


@pytest.fixture(scope="module")
def twin(hub: Served) -> Served:
    """A second hub process on the same store."""
    return hub.again()


@pytest.fixture
def join(hub: Served) -> Join:
    """A new instance of the application, with its environment."""

    def made(**given: Any) -> JavaConsumer:
        consumer = JavaConsumer(hub.url, "javaApp", **given)
        assert consumer.connect().status == 201
        return consumer

    return made


def created(consumer: JavaConsumer, count: int) -> list[str]:
    """The RefIds of students created in one request, in its order."""
    refids = [new_refid() for _ in range(count)]
    body = students(*(student(refid, f"M-{number}") for number, refid in enumerate(refids)))
    url = consumer.requests(f"StudentPersonals{PLACE}")
    answer = consumer.send("POST", url, body, mustuseadvisory="true")
    assert (answer.status, answer.body.count(b'statusCode="201"')) == (200, count)
    return refids


def told(events: list[Answer]) -> list[tuple[str, str]]:
    """Action and RefId of every object in the events, in order."""
    return [
        (event.headers["eventaction"], str(one.get("RefId")))
        for event in events
        for one in event.xml
    ]


@pytest.mark.requirement("INF-QUE-001")
def test_get_then_post_of_queues_and_subscriptions(join: Join) -> None:
    consumer = join()
    first, second = consumer.new_queue(), consumer.new_queue("LONG", idle=7)
    assert (first.longest, first.least) == (0, 1)
    assert (second.longest, second.least) == (7, 0)
    assert consumer.subscribe(first, "StudentPersonals").status == 201
    listed = consumer.send("GET", consumer.services["queues"]).xml
    assert {one.get("id") for one in listed} == {first.id, second.id}
    mine = consumer.send("GET", consumer.services["subscriptions"])
    assert mine.text("queueId") == first.id


@pytest.mark.requirement("INF-EVT-009", "INF-QUE-006", "INF-QUE-010", "INF-QUE-020", "NEG-044")
def test_the_reader_hears_of_every_change_once_and_in_order(join: Join) -> None:
    consumer = join()
    queue = consumer.new_queue()
    consumer.subscribe(queue, "StudentPersonals")
    one, two, three = created(consumer, 3)
    url = consumer.requests(f"StudentPersonals/{two}{PLACE}")
    change = f'<StudentPersonal xmlns="{NAMESPACE}" RefId="{two}"><LocalId>9</LocalId>'
    assert consumer.send("PUT", url, f"{change}</StudentPersonal>").status == 204
    assert consumer.send("DELETE", url).status == 204
    events = list(consumer.read(queue))
    expected = [("CREATE", one), ("CREATE", two), ("CREATE", three)]
    assert told(events) == [*expected, ("UPDATE", two), ("DELETE", two)]
    assert {event.headers["servicename"] for event in events} == {"StudentPersonals"}
    assert [event.headers.get("replacement") for event in events] == [None, None, "FULL", None]


def test_after_204_it_waits_and_is_not_called_busy(join: Join) -> None:
    consumer = join()
    queue = consumer.new_queue()
    assert list(consumer.read(queue)) == []
    consumer.wait(queue)
    assert list(consumer.read(queue)) == []


@pytest.mark.requirement("INF-QUE-011")
def test_who_does_not_wait_is_busy_and_told_without_a_path(join: Join) -> None:
    consumer = join()
    queue = consumer.new_queue()
    assert list(consumer.read(queue)) == []
    # On a slow machine a second may pass between two of them.
    answers = [consumer.send("GET", queue.uri, connectionid="0") for _ in range(5)]
    busy = [answer for answer in answers if answer.status == 503]
    assert busy, [answer.status for answer in answers]
    assert {int(answer.headers["retry-after"]) for answer in busy} == {queue.least}
    assert [answer for answer in busy if "relativeservicepath" in answer.headers] == []


@pytest.mark.requirement("INF-QUE-012")
def test_a_long_queue_answers_when_there_is_something(join: Join) -> None:
    consumer = join()
    queue = consumer.new_queue("LONG", idle=1)
    consumer.subscribe(queue, "StudentPersonals")
    refids = created(consumer, 1)
    began = time.monotonic()
    events = list(consumer.read(queue))
    assert told(events) == [("CREATE", refids[0])]
    assert 0.9 < time.monotonic() - began < 4


def delayed(consumer: JavaConsumer, queue: Queue, path: str, **given: str) -> tuple[Answer, str]:
    """Ask for an answer in the queue; the answer now, and the requestId."""
    request_id = str(uuid.uuid4())
    named = {"requesttype": "DELAYED", "queueid": queue.id, "requestid": request_id}
    return consumer.send("GET", consumer.requests(path), **named, **given), request_id


def waited_for(consumer: JavaConsumer, queue: Queue, count: int) -> list[Answer]:
    """So many messages of the queue, in the consumer's own rhythm."""
    found: list[Answer] = []
    for _ in range(10):
        found += consumer.read(queue)
        if len(found) >= count:
            return found
        consumer.wait(queue)
    raise AssertionError(f"Only {len(found)} messages came.")


@pytest.mark.requirement("INF-DLY-002", "INF-DLY-007")
def test_a_delayed_query_comes_with_all_that_the_reader_looks_at(join: Join) -> None:
    consumer = join()
    queue = consumer.new_queue("LONG", idle=1)
    refid = created(consumer, 1)[0]
    answer, request_id = delayed(consumer, queue, f"StudentPersonals{PLACE}")
    assert (answer.status, answer.body) == (202, b"")
    (message,) = waited_for(consumer, queue, 1)
    expected = {
        "messagetype": "RESPONSE", "requestid": request_id, "responseaction": "QUERY",
        "servicetype": "OBJECT", "servicename": "StudentPersonals", "zoneid": "demo-district",
        "contextid": "DEFAULT", "relativeservicepath": f"StudentPersonals{PLACE}",
    }  # fmt: skip
    assert {name: message.headers.get(name) for name in expected} == expected
    assert refid in {one.get("RefId") for one in message.xml}


@pytest.mark.requirement("INF-PAG-014")
def test_a_delayed_query_in_pages_comes_page_by_page(join: Join) -> None:
    consumer = join()
    queue = consumer.new_queue("LONG", idle=1)
    created(consumer, 5)
    paged = {"navigationpage": "1", "navigationpagesize": "3", "queryintention": "ALL"}
    _, request_id = delayed(consumer, queue, f"StudentPersonals{PLACE}", **paged)
    pages = waited_for(consumer, queue, 2)
    last = int(pages[0].headers["navigationlastpage"])
    assert [page.headers["navigationpage"] for page in pages] == [
        str(number) for number in range(1, last + 1)
    ]
    assert {page.headers["requestid"] for page in pages} == {request_id}
    seen = [one.get("RefId") for page in pages for one in page.xml]
    assert len(seen) == len(set(seen)) == int(pages[0].headers["navigationcount"])


@pytest.mark.parametrize(("notation", "key"), [("pesc", "RefId"), ("goessner", "@RefId")])
def test_a_consumer_of_json_has_its_queue_events_and_answers_in_json(
    join: Join, notation: str, key: str
) -> None:
    consumer, writer = join(notation=notation, infra="3.3"), join()
    queue = consumer.new_queue("LONG", idle=1)
    assert consumer.subscribe(queue, "StudentPersonals").status == 201
    refid = created(writer, 1)[0]
    (event,) = consumer.read(queue)
    delayed(consumer, queue, f"StudentPersonals{PLACE}")
    (answer,) = waited_for(consumer, queue, 1)
    assert [event.text("RefId"), event.headers["messagetype"]] == [refid, "EVENT"]
    listed = answer.json["StudentPersonals"]["StudentPersonal"]
    assert refid in {one[key] for one in listed}
    for message in (event, answer):
        assert message.headers["content-type"] == "application/json"
        assert message.headers["content-profile"].endswith(f"+{notation}")


def test_two_hub_processes_serve_one_reader_without_a_gap(join: Join, twin: Served) -> None:
    consumer = join()
    queue = consumer.new_queue()
    consumer.subscribe(queue, "StudentPersonals")
    refids = created(consumer, 41)
    other = queue.uri.replace(consumer.url, twin.url)
    events = list(consumer.read(queue, cycle((queue.uri, other))))
    assert told(events) == [("CREATE", refid) for refid in refids]
    assert len(events) == 21
    assert len({event.headers["messageid"] for event in events}) == 21


def test_a_repeated_get_on_the_other_process_is_the_same_message(join: Join, twin: Served) -> None:
    consumer = join()
    queue = consumer.new_queue()
    consumer.subscribe(queue, "StudentPersonals")
    created(consumer, 3)
    other = queue.uri.replace(consumer.url, twin.url)
    seen = [consumer.send("GET", url, connectionid="0") for url in (queue.uri, other)]
    assert seen[0].headers["messageid"] == seen[1].headers["messageid"]
    assert seen[0].body == seen[1].body


def test_a_long_reader_on_one_process_hears_what_the_other_accepts(
    join: Join, hub: Served, twin: Served
) -> None:
    consumer = join()
    queue = consumer.new_queue("LONG", idle=3)
    consumer.subscribe(queue, "StudentPersonals")
    writer = JavaConsumer(twin.url, "javaApp")
    assert writer.connect().status == 201
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(consumer.send, "GET", queue.uri, connectionid="0")
        time.sleep(0.3)
        refid, sent = created(writer, 1)[0], time.monotonic()
        event = waiting.result()
    assert told([event]) == [("CREATE", refid)]
    assert time.monotonic() - sent < 2


def test_a_session_that_ends_on_one_process_is_over_on_the_other(join: Join, twin: Served) -> None:
    consumer = join()
    queue = consumer.new_queue()
    consumer.send("DELETE", consumer.services["environment"])
    answer = consumer.send("GET", queue.uri.replace(consumer.url, twin.url), connectionid="0")
    assert answer.status == 401
    assert "relativeservicepath" not in answer.headers
