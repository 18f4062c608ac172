"""The gate and the filter as a vendor meets them, over a socket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import Engine
from structlog.testing import capture_logs

from fixtures.writers import xpress
from reference_hub.store import pods, tables
from tests.reference_hub.covering import in_force

COLLECTION = "/requests/xStudents"
MARKER = "dataPrivacyMarker"
Students = Callable[[int], list[etree._Element]]


@pytest.fixture
def stored(sis: Any, students: Students) -> list[etree._Element]:
    """Three students in the zone."""
    found = students(3)
    reply = sis.send("POST", COLLECTION, etree.tostring(xpress.collection("xStudents", found)))
    assert reply.status_code == 200
    return found


@pytest.fixture(params=["list", "instance", "page"])
def door(request: pytest.FixtureRequest, stored: list[etree._Element]) -> str:
    """Each way to the data."""
    doors = {
        "list": COLLECTION,
        "instance": f"{COLLECTION}/{stored[0].get('refId')}",
        "page": f"{COLLECTION}?navigationPageSize=1",
    }
    return doors[request.param]


def described(reply: Any) -> str:
    return str(etree.fromstring(reply.content).findtext("{*}description", ""))


def texts(element: etree._Element) -> set[str]:
    inner = {(each.text or "").strip() for each in element.iter("*")}
    return {value for value in inner if len(value) > 3}


def test_without_a_marker_nothing_is_shown(hub: Any, reader: Any, door: str) -> None:
    hub.pod(1)
    reply = reader.send("GET", door)
    assert reply.status_code == 403
    assert described(reply).startswith("403-01")


def test_head_without_a_marker_tells_no_count(hub: Any, reader: Any, door: str) -> None:
    reply = reader.send("HEAD", door)
    assert reply.status_code == 403
    assert not [name for name in reply.headers if name.lower().startswith("navigation")]


def test_the_first_marker_acknowledges_and_is_answered(hub: Any, reader: Any, door: str) -> None:
    pod = hub.pod(1)
    reply = reader.send("GET", door, dataPrivacyMarker=pod.token)
    assert reply.status_code == 200
    assert reply.headers[MARKER] == pod.token
    with hub.engine.connect() as connection:
        found = in_force(connection, 1, pod.scope, datetime.now(UTC).date())
    assert found is not None
    assert found.id == pod.id


def test_only_granted_fields_are_shown(hub: Any, reader: Any, stored: list[etree._Element]) -> None:
    pod = hub.pod(1)
    reply = reader.send("GET", COLLECTION, dataPrivacyMarker=pod.token)
    shown = etree.fromstring(reply.content)
    kept = {each.tag.rpartition("}")[2] for each in shown.iter("*")}
    assert kept == {"xStudents", "xStudent", "name", "givenName", "localId"}
    granted = {
        stored[n].findtext(path)
        for n in range(3)
        for path in ("{*}name/{*}givenName", "{*}localId")
    }
    withheld = set().union(*(texts(each) for each in stored)) - granted
    assert not [value for value in withheld if f">{value}<".encode() in reply.content]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"status": "Expired"}, id="expired"),
        pytest.param({"status": "Live", "ends": date(2025, 12, 31)}, id="contract ended"),
    ],
)
def test_an_outdated_marker_is_410(hub: Any, reader: Any, door: str, given: dict[str, Any]) -> None:
    pod = hub.pod(1, **given)
    reply = reader.send("GET", door, dataPrivacyMarker=pod.token)
    assert reply.status_code == 410
    assert described(reply).startswith("410-20")


def test_a_superseded_marker_is_410_and_the_new_one_works(hub: Any, reader: Any, door: str) -> None:
    old = hub.pod(1)
    assert reader.send("GET", door, dataPrivacyMarker=old.token).status_code == 200
    with hub.engine.begin() as connection:
        pods.expire_all(connection, 1, old.scope)
    new = hub.pod(1)
    assert reader.send("GET", door, dataPrivacyMarker=old.token).status_code == 410
    assert reader.send("GET", door, dataPrivacyMarker=new.token).status_code == 200


@pytest.mark.parametrize("status", ["Pending", "Draft", "none"])
def test_a_marker_that_is_not_the_vendors_is_403(
    hub: Any, reader: Any, door: str, status: str
) -> None:
    vendor_id = hub.vendor("stranger") if status == "Pending" else 1
    token = "guess" if status == "none" else hub.pod(vendor_id, status=status).token
    reply = reader.send("GET", door, dataPrivacyMarker=token)
    assert reply.status_code == 403
    assert MARKER not in reply.headers


def test_a_pod_that_has_not_begun_or_grants_nothing_here_is_403(
    hub: Any, reader: Any, door: str
) -> None:
    early = hub.pod(1, starts=date(2035, 1, 1))
    assert reader.send("GET", door, dataPrivacyMarker=early.token).status_code == 403
    with hub.engine.begin() as connection:
        pods.expire_all(connection, 1, early.scope)
    other = hub.pod(1, granted=("xStaff",))
    assert reader.send("GET", door, dataPrivacyMarker=other.token).status_code == 403


def test_an_empty_marker_is_400(hub: Any, reader: Any, door: str) -> None:
    assert reader.send("GET", door, dataPrivacyMarker="").status_code == 400


def test_where_the_district_asks_for_no_pod_all_is_shown(
    hub: Any, reader: Any, stored: list[etree._Element]
) -> None:
    hub.vendor(policy="off")
    reply = reader.send("GET", COLLECTION)
    assert reply.status_code == 200
    assert b"birthDate" in reply.content
    assert MARKER not in reply.headers


def test_an_offered_pod_filters_even_without_a_marker(
    hub: Any, reader: Any, stored: list[etree._Element]
) -> None:
    hub.vendor(policy="offered")
    hub.pod(1)
    reply = reader.send("GET", COLLECTION)
    assert reply.status_code == 200
    assert b"birthDate" not in reply.content


def test_an_object_without_a_granted_id_is_not_shown(hub: Any, reader: Any, door: str) -> None:
    pod = hub.pod(1, granted=("xStudent/name",))
    reply = reader.send("GET", door, dataPrivacyMarker=pod.token)
    assert reply.status_code in (204, 404)


def test_the_source_needs_no_marker(sis: Any, door: str) -> None:
    assert sis.send("GET", door).status_code == 200


def test_the_pods_service_is_not_gated_and_hides_drafts(
    hub: Any, reader: Any, infrastructure: etree.XMLSchema
) -> None:
    shown = {hub.pod(1, status=status).id for status in ("Expired", "Pending")}
    hub.pod(1, status="Draft")
    hub.pod(hub.vendor("stranger"))
    reply = reader.send("GET", "/requests/pods", serviceType="UTILITY")
    found = etree.fromstring(reply.content)
    infrastructure.assertValid(found)
    assert {each.get("id") for each in found} == shown
    assert {each.findtext("{*}podStatus") for each in found} == {"Expired", "Pending"}


@pytest.mark.requirement("INF-ZON-007", "INF-UTL-001")
@pytest.mark.parametrize(
    "zone", ["environment-global", "infrastructure-utilities", "demo-district"]
)
def test_one_pod_is_read_by_its_id(hub: Any, reader: Any, zone: str) -> None:
    pod = hub.pod(1)
    reply = reader.send("GET", f"/requests/pods/{pod.id.upper()};zoneId={zone}")
    assert etree.fromstring(reply.content).findtext("{*}podToken") == pod.token


def test_drafts_and_strangers_pods_are_404(hub: Any, reader: Any) -> None:
    hidden = hub.pod(1, status="Draft"), hub.pod(hub.vendor("stranger"))
    for pod in hidden:
        assert reader.send("GET", f"/requests/pods/{pod.id}").status_code == 404


def test_no_pods_is_204_and_they_cannot_be_written(reader: Any, sis: Any) -> None:
    assert reader.send("GET", "/requests/pods").status_code == 204
    assert reader.send("POST", "/requests/pods/pod", b"<pod/>").status_code == 405
    assert sis.send("GET", "/requests/pods").status_code == 403


def test_a_marker_is_not_asked_for_on_deletes(sis: Any, stored: list[etree._Element]) -> None:
    assert sis.send("DELETE", f"{COLLECTION}/{stored[0].get('refId')}").status_code == 204


def test_when_the_gate_fails_no_data_flows(hub: Any, reader: Any, store: Engine, door: str) -> None:
    pod = hub.pod(1)
    with store.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE pod RENAME TO lost")
    try:
        with capture_logs() as logs:
            reply = reader.send("GET", door, dataPrivacyMarker=pod.token)
    finally:
        with store.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE lost RENAME TO {tables.pod.name}")
    assert reply.status_code == 503
    assert logs[0]["event"] == "gate failed"
    assert pod.token not in str(logs)
