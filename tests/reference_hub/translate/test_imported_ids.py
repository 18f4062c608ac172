"""The ids of imported files: vendors get them back, and what vendors name by them is known."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import Engine

from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys import project
from reference_hub.journeys.import_file import Order, import_file, oneroster
from reference_hub.journeys.projection import Projected
from reference_hub.journeys.told_ids import as_told, known_again, remember
from reference_hub.model.caller import reached
from reference_hub.model.scope import Scope
from reference_hub.store import target_rows, vendors
from reference_hub.store.target_rows import StoredRow
from reference_hub.translate.bundle_writing import BULK, write_bundle
from reference_hub.translate.canonical import Record
from reference_hub.translate.columns import columns
from reference_hub.translate.identity import minted
from reference_hub.translate.intake import Intake
from reference_hub.translate.tables import load
from tests.reference_hub.translate.districts import graph_of

SCOPE = Scope("demo-district")
FILES = ("orgs", "academicSessions", "courses", "classes", "users", "demographics", "enrollments")
Rows = list[dict[str, str]]
Named = tuple[str, Record]


@pytest.fixture
def sample(standards: Path) -> Path:
    """A published bundle whose ids are hashes, no UUIDs."""
    return standards / "samples" / "oneroster" / "edfi-exchange-1.1"


def vendor(store: Engine, version: str) -> Callable[[], Mapping[str, Rows]]:
    """A vendor of everything; what the bundle for it says, by file."""
    with store.begin() as connection:
        owner = vendors.add_vendor(connection, "reading", "Reading Inc", SCOPE, "off")
        vendors.add_subscriber(
            connection, owner, "reading-csv", SCOPE, format=f"oneroster-{version}-csv",
            transport="pull", url="", credentials={}, objects=load("unity").collections,
        )  # fmt: skip
        (to,) = vendors.subscribers_of(connection, owner)

    def bundle() -> Mapping[str, Rows]:
        with store.begin() as connection:
            known = vendors.vendor_by_id(connection, owner)
            assert known is not None
            made = project.bring_up(connection, to, reached(known, to), Clock())
            assert isinstance(made, Projected), made
            rows = {name: [x.body for x in target_rows.each(connection, to, name)]
                    for name in FILES}  # fmt: skip
        with write_bundle(rows, version, BULK).content as content:
            archive = zipfile.ZipFile(io.BytesIO(content.read()))
        return {name: read(archive.read(f"{name}.csv").decode()) for name in FILES}

    return bundle


def read(text: str) -> Rows:
    return list(csv.DictReader(io.StringIO(text)))


def import_it(store: Engine, path: Path) -> None:
    order = Order(SCOPE, "unity-4.3", settings={"operational_since": "2000-07-01"})
    assert import_file(store, Judge(), order, path, oneroster("1.1"), Clock()).faults == ()


def test_a_vendor_gets_the_ids_that_were_imported(store: Engine, sample: Path) -> None:
    bundle = vendor(store, "1.1")
    import_it(store, sample)
    made = bundle()
    for file in FILES:
        ids = {x.name for x in columns("1.1")[file] if x.form in ("id", "ref")}
        told = {x["sourcedId"]: x for x in read((sample / f"{file}.csv").read_text("utf-8-sig"))}
        ours = {x["sourcedId"]: x for x in made[file]}
        assert set(ours) == set(told), file
        # A course is of the school that teaches it.
        for name in ids - {"orgSourcedId"}:
            assert {at: x[name] for at, x in ours.items()} == {
                at: x[name] for at, x in told.items()
            }, (file, name)


def test_a_row_waits_for_the_row_with_the_imported_id(store: Engine, sample: Path) -> None:
    bundle = vendor(store, "1.1")
    import_it(store, sample)
    bundle()
    with store.connect() as connection:
        (to,) = vendors.subscribers_of(connection, 1)
        found = [x for name in FILES for x in target_rows.each(connection, to, name)]
    there = {f"{x.collection}:{x.key}" for x in found}
    assert len(found) > 30
    assert {name for x in found for name in x.needs} <= there


def test_what_names_an_imported_id_is_the_thing_it_names(store: Engine) -> None:
    intake = Intake(ids={("users", minted("sourcedId", "users", "Pupil-7")): "Pupil-7"})
    intake.ids["classes", minted("sourcedId", "classes", "Pupil-7")] = "Pupil-7"
    with store.begin() as connection:
        remember(connection, SCOPE, intake)
        score: Record = {"refId": "s1", "student": "pupil7", "section": "other"}
        ((_, found),) = known_again(connection, SCOPE, [("SectionEnrollment", score)])
    assert found == {**score, "student": minted("sourcedId", "users", "Pupil-7")}


def test_two_ids_that_fold_alike_are_not_guessed(store: Engine) -> None:
    intake = Intake(
        ids={("users", minted("sourcedId", "users", x)): x for x in ("Pupil-7", "pupil7")}
    )
    with store.begin() as connection:
        remember(connection, SCOPE, intake)
        score: Named = ("SectionEnrollment", {"refId": "s1", "student": "pupil7"})
        assert known_again(connection, SCOPE, [score]) == [score]


def test_an_id_that_no_receiver_may_be_sent_is_not_kept(store: Engine) -> None:
    made = minted("sourcedId", "users", "Ada Okafor")
    with store.begin() as connection:
        remember(connection, SCOPE, Intake(ids={("users", made): "Ada Okafor"}))
        record: Named = ("SectionEnrollment", {"refId": "s1", "student": "ada okafor"})
        assert known_again(connection, SCOPE, [record]) == [record]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("a81c", True),
        ("S-0042137", False),
        ("ada-okafor-1", False),
        ("a.okafor@example.org", False),
    ],
)
def test_an_id_that_tells_of_its_person_stays_inside(store: Engine, told: str, kept: bool) -> None:
    made = minted("sourcedId", "users", told)
    pupil: Record = {"refId": made, "familyName": "Okafor", "localId": "0042137"}
    intake = Intake(graph_of(("Student", pupil)), ids={("users", made): told})
    row = StoredRow("users", made, "Student", made, {"sourcedId": made})
    with store.begin() as connection:
        remember(connection, SCOPE, intake)
        (found,) = as_told(connection, SCOPE, [row])
    assert (found.key, found.body["sourcedId"]) == ((told, told) if kept else (made, made))


def test_the_id_of_a_seat_does_not_tell_of_its_student_either(store: Engine) -> None:
    made = minted("sourcedId", "enrollments", "seat-0042137-7")
    pupil: Record = {"refId": "p1", "localId": "0042137"}
    seat: Record = {"refId": made, "student": "p1"}
    graph = graph_of(("Student", pupil), ("SectionEnrollment", seat))
    row = StoredRow("enrollments", made, "SectionEnrollment", made, {"sourcedId": made})
    with store.begin() as connection:
        told = {("enrollments", made): "seat-0042137-7"}
        remember(connection, SCOPE, Intake(graph, ids=told))
        assert as_told(connection, SCOPE, [row]) == [row]
