"""Checks that sent nothing for one reason: told once, listed, and found by filter and link."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.runfile import NOT_VERIFIED, Check
from reports.render import write_report
from tests.reports.browser import Open, violations
from tests.reports.conftest import a_check, a_run, an_exchange

SILENT = "the target gave no answer to 5 requests in a row"


def _silent(number: int) -> Check:
    reason = f"{SILENT} (case {number})" if number else SILENT
    return a_check(f"silent{number}", NOT_VERIFIED, reason=reason, area=f"sif/a{number}")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tried = a_check("tried", NOT_VERIFIED, reason="timeout: no answer", exchanges=[1])
    other = a_check("other", NOT_VERIFIED, reason="nobody moved it")
    checks = [*map(_silent, range(4)), other, tried]
    folder = tmp_path_factory.mktemp("stopped")
    return write_report(
        a_run(folder, checks, [an_exchange(1, "tried")], outcome="could not decide")
    )


def test_one_card_stands_for_all_of_one_reason_and_what_was_sent_comes_first(shown: Path) -> None:
    text = shown.read_text("utf-8")
    cards = [part.partition('"')[0] for part in text.split('<article class="card unsure" id="')[1:]]
    assert cards == ["c-tried", "c-silent0", "c-other"]
    assert "3 more checks sent nothing for the same reason" in text
    assert '<p id="c-silent3" data-verdict="could not verify" data-area="sif/a3"' in text
    assert "or our fault (6)" in text


@pytest.mark.browser
def test_a_filter_opens_the_list_that_holds_what_it_finds(shown: Path, open_page: Open) -> None:
    page = open_page(shown)
    assert violations(page) == []
    line = page.locator("#c-silent2")
    assert not line.is_visible()
    page.locator("select[name=area]").select_option("sif/a2")
    assert line.is_visible()
    assert not page.locator("#c-silent3").is_visible()
    page.get_by_role("button", name="Show all").click()
    page.locator("details.alike:not([open])").first.wait_for()


@pytest.mark.browser
def test_a_link_to_a_listed_check_opens_its_list(shown: Path, open_page: Open) -> None:
    page = open_page(shown)
    page.evaluate("window.location.hash = 'c-silent1'")
    page.locator("details.alike[open]").first.wait_for()
    assert page.locator("#c-silent1").is_visible()
