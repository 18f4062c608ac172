"""The list of requirements agrees with the fact sheet; every mark names one of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance import catalogue
from reference_hub import statement
from reference_hub.statement import Required

LEVEL = re.compile(r"(MUST NOT|MUST|SHOULD NOT|SHOULD|MAY)(\*?)")
REQUIREMENTS = statement.requirements()
# What reads as a level is one; the sheet sets none for the rest.
UNLEVELLED = ("note", "(none)")


@pytest.fixture(scope="module")
def sheet(standards: Path) -> dict[str, list[str]]:
    """The cells of each INF and NEG row by id."""
    file = standards / "spec" / "sif3-infrastructure.md"
    if not file.is_file():
        pytest.fail(f"The fact sheet is not there: {file}. Set SIF_STANDARDS_DIR to its folder.")
    rows = {}
    for line in file.read_text("utf-8").splitlines():
        if re.match(r"\| (INF-[A-Z]{3}|NEG)-\d{3} \|", line):
            name, *cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            rows[name] = cells
    return rows


def read(cells: list[str]) -> Required:
    found = LEVEL.match(cells[0])
    if found is None:
        assert cells[0] in UNLEVELLED
        return Required("none", cells[1])
    return Required(found[1], cells[1], bool(found[2]))


def test_the_rows_are_those_of_the_sheet(sheet: dict[str, list[str]]) -> None:
    wanted = {name: read(cells) for name, cells in sheet.items() if name.startswith("INF-")}
    ours = {
        name: Required(row.level, row.role, row.derived)
        for name, row in REQUIREMENTS.rows.items()
        if name.startswith("INF-")
    }
    assert ours == wanted
    assert len(ours) > 350


def test_the_mistakes_are_those_of_the_sheet(sheet: dict[str, list[str]]) -> None:
    wanted = {name: cells[1] for name, cells in sheet.items() if name.startswith("NEG-")}
    assert {name: row.target for name, row in REQUIREMENTS.negative.items()} == wanted
    assert len(wanted) == 66


def test_every_area_has_a_name() -> None:
    named = {name.split("-")[1] for name in REQUIREMENTS.rows if name.startswith("INF-")}
    assert named | set(statement.APART) == set(REQUIREMENTS.areas)


def test_a_row_is_the_hubs_when_one_of_its_roles_is() -> None:
    roles = ("EP", "EP-D", "SVC/EP", "EP (3.6+)", "ALL", "CON/EP-B", "CON", "CON/PRV", "-")
    assert [Required("MUST", role).is_the_hubs for role in roles] == [True] * 6 + [False] * 3


def test_every_mark_names_a_row(shown: dict[str, list[str]]) -> None:
    known = {*REQUIREMENTS.rows, *REQUIREMENTS.negative, *catalogue.load()}
    assert {name: tests for name, tests in shown.items() if name not in known} == {}


def test_a_reason_stands_only_where_no_test_does(shown: dict[str, list[str]]) -> None:
    excused = {name for name, row in REQUIREMENTS.rows.items() if row.untested}
    excused |= {name for name, row in REQUIREMENTS.negative.items() if row.exception}
    assert sorted(excused & set(shown)) == []


def test_every_mistake_that_reaches_a_hub_has_a_test_or_a_reason(
    shown: dict[str, list[str]],
) -> None:
    lacking = [
        name
        for name, row in REQUIREMENTS.negative.items()
        if set(row.target.split("/")) - {"CON", "PRV"} and not (name in shown or row.exception)
    ]
    assert lacking == []
