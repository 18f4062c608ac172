"""Delayed requests: 202 at once, the answer in the queue, whoever works on it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import text
from werkzeug.wrappers import Response

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys.delay import ATTEMPTS, answer_next
from reference_hub.model.delayed import Reply
from reference_hub.replay import replaying
from reference_hub.store import delayed_requests
from reference_hub.workers.loop import run
from tests.reference_hub.broker.conftest import MODEL, STUDENT, STUDENTS, Elsewhere, Seen, drained
from tests.reference_hub.web.conftest import Client, Hub

Any_ = Callable[..., Any]
LIST = "/requests/xStudents"
Work = Callable[..., int]


@pytest.fixture
def work(hub: Hub) -> Work:
    """Answer what is delayed, as a worker does; how many turns that took."""
    replay = replaying(create_app(hub.settings, hub.engine, judge=Judge()))

    def done(clock: Clock | None = None, replay: Any = replay) -> int:
        turns = 0
        while answer_next(hub.engine, hub.settings, replay, clock or Clock()):
            turns += 1
            assert turns < 100
        return turns

    return done


def later(client: Client, queue: str, path: str = LIST, verb: str = "GET", **given: Any) -> Any:
    """Send a request as DELAYED into the queue of this messages path."""
    body = given.pop("body", None)
    headers = {"requestType": "DELAYED", "queueId": queue.split("/")[2], "requestId": "r-1"}
    return client.send(verb, path, body, **(headers | given))


@pytest.mark.requirement("INF-DLY-002", "INF-DLY-007")
def test_a_local_query_is_answered_in_the_queue(
    consumer: Client, subscribed: Any_, work: Work
) -> None:
    consumer.send("POST", f"{LIST}/xStudent", STUDENT.encode())
    queue = subscribed(consumer, "xSchools")
    reply = later(consumer, queue, f"{LIST};zoneId=demo-district?odd=1")
    assert (reply.status_code, reply.content) == (202, b"")
    assert work() == 1
    (message,) = drained(consumer, queue)
    expected = {
        "messageType": "RESPONSE", "requestId": "r-1", "responseAction": "QUERY",
        "serviceType": "OBJECT", "serviceName": "xStudents", "zoneId": "demo-district",
        "contextId": "DEFAULT", "navigationCount": "1", "status": "200",
        "relativeServicePath": "xStudents;zoneId=demo-district;contextId=DEFAULT",
    }  # fmt: skip
    assert {name: message.headers[name] for name in expected} == expected
    assert uuid.UUID(message.headers["messageId"]).version == 4
    assert b"Canary" in message.content


@pytest.mark.requirement("INF-DLY-006", "INF-RQC-006")
def test_a_provider_is_asked_as_if_it_were_immediate(
    consumer: Client, registered: Any_, elsewhere: Elsewhere, subscribed: Any_, work: Work
) -> None:
    registered("xStudents")
    queue = subscribed(consumer, "xSchools")
    elsewhere.says(STUDENTS, 200, navigationCount="1", Odd="1")
    assert later(consumer, queue, f"{LIST}?where=%5Ba%3D1%5D").status_code == 202
    assert elsewhere.seen == []
    work()
    (seen,) = elsewhere.seen
    assert seen.path == "/sif/xStudents;zoneId=demo-district;contextId=DEFAULT?where=%5Ba%3D1%5D"
    assert not {"queueid", "requesttype"} & set(seen.headers)
    assert seen.headers["sourcename"] == "portal"
    (message,) = drained(consumer, queue)
    assert message.content == STUDENTS.encode()
    assert (message.headers["navigationCount"], message.headers["Odd"]) == ("1", "1")


@pytest.mark.requirement("INF-DLY-001")
def test_delayed_needs_an_own_queue_and_a_request_id(
    consumer: Client, join: Any_, subscribed: Any_
) -> None:
    own, foreign = subscribed(consumer), subscribed(join("other"))
    unknown = f"/queues/{uuid.uuid4()}/messages"
    assert later(consumer, own, queueId="").status_code == 400
    assert later(consumer, own, requestId="").status_code == 400
    for queue in (foreign, unknown, "/queues/none/messages"):
        assert later(consumer, queue).status_code == 404
    assert later(consumer, own).status_code == 202


@pytest.mark.requirement("INF-DLY-004")
def test_without_queues_delayed_is_an_error(join: Any_, work: Work) -> None:
    direct = join("direct", environment_type="DIRECT")
    assert direct.send("GET", LIST, requestType="DELAYED").status_code == 400
    assert later(direct, f"/queues/{uuid.uuid4()}/messages").status_code == 404
    assert work() == 0


@pytest.mark.requirement("INF-DLY-003", "INF-DLY-011")
@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", f"{LIST}/1"),
        ("PUT", f"{LIST}/1"),
        ("DELETE", f"{LIST}/1"),
        ("POST", f"{LIST}/xStudent"),
        ("GET", "/requests/zones/demo-district"),
    ],
)
def test_what_concerns_one_object_is_never_delayed(
    consumer: Client, subscribed: Any_, verb: str, path: str
) -> None:
    reply = later(consumer, subscribed(consumer), path, verb, body=STUDENT.encode())
    assert reply.status_code == 400
    assert etree.fromstring(reply.content).findtext("{*}description", "").startswith("400-04")


@pytest.mark.requirement("INF-DLY-002")
def test_routing_and_rights_are_checked_at_once(
    consumer: Client, join: Any_, granted: Any_, subscribed: Any_, work: Work
) -> None:
    limited = join("limited", grants=[granted("xStudents", "SUBSCRIBE")])
    assert later(limited, subscribed(limited)).status_code == 403
    queue = subscribed(consumer)
    assert later(consumer, queue, "/requests/xGadgets").status_code == 404
    assert later(consumer, queue, f"{LIST};zoneId=nowhere").status_code == 404
    assert work() == 0


@pytest.mark.requirement("INF-DLY-010", "INF-ERR-007", "NEG-045")
def test_a_provider_that_is_away_becomes_an_error_message(
    consumer: Client,
    registered: Any_,
    elsewhere: Elsewhere,
    subscribed: Any_,
    work: Work,
    infrastructure: etree.XMLSchema,
) -> None:
    registered("xStudents")
    queue = subscribed(consumer, "xSchools")
    assert later(consumer, queue).status_code == 202
    elsewhere.slow = 1.5
    work()
    (message,) = drained(consumer, queue)
    error = etree.fromstring(message.content)
    infrastructure.assertValid(error)
    assert error.findtext("{*}code") == "503"
    expected = {
        "messageType": "ERROR", "requestId": "r-1", "responseAction": "QUERY", "status": "503",
        "relativeServicePath": "xStudents;zoneId=demo-district;contextId=DEFAULT",
    }  # fmt: skip
    assert {name: message.headers[name] for name in expected} == expected


def test_nothing_to_show_is_a_response_without_a_body(
    consumer: Client, subscribed: Any_, work: Work
) -> None:
    queue = subscribed(consumer)
    later(consumer, queue)
    work()
    (message,) = drained(consumer, queue)
    assert (message.headers["messageType"], message.headers["status"]) == ("RESPONSE", "204")
    assert message.content == b""


def test_a_delayed_multi_create_is_answered_with_its_results(
    consumer: Client, subscribed: Any_, work: Work
) -> None:
    queue = subscribed(consumer, "xSchools")
    later(consumer, queue, LIST, "POST", body=STUDENTS.encode())
    work()
    (message,) = drained(consumer, queue)
    assert message.headers["responseAction"] == "CREATE"
    (result,) = etree.fromstring(message.content).iter("{*}create")
    assert result.get("statusCode") == "201"
    assert consumer.send("GET", LIST).status_code == 200


def paged(seen: Seen) -> Response:
    """Three pages, then nothing."""
    page = int(seen.headers["navigationpage"])
    body = STUDENTS.replace("Canary", f"Page{page}")
    headers = {"navigationPage": str(page), "navigationId": f"set-{page}"}
    status = 204 if page > 3 else 200
    return Response("" if page > 3 else body, status, headers, content_type="application/xml")


@pytest.mark.requirement("INF-PAG-014")
def test_a_paged_query_becomes_one_response_per_page(
    consumer: Client, registered: Any_, elsewhere: Elsewhere, subscribed: Any_, work: Work
) -> None:
    registered("xStudents")
    queue = subscribed(consumer, "xSchools")
    elsewhere.answer = paged
    later(consumer, queue, navigationPage="1", navigationPageSize="1")
    assert work() == 4
    asked = [
        (each.headers["navigationpage"], each.headers.get("navigationid"))
        for each in elsewhere.seen
    ]
    assert asked == [("1", None), ("2", "set-1"), ("3", "set-2"), ("4", "set-3")]
    messages = drained(consumer, queue)
    assert [each.headers["requestId"] for each in messages] == ["r-1"] * 4
    assert [each.headers["status"] for each in messages] == ["200"] * 3 + ["204"]
    names = [etree.fromstring(each.content).findtext(".//{*}familyName") for each in messages[:3]]
    assert names == ["Page1", "Page2", "Page3"]


@pytest.mark.requirement("INF-PAG-014")
def test_local_pages_end_with_the_last_one(consumer: Client, subscribed: Any_, work: Work) -> None:
    five = "".join(STUDENT.replace("7A1D7C0E", f"7A1D7C0{digit}") for digit in range(5))
    body = f'<xStudents xmlns="{MODEL}">{five}</xStudents>'.encode()
    assert consumer.send("POST", LIST, body).status_code == 200
    queue = subscribed(consumer, "xSchools")
    later(consumer, queue, f"{LIST}?navigationPage=1&navigationPageSize=2")
    work()
    messages = drained(consumer, queue)
    assert [each.headers["navigationPage"] for each in messages] == ["1", "2", "3"]
    assert [len(etree.fromstring(each.content)) for each in messages] == [2, 2, 1]


def test_a_provider_that_does_not_page_is_asked_once(
    consumer: Client, registered: Any_, elsewhere: Elsewhere, subscribed: Any_, work: Work
) -> None:
    registered("xStudents")
    queue = subscribed(consumer, "xSchools")
    later(consumer, queue, navigationPage="1", navigationPageSize="1")
    work()
    assert len(elsewhere.seen) == 1
    assert len(drained(consumer, queue)) == 1


@pytest.mark.requirement("INF-DLY-008")
def test_requests_of_a_queue_are_answered_in_their_order(
    consumer: Client, subscribed: Any_, work: Work
) -> None:
    queue = subscribed(consumer)
    for number in range(5):
        later(consumer, queue, requestId=f"r-{number}")
    work()
    order = [each.headers["requestId"] for each in drained(consumer, queue)]
    assert order == [f"r-{number}" for number in range(5)]


def test_two_workers_do_not_take_the_same_request(
    hub: Hub, consumer: Client, subscribed: Any_
) -> None:
    queue = subscribed(consumer)
    later(consumer, queue)
    later(consumer, queue)
    now, lease = datetime.now(UTC), timedelta(seconds=60)
    with hub.engine.begin() as one, hub.engine.begin() as two:
        assert delayed_requests.claim(one, now, lease) is not None
        assert delayed_requests.claim(two, now, lease) is None
    with hub.engine.begin() as three:
        assert delayed_requests.claim(three, now, lease) is None


def test_a_worker_that_died_is_replaced_and_a_late_one_puts_nothing(
    hub: Hub, consumer: Client, subscribed: Any_, work: Work
) -> None:
    queue = subscribed(consumer)
    later(consumer, queue)
    hour = Clock(now=lambda: datetime.now(UTC) + timedelta(hours=1))

    def slow(*_: Any) -> Reply:
        assert work(hour) == 1
        return Reply(200, {"late": "1"}, b"")

    assert answer_next(hub.engine, hub.settings, slow, Clock())
    (message,) = drained(consumer, queue)
    assert "late" not in message.headers


def test_what_kills_its_workers_is_given_up(
    hub: Hub, consumer: Client, subscribed: Any_, infrastructure: etree.XMLSchema
) -> None:
    queue = subscribed(consumer)
    later(consumer, queue)
    with hub.engine.begin() as connection:
        connection.execute(text("UPDATE delayed_request SET attempts = :n"), {"n": ATTEMPTS})

    def never(*_: Any) -> Reply:
        raise AssertionError

    assert answer_next(hub.engine, hub.settings, never, Clock())
    (message,) = drained(consumer, queue)
    error = etree.fromstring(message.content)
    assert (message.headers["messageType"], error.findtext("{*}code")) == ("ERROR", "500")
    infrastructure.assertValid(error)


def test_a_session_that_ended_is_answered_nowhere(
    hub: Hub, consumer: Client, subscribed: Any_, work: Work
) -> None:
    later(consumer, subscribed(consumer))
    assert consumer.environment is not None

    def leaving(*_: Any) -> Reply:
        consumer.send("DELETE", f"/environments/{consumer.environment.get('id')}")  # type: ignore[union-attr]
        return Reply(200, {}, b"<x/>")

    assert work(replay=leaving) == 1
    with hub.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM message")).scalar_one() == 0


def test_no_credential_is_kept(hub: Hub, consumer: Client, subscribed: Any_) -> None:
    queue = subscribed(consumer)
    token = consumer.signed(consumer.user)["Authorization"].partition(" ")[2]
    later(consumer, queue, f"{LIST}?access_token={token}", Cookie="c=1", userToken="secret")
    with hub.engine.connect() as connection:
        row = str(connection.execute(text("SELECT * FROM delayed_request")).one())
    kept = [each for each in (token, consumer.user, "secret", "c=1") if each in row]
    assert kept == []


def test_a_header_cannot_pose_as_the_hub(hub: Hub, consumer: Client) -> None:
    consumer.user = "nobody"
    for name in ("reference_hub.session", "Reference-Hub-Session"):
        assert consumer.send("GET", LIST, **{name: "x"}).status_code == 401


def test_a_vendor_s_delayed_answer_is_pruned(
    hub: Hub, join: Any_, registered: Any_, subscribed: Any_, work: Work
) -> None:
    registered("xStudents")
    vendor = join("reader", vendor_id=hub.vendor())
    vendor.http.headers["dataPrivacyMarker"] = hub.pod(1).token
    queue = subscribed(vendor, "xSchools")
    assert later(vendor, queue).status_code == 202
    work()
    with hub.engine.connect() as connection:
        body = connection.execute(text("SELECT body FROM payload")).scalar_one()
    assert b"Canary" not in bytes(body)
    (message,) = drained(vendor, queue)
    assert etree.fromstring(message.content).findtext(".//{*}givenName") == "Ada"


def test_the_worker_loop_runs_errands(hub: Hub, consumer: Client, subscribed: Any_) -> None:
    queue = subscribed(consumer)
    later(consumer, queue)
    replay = replaying(create_app(hub.settings, hub.engine, judge=Judge()))
    stop, clock = threading.Event(), Clock()

    def errand(engine: Any) -> bool:
        return answer_next(engine, hub.settings, replay, clock)

    run(hub.engine, hub.settings, clock, stop, until_empty=True, errands=[errand])
    assert len(drained(consumer, queue)) == 1


def test_the_answer_has_the_notation_that_was_asked_for(
    consumer: Client, subscribed: Any_, work: Work
) -> None:
    consumer.send("POST", f"{LIST}/xStudent", STUDENT.encode())
    queue = subscribed(consumer, "xSchools")
    later(consumer, queue, Accept="application/json")
    work()
    (message,) = drained(consumer, queue)
    assert message.headers["Content-Type"].startswith("application/json")
    assert "xStudents" in message.json()


def test_whoever_ends_a_session_and_a_worker_do_not_block_each_other(
    hub: Hub, consumer: Client, subscribed: Any_, work: Work
) -> None:
    queue = subscribed(consumer, "xSchools")
    for _ in range(5):
        later(consumer, queue)
    assert consumer.environment is not None
    path = f"/environments/{consumer.environment.get('id')}"
    ending = threading.Thread(target=consumer.send, args=("DELETE", path))
    ending.start()
    work()
    ending.join(10)
    with hub.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM delayed_request")).scalar_one() == 0
