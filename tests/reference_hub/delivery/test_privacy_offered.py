"""A vendor that need not take a POD, but has one: its pushes heed dates and grant of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reference_hub.journeys.prepare import ENDED, NOT_BEGUN, may_go
from reference_hub.model.caller import reached
from reference_hub.store.vendors import required_vendor, subscribers_of
from tests.reference_hub.delivery.district import GRANTED, District


def reason(district: District, object_type: str = "xStudent") -> str:
    """Why a message may not go today, '' when it may."""
    with district.engine.connect() as connection:
        (to,) = subscribers_of(connection, 1)
        vendor = required_vendor(connection, "reading")
        return may_go(connection, reached(vendor, to), object_type, district.clock).reason


@pytest.fixture
def vendor_id(district: District) -> int:
    vendor_id = district.vendor(policy="offered")
    district.connect(vendor_id, "http://127.0.0.1:9/")
    return vendor_id


def test_without_a_pod_all_may_go(district: District, vendor_id: int) -> None:
    assert reason(district) == ""


@pytest.mark.parametrize("acknowledged", [True, False])
def test_after_the_last_day_nothing_goes(
    district: District, vendor_id: int, acknowledged: bool
) -> None:
    district.issue(vendor_id, acknowledged=acknowledged)
    assert reason(district) == ""
    district.hour.moved = timedelta(days=91)
    assert reason(district) == ENDED


def test_before_the_first_day_nothing_goes(district: District, vendor_id: int) -> None:
    starts = district.hour.now().date() + timedelta(days=3)
    district.issue(vendor_id, acknowledged=True, starts=starts)
    assert reason(district) == NOT_BEGUN


def test_an_object_that_the_pod_does_not_cover_stays(district: District, vendor_id: int) -> None:
    district.issue(vendor_id, acknowledged=True)
    assert not any(path.startswith("xCalendar") for path in GRANTED)
    assert reason(district, "xCalendar") == "the POD grants nothing of xCalendar"


def test_an_expired_pod_keeps_the_door_closed(district: District, vendor_id: int) -> None:
    district.issue(vendor_id, acknowledged=True)
    with district.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE pod SET status = 'Expired'")
    assert reason(district) == ENDED
