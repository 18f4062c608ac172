"""Events that a provider publishes, from the events connector to the subscribers' queues."""

from __future__ import annotations

import gzip
import json
import uuid
from typing import Any

import pytest
import requests
from lxml import etree
from sqlalchemy import text

from tests.reference_hub.broker.conftest import MODEL, STUDENT, STUDENTS, drained
from tests.reference_hub.web.conftest import Client, Hub

EVENTS = "/eventsConnector"
EVENT = {
    "messageType": "EVENT",
    "eventAction": "CREATE",
    "serviceType": "OBJECT",
    "serviceName": "xStudents",
    "zoneId": "demo-district",
    "contextId": "DEFAULT",
    "Content-Type": "application/xml",
}


def published(client: Client, body: bytes = STUDENTS.encode(), **changes: Any) -> Any:
    """Post an event; a header set to None is left out."""
    given = {name.replace("_", "-"): value for name, value in changes.items()}
    headers = {name: value for name, value in (EVENT | given).items() if value is not None}
    return client.send("POST", EVENTS, body, **headers)


@pytest.mark.requirement("INF-EVT-001", "INF-EVT-009")
def test_an_event_reaches_every_subscriber_and_the_publisher_hears_202(
    consumer: Client, provider: Client, join: Any, subscribed: Any
) -> None:
    other, silent = join("other"), join("silent")
    queues = {client.key: subscribed(client) for client in (consumer, other, provider)}
    queues["silent"] = subscribed(silent, "xSchools")
    reply = published(provider)
    assert (reply.status_code, reply.content) == (202, b"")
    for client in (consumer, other, provider):
        (message,) = drained(client, queues[client.key])
        assert etree.canonicalize(message.text) == etree.canonicalize(STUDENTS)
    assert drained(silent, queues["silent"]) == []


@pytest.mark.requirement("INF-EVT-010", "INF-AUT-020")
def test_headers_are_kept_but_credentials_go(
    consumer: Client, provider: Client, subscribed: Any
) -> None:
    messages = subscribed(consumer)
    sent = {
        "messageId": str(uuid.uuid4()), "timestamp": "2026-03-02T09:17:00.000Z",
        "generatorId": "clerk", "replacement": "PARTIAL", "eventAction": "UPDATE", "Odd": "1",
    }  # fmt: skip
    del provider.http.headers["User-Agent"]
    provider.method = "Basic"
    published(provider, Cookie="a=1", **sent)
    (message,) = drained(consumer, messages)
    expected = {name: value for name, value in (EVENT | sent).items() if name != "timestamp"}
    assert {name: message.headers[name] for name in expected} == expected
    assert "responseAction" not in message.headers
    assert not {"Authorization", "Cookie", "Host"} & set(message.headers)
    assert provider.user not in str(message.headers)


def test_context_and_service_type_have_defaults(
    consumer: Client, provider: Client, subscribed: Any
) -> None:
    messages = subscribed(consumer)
    assert published(provider, contextId=None, serviceType=None).status_code == 202
    (message,) = drained(consumer, messages)
    assert message.headers["contextId"] == "DEFAULT"
    assert message.headers["serviceType"] == "OBJECT"


@pytest.mark.requirement("NEG-048")
@pytest.mark.parametrize(
    "changes",
    [
        {"messageType": None},
        {"messageType": "REQUEST"},
        {"messageType": "event"},
        {"eventAction": None},
        {"eventAction": "create"},
        {"eventAction": "QUERY"},
        {"zoneId": None},
        {"serviceName": None},
        {"serviceName": "xSchools"},
        {"serviceType": "SERVICEPATH"},
        {"serviceType": "XQUERYTEMPLATE"},
        {"serviceType": "OTHER"},
        {"replacement": "SOME"},
    ],
)
def test_an_event_with_wrong_headers_is_400(
    provider: Client, changes: dict[str, str | None], infrastructure: etree.XMLSchema
) -> None:
    reply = published(provider, **changes)
    assert reply.status_code == 400
    infrastructure.assertValid(etree.fromstring(reply.content))


@pytest.mark.requirement("NEG-048")
@pytest.mark.parametrize(
    "body",
    [b"", b"<xStudents>", STUDENT.encode(), f'<xStudents xmlns="{MODEL}"/>'.encode(),
     f"<xStudents>{STUDENT}<xStaff/></xStudents>".encode(), f"<!DOCTYPE x>{STUDENTS}".encode()],
)  # fmt: skip
def test_an_event_that_is_no_collection_is_400(provider: Client, body: bytes) -> None:
    assert published(provider, body).status_code == 400


@pytest.mark.requirement("INF-EVT-002", "INF-ACL-004", "NEG-049")
def test_an_event_of_a_stranger_is_403_and_an_alert(
    hub: Hub, consumer: Client, registered: Any, join: Any, subscribed: Any
) -> None:
    registered("xStudents")
    rival = join("rival", kind="provider")
    messages = subscribed(consumer)
    assert published(consumer).status_code == 403
    assert published(rival).status_code == 403
    assert published(rival, serviceName="xSchools").status_code == 400
    assert drained(consumer, messages) == []
    with hub.engine.connect() as connection:
        rows = connection.execute(text("SELECT document FROM alert ORDER BY created, id")).scalars()
        alerts = [etree.fromstring(bytes(each)) for each in rows]
    causes = sorted((each.findtext("{*}cause"), each.findtext("{*}code")) for each in alerts)
    assert causes == [("portal", "403"), ("rival", "403")]


@pytest.mark.requirement("INF-EVT-014")
def test_a_direct_environment_has_no_events_connector(join: Any, consumer: Client) -> None:
    direct = join("direct", kind="provider", environment_type="DIRECT")
    named = ".//{*}infrastructureService[@name='eventsConnector']"
    assert direct.environment.find(named) is None
    assert consumer.environment is not None
    assert consumer.environment.find(named) is not None
    assert published(direct).status_code == 404
    assert direct.send("GET", EVENTS).status_code == 405


def test_an_event_in_a_zone_without_the_right_is_403(provider: Client) -> None:
    assert published(provider, zoneId="other-district").status_code == 403
    assert published(provider, zoneId="nowhere").status_code == 403


def test_an_event_may_be_json(consumer: Client, provider: Client, subscribed: Any) -> None:
    messages = subscribed(consumer)
    body = {"xStudents": {"xStudent": [{"@refId": "7A1D", "localId": {"id": "1"}}]}}
    reply = published(provider, json.dumps(body).encode(), Content_Type="application/json")
    assert reply.status_code == 202
    (message,) = drained(consumer, messages)
    assert message.headers["Content-Type"].startswith("application/xml")
    assert etree.fromstring(message.content)[0].get("refId") == "7A1D"


def test_an_event_needs_a_session(hub: Hub) -> None:
    assert requests.post(hub.base + EVENTS, STUDENTS, timeout=5).status_code == 401


@pytest.mark.requirement("INF-EVT-012")
def test_an_event_with_a_fingerprint_reaches_only_its_owner(
    consumer: Client, provider: Client, join: Any, subscribed: Any
) -> None:
    other = join("other")
    mine, theirs = subscribed(consumer), subscribed(other)
    assert consumer.environment is not None
    fingerprint = consumer.environment.findtext("{*}fingerprint", "")
    published(provider, fingerprint=fingerprint)
    assert len(drained(consumer, mine)) == 1
    assert drained(other, theirs) == []


@pytest.mark.requirement("INF-EVT-011")
def test_hundreds_of_events_arrive_in_order_as_a_java_provider_sends_them(
    consumer: Client, provider: Client, subscribed: Any
) -> None:
    messages = subscribed(consumer)
    for number in range(300):
        body = gzip.compress(STUDENTS.replace("Canary", f"N{number}").encode())
        headers = {name.lower(): value for name, value in EVENT.items()}
        headers |= {"replacement": "FULL", "content-encoding": "gzip"}
        assert provider.send("POST", EVENTS, body, **headers).status_code == 202
    found = [
        etree.fromstring(message.content).findtext(".//{*}familyName")
        for message in drained(consumer, messages)
    ]
    assert found == [f"N{number}" for number in range(300)]


def test_a_vendor_gets_a_provider_s_event_pruned(
    hub: Hub, provider: Client, join: Any, subscribed: Any
) -> None:
    vendor = join("reader", vendor_id=hub.vendor())
    vendor.http.headers["dataPrivacyMarker"] = hub.pod(1).token
    messages = subscribed(vendor)
    published(provider)
    (message,) = drained(vendor, messages)
    assert "Canary" not in message.text
    assert etree.fromstring(message.content).findtext(".//{*}givenName") == "Ada"
    assert message.headers["eventAction"] == "CREATE"
