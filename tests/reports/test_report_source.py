"""A report is refused when the evidence is not whole or does not agree."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.runfile import FAIL, PASS, RunFileError
from reports.render import write_report
from reports.source import load


def _edit(directory: Path, **changes: Any) -> None:
    path = directory / "verdict.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes))


@pytest.mark.parametrize("name", ["run.jsonl", "verdict.json"])
def test_a_missing_file_is_named(faulty: Path, name: str) -> None:
    (faulty / name).unlink()
    with pytest.raises(RunFileError, match=f"{name} cannot be read"):
        load(faulty)


def test_a_cut_run_file_is_refused(faulty: Path) -> None:
    path = faulty / "run.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(RunFileError, match="incomplete"):
        load(faulty)


def test_a_changed_run_file_is_refused(faulty: Path) -> None:
    path = faulty / "run.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Muller", b"Miller"))
    with pytest.raises(RunFileError, match="changed"):
        load(faulty)


def test_a_changed_verdict_of_a_check_is_refused(faulty: Path) -> None:
    checks = json.loads((faulty / "verdict.json").read_text(encoding="utf-8"))["checks"]
    _edit(faulty, checks=[check | {"verdict": PASS} for check in checks])
    with pytest.raises(RunFileError, match="they differ in absent, bad"):
        load(faulty)


def test_files_of_two_runs_are_refused(faulty: Path) -> None:
    _edit(faulty, seed=43)
    with pytest.raises(RunFileError, match="differ in seed"):
        load(faulty)


def test_a_requirement_that_passes_against_its_checks_is_refused(faulty: Path) -> None:
    rows = json.loads((faulty / "verdict.json").read_text(encoding="utf-8"))["requirements"]
    _edit(faulty, requirements=[row | {"verdict": PASS} for row in rows])
    with pytest.raises(RunFileError, match="INF-BAD passed, but one of its checks failed"):
        load(faulty)


def test_an_outcome_better_than_its_requirements_is_refused(faulty: Path) -> None:
    _edit(faulty, outcome="conforms")
    with pytest.raises(RunFileError, match="INF-BAD failed without a waiver"):
        load(faulty)


def test_an_unknown_outcome_is_refused(faulty: Path) -> None:
    _edit(faulty, outcome="splendid")
    with pytest.raises(RunFileError, match="unknown outcome 'splendid'"):
        load(faulty)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"format": 1}', b"\xff\xfe"])
def test_a_verdict_file_of_another_kind_is_refused(faulty: Path, content: bytes) -> None:
    (faulty / "verdict.json").write_bytes(content)
    with pytest.raises(RunFileError, match="not a result of this suite"):
        load(faulty)


def test_a_check_that_was_judged_twice_is_refused(build: Callable[..., Path], make: Any) -> None:
    directory = build([make.check("one", FAIL), make.check("one")], outcome="does not conform")
    with pytest.raises(RunFileError, match="one more than once"):
        load(directory)


def test_a_refused_run_leaves_no_page(faulty: Path) -> None:
    _edit(faulty, outcome="conforms")
    with pytest.raises(RunFileError):
        write_report(faulty)
    assert not (faulty / "report.html").exists()
