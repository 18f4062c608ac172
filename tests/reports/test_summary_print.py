"""The page for a district in a real browser: one sheet, any width, no barrier."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.runfile import FAIL
from reports.forms import write_forms
from reports.summary import write_summaries
from tests.reports.browser import PHONE, Open, violations
from tests.reports.conftest import a_check, a_requirement, a_run
from tests.reports.district import a_run_of, grant_of_everything, one_of_each_theme, unanswered

pytestmark = pytest.mark.browser


class _Make:
    check = staticmethod(a_check)
    row = staticmethod(a_requirement)


@pytest.fixture(scope="module")
def worst(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The longest page: every theme broke, every line is granted, long names, duties denied."""
    directory = tmp_path_factory.mktemp("worst")
    verdicts = dict.fromkeys(one_of_each_theme("receiver").values(), FAIL)
    long = "A Product With a Name That Is Rather Long for Teachers and Families"
    vendor = {"product": long, "name": f"The Makers of {long}", "version": "2027.1.0-beta.3+build"}
    build: Callable[..., Path] = lambda *parts, **named: a_run(directory, *parts, **named)  # noqa: E731
    options: dict[str, Any] = {"vendor": vendor, "grant": grant_of_everything()}
    a_run_of(build, _Make, verdicts, attested=unanswered(28, "no"), **options)
    write_forms(directory)
    write_summaries(directory)
    return directory


def _sheets(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


@pytest.mark.parametrize(
    ("name", "paper"),
    [("summary.html", "Letter"), ("summary.es.html", "Letter"), ("summary.es.html", "A4")],
)
def test_the_longest_page_prints_on_one_sheet(
    worst: Path, open_page: Open, name: str, paper: str
) -> None:
    assert _sheets(open_page(worst / name).pdf(format=paper)) == 1


def test_two_sheets_would_be_noticed(worst: Path, open_page: Open) -> None:
    page = open_page(worst / "summary.html")
    assert _sheets(page.pdf(format="A6")) > 1


@pytest.mark.parametrize("name", ["summary.html", "forms.html"])
def test_axe_finds_no_barrier(worst: Path, open_page: Open, name: str) -> None:
    assert violations(open_page(worst / name)) == []


@pytest.mark.parametrize("name", ["summary.es.html", "forms.html"])
def test_a_phone_needs_no_sideways_scrolling(worst: Path, open_page: Open, name: str) -> None:
    page = open_page(worst / name, size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]


def test_printed_nothing_has_a_colour(worst: Path, open_page: Open) -> None:
    page = open_page(worst / "summary.html")
    page.emulate_media(media="print")
    colours = page.evaluate(
        "[...new Set([...document.querySelectorAll('body *')].flatMap(one => {"
        " const style = getComputedStyle(one);"
        " return [style.color, style.borderTopColor, style.borderLeftColor]; }))]"
    )
    parts = [re.findall(r"\d+", colour)[:3] for colour in colours]
    assert [one for one in parts if len(set(one)) != 1] == []
