"""The index of all runs, and which of them are thrown away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformance import cli
from conformance.cli_history import doomed
from reports.history import pasts
from tests.reports.browser import PHONE, Open, violations
from tests.reports.conftest import a_check, a_run
from tests.reports.test_bundle import _counted
from tests.reports.test_compare import _changed

NOW = datetime(2026, 12, 1, tzinfo=UTC)
Add = Callable[..., Path]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def add(runs: Path) -> Add:
    """Add the run of a product on a day of November."""

    def _add(product: str, day: int, *, ended: bool = True, **verdicts: str) -> Path:
        folder = runs / f"{product}-{day:02}"
        folder.mkdir(parents=True)
        checks = [a_check(name, verdict) for name, verdict in (verdicts or {"a": "pass"}).items()]
        outcome = "does not conform" if "fail" in verdicts.values() else "conforms"
        a_run(folder, checks, vendor={"name": "V", "product": product}, outcome=outcome)
        _changed(folder, started=f"2026-11-{day:02}T10:00:00+00:00", run_id=folder.name)
        _counted(folder)
        if not ended:
            (folder / "verdict.json").unlink()
        return folder

    return _add


def _names(runs: Path, keep: int | None, days: int | None, now: datetime = NOW) -> list[str]:
    return [one.folder.name for one in doomed(list(pasts(runs)), keep, days, now)]


def test_the_index_tells_the_trend_in_words_and_counts(
    runs: Path, add: Add, capsys: pytest.CaptureFixture[str]
) -> None:
    add("One", 1, a="fail", b="fail")
    add("One", 2, a="pass", b="fail")
    add("Two", 3)
    assert cli.main(["history", "--runs", str(runs)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == [
        "One (receiver): 2 runs; the newest says: does not conform. "
        "Since the run before: 1 fewer not met.",
        "Two (receiver): 1 run; the newest says: conforms.",
    ]
    page = (runs / "index.html").read_text("utf-8")
    assert "fixed: a - The product does a." in page


def test_counts_of_another_suite_are_not_compared(
    runs: Path, add: Add, capsys: pytest.CaptureFixture[str]
) -> None:
    add("One", 1, a="fail")
    _changed(add("One", 2), suite_hash="0" * 64)
    cli.main(["history", "--runs", str(runs)])
    assert "not comparable by count: another version of the suite" in capsys.readouterr().out


def test_a_run_without_a_result_and_one_that_was_changed_are_named(
    runs: Path, add: Add, capsys: pytest.CaptureFixture[str]
) -> None:
    add("One", 1, ended=False)
    changed = add("One", 2) / "verdict.json"
    changed.write_text(changed.read_text("utf-8").replace('"pass": 1', '"pass": 2'), "utf-8")
    changed.write_text(changed.read_text("utf-8").replace('"a"', '"b"', 1), "utf-8")
    cli.main(["history", "--runs", str(runs)])
    told = capsys.readouterr().out
    assert "One-01 has no result" in told
    assert "One-02 has a result that is not to be trusted" in told


def test_the_newest_of_each_product_are_kept(runs: Path, add: Add) -> None:
    for day in (1, 2, 3):
        add("One", day)
    add("Two", 1)
    assert _names(runs, 2, None) == ["One-01"]
    assert _names(runs, 1, 29) == ["One-01"]


def test_age_alone_decides_without_a_number(runs: Path, add: Add) -> None:
    for day in (1, 10, 20):
        add("One", day)
    assert _names(runs, None, 15) == ["One-10", "One-01"]


def test_a_run_that_may_still_be_running_stays(runs: Path, add: Add) -> None:
    add("One", 1, ended=False)
    assert _names(runs, None, 0, datetime(2026, 11, 1, 20, tzinfo=UTC)) == []
    assert _names(runs, None, 0) == ["One-01"]


def test_a_dry_run_deletes_nothing_and_a_real_one_only_runs(
    runs: Path, add: Add, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = add("One", 1).rename(tmp_path / "One-01")
    (runs / "One-01").symlink_to(outside)
    add("One", 2)
    (runs / "notes").mkdir()
    prune = ["history", "--runs", str(runs), "prune", "--older-than", "0"]
    assert cli.main([*prune, "--dry-run"]) == 0
    assert "would delete One-02" in capsys.readouterr().out
    assert (runs / "One-02").is_dir()
    cli.main(prune)
    assert sorted(one.name for one in runs.iterdir()) == ["One-01", "notes"]
    assert (outside / "run.jsonl").is_file()


def test_prune_without_a_rule_is_refused(runs: Path, add: Add) -> None:
    add("One", 1)
    assert cli.main(["history", "--runs", str(runs), "prune"]) == 64


@pytest.mark.browser
def test_the_index_is_accessible_and_fits_a_phone(runs: Path, add: Add, open_page: Open) -> None:
    add("One", 1, a="fail")
    add("One", 2)
    add("Two", 3, ended=False)
    cli.main(["history", "--runs", str(runs)])
    page = open_page(runs / "index.html", size=PHONE)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
