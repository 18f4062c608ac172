"""Delivery of a whole roster as a OneRoster bundle."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest

from conformance.simulators import serve
from conformance.simulators.message import Response
from reference_hub.codec import xml
from reference_hub.model.change import DELETE
from reference_hub.model.party import NATIVE
from reference_hub.store import projections, vendors
from tests.reference_hub.delivery.district import (
    GRANTED,
    District,
    Vendor,
    change,
    roster,
)

TYPES = ["xLea", "xSchool", "xStudent"]
Connected = tuple[District, Vendor, int]


@pytest.fixture
def dropped(district: District, vendor: tuple[Vendor, str]) -> Connected:
    """A vendor that takes files under an acknowledged POD."""
    app, url = vendor
    vendor_id = district.vendor()
    sif = district.connect(vendor_id, url, name="sif", objects=["xNothing"])
    drop = {"format": "oneroster-1.2-csv", "transport": "http_put", "objects": TYPES}
    assert district.connect(vendor_id, f"{url}/files", name="reading files", **drop) > sif
    district.issue(vendor_id)
    district.deliver()
    app.seen.clear()
    return district, app, vendor_id


def files(vendor: Vendor) -> dict[str, list[dict[str, str]]]:
    """The last bundle that was put, unpacked."""
    body = vendor.data()[-1].body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    return {
        name: list(csv.DictReader(io.StringIO(text, newline=""))) for name, text in texts.items()
    }


def told(vendor: Vendor, name: str) -> set[str]:
    """What a file of the last bundle tells of people besides their ids."""
    rows = files(vendor).get(name, [])
    return {value for row in rows for key, value in row.items() if key != "sourcedId"} - {""}


def test_a_district_arrives_as_one_bundle(dropped: Connected) -> None:
    district, vendor, _ = dropped
    district.accept(*roster(4))
    district.deliver()
    (request,) = vendor.data()
    assert request.segments[-1] == "reading_files-demo-district.zip"
    assert request.header("content-type") == "application/zip"
    assert request.header("dataPrivacyMarker")
    assert len(vendor.state.rows["users"]) == 4
    assert district.states() == [("CREATE", "done", "")]


def test_the_bundle_holds_what_the_grant_allows_and_no_more(dropped: Connected) -> None:
    district, vendor, _ = dropped
    district.accept(*roster(4))
    district.deliver()
    users = files(vendor)["users.csv"]
    assert all(user["username"] and user["givenName"] for user in users)
    assert {user["phone"] + user["sms"] for user in users} == {""}
    assert all("state" not in user["userIds"] for user in users)


def test_a_narrowed_pod_narrows_the_next_bundle(dropped: Connected) -> None:
    district, vendor, vendor_id = dropped
    district.accept(*roster(4))
    district.issue(vendor_id, tuple(p for p in GRANTED if not p.startswith("xStudent/demo")))
    district.deliver()
    assert told(vendor, "demographics.csv") == set()
    assert told(vendor, "users.csv") != set()


def test_a_narrowed_pod_brings_a_new_bundle_although_nothing_changed(dropped: Connected) -> None:
    district, vendor, vendor_id = dropped
    district.accept(*roster(4))
    district.deliver()
    assert told(vendor, "demographics.csv") != set()
    district.issue(vendor_id, tuple(p for p in GRANTED if not p.startswith("xStudent/demo")))
    district.deliver()
    assert told(vendor, "demographics.csv") == set()


@pytest.mark.requirement("TRN-LR-06")
def test_the_same_state_gives_the_same_bytes(dropped: Connected) -> None:
    district, vendor, _ = dropped
    district.accept(*roster(4))
    district.deliver()
    district.accept(change(50))
    district.deliver()
    district.accept(change(50, DELETE))
    district.deliver()
    first, _, last = (request.body for request in vendor.data())
    assert first == last


def test_what_was_lost_stands_in_the_ledger_until_it_no_longer_holds(dropped: Connected) -> None:
    district, _, _ = dropped
    district.accept(*roster(4))
    district.deliver()
    static = "SELECT count(*) FROM loss WHERE refid IS NULL AND kind = 'no_slot'"
    assert district.query(static) != [(0,)]
    with district.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO loss (zone_id, context_id, subscriber_id, entity, crosswalk_id,"
            " source_path, kind, original_kept, note, seen)"
            " SELECT zone_id, context_id, id, 'x', 'x', 'old', 'no_slot', true, '',"
            " '2020-01-01' FROM subscriber WHERE name = 'reading files'"
        )
    district.accept(change(50))
    district.deliver()
    assert district.query("SELECT count(*) FROM loss WHERE source_path = 'old'") == [(0,)]


def test_ids_of_people_who_left_are_kept_from_others(dropped: Connected) -> None:
    district, _, _ = dropped
    district.accept(*roster(4), change(50))
    district.deliver()
    district.accept(change(50, DELETE))
    district.deliver()
    statement = (
        "SELECT entity, state, count(*) FROM target_row WHERE collection IN ('orgs', 'users')"
        " GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert district.query(statement) == [
        ("LEA", "ready", 1),
        ("School", "ready", 2),
        ("Student", "gone", 1),
        ("Student", "ready", 4),
    ]


def test_a_file_that_must_wait_gives_way_to_a_younger_one(dropped: Connected) -> None:
    district, vendor, _ = dropped
    vendor.serves(Response(503))
    vendor.meanwhile.append(lambda: district.accept(change(51)))
    district.accept(*roster(4))
    district.deliver()
    district.hour.moved = timedelta(minutes=2)
    district.deliver()
    assert [state for _, state, _ in district.states()] == ["purged", "done"]
    assert len(files(vendor)["users.csv"]) == 5


def test_no_bundle_leaves_without_a_live_pod(dropped: Connected) -> None:
    district, vendor, _ = dropped
    district.accept(*roster(4))
    district.hour.moved = timedelta(days=200)
    district.deliver()
    assert vendor.data() == []
    assert district.states() == [("CREATE", "held", "agreement ended")]


def test_a_bundle_without_rows_is_not_sent(dropped: Connected) -> None:
    district, vendor, vendor_id = dropped
    district.accept(change(1))
    district.issue(vendor_id, ("xStudent/@refId", "xStudent/localId"))
    district.deliver()
    assert vendor.data() == []
    assert district.states() == [("CREATE", "purged", "there is no row to send")]


def test_a_zone_larger_than_a_page_arrives_whole(dropped: Connected) -> None:
    district, vendor, _ = dropped
    changes = roster(510)
    district.accept(*changes)
    district.deliver()
    # One of the awkward students has nothing but an id, which makes no user.
    wanted = {one.refid for one in changes if b"<name>" in (one.body or b"")}
    assert len(wanted) == 509
    assert {xml.fold(sourced_id) for sourced_id in vendor.state.rows["users"]} == wanted


def test_a_file_drop_has_no_use_for_a_pod(district: District) -> None:
    vendor = Vendor()
    with serve(vendor) as handle:
        vendor_id = district.vendor()
        drop = {"format": "oneroster-1.2-csv", "transport": "http_put", "objects": TYPES}
        district.connect(vendor_id, f"{handle.url}/files", **drop)
        district.issue(vendor_id)
        district.deliver()
    statement = "SELECT state, reason FROM message WHERE kind = 'pod'"
    assert district.query(statement) == [("dead", "a file drop takes bundles only")]
    assert vendor.seen == []


@pytest.mark.requirement("TRN-LC-10")
def test_a_set_that_shrank_too_much_waits_for_a_word(dropped: Connected) -> None:
    district, vendor, vendor_id = dropped
    many = roster(30)
    district.accept(*many)
    district.deliver()
    gone = [replace(x, action=DELETE, body=None) for x in many if x.object_type == "xStudent"]
    district.accept(*gone[:10])
    district.deliver()
    assert len(vendor.data()) == 1
    assert district.states()[-1][1:] == (
        "held",
        "more than 10 % of the rows would go; allow it with: vendor change",
    )
    with district.engine.begin() as connection:
        (to,) = [x for x in vendors.subscribers_of(connection, vendor_id) if x.format != NATIVE]
        vendors.set_delivery(connection, to.id, {"shrink_percent": 50})
        projections.ask_anew(connection, to)
    district.deliver()
    assert len(files(vendor)["users.csv"]) == 20
