"""Files go when the window of their connection closes: one for all that changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from conformance.simulators.message import Response
from reference_hub.clock import Clock
from reference_hub.journeys.accept import accept
from reference_hub.journeys.renew_rows import renew_rows
from reference_hub.model.windows import next_delivery
from reference_hub.problems import SetupError
from tests.reference_hub.delivery.district import SCOPE, District, Vendor, change, renamed, roster
from tests.reference_hub.delivery.test_delivery_file import files

EASTERN = ZoneInfo("America/New_York")
# A quarter to ten in the evening in the district.
NOW = datetime(2026, 11, 27, 2, 45, tzinfo=UTC)
Shell = Callable[..., str]


def due(told: dict[str, object], now: datetime = NOW) -> str:
    """When a file of this connection goes, in UTC."""
    return f"{next_delivery(told, now, EASTERN, 2.0):%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("told", "when"),
    [
        ({}, "11-27 02:45:02"),
        ({"window_seconds": 900}, "11-27 03:00:00"),
        ({"at": ["02:00"]}, "11-27 07:00:00"),
        ({"at": ["02:00", "22:00"]}, "11-27 03:00:00"),
        ({"at": ["21:45"]}, "11-28 02:45:00"),
        ({"at": ["02:00"], "window_seconds": 900}, "11-27 07:00:00"),
    ],
)
def test_a_file_goes_at_the_end_of_its_window(told: dict[str, object], when: str) -> None:
    assert due(told) == when


def test_a_time_of_day_follows_the_clocks_of_the_district() -> None:
    eve = datetime(2026, 3, 8, 1, 0, tzinfo=UTC)
    assert due({"at": ["02:30"]}, eve) == "03-08 07:30:00"
    assert due({"at": ["02:30"]}, eve + timedelta(days=1)) == "03-09 06:30:00"


@pytest.fixture
def gathering(district: District, vendor: tuple[Vendor, str]) -> tuple[District, Vendor]:
    """A district whose bundle goes at one time of day, an hour and more from now."""
    app, url = vendor
    app.serves(Response(201))
    moment = district.hour.now() + timedelta(hours=2)
    drop = {"format": "oneroster-1.2-csv", "transport": "http_put"}
    district.connect(
        district.vendor(policy="off"), f"{url}/files", objects=["xLea", "xSchool", "xStudent"],
        delivery={"at": [f"{moment:%H:00}"]}, **drop,
    )  # fmt: skip
    district.accept(*roster(4))
    return district, app


@pytest.mark.requirement("TRN-PR-12")
def test_one_bundle_goes_for_all_that_changed(gathering: tuple[District, Vendor]) -> None:
    district, app = gathering
    district.accept(change(50))
    district.accept(renamed(50, "Zora"))
    district.deliver()
    assert app.data() == []
    district.hour.moved = timedelta(hours=2)
    district.deliver()
    assert len(app.data()) == 1
    assert [row["givenName"] for row in files(app)["users.csv"]].count("Zora") == 1
    assert len(files(app)["users.csv"]) == 5


def test_what_waits_is_listed_with_its_time(gathering: tuple[District, Vendor], hub: Shell) -> None:
    (row,) = msgspec.json.decode(hub("deliveries", "list", "--json"))
    assert row["next_try"].endswith(":00:00")
    assert row["why"] == f"gathers changes; the next delivery is at {row['next_try']} UTC"


def test_an_operator_may_close_the_window(gathering: tuple[District, Vendor], hub: Shell) -> None:
    district, app = gathering
    assert hub("deliveries", "retry", "--vendor", "reading") == (
        "0 failing connections of reading are tried now.\n1 files go now, before their time.\n"
    )
    district.deliver()
    assert len(app.data()) == 1


def test_one_message_may_go_before_its_time(gathering: tuple[District, Vendor], hub: Shell) -> None:
    district, app = gathering
    ((number,),) = district.query("SELECT id FROM message")
    assert hub("deliveries", "retry", str(number)) == f"Message {number} goes next.\n"
    district.deliver()
    assert len(app.data()) == 1


def test_rows_of_a_new_day_wait_for_the_window_too(
    district: District, vendor: tuple[Vendor, str]
) -> None:
    app, url = vendor
    drop = {"format": "clever", "transport": "http_put", "objects": ["xSchool", "xStudent"]}
    vendor_id = district.vendor(policy="off")
    district.connect(vendor_id, url, delivery={"window_seconds": 3600, "files": "zip"}, **drop)
    district.accept(*roster(2))
    district.hour.moved = timedelta(hours=2)
    app.serves(Response(201), times=20)
    district.deliver()
    app.seen.clear()
    district.hour.moved = timedelta(days=2)
    assert renew_rows(district.engine, district.clock) == 1
    assert district.deliver() == 0
    district.hour.moved = timedelta(days=2, hours=1, seconds=1)
    assert district.deliver() == 1


def test_the_time_zone_of_the_district_decides(gathering: tuple[District, Vendor]) -> None:
    district, _ = gathering
    clock = Clock(now=lambda: NOW, zones={SCOPE.zone_id: EASTERN})
    with district.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM message")
        connection.exec_driver_sql("""UPDATE subscriber SET delivery = '{"at": ["02:00"]}'""")
        accept(connection, SCOPE, "sis", [change(50)], clock)
    assert district.query("SELECT not_before FROM message") == [
        (datetime(2026, 11, 27, 7, tzinfo=UTC),)
    ]


def test_other_times_move_what_waits(
    gathering: tuple[District, Vendor], hub: Shell, tmp_path: Path
) -> None:
    district, app = gathering
    told = tmp_path / "times.toml"
    told.write_text("at = []\nwindow_seconds = 0\n", "utf-8")
    hub("vendor", "change", "reading", "--set", str(told))
    district.deliver()
    assert len(app.data()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('at = "02:00"', "lists times of day"),
        ('at = ["25:00"]', "lists times of day"),
        ('at = ["02:00+01:00"]', "lists times of day"),
        ('files = "both"', "files is one of zip, each"),
        ("window_seconds = -1", "a number of seconds"),
    ],
)
def test_a_setting_that_is_none_is_refused(
    gathering: tuple[District, Vendor], hub: Shell, tmp_path: Path, text: str, said: str
) -> None:
    told = tmp_path / "times.toml"
    told.write_text(text, "utf-8")
    with pytest.raises(SetupError, match=said):
        hub("vendor", "change", "reading", "--set", str(told))
