"""docs/privacy.md is the table that rows, marks, checks, mutants and results of today give."""

from __future__ import annotations

import pytest

from reference_hub import statement
from tests.statement import privacy, rules
from tests.statement.rules import Line

RENEW = "run `UPDATE_PRIVACY_PAGE=1 pytest tests/house/test_privacy_page.py` and commit the page"


@pytest.fixture(scope="module")
def told() -> list[Line]:
    """What is known of every row."""
    return privacy.lines()


def test_the_page_is_that_of_today(told: list[Line]) -> None:
    text = privacy.page(told)
    assert rules.kept(privacy.FILE, text, "UPDATE_PRIVACY_PAGE") == text, RENEW


def test_the_page_has_every_row_of_the_fact_sheet(told: list[Line]) -> None:
    assert sum(rules.by_basis(privacy.of_the_sheet(told)).values()) == 92
    text = privacy.page(told)
    assert [line.row.id for line in told if text.count(f"| **{line.row.id}** ") != 1] == []


def test_every_row_has_a_test_a_check_or_a_reason(told: list[Line]) -> None:
    assert [line.row.id for line in told if line.silent] == []


def test_every_duty_of_the_suite_has_tests_of_the_suite(told: list[Line]) -> None:
    own = {line.row.id: line.tests for line in told if "suite" in line.row.role}
    assert sorted(own) == ["POD-ACK-016", "POD-ATT-002", "POD-AUD-002"]
    assert [name for name, tests in own.items() if not tests] == []


def test_no_row_of_the_hub_fails(told: list[Line]) -> None:
    assert [line.row.id for line in told if line.hub == statement.FAIL] == []


def test_every_check_of_a_privacy_row_was_seen_to_kill(told: list[Line]) -> None:
    alive = [(line.row.id, role) for line in told for role, dead in line.killed.items() if not dead]
    assert alive == []
