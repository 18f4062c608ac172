"""The privacy rows of the catalogue against the fact sheet they were taken from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from conformance import catalogue
from conformance.claims import ROLES, SPOKEN_OF

ROWS = catalogue.load()
PRIVACY = {name: row for name, row in ROWS.items() if name.startswith(("POD-", "REG-"))}
LETTERS = {"documented": "S", "inferred": "I", "profile": "P"}
ACTORS = {"receiver": "V", "consumer": "V", "broker": "H", "suite": "T"}


class Row(NamedTuple):
    """One line of section 8 of the sheet: letters of its basis (S, I, P), actors H, V, D, T."""

    level: str
    actors: set[str]
    bases: set[str]


@pytest.fixture(scope="module")
def sheet(standards: Path) -> dict[str, Row]:
    """The rows of section 8 by id."""
    text = (standards / "spec" / "pod-privacy.md").read_text("utf-8")
    lines = re.findall(r"^\| ((?:POD|REG)-[A-Z0-9-]+) \|(.*)\|$", text, re.MULTILINE)
    return {name: read(cells.split("|")) for name, cells in lines}


def read(cells: list[str]) -> Row:
    """The cells after the id: level, actor, statement, basis, test."""
    level, actors, _, basis, _ = (re.sub(r"\(.*?\)", "", cell).strip() for cell in cells)
    letters = set(re.findall(r"\b([SIP])0?\b", basis)) or {"P"}  # adjacent: not the standard's
    return Row(level.removesuffix(" if 009"), set(actors.replace("D", "H").split(",")), letters)


def test_every_row_of_the_sheet_is_in_the_catalogue(sheet: dict[str, Row]) -> None:
    assert len(sheet) == 92
    assert sorted(PRIVACY) == sorted(sheet)


def test_levels_are_those_of_the_sheet(sheet: dict[str, Row]) -> None:
    assert {name: row.level for name, row in PRIVACY.items()} == {
        name: row.level for name, row in sheet.items()
    }


def test_no_row_claims_a_basis_that_the_sheet_does_not_give(sheet: dict[str, Row]) -> None:
    wrong = [name for name, row in PRIVACY.items() if LETTERS[row.basis] not in sheet[name].bases]
    assert wrong == []


def test_a_documented_row_that_is_partly_ours_has_its_other_half(sheet: dict[str, Row]) -> None:
    halves = {"POD-ACK-003": "POD-ACK-005", "POD-END-001": "DAT-POD-005",
              "POD-GATE-003": "DAT-POD-003", "POD-SCH-003": "DAT-POD-001"}  # fmt: skip
    mixed = {name for name, row in PRIVACY.items() if row.basis == "documented"
             and sheet[name].bases - {"S"}}  # fmt: skip
    # ACK-001: that the token travels in the header is written, that this acknowledges is not.
    assert mixed == {*halves, "POD-ACK-001"}
    assert {ROWS[name].basis for name in halves.values()} == {"profile"}


def test_roles_are_the_actors_of_the_sheet(sheet: dict[str, Row]) -> None:
    actors = {name: {ACTORS[role] for role in row.role} for name, row in PRIVACY.items()}
    assert [name for name, row in sheet.items() if row.actors - actors[name]] == []
    # Ours to widen: a receiver keeps a gate of its own when it is pushed to.
    more = [name for name, row in sheet.items() if actors[name] - row.actors]
    assert sorted(more) == [
        "POD-ACK-011",
        "POD-ACK-012",
        "POD-GATE-005",
        "POD-GATE-010",
        "POD-GATE-011",
        "POD-LC-004",
        "POD-VER-002",
    ]


@pytest.mark.parametrize("role", ROLES)
def test_privacy_rows_need_what_a_target_of_the_role_can_declare(role: str) -> None:
    rows = [row for row in PRIVACY.values() if role in row.role]
    assert {need for row in rows for need in row.needs_in(role)} <= set(SPOKEN_OF[role])


def test_no_row_promises_more_than_a_look_at_messages() -> None:
    boast = re.compile(r"\bcompl(?:y|ies|ian)|\bcertif|\bguarantee", re.IGNORECASE)
    assert [name for name, row in PRIVACY.items() if boast.search(row.text)] == []


def test_the_suites_own_duties_are_in_no_profile_of_a_target() -> None:
    own = {name for name, row in PRIVACY.items() if "suite" in row.role}
    assert own == {"POD-ACK-016", "POD-ATT-002", "POD-AUD-002"}
    assert all(PRIVACY[name].role == ("suite",) for name in own)


def test_the_core_of_a_consumer_is_the_minimum_set_of_the_sheet(standards: Path) -> None:
    text = (standards / "spec" / "pod-privacy.md").read_text("utf-8")
    _, _, line = text.partition("Minimum certification set PROP: ")
    groups = re.findall(r"([A-Z]+)-([\d/]+)", line.split("\n")[0])
    minimum = {f"POD-{area}-{one}" for area, numbers in groups for one in numbers.split("/")}
    ours = {name for name in minimum if "consumer" in ROWS[name].role}
    least = set(catalogue.select(ROWS, "consumer", "minimal"))
    assert set(catalogue.select(ROWS, "consumer", "core")) == ours | least
    assert least.isdisjoint(minimum)
    for role in ("receiver", "broker"):
        owed = {name for name in minimum if role in ROWS[name].role}
        assert owed <= set(catalogue.select(ROWS, role, "core"))
