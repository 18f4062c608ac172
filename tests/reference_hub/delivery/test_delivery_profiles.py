"""A district's own profile and mapping, and what the commands say of a vendor's rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reference_hub.cli import cli
from reference_hub.journeys.renew_rows import renew_rows
from reference_hub.settings import Settings
from reference_hub.store.db import url_of
from tests.reference_hub.delivery.district import District, roster

HEADER = "collection,place,entity,field,function,codes,need,to,loss,crosswalk_id,note\n"
BY_NUMBER = (
    HEADER + "users,*,Student,,,,,,,,\n"
    "users,username,Student,localId,text(255),,required,,,XW-083,By number\n"
)
PROFILE = (
    'title = "By number"\nformat = "OneRoster"\nversion = "1.2"\ntable = "oneroster-1.2"\n'
    'shape = "rest"\ntransports = ["pull"]\nmapping = "by-number.csv"\n'
)
TYPES = "xLea,xSchool,xStudent"
Command = Callable[..., Result]


@pytest.fixture
def hub(district: District, hub_settings: Settings) -> Command:
    """Run `reference-hub` on the store of the district."""
    url = url_of(hub_settings).replace("+psycopg", "")

    def run(*words: object) -> Result:
        return CliRunner().invoke(cli, [*map(str, words)], env={"DATABASE_URL": url})

    return run


@pytest.fixture
def connected(district: District, hub: Command) -> Command:
    """A vendor that comes for its data, with the rows of four students."""
    district.vendor(policy="off")
    done = hub("vendor", "connect", "reading", "--format", "oneroster-1.2-rest", "--objects", TYPES)
    assert done.exit_code == 0, done.output
    district.accept(*roster(4))
    district.deliver()
    return hub


def told(done: Result) -> list[dict[str, str]]:
    assert done.exit_code == 0, done.output
    rows: list[dict[str, str]] = json.loads(done.stdout)
    return rows


def test_each_fault_of_a_mapping_is_told_with_its_line(hub: Command, tmp_path: Path) -> None:
    lines = "users,*,Student,,,,,,,,\nusers,email,Student,emails.adress,fist,,,,,XW-115,\n"
    (tmp_path / "own.csv").write_text(HEADER + lines, "utf-8")
    done = hub("mapping", "check", tmp_path / "own.csv", "--base", "oneroster-1.2")
    assert done.exit_code == 1
    assert "own.csv line 3: 'emails.adress': Student has no field 'emails.adress'." in done.output
    assert "own.csv line 3: there is no function 'fist'." in done.output


def test_a_district_changes_what_its_vendor_gets(
    district: District, hub: Command, tmp_path: Path
) -> None:
    (tmp_path / "by-number.csv").write_text(BY_NUMBER, "utf-8")
    (tmp_path / "numbered.toml").write_text(PROFILE, "utf-8")
    assert hub("profile", "add", tmp_path / "numbered.toml").exit_code == 0
    district.vendor(policy="off")
    hub("vendor", "connect", "reading", "--format", "numbered", "--objects", TYPES)
    district.accept(*roster(4))
    district.deliver()
    names = district.query(
        "SELECT body->>'username', body->>'identifier' FROM target_row WHERE collection = 'users'"
    )
    assert len(names) == 4
    assert all(name == number for name, number in names)


def test_a_profile_without_its_mapping_is_refused(hub: Command, tmp_path: Path) -> None:
    (tmp_path / "numbered.toml").write_text(PROFILE, "utf-8")
    done = hub("profile", "add", tmp_path / "numbered.toml")
    assert done.exit_code == 1
    assert "names by-number.csv, which is not beside it" in str(done.exception)


def test_an_example_shows_what_becomes_of_a_field(connected: Command) -> None:
    rows = told(connected("mapping", "explain", "reading", "xStudent", "--json"))
    names = [
        x for x in rows if (x["field"], x["target"]) == ("Student.givenName", "users.givenName")
    ]
    assert names[0]["before"] == names[0]["after"] != ""
    lost = [x for x in rows if x["field"] == "Student.addresses.line1"]
    assert [(x["target"], x["loss"]) for x in lost] == [("", "no_slot")]


def test_records_say_what_is_held_and_why(connected: Command, district: District) -> None:
    district.accept(*[x for x in roster(6) if x.object_type == "xStudent"][4:])
    counts = told(connected("records", "reading", "--collection", "users", "--json"))
    assert [(x["state"], x["records"]) for x in counts] == [("ready", "4")]
    district.deliver()
    counts = told(connected("records", "reading", "--collection", "users", "--json"))
    assert [(x["state"], x["records"]) for x in counts] == [("ready", "6")]
    assert told(connected("records", "reading", "--state", "refused", "--json")) == []


def test_other_settings_make_the_rows_anew(
    connected: Command, district: District, tmp_path: Path
) -> None:
    (tmp_path / "more.toml").write_text('extensions = ["ext:aide"]\n', "utf-8")
    done = connected("vendor", "change", "reading", "--set", tmp_path / "more.toml")
    assert (done.exit_code, "extensions set" in done.output) == (0, True)
    assert renew_rows(district.engine, district.clock) == 1
    district.deliver()
    assert renew_rows(district.engine, district.clock) == 0
