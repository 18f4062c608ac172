"""The forms of districts, filled in from a run: what is evidence, what is said, what is silent."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conformance.claims import ROLES
from conformance.runfile import FAIL, NOT_APPLICABLE, NOT_VERIFIED, PASS, Granted, Measured
from fixtures import pods
from reports.forms import COLUMNS, filled, write_forms
from reports.forms_cells import EVIDENCE, NOTHING, STATEMENT, Cell
from reports.forms_data import forms
from reports.source import load
from reports.themes import themes
from tests.reports.district import WHOLE, Build, a_run_of, one_of_each_theme, unanswered
from tests.reports.test_summary_facts import BIRTH


def _cells(directory: Path, form: str) -> dict[str, Cell]:
    done = {one.id: one for one in filled(load(directory))}
    return {cell.item: cell for cell in done[form].cells}


def _safe(directory: Path) -> Cell:
    return _cells(directory, "quality")["Safe"]


def test_the_rubric_has_ten_measures_and_the_model_six_rows() -> None:
    sizes = {form.id: len(form.item) for form in forms()}
    assert sizes == {"unicorn": 10, "cosn-maturity": 6, "cosn-rfp": 6, "quality": 5, "trusted": 6}


def test_every_item_names_themes_that_are_there() -> None:
    items = [item for form in forms() for item in form.item]
    named = {one for item in items for one in item.themes}
    named |= {one for item in items for steps in item.steps.values() for s in steps for one in s}
    assert named <= set(themes().theme)
    assert [one.name for one in items if bool(one.silent) == bool(one.themes or one.steps)] == [
        "Student privacy pledge", "Third parties", "Advertising", "Breach",
    ]  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_each_cell_is_one_of_three_kinds_in_every_role(build: Build, make: Any, role: str) -> None:
    verdicts = dict.fromkeys(one_of_each_theme(role).values(), PASS)
    directory = a_run_of(build, make, verdicts, role=role)
    cells = [cell for form in filled(load(directory)) for cell in form.cells]
    assert {cell.kind for cell in cells} == {EVIDENCE, NOTHING}
    assert all(cell.answer for cell in cells if cell.kind == EVIDENCE)
    assert all(cell.note for cell in cells if cell.kind == NOTHING)


@pytest.mark.parametrize(
    ("changes", "level", "note"),
    [
        ({}, "level 3", "Not level 4, for this run did not settle: full loads and files."),
        ({"INF-CRE-001": FAIL}, "level 1", "Not level 2, for it broke on: new records."),
        ({"INF-DEL-001": FAIL}, "level 2", "Not level 3, for it broke on: deleting when told."),
        ({"TRN-PR-01": PASS}, "level 4", ""),
    ],
)
def test_a_level_is_reached_step_by_step(
    build: Build, make: Any, changes: dict[str, str], level: str, note: str
) -> None:
    found = _cells(a_run_of(build, make, WHOLE | changes), "unicorn")["Import: process"]
    assert (found.kind, found.answer, found.note) == (EVIDENCE, level, note)


@pytest.mark.parametrize(
    ("milliseconds", "level", "note"),
    [
        ([], "level 3", "Not level 4: this run did not measure how fast a change is seen."),
        ([900.0], "level 4", "Half of the changes were seen within 0.9 s."),
        ([61_000.0], "level 3", "Half of the changes were seen within 61.0 s."),
    ],
)
def test_the_frequency_of_an_import_is_what_was_measured(
    build: Build, make: Any, milliseconds: list[float], level: str, note: str
) -> None:
    source = load(a_run_of(build, make, WHOLE))
    measured = [Measured(check="one", what="visible", milliseconds=milliseconds)]
    run = msgspec.structs.replace(source.run, measured=measured)
    done = filled(dataclasses.replace(source, run=run))
    (found,) = (one for one in done[0].cells if one.item == "Import: frequency")
    assert (found.answer, found.note) == (level, note)


def test_a_receiver_shows_nothing_of_an_export(build: Build, make: Any) -> None:
    found = _cells(a_run_of(build, make, WHOLE), "unicorn")["Export: process"]
    assert (found.kind, found.note) == (NOTHING, "A product in this role has no part in it.")


@pytest.mark.parametrize(
    ("verdict", "answer"),
    [(FAIL, "does not meet"), (NOT_VERIFIED, "could not be decided")],
)
def test_a_word_of_the_vetting_follows_the_worst_theme(
    build: Build, make: Any, verdict: str, answer: str
) -> None:
    found = _safe(a_run_of(build, make, WHOLE | {"INF-DEL-001": verdict}))
    assert (found.kind, found.answer) == (EVIDENCE, answer)
    assert "deleting when told" in found.note


def test_a_theme_that_was_not_tested_is_a_reservation(build: Build, make: Any) -> None:
    found = _safe(a_run_of(build, make, WHOLE))
    assert found.answer == "meets with reservations"
    assert found.note == "Not tested: who may get in and the link to the signed agreement."


def test_failed_requirements_stand_first_behind_a_cell(build: Build, make: Any) -> None:
    found = _safe(a_run_of(build, make, WHOLE | {"INF-DEL-001": FAIL}))
    assert found.requirements[0] == "INF-DEL-001"
    assert "POD-GATE-002" in found.requirements[1:]


def test_the_model_for_districts_is_informed_in_two_rows_only(build: Build, make: Any) -> None:
    found = _cells(a_run_of(build, make, WHOLE), "cosn-maturity")
    told = [item for item, cell in found.items() if cell.kind == EVIDENCE]
    assert told == ["Data governance", "Information and system integration"]


def test_what_somebody_says_is_a_statement_and_no_evidence(build: Build, make: Any) -> None:
    said = unanswered(39, *["yes"] * 39)
    found = _cells(a_run_of(build, make, WHOLE, attested=said), "trusted")["Breach"]
    assert (found.kind, found.answer) == (STATEMENT, "yes")
    assert found.note == "ATT-32: yes, Jo Example, 2026-11-01. A duty."


def test_a_partial_run_says_so_in_each_cell(build: Build, make: Any) -> None:
    found = _safe(a_run_of(build, make, WHOLE, only=["objects"]))
    assert found.note.startswith("Only a part of the test was run. ")


def test_exhibit_b_tells_exchanged_from_agreed(build: Build, make: Any) -> None:
    paths = {"B07.1": "xStudent/demographics/birthDate", "B14.2": "xStudent/email"}
    grant = [Granted(line=k, title=k, rating="M", paths=[v]) for k, v in paths.items()]
    directory = build([make.check("one")], [make.exchange(1, "one", BIRTH)], grant=grant)
    found = list(_cells(directory, "exhibit-b").values())
    told = {cell.item: cell.kind for cell in found if cell.kind != NOTHING}
    assert told == {"B07.1 birth date": EVIDENCE, "B14.2 student email": STATEMENT}
    assert len(found) == len(list(pods.exhibit_b()))


def test_the_table_holds_what_the_page_holds(build: Build, make: Any) -> None:
    directory = a_run_of(build, make, WHOLE | {"INF-UPD-001": NOT_APPLICABLE})
    _, path = write_forms(directory)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cells = [cell for form in filled(load(directory)) for cell in form.cells]
    assert [(row["item"], row["kind"], row["answer"]) for row in rows] == [
        (cell.item, cell.kind, cell.answer) for cell in cells
    ]
    assert tuple(rows[0]) == COLUMNS


def test_no_cell_becomes_a_formula(build: Build, make: Any) -> None:
    said = [msgspec.structs.replace(one, answer="@SUM(A1)") for one in unanswered(39)]
    directory = a_run_of(build, make, WHOLE, attested=said)
    _, path = write_forms(directory)
    assert "'@SUM(A1)" in path.read_text("utf-8")
