"""How marks are read from sources, and what of them becomes a statement."""

from __future__ import annotations

import ast

import pytest

from reference_hub.statement import FAIL, PASS, UNTESTED, Required, Row, statement, to_text
from tests.statement.marks import StrayMark, marked

MARK = "@pytest.mark.requirement"
ROWS = {
    "INF-QUE-002": Required("MUST", "EP-B"),
    "INF-QUE-001": Required("MUST", "EP-B", derived=True),
    "INF-QUE-003": Required("MAY", "EP-B", untested="Why not."),
    "INF-QUE-004": Required("MUST", "CON"),
    "INF-QUE-005": Required("MUST", "CON"),
}
SHOWN = {"INF-QUE-001": ["a::test_one"], "INF-QUE-002": ["a::test_two"], "INF-QUE-004": ["a::t"]}


def read(source: str) -> dict[str, list[str]]:
    return dict(marked(ast.parse(source), "f.py"))


def test_a_mark_belongs_to_its_function() -> None:
    source = f'{MARK}("A", "B")\n@other\ndef test_x(): ...\ndef test_y(): ...\n'
    assert read(source) == {"f.py::test_x": ["A", "B"]}


@pytest.mark.parametrize("form", ["{}", "[{}, pytest.mark.browser]", "({},)"])
def test_a_mark_of_the_file_belongs_to_all_its_tests(form: str) -> None:
    placed = form.format(f'{MARK[1:]}("A")')
    source = (
        f'pytestmark = {placed}\ndef test_x(): ...\n{MARK}("B")\ndef test_y(): ...\ndef help(): ...'
    )
    assert read(source) == {"f.py::test_x": ["A"], "f.py::test_y": ["A", "B"]}


@pytest.mark.parametrize(
    "source",
    [
        f'{MARK}("A")\ndef helper(): ...',
        f"ID = 'A'\n{MARK}(ID)\ndef test_x(): ...",
        f'@pytest.mark.parametrize("x", [pytest.param(1, marks={MARK[1:]}("A"))])\n'
        "def test_x(x): ...",
    ],
)
def test_a_mark_that_would_be_lost_is_a_fault(source: str) -> None:
    with pytest.raises(StrayMark):
        read(source)


def test_the_statement_holds_the_hubs_rows_and_what_it_shows_beyond_them() -> None:
    rows = statement(ROWS, SHOWN, {"INF-QUE-002": ["a::test_two"]})
    assert [(row.id, row.result, row.reason) for row in rows] == [
        ("INF-QUE-001", PASS, ""),
        ("INF-QUE-002", FAIL, "a::test_two"),
        ("INF-QUE-003", UNTESTED, "Why not."),
        ("INF-QUE-004", PASS, ""),
    ]


def test_the_text_counts_and_lists_every_row() -> None:
    text = to_text(statement(ROWS, SHOWN, {}), {"QUE": "Queues"})
    assert "| MUST | 3 | 0 | 0 |" in text
    assert "| all | 3 | 0 | 1 |" in text
    assert "## Queues (INF-QUE)" in text
    assert "| INF-QUE-001 | MUST* | EP-B | pass | one |" in text
    assert "| INF-QUE-003 | MAY | Why not. |" in text


def test_the_text_tells_how_many_more_tests_there_are() -> None:
    row = Row(
        "INF-QUE-001", "MUST", "EP-B", False, ("a::test_a_b", "a::test_c", "a::test_d"), PASS, ""
    )
    assert "| a b; c (and 1 more) |" in to_text([row], {})
