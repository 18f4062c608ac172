"""Dates and people stand in the header of a run; its verdict repeats byte for byte."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from conformance import runfile, session
from tests.conformance.engine.conftest import config_for
from tests.conformance.engine.test_engine_session import plan_of


def _run(url: str, out: Path, tested_by: str) -> Path:
    config = config_for(url, vendor={"tested_by": tested_by})
    plan = plan_of("passes", "fails", "is_not_verified", "does_not_apply")
    directory = session.run(config, seed=7, planned=plan, out=out, examine=False).directory
    assert directory is not None
    return directory


def test_two_runs_by_two_people_leave_the_same_verdict(vendor: str, tmp_path: Path) -> None:
    runs = [_run(vendor, tmp_path, name) for name in ("the maker", "Example District")]
    first, second = ((one / "verdict.json").read_bytes() for one in runs)
    told = [runfile.read_run(one / "run.jsonl").header.executor for one in runs]
    assert first == second
    assert told == ["the maker", "Example District"]


def test_a_result_is_good_for_a_year(vendor: str, tmp_path: Path) -> None:
    header = runfile.read_run(_run(vendor, tmp_path, "") / "run.jsonl").header
    started = date.fromisoformat(header.started[:10])
    assert date.fromisoformat(header.valid_until) - started == timedelta(days=365)


def test_the_verdict_of_a_run_counts_checks_and_requirements(vendor: str, tmp_path: Path) -> None:
    verdict = runfile.read_verdict(_run(vendor, tmp_path, "") / "verdict.json")
    one_each = dict.fromkeys(sorted(runfile.VERDICTS), 1) | {runfile.OUR_FAULT: 0}
    assert verdict.schema == runfile.VERDICT_SCHEMA
    assert (verdict.counts, verdict.check_counts) == (one_each, one_each)
