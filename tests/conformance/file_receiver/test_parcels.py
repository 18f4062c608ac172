"""What is delivered: the files of each form, and what is made of the answer."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from conformance import outcomes, roster
from conformance.outcomes import Note
from conformance.parcels import BULK, DELTA, Parcel, american, read_rows, written
from conformance.roster import School
from conformance.target_files import FORMS
from fixtures import generate
from fixtures.writers import xpress

WHEN = "2026-11-26T10:00:00.000Z"
COLUMNS = {"sourcedId": "ID", "givenName": "First", "birthDate": "Born"}


def student(number: int) -> etree._Element:
    return xpress.student(generate.student(7, number))


def parcel(form: str, mode: str = BULK) -> Parcel:
    rng = random.Random(7)
    school = School(rng, student(1))
    tables = roster.joined(school.tables, school.person(student(2), rng))
    return written(form, tables, mode, WHEN, COLUMNS)


def rows(made: Parcel, name: str) -> list[dict[str, str]]:
    head, *found = read_rows(made.files[name])
    return [dict(zip(head, row, strict=True)) for row in found]


def test_a_bulk_manifest_names_every_file_of_its_version() -> None:
    told = {
        row["propertyName"]: row["value"] for row in rows(parcel("oneroster-1.2"), "manifest.csv")
    }
    assert (told["manifest.version"], told["oneroster.version"]) == ("1.0", "1.2")
    assert (told["file.users"], told["file.roles"], told["file.results"]) == (BULK, BULK, "absent")
    assert len(told) == 2 + 21


def test_version_1_1_has_roles_in_users_and_no_file_of_them() -> None:
    made = parcel("oneroster-1.1")
    told = {row["propertyName"] for row in rows(made, "manifest.csv")}
    assert "roles.csv" not in made.files
    assert "file.roles" not in told
    assert [row["role"] for row in rows(made, "users.csv")] == ["teacher", "student"]


def test_only_rows_of_a_delta_are_dated() -> None:
    bulk, delta = (rows(parcel("oneroster-1.2", mode), "users.csv")[0] for mode in (BULK, DELTA))
    assert (bulk["status"], bulk["dateLastModified"]) == ("", "")
    assert (delta["status"], delta["dateLastModified"]) == ("active", WHEN)


def test_clever_days_have_no_zeros_in_front() -> None:
    assert american("2014-03-09") == "3/9/2014"
    day = rows(parcel("clever"), "students.csv")[0]["DOB"]
    assert "-" not in day
    assert not day.startswith("0")


def test_a_flat_file_has_the_columns_of_the_product() -> None:
    made = parcel("flat")
    assert made.data() == made.files["students.csv"]
    assert list(rows(made, "students.csv")[0]) == ["ID", "First", "Born"]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_rows_are_the_same_bytes(form: str) -> None:
    assert parcel(form).data() == parcel(form).data()


def test_what_is_upside_down_holds_the_same() -> None:
    made = parcel("oneroster-1.2")
    turned = made.upside_down()
    assert list(turned.files) == list(reversed(made.files))
    assert rows(turned, "users.csv") == list(reversed(rows(made, "users.csv")))
    with zipfile.ZipFile(io.BytesIO(turned.data())) as archive:
        assert archive.namelist()[-1] == "manifest.csv"


def test_what_is_taken_back_goes_children_first() -> None:
    rng = random.Random(7)
    person = School(rng, student(1)).person(student(2), rng)
    assert list(roster.gone(person)) == ["enrollments", "demographics", "roles", "users"]
    assert {row["status"] for part in roster.gone(person).values() for row in part} == {
        "tobedeleted"
    }


JSON = b'{"outcome": "refused", "rows": [{"file": "a.csv", "row": 3, "reason": "no day"}]}'
CSV = b"file,row,outcome,reason\r\nx.zip,,Rejected,\r\na.csv,3,skipped,no day\r\n"


@pytest.mark.parametrize("data", [JSON, CSV])
def test_a_result_is_read_in_both_forms(data: bytes) -> None:
    words = {"refused": "rejected"} if data is CSV else {}
    assert outcomes.read(data, words) == ("refused", (Note("a.csv", 3, "no day"),))


@pytest.mark.parametrize("data", [b"", b"{}", b'{"outcome": "odd"}', b"a,b\n1,2\n", b"{", b"\xff"])
def test_what_is_no_result_is_not_guessed(data: bytes) -> None:
    assert outcomes.read(data, {}) is None


@pytest.mark.parametrize("name", ["orgs", "users", "roles", "classes", "enrollments"])
def test_headers_of_school_data_sync_stand_in_published_samples(standards: Path, name: str) -> None:
    place = standards / "samples/oneroster/vendor-microsoft-sds-v2.1" / f"{name}.csv"
    published = place.read_text("utf-8-sig").splitlines()[0].split(",")
    assert set(read_rows(parcel("sds-2.1").files[f"{name}.csv"])[0]) <= set(published)
