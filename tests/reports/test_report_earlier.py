"""When a check was last green, from the runs beside this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.runfile import FAIL, NOT_VERIFIED, PASS
from reports.earlier import earlier_runs
from reports.render import write_report
from reports.source import load
from tests.reports.conftest import VENDOR, a_check, a_run


def _run(folder: Path, day: int, verdict: str, **changes: object) -> Path:
    directory = folder / f"run-{day:02d}"
    directory.mkdir()
    outcome = "conforms" if verdict == PASS else "does not conform"
    options: dict[str, object] = {"started": f"2026-11-{day:02d}T10:00:00+00:00", **changes}
    return a_run(directory, [a_check("name", verdict)], outcome=outcome, **options)  # type: ignore[arg-type]


def _said(directory: Path) -> str:
    page = write_report(directory).read_text("utf-8")
    return page.partition("<dt>Last green</dt><dd>")[2].partition("</dd>")[0]


def test_the_newest_green_run_is_named_and_the_first_red_one_since(tmp_path: Path) -> None:
    for day, verdict in ((1, PASS), (2, PASS), (3, FAIL), (4, FAIL)):
        _run(tmp_path, day, verdict)
    said = "In run run-02 (2026-11-02, version 4.2); red since run-03 (2026-11-03, version 4.2)."
    assert _said(_run(tmp_path, 5, FAIL)) == said


def test_a_failure_may_be_new_in_this_run(tmp_path: Path) -> None:
    _run(tmp_path, 1, PASS)
    assert _said(_run(tmp_path, 2, FAIL)).endswith("; red since this run.")


def test_what_was_never_green_is_said_to_be_so(tmp_path: Path) -> None:
    _run(tmp_path, 1, FAIL)
    _run(tmp_path, 2, NOT_VERIFIED)
    assert _said(_run(tmp_path, 3, FAIL)) == "Never, in 1 earlier run of this product."


def test_alone_in_its_folder_a_run_has_no_past(tmp_path: Path) -> None:
    said = "No earlier run of this product that judged it is in the folder of runs."
    assert _said(_run(tmp_path, 3, FAIL)) == said


@pytest.mark.parametrize(
    ("day", "changes"),
    [(9, {}), (1, {"role": "provider"}), (1, {"vendor": {**VENDOR, "product": "Another"}})],
    ids=["later", "other role", "other product"],
)
def test_only_earlier_runs_of_the_same_product_and_role_count(
    tmp_path: Path, day: int, changes: dict[str, object]
) -> None:
    _run(tmp_path, day, PASS, **changes)
    directory = _run(tmp_path, 5, FAIL)
    assert earlier_runs(directory, load(directory).run.header) == []


def test_a_run_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    broken = _run(tmp_path, 1, PASS)
    (broken / "verdict.json").write_bytes(b"{}")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "run.jsonl").write_bytes(b'{"type": "hea')
    directory = _run(tmp_path, 2, FAIL)
    assert earlier_runs(directory, load(directory).run.header) == []
