"""The published OneRoster samples: imported where they are valid, and sent again equal in facts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.codec.xml import read
from reference_hub.journeys.import_file import Imported, Order, import_file, oneroster
from reference_hub.model.scope import Scope
from reference_hub.store import listings, objects
from reference_hub.translate.columns import columns
from reference_hub.translate.csv_reading import read_bundle
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.identity import as_uuid
from reference_hub.translate.oneroster_intake import take_in
from reference_hub.translate.packages import Refused, opened
from reference_hub.translate.reading import TableReader
from reference_hub.translate.tables import load
from reference_hub.translate.trees import node
from tests.reference_hub.translate.districts import TODAY, packed, written
from tests.reference_hub.translate.test_oneroster_bundle import Rows, unpacked

SCOPE = Scope("demo-district")
SINCE = {"operational_since": "2000-07-01"}
Import = Callable[..., Imported]
# What a trip through the classic objects changes, with the reason.
CHANGED = {
    ("courses.csv", "orgSourcedId"): "a SIF course is of a school, not of the district",
    ("courses.csv", "subjects"): "a classic course has a code of its subject area, and no name",
    ("courses.csv", "subjectCodes"): "codes run beside subjects",
    ("courses.csv", "grades"): "a classic course has a level and no grades",
    ("classes.csv", "grades"): "a classic section has no grades, and so has its course",
    ("classes.csv", "subjectCodes"): "the code of the course counts",
    ("users.csv", "username"): "classics keep logins in objects that the hub does not send",
    ("users.csv", "userIds"): "the kind of a local id has one word here: SIS",
    ("users.csv", "identifier"): "the local id stands in both places",
}


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.fixture
def bring(store: Engine, judge: Judge) -> Import:
    def run(path: Path, version: str, target: str = "unity-4.3") -> Imported:
        order = Order(SCOPE, target, settings=SINCE)
        return import_file(store, judge, order, path, oneroster(version), Clock())

    return run


def stored(store: Engine, model: str) -> MemoryGraph:
    """The records of all objects in the store."""
    reader, graph = TableReader(load(model)), MemoryGraph()
    with store.connect() as connection:
        for name in load(model).collections:
            for _, body in listings.scan(connection, SCOPE, name):
                for entity, record in reader.read(node(read(body)), name, graph=graph).records:
                    graph.add(entity, record)
    return graph


def test_the_bundle_of_the_ed_fi_exchange_comes_back_equal_in_facts(
    standards: Path, store: Engine, bring: Import
) -> None:
    folder = standards / "samples" / "oneroster" / "edfi-exchange-1.1"
    done = bring(folder, "1.1")
    assert done.faults == ()
    assert done.left_out == {("CalendarSummary", "DaysInSession is required and not known"): 1}
    made = unpacked(packed(written(stored(store, "unity"), "oneroster-1.1"), "1.1"))
    with opened(folder) as package:
        ids = dict(_ids(read_bundle(package)))
    found: set[tuple[str, str]] = set()
    for name in ("orgs", "academicSessions", "courses", "classes", "users", "enrollments"):
        found |= differing(folder / f"{name}.csv", made[f"{name}.csv"], ids)
    assert found == set(CHANGED)
    assert differing(folder / "demographics.csv", made["demographics.csv"], ids) == set()


def _ids(bundle: object) -> Iterator[tuple[str, str]]:
    intake = take_in(bundle, TODAY)  # type: ignore[arg-type]  # a bundle
    return ((told, made) for (_, made), told in intake.ids.items())


def differing(path: Path, made: Rows, ids: dict[str, str]) -> set[tuple[str, str]]:
    """Columns in which a file and what is sent again differ; ids are those of the hub."""
    text = path.read_text("utf-8-sig")
    ours = {row["sourcedId"]: row for row in made}
    pointing = {
        each.name for each in columns("1.1")[path.stem] if each.form in ("id", "ref", "refs")
    }
    published = [
        {name: told(cell, ids) if name in pointing else cell for name, cell in row.items() if name}
        for row in csv.DictReader(text.splitlines())
    ]
    assert {row["sourcedId"] for row in published} == set(ours)
    return {
        (path.name, name)
        for row in published
        for name, cell in row.items()
        # Order inside a list says nothing.
        if set(ours[row["sourcedId"]].get(name, "").split(",")) != set(cell.split(","))
    }


def told(cell: str, ids: dict[str, str]) -> str:
    """The ids in a cell as the hub has them."""
    return ",".join(ids.get(each) or as_uuid(each) for each in cell.split(","))


@pytest.mark.parametrize("target", ["unity-4.3", "xpress-4.3"])
def test_what_is_imported_is_valid_and_counted(
    target: str, standards: Path, store: Engine, bring: Import
) -> None:
    folder = standards / "samples" / "oneroster" / "edfi-exchange-1.1"
    done = bring(folder, "1.1", target)
    people = "StudentPersonal" if target == "unity-4.3" else "xStudent"
    with store.connect() as connection:
        assert objects.tally(connection, SCOPE, people).present == done.stored[people] == 8


def test_the_almost_valid_sample_is_refused_for_its_two_known_faults(standards: Path) -> None:
    with (
        opened(standards / "samples" / "oneroster" / "moodle-1.2-almost-valid") as package,
        pytest.raises(Refused) as refused,
    ):
        read_bundle(package)
    assert [(x.file, x.row, x.column) for x in refused.value.faults] == [
        ("academicSessions.csv", 2, "schoolYear"),
        ("users.csv", 2, "enabledUser"),
    ]


def test_the_almost_valid_sample_repaired_is_read_as_a_delta(
    standards: Path, tmp_path: Path
) -> None:
    for path in (standards / "samples" / "oneroster" / "moodle-1.2-almost-valid").glob("*.csv"):
        text = path.read_text("utf-8").replace(",TRUE,", ",true,").replace(",,2023", ",,2024")
        (tmp_path / path.name).write_text(text)
    with opened(tmp_path) as package:
        intake = take_in(read_bundle(package), TODAY)
    found = {entity for entity, _ in intake.graph.all()}
    assert {"School", "Session", "Course", "Section", "Student", "SectionEnrollment"} <= found
    assert "userProfiles" in {loss.source_path for loss in intake.losses}


@pytest.mark.requirement("TRN-PR-10")
def test_the_malformed_sample_is_refused_with_twenty_faults(standards: Path) -> None:
    with (
        opened(standards / "samples" / "oneroster" / "moodle-1.2-malformed") as package,
        pytest.raises(Refused) as refused,
    ):
        read_bundle(package)
    assert len(refused.value.faults) == 20
    assert "userprofiles.csv" in {fault.file for fault in refused.value.faults}


@pytest.mark.requirement("TRN-PR-10")
def test_a_fault_leaves_the_store_as_it_was(standards: Path, store: Engine, bring: Import) -> None:
    done = bring(standards / "samples" / "oneroster" / "moodle-1.2-malformed", "1.2")
    assert done.faults != ()
    with store.connect() as connection:
        assert objects.tally(connection, SCOPE, "SchoolInfo").present == 0


def test_a_record_that_sif_cannot_hold_refuses_all_and_names_its_row(
    standards: Path, store: Engine, judge: Judge
) -> None:
    folder = standards / "samples" / "oneroster" / "edfi-exchange-1.1"
    order = Order(SCOPE, "unity-4.3")
    done = import_file(store, judge, order, folder, oneroster("1.1"), Clock())
    assert [str(fault) for fault in done.faults] == [
        f"orgs.csv row {row}: {name} cannot be made: {lack} is required and not known"
        for row, name, lack in (
            (2, "LEAInfo", "OperationalStatusDate"),
            (3, "SchoolInfo", "OperationalStatusDate"),
        )
    ]
    with store.connect() as connection:
        assert objects.tally(connection, SCOPE, "StudentPersonal").present == 0


def test_a_second_import_replaces_and_doubles_nothing(
    standards: Path, store: Engine, bring: Import
) -> None:
    folder = standards / "samples" / "oneroster" / "edfi-exchange-1.1"
    first, second = bring(folder, "1.1"), bring(folder, "1.1")
    assert first.stored == second.stored
    with store.connect() as connection:
        assert objects.tally(connection, SCOPE, "StudentPersonal").present == 8


def test_a_bundle_of_another_version_is_refused(standards: Path, bring: Import) -> None:
    done = bring(standards / "samples" / "oneroster" / "edfi-exchange-1.1", "1.2")
    assert str(done.faults[0]) == "manifest.csv: is of OneRoster 1.1; expected 1.2"
