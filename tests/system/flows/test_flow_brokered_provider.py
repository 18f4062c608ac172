"""A provider that never registers itself: the operator names its address, it publishes events, and
the hub forwards to it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from tests.system.flows.conftest import Serve, Served, application
from tests.system.flows.java_framework import Answer, JavaConsumer
from tests.system.flows.na_data import NAMESPACE, new_refids, student, students
from tests.system.flows.recording_provider import Recorder, recording

SECRET = ("--secret-env", "APP_SECRET")
COMMANDS = (
    ("app", "add", "far-sis", *SECRET, "--kind", "provider"),
    ("vendor", "add", "reading", "--party", "Example Reading App"),
    ("app", "add", "reader", *SECRET, "--vendor", "reading", "--environment", "BROKERED"),
    ("pod", "issue", "reading"),
)
REFID = "7A1D7C0E-5B0E-4E7B-9A33-0F3B8E1D2C06"
PLACE = ";zoneId=demo-district;contextId=DEFAULT"


@dataclass(frozen=True)
class Broker:
    """The hub, the provider's session, and its end point."""

    hub: Served
    provider: JavaConsumer
    elsewhere: Recorder

    def joined(self, key: str, method: str = "Basic") -> JavaConsumer:
        """A new session of an application."""
        consumer = JavaConsumer(self.hub.url, key, method=method)
        assert consumer.connect().status == 201
        return consumer

    def publish(self, action: str, body: str, **given: str) -> Answer:
        """One event, as the framework's publisher sends it: without a requestid."""
        fields = {
            "messagetype": "EVENT", "eventaction": action, "replacement": "FULL",
            "servicename": "xStudents", "servicetype": "OBJECT", "zoneid": "demo-district",
            "contextid": "DEFAULT",
        } | given  # fmt: skip
        url = self.provider.services["eventsConnector"]
        return self.provider.send("POST", url, body, without=("requestid",), **fields)


@pytest.fixture(scope="module")
def broker(serve: Serve) -> Iterator[Broker]:
    """A hub with a provider whose students are elsewhere."""
    answer = {"navigationPage": "1", "x-far": "kept", "Server": "far-sis/1"}
    with recording(Recorder(students([REFID]).encode(), answer)) as elsewhere:
        hub = serve(application("portal"))
        for command in COMMANDS:
            hub.tells(*command)
        named = hub.tells(
            *("provider", "add", "far-sis", "--service", "xStudents", "--url", elsewhere.url)
        )
        assert named == "far-sis provides xStudents in demo-district.\n"
        provider = JavaConsumer(hub.url, "far-sis", method="SIF_HMACSHA256")
        assert provider.connect().status == 201
        yield Broker(hub, provider, elsewhere)


def test_the_provider_finds_its_right_in_its_environment(broker: Broker) -> None:
    own = broker.provider.send("GET", broker.provider.services["environment"]).xml
    (right,) = own.iterfind(".//{*}service[@name='xStudents']//{*}right[@type='PROVIDE']")
    assert right.text == "APPROVED"


@pytest.mark.requirement("INF-EVT-001", "INF-EVT-009", "INF-EVT-011", "INF-QUE-010")
def test_hundreds_of_objects_reach_the_subscriber_in_order_and_once(broker: Broker) -> None:
    portal = broker.joined("portal")
    queue = portal.new_queue()
    assert portal.subscribe(queue, "xStudents").status == 201
    refids = new_refids(300)
    parts = [refids[start : start + 5] for start in range(0, 300, 5)]
    assert {broker.publish("CREATE", students(part)).status for part in parts} == {202}
    events = list(portal.read(queue))
    assert [one.get("refId") for event in events for one in event.xml] == refids
    assert len({event.headers["messageid"] for event in events}) == 60


@pytest.mark.requirement("INF-EVT-010", "INF-AUT-020")
def test_an_event_arrives_as_published_but_for_the_credentials(broker: Broker) -> None:
    portal = broker.joined("portal")
    queue = portal.new_queue()
    portal.subscribe(queue, "xStudents")
    body = students([REFID])
    assert broker.publish("UPDATE", body, generatorid="clerk-7").status == 202
    (event,) = portal.read(queue)
    expected = {
        "messagetype": "EVENT", "eventaction": "UPDATE", "replacement": "FULL",
        "servicename": "xStudents", "servicetype": "OBJECT", "zoneid": "demo-district",
        "contextid": "DEFAULT", "generatorid": "clerk-7",
    }  # fmt: skip
    assert {name: event.headers.get(name) for name in expected} == expected
    assert event.body == body.encode()
    assert "authorization" not in event.headers
    assert broker.provider.token not in str(event.headers)


def test_an_event_in_json_arrives_as_the_xml_it_is_called(broker: Broker) -> None:
    portal = broker.joined("portal")
    queue = portal.new_queue()
    portal.subscribe(queue, "xStudents")
    speaker = replace(broker.provider, notation="pesc", profile="urn:sif:data/na/4.3")
    body = {"xStudents": {"xStudent": [{"refId": REFID, "localId": "007"}]}}
    published = Broker(broker.hub, speaker, broker.elsewhere).publish("CREATE", json.dumps(body))
    (event,) = portal.read(queue)
    assert (published.status, event.headers["content-type"]) == (202, "application/xml")
    assert event.headers["content-profile"] == "urn:sif:data/na/4.3"
    assert event.xml.tag == f"{{{NAMESPACE}}}xStudents"
    assert (event.xml[0].get("refId"), event.text("localId")) == (REFID, "007")


def test_a_consumer_that_publishes_is_refused(broker: Broker) -> None:
    portal = broker.joined("portal")
    stranger = Broker(broker.hub, portal, broker.elsewhere)
    assert stranger.publish("CREATE", students([REFID])).status == 403


@pytest.mark.requirement("INF-AUT-017", "INF-AUT-018", "INF-RQC-002", "NEG-050")
def test_a_request_is_forwarded_under_the_providers_session(broker: Broker) -> None:
    portal, heard = broker.joined("portal"), broker.elsewhere.heard
    own = portal.send("GET", portal.services["environment"]).text("fingerprint")
    heard.clear()
    answer = portal.send("GET", portal.requests("xStudents"), generatorid="clerk-7")
    (seen,) = heard
    assert (answer.status, answer.body) == (200, broker.elsewhere.body)
    assert (seen.method, seen.path) == ("GET", f"/far/sif3/xStudents{PLACE}")
    method, _, token = seen.headers["authorization"].partition(" ")
    mac = broker.provider.mac(broker.provider.token, seen.headers["timestamp"])
    expected = ("SIF_HMACSHA256", f"{broker.provider.token}:{mac}")
    assert (method, base64.b64decode(token).decode()) == expected
    assert (seen.headers["sourcename"], seen.headers["fingerprint"]) == ("portal", own)
    assert seen.headers["generatorid"] == "clerk-7"
    assert portal.token not in str(seen)


@pytest.mark.requirement("INF-RQC-003")
def test_the_answer_comes_back_with_its_headers(broker: Broker) -> None:
    portal = broker.joined("portal")
    answer = portal.send("GET", portal.requests(f"xStudents{PLACE}"))
    assert (answer.headers["x-far"], answer.headers["navigationpage"]) == ("kept", "1")
    assert "far-sis" not in str(answer.headers)


def test_a_create_is_forwarded_with_its_body(broker: Broker) -> None:
    portal, heard = broker.joined("portal", "SIF_HMACSHA256"), broker.elsewhere.heard
    portal.gzips = True
    heard.clear()
    body = student(REFID)
    portal.send("POST", portal.requests("xStudents/xStudent"), body, mustuseadvisory="true")
    (seen,) = heard
    assert (seen.method, seen.body.decode()) == ("POST", body)
    assert seen.path == f"/far/sif3/xStudents/xStudent{PLACE}"
    assert "content-encoding" not in seen.headers
    assert seen.headers["mustuseadvisory"] == "true"


def marker_of(reader: JavaConsumer) -> str:
    """The podToken that stands in the vendor's own POD."""
    return reader.send("GET", reader.requests("pods"), servicetype="UTILITY").text("podToken")


def test_a_vendor_gets_nothing_before_it_acknowledges_and_then_what_is_granted(
    broker: Broker,
) -> None:
    reader, heard = broker.joined("reader"), broker.elsewhere.heard
    queue = reader.new_queue()
    assert reader.subscribe(queue, "xStudents").status == 201
    assert broker.publish("CREATE", students([REFID])).status == 202
    heard.clear()
    refused = [reader.send("GET", reader.requests("xStudents")), reader.send("GET", queue.uri)]
    assert [answer.status for answer in refused] == [403, 403]
    assert [answer for answer in refused if b"Qvexley" in answer.body] == []
    assert heard == []
    marker = marker_of(reader)
    answer = reader.send("GET", reader.requests("xStudents"), dataprivacymarker=marker)
    event = reader.send("GET", queue.uri, dataprivacymarker=marker)
    for got in (answer, event):
        assert got.status == 200
        assert [one.get("refId") for one in got.xml] == [REFID]
        assert got.text("givenName") == "Abra"
        assert b"413-555-0183" not in got.body
        assert got.headers["dataprivacymarker"] == marker
    assert heard[0].headers["sourcename"] == "reader"
    assert NAMESPACE in answer.body.decode()
