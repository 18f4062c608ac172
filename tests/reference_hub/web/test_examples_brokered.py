"""The worked examples of a brokered environment: queues, events, providers, delayed requests."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine, text

from reference_hub.journeys.delay import ATTEMPTS
from reference_hub.settings import Settings
from tests.reference_hub.broker.conftest import Elsewhere, elsewhere
from tests.reference_hub.web.examples import (
    CLOCK,
    INF,
    KEY,
    PLACE,
    ZONE,
    Stage,
    infra,
    leaves,
    outline,
    settings_of,
)

__all__ = ["elsewhere"]
LIST = "/requests/xStudents"
NORTH = f"{LIST};zoneId={ZONE}"
MESSAGE = "6d1e4b2a-7c8d-4e9f-8a0b-1c2d3e4f5a12"
ONE = "7a1d7c0e-5b0e-4e7b-9a33-0f3b8e1d2c06"
NEWS = (
    f'<xStudents xmlns="urn:example:model"><xStudent refId="{ONE}"><grade>8</grade></xStudent>'
    "</xStudents>"
)
EVENT = {
    "messageType": "EVENT", "messageId": MESSAGE, "eventAction": "UPDATE", "replacement": "PARTIAL",
    "zoneId": ZONE, "contextId": "DEFAULT", "serviceType": "OBJECT", "serviceName": "xStudents",
    "Content-Type": "application/xml",
}  # fmt: skip
WHERE = {
    "zoneId": ZONE,
    "contextId": "DEFAULT",
    "serviceType": "OBJECT",
    "serviceName": "xStudents",
}
SUPPORT = leaves(
    dynamicQuery="true", queryByExample="false", changesSinceMarker="true", paged="true",
    maxPageSize="500", totalCount="true",
)  # fmt: skip
Send = Callable[..., requests.Response]


@pytest.fixture
def demo(another: Any, store: Engine, hub_settings: Settings) -> Stage:
    """The hub of the scene, HubDemo with a session."""
    settings = settings_of(hub_settings)
    stage = Stage(another(settings, CLOCK).base, store, settings)
    stage.open()
    return stage


@pytest.fixture
def sis(demo: Stage) -> Send:
    """DemoSIS, a provider with a session."""
    return demo.joined("DemoSIS", kind="provider")


@pytest.fixture
def inbox(demo: Stage) -> str:
    """The path of the messages of HubDemo's queue, subscribed to the students."""
    queue = demo.made("/queues", infra("queue", leaves(polling="LONG", name="demo-inbox")))
    body = infra("subscription", leaves(**WHERE, queueId=str(queue.get("id"))))
    demo.made("/subscriptions/subscription", body)
    return f"/queues/{queue.get('id')}/messages"


def registration(url: str) -> bytes:
    said = {"serviceType": "OBJECT", "serviceName": "xStudents", "contextId": "DEFAULT"}
    inner = leaves(**said, zoneId=ZONE, providerName="DemoSIS", querySupport=SUPPORT)
    media = "<mediaType>application/xml</mediaType><mediaType>application/json</mediaType>"
    end = f"<endPoint><location>{url}</location></endPoint>"
    return infra("providers", f"<provider>{inner}<mimeTypes>{media}</mimeTypes>{end}</provider>")


def provided(demo: Stage, sis: Send, url: str) -> None:
    """DemoSIS answers for the students at this address."""
    reply = sis("POST", "/requests/providers", registration(url), serviceType="UTILITY")
    assert b'statusCode="201"' in reply.content


def test_ex_11_a_queue_is_made_read_and_emptied(
    demo: Stage, sis: Send, infrastructure: etree.XMLSchema
) -> None:
    wanted = leaves(polling="LONG", name="demo-inbox", idleTimeout="30")
    queue = demo.made("/queues/queue", infra("queue", wanted))
    infrastructure.assertValid(queue)
    told = {etree.QName(each).localname: each.text for each in queue}
    assert list(told) == [
        "polling", "ownerId", "name", "queueUri", "idleTimeout", "minWaitTime",
        "maxConcurrentConnections", "created", "lastAccessed", "lastModified", "messageCount",
    ]  # fmt: skip
    assert [told[each] for each in ("polling", "name", "idleTimeout", "minWaitTime")] == [
        "LONG", "demo-inbox", "1", "0",
    ]  # fmt: skip
    assert told["created"] == told["lastAccessed"] == told["lastModified"]
    assert (told["maxConcurrentConnections"], told["messageCount"]) == ("1", "0")
    messages = str(told["queueUri"]).removeprefix(demo.base)
    assert messages == f"/queues/{queue.get('id')}/messages"
    body = infra("subscription", leaves(**WHERE, queueId=str(queue.get("id"))))
    demo.made("/subscriptions", body)
    assert sis("POST", "/eventsConnector", NEWS.encode(), **EVENT).status_code == 202
    first = demo.send("GET", messages)
    done = f"{messages};deleteMessageId={MESSAGE}"
    popped, again = demo.send("GET", done), demo.send("GET", done)
    assert (first.status_code, first.headers["messageId"]) == (200, MESSAGE)
    assert (popped.status_code, popped.content) == (204, b"")
    assert (again.status_code, again.headers["messageType"]) == (404, "ERROR")


def test_ex_12_a_subscription(demo: Stage, infrastructure: etree.XMLSchema) -> None:
    queue = demo.made("/queues", infra("queue"))
    body = infra("subscription", leaves(**WHERE, queueId=str(queue.get("id"))))
    made = demo.made("/subscriptions/subscription", body)
    infrastructure.assertValid(made)
    sent = etree.fromstring(body)
    assert [(each.tag, each.text) for each in made] == [(each.tag, each.text) for each in sent]


@pytest.mark.requirement("INF-EVT-003", "INF-EVT-010")
def test_ex_13_an_event_comes_as_it_was_published(demo: Stage, sis: Send, inbox: str) -> None:
    reply = sis("POST", "/eventsConnector", NEWS.encode(), **EVENT)
    assert (reply.status_code, reply.content) == (202, b"")
    message = demo.send("GET", inbox)
    assert (message.status_code, message.text) == (200, NEWS)
    assert {name: message.headers[name] for name in EVENT} == EVENT
    assert not {"Authorization", "responseAction"} & set(message.headers)


@pytest.mark.requirement("INF-DLY-002", "INF-DLY-007")
def test_ex_14_a_delayed_query_succeeds(
    demo: Stage, sis: Send, inbox: str, elsewhere: Elsewhere
) -> None:
    provided(demo, sis, elsewhere.url)
    elsewhere.says(NEWS, 200, navigationCount="1", generatorId="g")
    later = {"requestType": "DELAYED", "requestId": "job-00017", "queueId": inbox.split("/")[2]}
    taken = demo.send("GET", NORTH, **later)
    assert (taken.status_code, taken.content) == (202, b"")
    demo.work()
    message = demo.send("GET", inbox)
    expected = {
        "messageType": "RESPONSE", "requestId": "job-00017", "responseAction": "QUERY",
        "serviceType": "OBJECT", "relativeServicePath": f"xStudents{PLACE}",
        "Content-Type": "application/xml", "navigationCount": "1", "generatorId": "g",
    }  # fmt: skip
    assert (message.status_code, message.text) == (200, NEWS)
    assert {name: message.headers[name] for name in expected} == expected
    assert uuid.UUID(message.headers["messageId"]).version == 4


@pytest.mark.requirement("INF-DLY-010", "INF-ERR-007", "NEG-045")
def test_ex_14_a_delayed_query_fails(
    demo: Stage, sis: Send, inbox: str, infrastructure: etree.XMLSchema
) -> None:
    # Nobody listens on the discard port.
    provided(demo, sis, "http://127.0.0.1:9/sif")
    later = {"requestType": "DELAYED", "requestId": "job-00018", "queueId": inbox.split("/")[2]}
    assert demo.send("GET", NORTH, **later).status_code == 202
    demo.work()
    message = demo.send("GET", inbox)
    error = etree.fromstring(message.content)
    infrastructure.assertValid(error)
    expected = {
        "messageType": "ERROR", "requestId": "job-00018", "responseAction": "QUERY",
        "relativeServicePath": f"xStudents{PLACE}",
    }  # fmt: skip
    assert (message.status_code, error.findtext("{*}code")) == (200, "503")
    assert {name: message.headers[name] for name in expected} == expected


@pytest.mark.requirement("INF-FMT-001")
@pytest.mark.parametrize("attempts", [0, ATTEMPTS])
def test_ex_14_an_error_is_in_the_namespace_of_its_reader(
    demo: Stage, sis: Send, inbox: str, attempts: int
) -> None:
    provided(demo, sis, "http://127.0.0.1:9/sif")
    later = {"requestType": "DELAYED", "requestId": "job-00019", "queueId": inbox.split("/")[2]}
    assert demo.send("GET", NORTH, **later).status_code == 202
    older = INF.replace("3.3", "3.2.1")
    with demo.engine.begin() as connection:
        connection.execute(text("UPDATE environment SET namespace = :n"), {"n": older})
        connection.execute(text("UPDATE delayed_request SET attempts = :n"), {"n": attempts})
    demo.work()
    error = etree.fromstring(demo.send("GET", inbox).content)
    code = "500" if attempts else "503"
    assert (error.tag, error.findtext("{*}code")) == (f"{{{older}}}error", code)


@pytest.mark.requirement("INF-PRG-003", "INF-PRG-004", "INF-PRG-008")
def test_ex_16_a_provider_is_registered(
    demo: Stage, sis: Send, infrastructure: etree.XMLSchema
) -> None:
    body = registration("https://sis.example.org/sif")
    reply = sis("POST", "/requests/providers", body, serviceType="UTILITY")
    answer = etree.fromstring(reply.content)
    infrastructure.assertValid(answer)
    (made,) = answer[0]
    assert (reply.status_code, made.get("statusCode")) == (200, "201")
    path = f"/requests/providers/{made.get('id')};zoneId=environment-global"
    shown = etree.fromstring(demo.send("GET", path, serviceType="UTILITY").content)
    infrastructure.assertValid(shown)
    name, parts = outline(etree.fromstring(body)[0])
    assert outline(shown) == (name, parts[:-1])
    assert b"sis.example.org" not in etree.tostring(shown)


@pytest.mark.requirement("INF-AUT-017", "INF-AUT-018", "INF-RQC-002", "INF-HDR-007")
def test_ex_17_a_request_as_the_provider_gets_it(
    demo: Stage, sis: Send, elsewhere: Elsewhere
) -> None:
    provided(demo, sis, elsewhere.url)
    asked = {"messageId": "9f6f0f0e-2a0b-4f6c-8f3e-6c2f4a1b7d04", "serviceType": "OBJECT"}
    assert demo.send("GET", NORTH, **asked).status_code == 200
    (seen,) = elsewhere.seen
    assert demo.environment is not None
    expected = {
        "sourcename": KEY, "fingerprint": demo.environment.findtext("{*}fingerprint"),
        "messageid": asked["messageId"], "servicetype": "OBJECT",
    }  # fmt: skip
    assert (seen.method, seen.path) == ("GET", f"/sif/xStudents{PLACE}")
    assert {name: seen.headers[name] for name in expected} == expected
    assert seen.headers["authorization"].startswith("SIF_HMACSHA256 ")
    assert seen.headers["timestamp"].startswith("2026-03-02T09:15:02")
