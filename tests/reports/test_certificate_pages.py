"""The pages of the reference hub's own result: every requirement, every check, no script."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.certificate import COLUMNS, COVERAGE, MATRIX, pages
from reports.source import load
from tests.reports.browser import PHONE, Open, violations

KILLS = {"bad": ["AnswersNothing", "AnswersTwice"], "awell": []}
COVERED = {"receiver": dict.fromkeys(COLUMNS, 3)}


@pytest.fixture
def shown(faulty: Path, tmp_path: Path) -> Path:
    for name, text in pages(load(faulty).verdict, COVERED, KILLS).items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_each_requirement_stands_with_its_verdict_and_its_checks(shown: Path) -> None:
    text = " ".join((shown / COVERAGE).read_text("utf-8").split())
    assert "The text of INF-BAD. <span" in text
    assert '<span class="said fail">fail</span>' in text
    assert "<code>absent</code>" in text
    assert "it <strong>does not conform</strong>" in text


def test_a_check_that_was_never_seen_to_fail_is_named(shown: Path) -> None:
    text = " ".join((shown / MATRIX).read_text("utf-8").split())
    assert "1 of 2 checks were seen to find at least one" in text
    assert "Never seen to fail: <code>awell</code>." in text
    assert "AnswersNothing, AnswersTwice" in text


@pytest.mark.browser
@pytest.mark.parametrize("name", [COVERAGE, MATRIX])
def test_the_pages_are_accessible_and_fit_a_phone(shown: Path, open_page: Open, name: str) -> None:
    page = open_page(shown / name, size=PHONE)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
