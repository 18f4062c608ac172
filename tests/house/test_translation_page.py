"""docs/translation-rules.md is the table that rows, marks, checks and results of today give."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from reference_hub import statement
from tests.statement import rules, translation
from tests.statement.rules import Line

RENEW = "run `UPDATE_TRANSLATION_PAGE=1 pytest tests/house/test_translation_page.py`, commit it"


@pytest.fixture(scope="module")
def told() -> list[Line]:
    """What is known of every row."""
    return translation.lines()


def test_the_page_is_that_of_today(told: list[Line]) -> None:
    text = translation.page(told)
    assert rules.kept(translation.FILE, text, "UPDATE_TRANSLATION_PAGE") == text, RENEW


def test_the_page_has_every_row_of_the_sheet_once(told: list[Line], standards: Path) -> None:
    with (standards / "spec" / "trn_cases.csv").open(encoding="utf-8") as file:
        wanted = [row["id"] for row in csv.DictReader(file)]
    assert sorted(wanted) == sorted(x.row.id for x in told if x.row.id.startswith("TRN-"))
    text = translation.page(told)
    assert [name for name in wanted if text.count(f"| **{name}** ") != 1] == []


def test_every_row_is_a_rule_of_this_kit(told: list[Line]) -> None:
    assert rules.by_basis(told) == {"profile": len(told)}


def test_every_row_has_a_test_a_check_or_a_reason(told: list[Line]) -> None:
    required = statement.requirements().rows
    silent = [x.row.id for x in told if x.silent and not required[x.row.id].untested]
    assert silent == []


def test_no_row_of_the_hub_fails(told: list[Line]) -> None:
    assert [x.row.id for x in told if x.hub == statement.FAIL] == []


def test_every_check_of_a_row_was_seen_to_kill(told: list[Line]) -> None:
    alive = [(x.row.id, leg) for x in told for leg, dead in x.killed.items() if not dead]
    assert alive == []


def test_most_rows_are_shown_at_the_hub_or_checked(told: list[Line]) -> None:
    shown = [x for x in told if x.tests or any(x.checks.values())]
    assert len(shown) >= 0.95 * len(told)
