"""A OneRoster delta onto what is stored: what its rows name changes, and nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.codec.xml import read
from reference_hub.journeys.import_file import MODELS, Imported, Order, import_file, oneroster
from reference_hub.model.scope import Scope
from reference_hub.store import listings
from reference_hub.translate.bundle_writing import DELTA, gone, write_bundle
from reference_hub.translate.canonical import Record
from reference_hub.translate.intake import Intake
from reference_hub.translate.tables import load
from reference_hub.translate.trees import node
from tests.reference_hub.translate.districts import district, graph_of, packed, written

SCOPE = Scope("demo-district")
SCHOOL = "11111111-2222-4333-8444-555555555555"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
Row = dict[str, Any]
Bring = Callable[..., Imported]
Stored = dict[str, Any]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.fixture(scope="module")
def rows() -> Mapping[str, list[Row]]:
    return written(district(4, 6), "oneroster-1.2").ready()


@pytest.fixture
def bring(store: Engine, judge: Judge, tmp_path: Path) -> Bring:
    def run(content: bytes, version: str = "1.2", target: str = "xpress-4.3") -> Imported:
        path = tmp_path / "bundle.zip"
        path.write_bytes(content)
        order = Order(SCOPE, target, settings={"operational_since": "2000-07-01"}, leave_out=True)
        return import_file(store, judge, order, path, oneroster(version), Clock())

    return run


@pytest.fixture
def imported(bring: Bring) -> Bring:
    """A hub that holds the whole district."""
    whole = packed(written(district(4, 6), "oneroster-1.2"), "1.2")
    assert bring(whole).faults == ()
    return bring


def delta(version: str = "1.2", **files: list[Row]) -> bytes:
    ordered = {name: sorted(each, key=lambda x: x["sourcedId"]) for name, each in files.items()}
    with write_bundle(ordered, version, DELTA, NOON).content as content:
        return content.read()


def stored(store: Engine, object_type: str, target: str = "xpress-4.3") -> Stored:
    """The objects of a type by RefId in the spelling of an id."""
    assert object_type in load(MODELS[target]).collections
    found: Stored = {}
    with store.connect() as connection:
        for _, body in listings.scan(connection, SCOPE, object_type):
            one = node(read(body))
            found[str(one.get("@refId") or one.get("@RefId")).lower()] = one
    return found


def student(rows: Mapping[str, list[Row]]) -> Row:
    """A student with a mobile and races."""
    facts = {x["sourcedId"] for x in rows["demographics"]}
    return next(x for x in rows["users"] if x["sourcedId"] in facts and "grades" in x)


def test_a_changed_row_changes_its_object_alone(
    imported: Bring, store: Engine, rows: Mapping[str, list[Row]]
) -> None:
    before, one = stored(store, "xStudent"), student(rows)
    done = imported(delta(users=[{**one, "preferredGivenName": "Zora"}]))
    assert (done.faults, done.stored, done.deleted) == ((), {"xStudent": 1}, {})
    after = stored(store, "xStudent")
    changed = [at for at in after if after[at] != before[at]]
    assert changed == [one["sourcedId"]]
    assert "Zora" in repr(after[one["sourcedId"]]["otherNames"])
    # What other files say of the student stays.
    for name in ("demographics", "enrollment"):
        assert after[one["sourcedId"]][name] == before[one["sourcedId"]][name]


def test_a_row_is_a_whole_record_and_takes_away_what_it_does_not_say(
    imported: Bring, store: Engine, rows: Mapping[str, list[Row]]
) -> None:
    one = next(x for x in rows["users"] if "middleName" in x and "grades" in x)
    told = {name: cell for name, cell in one.items() if name != "middleName"}
    assert "middleName" in stored(store, "xStudent")[one["sourcedId"]]["name"]
    assert imported(delta(users=[told])).stored == {"xStudent": 1}
    assert "middleName" not in stored(store, "xStudent")[one["sourcedId"]]["name"]


def test_rows_to_be_deleted_delete_the_object_and_leave_the_others(
    imported: Bring, store: Engine, rows: Mapping[str, list[Row]]
) -> None:
    one = student(rows)["sourcedId"]
    seats = [x for x in rows["enrollments"] if x["userSourcedId"] == one]
    done = imported(delta(
        users=[gone(x) for x in rows["users"] if x["sourcedId"] == one],
        roles=[gone(x) for x in rows["roles"] if x["userSourcedId"] == one],
        demographics=[gone(x) for x in rows["demographics"] if x["sourcedId"] == one],
        enrollments=[gone(x) for x in seats],
    ))  # fmt: skip
    assert (done.faults, done.deleted) == ((), {"xStudent": 1})
    assert done.stored["xRoster"] == len({x["classSourcedId"] for x in seats})
    assert one not in stored(store, "xStudent")
    assert one not in repr(stored(store, "xRoster"))


def test_a_contact_that_a_student_no_longer_names_is_linked_no_more(
    imported: Bring, store: Engine, rows: Mapping[str, list[Row]]
) -> None:
    one = next(x for x in rows["users"] if "grades" in x and x.get("agentSourcedIds"))
    before = stored(store, "xContact")
    told = {name: cell for name, cell in one.items() if name != "agentSourcedIds"}
    assert imported(delta(users=[told])).deleted == {}
    after = stored(store, "xContact")
    changed = {at for at in before if before[at] != after[at]}
    assert set(one["agentSourcedIds"]) <= changed
    assert all(one["sourcedId"] not in repr(after[at]) for at in one["agentSourcedIds"])


def test_in_1_1_a_place_that_a_user_no_longer_names_is_left(
    bring: Bring, store: Engine, rows: Mapping[str, list[Row]]
) -> None:
    made = written(district(4, 6), "oneroster-1.1")
    schools = sorted(x["sourcedId"] for x in rows["orgs"] if x["type"] == "school")
    one = next(x for x in made.ready()["users"] if x["role"] == "student")
    assert bring(packed(made, "1.1"), "1.1").faults == ()
    both = {**one, "orgSourcedIds": schools}
    assert bring(delta("1.1", users=[both]), "1.1").stored == {"xStudent": 1}
    assert "otherEnrollments" in stored(store, "xStudent")[one["sourcedId"]]
    assert bring(delta("1.1", users=[{**one, "grades": ["12"]}]), "1.1").stored == {"xStudent": 1}
    left = stored(store, "xStudent")[one["sourcedId"]]
    assert "otherEnrollments" not in left
    assert left["enrollment"]["gradeLevel"] == "12"


def test_a_seat_that_is_deleted_is_gone_from_its_class_alone(
    imported: Bring, store: Engine, rows: Mapping[str, list[Row]]
) -> None:
    seat = next(x for x in rows["enrollments"] if x["role"] == "student")
    done = imported(delta(enrollments=[gone(seat)]))
    assert (done.stored, done.deleted) == ({"xRoster": 1}, {})
    room = stored(store, "xRoster")[seat["classSourcedId"]]
    assert seat["userSourcedId"] not in repr(room.get("students"))


def test_demographics_that_are_deleted_leave_the_student(
    imported: Bring, store: Engine, rows: Mapping[str, list[Row]]
) -> None:
    one = student(rows)["sourcedId"]
    facts = next(x for x in rows["demographics"] if x["sourcedId"] == one)
    assert imported(delta(demographics=[gone(facts)])).deleted == {}
    left = stored(store, "xStudent")[one]
    assert "birthDate" not in left.get("demographics", {})
    assert left["name"]["familyName"]


def test_a_new_student_of_a_known_school_is_created(
    imported: Bring, store: Engine, rows: Mapping[str, list[Row]]
) -> None:
    one = student(rows)
    role = next(x for x in rows["roles"] if x["userSourcedId"] == one["sourcedId"])
    user = {**one, "sourcedId": "new.pupil-1", "username": "new1", "agentSourcedIds": []}
    at = {**role, "sourcedId": "new.role-1", "userSourcedId": "new.pupil-1"}
    done = imported(delta(users=[user], roles=[at]))
    assert (done.faults, done.stored) == ((), {"xStudent": 1})
    made = stored(store, "xStudent")
    (new,) = [x for x in made.values() if x.get("loginId") == "new1"]
    assert new["enrollment"]["schoolRefId"].lower() == role["orgSourcedId"]
    assert len(made) == 7


def test_the_same_delta_again_changes_nothing(
    imported: Bring, rows: Mapping[str, list[Row]]
) -> None:
    told = delta(users=[{**student(rows), "preferredGivenName": "Zora"}])
    assert imported(told).stored == {"xStudent": 1}
    assert (imported(told).stored, imported(told).deleted) == ({}, {})


def test_what_would_lack_what_it_needs_is_refused_and_not_deleted(
    store: Engine, judge: Judge, tmp_path: Path
) -> None:
    school: Record = {"refId": SCHOOL, "localId": "001", "name": "School", "operationalStatus": "1"}
    before = graph_of(("School", school))
    after = graph_of(("School", {name: school[name] for name in ("refId", "localId")}))
    order = Order(SCOPE, "unity-4.3", settings={"operational_since": "2000-07-01"})

    def bulk(*_: object) -> Intake:
        return Intake(before)

    def nameless(*_: object) -> Intake:
        return Intake(after, base=before)

    at = (store, judge, order, tmp_path)
    assert import_file(*at, bulk, Clock()).stored == {"SchoolInfo": 1}
    done = import_file(*at, nameless, Clock())
    assert "SchoolInfo: would lack what it needs after this delta" in str(done.faults[0])
    assert list(stored(store, "SchoolInfo", "unity-4.3")) == [SCHOOL]


def test_a_delta_beside_bulk_files_is_refused(bring: Bring, rows: Mapping[str, list[Row]]) -> None:
    found = io.BytesIO()
    given = zipfile.ZipFile(io.BytesIO(delta(users=rows["users"], orgs=rows["orgs"])))
    with zipfile.ZipFile(found, "w") as archive:
        for name in given.namelist():
            text = given.read(name).decode()
            if name == "manifest.csv":
                text = text.replace("file.orgs,delta", "file.orgs,bulk")
            if name == "orgs.csv":
                text = text.replace(",active,2026-11-26T12:00:00.000Z", ",,")
            archive.writestr(name, text)
    done = bring(found.getvalue())
    assert "orgs.csv: is bulk beside deltas" in str(done.faults[0])


def test_classics_take_a_delta_too(
    bring: Bring, store: Engine, rows: Mapping[str, list[Row]]
) -> None:
    whole = packed(written(district(4, 6), "oneroster-1.2"), "1.2")
    assert bring(whole, target="unity-4.3").faults == ()
    seat = next(x for x in rows["enrollments"] if x["role"] == "student")
    done = bring(delta(enrollments=[gone(seat)]), target="unity-4.3")
    assert (done.stored, done.deleted) == ({}, {"StudentSectionEnrollment": 1})
    left = stored(store, "StudentSectionEnrollment", "unity-4.3")
    assert seat["sourcedId"] not in left
    assert len(left) == sum(x["role"] == "student" for x in rows["enrollments"]) - 1
