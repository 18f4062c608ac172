"""Delivery to a vendor by SIF push, end to end over sockets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lxml import etree

from conformance.simulators.message import Response
from reference_hub.codec import xml
from reference_hub.model.change import CREATE, DELETE, UPDATE
from reference_hub.model.message import Batch, Outgoing
from reference_hub.store import outbox, pods, vendors
from reference_hub.workers.loop import transports
from tests.reference_hub.covering import in_force
from tests.reference_hub.delivery.district import (
    GRANTED,
    SCOPE,
    SETTINGS,
    District,
    Vendor,
    change,
    renamed,
)

Connected = tuple[District, Vendor, int]


def test_create_update_and_delete_reach_the_vendor_in_order(connected: Connected) -> None:
    district, vendor, _ = connected
    district.accept(change(1), renamed(1, "Ada"), change(2), change(2, DELETE))
    district.deliver()
    assert [method for method, _ in vendor.actions()] == ["POST", "PUT", "POST", "DELETE"]
    (student,) = vendor.state.students.values()
    assert student.findtext("{*}name/{*}givenName") == "Ada"


def test_nothing_but_the_grant_leaves(connected: Connected) -> None:
    district, vendor, _ = connected
    district.accept(change(1))
    district.deliver()
    (request,) = vendor.data()
    sent = xml.read(request.body)
    paths = {xml.local_name(child) for child in sent}
    assert "loginId" in paths
    assert not paths & {"stateProvinceId", "address", "phoneNumber", "studentContacts"}


def test_a_data_message_says_who_where_and_under_which_pod(connected: Connected) -> None:
    district, vendor, _ = connected
    district.accept(change(1))
    district.deliver()
    (request,) = vendor.data()
    assert dict(request.matrix) == {"zoneId": "demo-district", "contextId": "DEFAULT"}
    assert request.segments[-2:] == ("xStudents", "xStudent")
    message_id, token = district.query(
        "SELECT m.message_id, p.token FROM message m, pod p WHERE m.kind = 'event'"
    )[0]
    wanted = {"messageId": str(message_id), "dataPrivacyMarker": token, "mustUseAdvisory": "true"}
    wanted |= {"messageType": "REQUEST", "requestAction": "CREATE"}
    assert {name: request.header(name) for name in wanted} == wanted


@pytest.mark.parametrize("method", ["Basic", "SIF_HMACSHA256"])
def test_the_pod_goes_first_and_its_marker_lets_data_flow(
    district: District, vendor: tuple[Vendor, str], method: str
) -> None:
    app, url = vendor
    vendor_id = district.vendor()
    credentials = {"key": "demo-vendor", "secret": "demo-secret-1", "method": method}
    district.connect(vendor_id, url, credentials=credentials)
    district.accept(change(1))
    assert district.states() == [("CREATE", "held", "POD not acknowledged")]
    district.issue(vendor_id)
    district.deliver()
    assert [request.segments[-1] for request in app.seen] == ["pod", "xStudent"]
    assert app.seen[0].header("dataPrivacyMarker") is None
    assert district.states() == [("CREATE", "done", "")]


def test_a_pod_that_is_not_acknowledged_lets_nothing_flow(
    district: District, vendor: tuple[Vendor, str]
) -> None:
    app, url = vendor
    vendor_id = district.vendor()
    district.connect(vendor_id, url)
    app.serves(Response(201))
    district.issue(vendor_id)
    district.accept(change(1))
    district.deliver()
    assert app.data() == []
    assert district.states() == [("CREATE", "held", "POD not acknowledged")]


def test_a_restart_goes_on_in_the_same_environment(connected: Connected) -> None:
    district, vendor, _ = connected
    for index in (1, 2):
        district.accept(change(index))
        district.deliver()
    assert len(vendor.state.sessions) == 1
    assert len(vendor.state.students) == 2


def test_a_session_the_vendor_forgot_is_renewed_once(connected: Connected) -> None:
    district, vendor, _ = connected
    vendor.state.sessions.clear()
    district.accept(change(1))
    district.deliver()
    first, second = vendor.data()
    assert first.header("messageId") == second.header("messageId")
    assert district.states() == [("CREATE", "done", "")]


def test_a_lost_session_gets_a_new_instance(connected: Connected) -> None:
    district, vendor, _ = connected
    with district.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE subscriber SET session = NULL")
    district.accept(change(1))
    district.deliver()
    assert len(vendor.state.sessions) == 2
    assert district.states() == [("CREATE", "done", "")]


def test_a_create_of_what_is_there_becomes_an_update(connected: Connected) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(409))
    district.accept(change(1))
    district.deliver()
    assert [method for method, _ in vendor.actions()] == ["POST", "PUT"]


def test_an_update_of_what_is_missing_becomes_a_create(connected: Connected) -> None:
    district, vendor, _ = connected
    district.accept(change(1))
    district.deliver()
    vendor.state.students.clear()
    district.accept(renamed(1, "Ada"))
    district.deliver()
    assert [method for method, _ in vendor.actions()] == ["POST", "PUT", "POST"]
    assert len(vendor.state.students) == 1


def test_a_delete_of_what_is_missing_is_done(connected: Connected) -> None:
    district, vendor, _ = connected
    district.accept(change(1))
    district.deliver()
    vendor.state.students.clear()
    district.accept(change(1, DELETE))
    district.deliver()
    assert district.states()[-1] == (DELETE, "done", "it was not there")


@pytest.mark.parametrize("in_between", [True, False])
def test_a_delete_names_the_refid_as_it_was_sent(connected: Connected, in_between: bool) -> None:
    district, vendor, _ = connected
    element = xml.read(change(1).body or b"")
    element.set("refId", (element.get("refId") or "").lower())
    district.accept(change(1, CREATE, xml.tostring(element)))
    if in_between:
        district.deliver()
    district.accept(change(1, DELETE))
    district.deliver()
    assert vendor.actions()[-1] == ("DELETE", element.get("refId"))
    assert district.query("SELECT count(*) FROM id_map WHERE retired IS NOT NULL") == [(1,)]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, ("dead", "the vendor answered 400")),
        (403, ("held", "the vendor refuses it (403)")),
        (410, ("held", "the vendor says its POD is outdated (410)")),
        (422, ("dead", "the vendor answered 422")),
    ],
)
def test_a_refused_message_lets_the_next_one_pass(
    connected: Connected, status: int, expected: tuple[str, str]
) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(status))
    district.accept(change(1), change(2))
    district.deliver()
    assert district.states() == [("CREATE", *expected), ("CREATE", "done", "")]


def test_later_messages_of_a_held_object_wait_behind_it(connected: Connected) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(403))
    district.accept(change(1), renamed(1, "Ada"), change(2))
    district.deliver()
    district.accept(change(1, DELETE))
    district.deliver()
    assert [state for _, state, _ in district.states()] == ["held", "held", "done", "held"]
    assert len(vendor.data()) == 2


def test_narrowing_the_pod_reaches_what_already_waits(connected: Connected) -> None:
    district, vendor, vendor_id = connected
    district.accept(change(1))
    narrow = tuple(path for path in GRANTED if path != "xStudent/loginId")
    district.issue(vendor_id, narrow)
    district.deliver()
    (request,) = vendor.data()
    assert etree.fromstring(request.body).find("{*}loginId") is None
    assert etree.fromstring(request.body).find("{*}name") is not None


def test_a_pod_that_ran_out_holds_what_waits(connected: Connected) -> None:
    district, vendor, _ = connected
    district.accept(change(1))
    district.hour.moved = timedelta(days=200)
    district.deliver()
    assert vendor.data() == []
    assert district.states() == [("CREATE", "held", "agreement ended")]


def test_a_pod_that_grants_nothing_of_the_object_holds_it(connected: Connected) -> None:
    district, vendor, vendor_id = connected
    district.accept(change(1))
    district.issue(vendor_id, ("xSchool/@refId",))
    district.deliver()
    assert vendor.data() == []
    assert district.states() == [("CREATE", "held", "the POD grants nothing of xStudent")]


def test_a_vendor_without_pod_gets_everything_and_no_marker(
    district: District, vendor: tuple[Vendor, str]
) -> None:
    app, url = vendor
    app.needs_pod = False
    district.connect(district.vendor(policy="off"), url)
    district.accept(change(1))
    district.deliver()
    (request,) = app.data()
    assert request.header("dataPrivacyMarker") is None
    assert request.body == change(1).body


def test_a_message_the_hub_cannot_read_does_not_stop_the_queue(connected: Connected) -> None:
    district, _, _ = connected
    district.accept(change(1, UPDATE, b"<broken"), change(2))
    district.deliver()
    assert district.states() == [
        (UPDATE, "dead", "the hub failed on it (MalformedDocument)"),
        (CREATE, "done", ""),
    ]


def test_deliveries_are_audited_without_values(connected: Connected) -> None:
    district, _, _ = connected
    district.accept(change(1), change(2), change(2, DELETE))
    district.deliver()
    entries = district.query(
        "SELECT action, object_type, count, detail->>'version' FROM audit WHERE actor = 'delivery'"
    )
    assert ("delivered CREATE", "xStudent", 2, "1.0.0") in entries
    assert ("delivered DELETE", "xStudent", 1, "1.0.0") in entries


def test_a_pod_that_was_replaced_while_it_was_on_its_way_is_not_sent(connected: Connected) -> None:
    district, vendor, vendor_id = connected
    first = district.issue(vendor_id)
    second = district.issue(vendor_id)
    with district.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE message SET state = 'waiting' WHERE pod_id = '{first.id}'"
        )
    district.deliver()
    assert [second.token in request.body.decode() for request in vendor.seen] == [True]
    statement = f"SELECT state, reason FROM message WHERE pod_id = '{first.id}'"
    assert district.query(statement) == [("purged", "a newer POD was issued")]


def test_an_agreement_that_was_ended_is_told_to_the_vendor(connected: Connected) -> None:
    district, vendor, vendor_id = connected
    with district.engine.begin() as connection:
        pod = in_force(connection, vendor_id, SCOPE, district.hour.now().date())
        assert pod is not None
        pods.expire_all(connection, vendor_id, SCOPE)
        outbox.queue_pod(connection, pod)
    district.deliver()
    assert b"<podStatus>Expired</podStatus>" in vendor.seen[-1].body
    assert pod.token in vendor.state.markers.retired


def test_a_transport_stops_at_the_first_message_that_must_wait(connected: Connected) -> None:
    district, vendor, vendor_id = connected
    with district.engine.connect() as connection:
        (to,) = vendors.subscribers_of(connection, vendor_id)
        pod = in_force(connection, vendor_id, SCOPE, district.hour.now().date())
    messages = tuple(
        Outgoing(
            at, f"00000000-0000-4000-8000-00000000000{at}", "event", CREATE, "xStudent", "A", b""
        )
        for at in (1, 2)
    )
    vendor.serves(Response(503))
    with transports(SETTINGS, district.clock) as ways:
        delivery = ways["sif_push"].deliver(Batch(to, pod, messages))
    assert [settled.id for settled in delivery.settled] == [1]
    assert len(vendor.data()) == 1
