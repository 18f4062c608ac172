"""The pods service: a vendor's own PODs, in its version and notation, without a marker."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from fixtures.writers import xpress
from reference_hub.clock import Clock
from reference_hub.codec.pod_json import pod_hash, pod_hashes
from reference_hub.codec.pod_schema import faults, json_faults
from reference_hub.codec.pod_terms import read_terms
from reference_hub.codec.pod_xml import build_pod, tree_of
from reference_hub.codec.xml import tostring
from reference_hub.journeys.announce_pod import announce_pod
from reference_hub.model.change import CREATE
from reference_hub.model.infrastructure import namespace_for
from reference_hub.model.pod import LIVE, Pod
from reference_hub.model.scope import Scope
from reference_hub.store import pods
from tests.reference_hub.pods import published_json
from tests.reference_hub.pods.documents import small

PODS = "/requests/pods"
PESC = "urn:sif:inf/US/3.6+pesc"
SCOPE = Scope("demo-district")
Issue = Callable[..., Pod]


@pytest.fixture
def issued(hub: Any) -> Issue:
    """Store a POD of a vendor, with contacts."""

    def issue(vendor_id: int, status: str = LIVE, ends: date | None = None) -> Pod:
        identity = {"id": str(uuid.uuid4()), "podToken": str(uuid.uuid4()), "podStatus": status}
        element = build_pod(small() | identity)
        entries = read_terms(element)
        made = Pod(
            identity["id"], vendor_id, SCOPE, "1.0.0", identity["podToken"], status,
            date(2026, 7, 1), ends, tostring(element), None, entries,
        )  # fmt: skip
        with hub.engine.begin() as connection:
            pods.insert(connection, made)
        return made

    return issue


def speaking(hub: Any, vendor_id: int, version: str) -> Any:
    """An application of the vendor whose session speaks an infrastructure version."""
    client = hub.client(f"speaks-{version}", vendor_id)
    opened = client.open(f'<environment xmlns="{namespace_for(version)}"/>'.encode())
    assert opened.status_code == 201
    return client


@pytest.mark.requirement("POD-DEL-001", "POD-DEL-003", "POD-SCH-001", "POD-SCH-004")
@pytest.mark.parametrize("version", ["3.0.1", "3.2.1", "3.3", "3.4", "3.6", "3.7"])
def test_one_and_all_are_read_without_a_marker_in_the_callers_version(
    hub: Any, issued: Issue, version: str
) -> None:
    made = issued(hub.vendor())
    client = speaking(hub, 1, version)
    replies = [client.send("GET", path) for path in (PODS, f"{PODS}/{made.id}")]
    assert [reply.status_code for reply in replies] == [200, 200]
    whole, single = (etree.fromstring(reply.content) for reply in replies)
    assert (faults(whole, version), faults(single, version)) == ([], [])
    assert tree_of(single) == tree_of(whole[0])
    assert pod_hash(tostring(single)) in pod_hashes(made.document)


@pytest.mark.requirement("POD-SCH-001")
def test_what_is_read_in_3_3_is_valid_for_the_published_schema(
    standards: Path, reader: Any, issued: Issue
) -> None:
    path = standards / "schemas/official/infrastructure-3.3/SIF_Message.xsd"
    issued(1)
    found = etree.fromstring(reader.send("GET", PODS).content)
    etree.XMLSchema(etree.parse(str(path))).assertValid(found)


@pytest.mark.requirement("POD-SCH-010", "POD-SCH-001")
def test_pesc_json_is_an_array_of_wrappers_for_one_and_for_all(
    standards: Path, hub: Any, issued: Issue
) -> None:
    first, second = issued(hub.vendor(), "Expired"), issued(1)
    client, schema = speaking(hub, 1, "3.6"), published_json.load(standards)
    for path, ids in ((PODS, [first.id, second.id]), (f"{PODS}/{second.id}", [second.id])):
        reply = client.send("GET", path, Accept="application/json", Accept_Profile=PESC)
        value = reply.json()
        assert reply.headers["Content-Type"] == "application/json"
        assert [each["pod"]["id"] for each in value] == ids
        assert json_faults(value, "3.6") == []
        assert published_json.allows(schema, value)


def test_goessner_json_has_one_root_as_ever(reader: Any, issued: Issue) -> None:
    made = issued(1)
    value = reader.send("GET", f"{PODS}/{made.id}", Accept="application/json").json()
    assert value["pod"]["@id"] == made.id
    assert value["pod"]["podToken"] == made.token


def test_the_json_of_others_is_no_array(reader: Any) -> None:
    path = f"{PODS}/{uuid.uuid4()}"
    reply = reader.send("GET", path, Accept="application/json", Accept_Profile=PESC)
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, 404)


@pytest.mark.requirement("POD-DEL-002")
@pytest.mark.parametrize("accept", ["application/xml", "application/json"])
def test_a_party_reads_its_own_pods_only(hub: Any, reader: Any, issued: Issue, accept: str) -> None:
    mine, strangers = issued(1), issued(hub.vendor("stranger"))
    listed = reader.send("GET", PODS, Accept=accept).content
    assert mine.token.encode() in listed
    assert strangers.token.encode() not in listed
    single = reader.send("GET", f"{PODS}/{strangers.id}", Accept=accept)
    assert single.status_code == 404
    assert strangers.token.encode() not in single.content


@pytest.mark.requirement("POD-DEL-008")
def test_pods_hold_no_data_of_students(
    sis: Any, reader: Any, issued: Issue, students: Callable[[int], list[etree._Element]]
) -> None:
    found = students(5)
    body = etree.tostring(xpress.collection("xStudents", found))
    assert sis.send("POST", "/requests/xStudents", body).status_code == 200
    issued(1)
    shown = reader.send("GET", PODS).text
    values = {(each.text or "").strip() for student in found for each in student.iter("*")}
    assert [value for value in values if len(value) > 4 and value in shown] == []


@pytest.mark.parametrize(
    ("hour", "status"),
    [(3, "Live"), (5, "Expired")],
)
def test_a_pod_expires_at_midnight_in_its_district(
    hub: Any, another: Any, issued: Issue, hour: int, status: str
) -> None:
    made = issued(hub.vendor(), ends=date(2027, 1, 31))
    moment = datetime(2027, 2, 1, hour, tzinfo=UTC)
    clock = Clock(now=lambda: moment, zones={SCOPE.zone_id: ZoneInfo("America/New_York")})
    late = another(clock=clock)
    client = late.client("late", 1)
    # The client signs with the day of the test; Basic asks for no day.
    assert client.open().status_code == 201
    shown = etree.fromstring(client.send("GET", f"{PODS}/{made.id}").content)
    assert shown.findtext("{*}podStatus") == status


@pytest.mark.parametrize("version", ["3.3", "3.6"])
def test_the_json_that_is_read_hashes_to_what_the_hub_knows(
    hub: Any, issued: Issue, version: str
) -> None:
    made = issued(hub.vendor())
    client = speaking(hub, 1, version)
    named = {"Accept": "application/json", "Accept_Profile": PESC}
    (value,) = client.send("GET", f"{PODS}/{made.id}", **named).json()
    del value["pod"]["podStatus"]
    text = json.dumps(value["pod"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" in pod_hashes(made.document)


@pytest.mark.requirement("POD-SCH-001", "POD-SCH-004")
@pytest.mark.parametrize("version", ["3.3", "3.6"])
def test_an_event_of_a_pod_is_valid_in_the_version_of_its_reader(
    hub: Any, issued: Issue, ear: Any, version: str
) -> None:
    made = issued(hub.vendor())
    client = speaking(hub, 1, version)
    heard = ear(client, "UTILITY", "pods")
    with hub.engine.begin() as connection:
        announce_pod(connection, made, CREATE, Clock())
    reply = client.send("GET", f"/queues/{heard.queue_id}/messages")
    event = etree.fromstring(reply.content)
    assert (reply.headers["eventAction"], faults(event, version)) == ("CREATE", [])
    assert [each.get("id") for each in event] == [made.id]
