"""The browser of the tests: it tells how to get it, and notices what a page should not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.browser import Open, chromium_path, violations

pytestmark = pytest.mark.browser


def test_a_missing_browser_fails_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(pytest.fail.Exception, match=r"apt-get install .* chromium"):
        chromium_path()


def test_axe_names_what_is_out_of_reach(open_page: Open, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text('<html lang="en"><title>t</title><img src="data:,"></html>', "utf-8")
    assert violations(open_page(file)) == ["image-alt at 1 places, first ['img']"]
