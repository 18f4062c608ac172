"""The hub's own changes reach queues as events: one for a request, an object type, an action."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine, event

from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys.accept import accept
from reference_hub.journeys.event_runs import runs
from reference_hub.journeys.load import Order, load
from reference_hub.model.change import CREATE, DELETE, UPDATE, Change
from reference_hub.model.queue import Payload
from reference_hub.store import mailbox
from reference_hub.store.objects import Versioned
from tests.reference_hub.queues.conftest import XML, Box
from tests.reference_hub.web.conftest import SCOPE, Client, Hub

Students = Callable[[int], list[etree._Element]]
Subscribe = Callable[..., requests.Response]


@pytest.fixture
def heard(mine: Box, subscribe: Subscribe) -> Box:
    """A queue with a subscription to students."""
    assert subscribe(mine).status_code == 201
    return mine


def collection(elements: list[etree._Element]) -> bytes:
    root = etree.Element(f"{{{etree.QName(elements[0]).namespace}}}xStudents")
    root.extend(elements)
    return etree.tostring(root)


def send(client: Client, verb: str, path: str, body: bytes | None = None, **headers: str) -> None:
    reply = client.send(verb, f"/requests/{path}", body, Content_Type=XML, **headers)
    assert reply.status_code < 300, reply.text


def refids(reply: requests.Response) -> list[str]:
    return [each.get("refId", "") for each in etree.fromstring(reply.content)]


@pytest.mark.requirement("INF-EVT-004", "INF-EVT-005", "INF-EVT-006", "INF-EVT-009", "INF-ZON-009")
def test_a_create_is_told_whole_also_to_whoever_asked_for_it(
    heard: Box, one_student: etree._Element
) -> None:
    sent = etree.tostring(one_student, encoding="utf-8")
    send(heard.client, "POST", "xStudents/xStudent", sent)
    (reply,) = heard.all(requestId="of-the-reader")
    names = ("messageType", "eventAction", "serviceType", "serviceName", "zoneId", "contextId")
    told = [reply.headers[name] for name in names]
    assert told == ["EVENT", "CREATE", "OBJECT", "xStudents", "demo-district", "DEFAULT"]
    assert {"replacement", "responseAction", "requestId", "Authorization"} & set(
        reply.headers
    ) == set()
    assert sent in reply.content
    assert etree.fromstring(reply.content).tag.endswith("}xStudents")


@pytest.mark.requirement("INF-EVT-005", "INF-EVT-006")
def test_an_update_is_told_in_full(heard: Box, one_student: etree._Element) -> None:
    send(heard.client, "POST", "xStudents/xStudent", etree.tostring(one_student))
    refid, namespace = one_student.get("refId"), etree.QName(one_student).namespace
    part = f'<xStudent xmlns="{namespace}" refId="{refid}"><localId>A-1</localId></xStudent>'
    send(heard.client, "PUT", f"xStudents/{refid}", part.encode())
    event_of_update = heard.all()[-1]
    (told,) = etree.fromstring(event_of_update.content)
    assert [event_of_update.headers[n] for n in ("eventAction", "replacement")] == [
        "UPDATE",
        "FULL",
    ]
    assert (told.findtext("{*}localId"), len(told)) == ("A-1", len(one_student))


@pytest.mark.requirement("INF-EVT-004", "INF-EVT-005")
def test_a_delete_is_told_by_the_id_alone_as_it_was_written(
    heard: Box, one_student: etree._Element
) -> None:
    send(heard.client, "POST", "xStudents/xStudent", etree.tostring(one_student))
    send(heard.client, "DELETE", f"xStudents/{one_student.get('refId')}")
    deleted = heard.all()[-1]
    (told,) = etree.fromstring(deleted.content)
    assert deleted.headers["eventAction"] == "DELETE"
    assert (told.tag, dict(told.attrib)) == (one_student.tag, {"refId": one_student.get("refId")})
    assert (len(told), told.text) == (0, None)


@pytest.mark.requirement("INF-EVT-007")
def test_one_request_makes_one_event_up_to_the_limit(heard: Box, students: Students) -> None:
    made = students(7)
    send(heard.client, "POST", "xStudents", collection(made))
    told = heard.all()
    assert [len(refids(each)) for each in told] == [3, 3, 1]
    assert [refid for each in told for refid in refids(each)] == [x.get("refId") for x in made]


def test_a_request_that_fails_makes_no_event(heard: Box, one_student: etree._Element) -> None:
    for _ in range(2):
        body = etree.tostring(one_student)
        heard.client.send("POST", "/requests/xStudents/xStudent", body, Content_Type=XML)
    assert len(heard.all()) == 1


@pytest.mark.requirement("INF-EVT-011", "INF-QUE-010", "INF-DLY-008")
def test_events_and_answers_come_in_the_order_of_their_arrival(
    heard: Box, students: Students
) -> None:
    for number, student in enumerate(students(3)):
        send(heard.client, "POST", "xStudents/xStudent", etree.tostring(student))
        heard.put(requestId=f"r{number}")
    kinds = [reply.headers["messageType"] for reply in heard.all()]
    assert kinds == ["EVENT", "RESPONSE"] * 3


@pytest.mark.requirement("INF-EVT-009")
def test_every_subscriber_gets_a_copy_and_nobody_else(
    hub: Hub, heard: Box, box: Callable[..., Box], subscribe: Subscribe,
    one_student: etree._Element,
) -> None:  # fmt: skip
    other = hub.client("other")
    other.open()
    second, third = box(other), box(other)
    subscribe(second)
    subscribe(third, "xSchools")
    send(heard.client, "POST", "xStudents/xStudent", etree.tostring(one_student))
    assert [len(each.all()) for each in (heard, second, third)] == [1, 1, 0]


def published(hub: Hub, fingerprint: str = "", **headers: str) -> int:
    payload = Payload({"eventAction": "CREATE"} | headers, XML, b"<xStudents/>")
    with hub.engine.begin() as connection:
        return mailbox.publish(
            connection, SCOPE, "OBJECT", "xStudents", "CREATE", payload, fingerprint=fingerprint
        )


@pytest.mark.requirement("INF-EVT-012")
def test_an_event_with_a_fingerprint_reaches_only_its_environment(
    hub: Hub, heard: Box, box: Callable[..., Box], subscribe: Subscribe
) -> None:
    other = hub.client("other")
    other.open()
    second = box(other)
    subscribe(second)
    assert other.environment is not None
    print_of = other.environment.findtext("{*}fingerprint", "")
    assert [published(hub, print_of), published(hub, "nobody"), published(hub)] == [1, 0, 2]
    assert [len(heard.all()), len(second.all())] == [1, 2]


@pytest.mark.requirement("INF-EVT-010")
def test_a_published_event_keeps_its_header_fields_but_not_the_authorization(
    hub: Hub, heard: Box, box: Callable[..., Box], subscribe: Subscribe
) -> None:
    other = hub.client("other")
    other.open()
    second = box(other)
    subscribe(second)
    fields = {
        "messageId": "6d1e4b2a-7c8d-4e9f-8a0b-1c2d3e4f5a12",
        "timestamp": "2026-03-02T09:17:00.000Z",
        "replacement": "PARTIAL",
        "generatorId": "g",
        "X-Own": "x",
        "serviceSubType": "s",
    }
    published(hub, **fields, authorization="Basic secret")
    for (reply,) in (heard.all(), second.all()):
        assert {name: reply.headers[name] for name in fields} == fields
        assert "authorization" not in reply.headers


def test_the_same_message_id_twice_in_a_queue_is_given_another(hub: Hub, heard: Box) -> None:
    own = "6d1e4b2a-7c8d-4e9f-8a0b-1c2d3e4f5a12"
    published(hub, messageId=own)
    published(hub, messageId=own)
    first, second = (reply.headers["messageId"] for reply in heard.all())
    assert first == own
    assert second != own


def test_a_load_is_told_too(heard: Box, students: Students, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(collection(students(4)))
    order = Order(SCOPE, event_objects=100)
    (outcome,) = load(heard.engine, Judge(), order, [tmp_path / "a.xml"], Clock())
    (told,) = heard.all()
    assert (outcome.state, told.headers["eventAction"], len(refids(told))) == (
        "loaded",
        "CREATE",
        4,
    )


def change(number: int, action: str = CREATE) -> Change:
    body = None if action == DELETE else f"<xStudent refId='{number:032x}'/>".encode()
    return Change(action, "xStudent", f"{number:032x}", body)


def statements(store: Engine, changes: list[Change]) -> int:
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(store, "before_cursor_execute", note)
    with store.begin() as connection:
        accept(connection, SCOPE, "sis", changes, Clock())
    event.remove(store, "before_cursor_execute", note)
    return len(seen)


def test_queues_cost_accepting_one_statement_and_only_where_they_hear(
    heard: Box, store: Engine
) -> None:
    many = [change(number) for number in range(1000, 1100)]
    unheard = replace(change(1), object_type="xSchool")
    assert [statements(store, each) for each in ([change(1)], many, [unheard])] == [4, 4, 3]


def versions(*given: tuple[str, str]) -> list[Versioned]:
    return [Versioned(n, "xStudent", refid, action) for n, (refid, action) in enumerate(given)]


@pytest.mark.requirement("INF-EVT-007")
def test_runs_gather_one_action_and_keep_the_order_of_one_object() -> None:
    added = versions(("a", CREATE), ("b", UPDATE), ("c", CREATE), ("a", DELETE), ("d", CREATE))
    found = [[each.version_id for each in run] for run in runs(added, 10)]
    assert found == [[0, 2], [1], [3], [4]]
    assert [len(run) for run in runs(added[:3], 1)] == [1, 1, 1]
    other = [replace(each, object_type="xSchool") for each in added[:1]]
    assert [len(run) for run in runs([*added[:1], *other], 10)] == [1, 1]


def test_of_writers_at_once_no_event_is_lost_and_each_object_keeps_its_order(
    heard: Box, store: Engine
) -> None:
    with store.begin() as connection:
        accept(connection, SCOPE, "sis", [change(n) for n in range(4)], Clock(), event_objects=1)

    def write(objects: list[int]) -> None:
        for number in objects:
            for step in range(5):
                body = f"<xStudent refId='{number:032x}'><n>{step}</n></xStudent>".encode()
                one = Change(UPDATE, "xStudent", f"{number:032x}", body)
                with store.begin() as connection:
                    accept(connection, SCOPE, "sis", [one], Clock())

    writers = [threading.Thread(target=write, args=([n, (n + 1) % 4],)) for n in range(4)]
    for each in writers:
        each.start()
    seen: dict[str, list[str]] = {}
    told, reply = 0, heard.read()
    until = datetime.now(UTC).timestamp() + 30
    while told < 44 and datetime.now(UTC).timestamp() < until:
        if reply.status_code == 200:
            (student,) = etree.fromstring(reply.content)
            seen.setdefault(student.get("refId", ""), []).append(student.findtext("n", ""))
            told += 1
            reply = heard.read(reply.headers["messageId"])
        else:
            reply = heard.read()
    for each in writers:
        each.join()
    assert told == 44
    assert last_of(store) == {refid: steps[-1] for refid, steps in seen.items()}


def last_of(store: Engine) -> dict[str, str]:
    with store.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT v.body FROM sif_object o JOIN object_version v ON v.id = o.version_id"
        )
        found = [etree.fromstring(bytes(row.body)) for row in rows]
    return {each.get("refId", ""): each.findtext("n", "") for each in found}
