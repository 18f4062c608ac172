"""A run file that was cut or changed is not believed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from conformance import runfile
from conformance.evidence import Evidence
from tests.conformance.engine.test_engine_redaction import HEADER, capture
from tests.conformance.engine.test_engine_verdict import check


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A complete run file with two exchanges and one check."""
    file = tmp_path / "run.jsonl"
    evidence = Evidence(file)
    evidence.record(capture(b"<a/>", b"<b/>", "application/xml"))
    evidence.open(
        msgspec.structs.replace(HEADER, planned=["one"], planned_hash=runfile.planned_hash(["one"]))
    )
    evidence.record(capture(b"", b"no", "text/plain"))
    evidence.append(check("one", "R0", "pass"))
    evidence.close()
    return file


def test_a_complete_file_is_read_back(path: Path) -> None:
    run = runfile.read_run(path)
    assert [exchange.number for exchange in run.exchanges] == [1, 2]
    assert [line.id for line in run.checks] == ["one"]


def test_every_line_is_flushed_before_the_file_is_closed(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "run.jsonl")
    evidence.open(HEADER)
    evidence.append(check("one", "R0", "pass"))
    assert len((tmp_path / "run.jsonl").read_bytes().splitlines()) == 2
    evidence.close()


def without_last_line(data: bytes) -> bytes:
    return b"".join(data.splitlines(keepends=True)[:-1])


def without_third_line(data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(lines[:2] + lines[3:])


CHANGES: list[tuple[Callable[[bytes], bytes], str]] = [
    (lambda data: b"", "incomplete"),
    (without_last_line, "incomplete"),
    (without_third_line, "was changed"),
    (lambda data: data.replace(b'"pass"', b'"fail"'), "was changed"),
    (lambda data: data[:-40], "not a run line"),
    (lambda data: data + data.splitlines(keepends=True)[-1], "was changed"),
    (lambda data: b"{}\n" + data, "not a run line"),
]


@pytest.mark.parametrize(("change", "reason"), CHANGES)
def test_a_changed_file_is_refused(
    path: Path, change: Callable[[bytes], bytes], reason: str
) -> None:
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(runfile.RunFileError, match=reason):
        runfile.read_run(path)


def test_a_file_without_the_verdict_of_a_planned_check_is_refused(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path / "run.jsonl")
    evidence.open(msgspec.structs.replace(HEADER, planned=["one", "two"]))
    evidence.append(check("one", "R0", "pass"))
    evidence.close()
    with pytest.raises(runfile.RunFileError, match="first two"):
        runfile.read_run(tmp_path / "run.jsonl")
