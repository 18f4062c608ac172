"""Fidelity on the page: what is harmed stands first, what has no place blames nobody."""

from __future__ import annotations

import hashlib
from pathlib import Path

import lxml.html
import msgspec
import pytest

from conformance import runfile
from conformance.runfile import Fidelity, FidelityLine, Measured, RunFileError
from reports import fidelity
from reports.render import write_report
from reports.source import load

LINES = [
    FidelityLine(element="xStudent/localId", status="carried", sent=1999, kept=1999),
    FidelityLine(element="xStudent/loginId", status="carried", sent=1, lost=1),
    FidelityLine(element="xStudent/name/suffix", status="none", sent=4, unavoidable=4),
]
TABLE = Fidelity(form="OneRoster 1.2 (csv)", students=8, lines=LINES)


def with_table(directory: Path, table: Fidelity) -> Path:
    """The run with a table in its verdict and in its lines."""
    file = directory / "verdict.json"
    verdict = msgspec.structs.replace(runfile.read_verdict(file), fidelity=[table])
    file.write_bytes(runfile.canonical(verdict))
    return with_line(directory, table)


def with_line(directory: Path, line: Fidelity | Measured) -> Path:
    """The run with one line more."""
    lines = (directory / "run.jsonl").read_bytes().splitlines(keepends=True)
    body = b"".join([*lines[:-1], msgspec.json.encode(line) + b"\n"])
    end = runfile.End(finished="2026-11-20T00:00:00Z", sha256=hashlib.sha256(body).hexdigest())
    (directory / "run.jsonl").write_bytes(body + msgspec.json.encode(end) + b"\n")
    return directory


def test_the_view_counts_harm_and_never_rounds_up(conforming: Path) -> None:
    (view,) = fidelity.fidelity(load(with_table(conforming, TABLE)))
    assert (view.kept, view.observed, view.share, view.unavoidable) == (1999, 2000, 99.9, 4)
    assert [line.element for line in view.harmed] == ["xStudent/loginId"]
    assert [line.element for line in view.placeless] == ["xStudent/name/suffix"]


def test_the_page_shows_share_and_harmed_elements(conforming: Path) -> None:
    page = lxml.html.fromstring(write_report(with_table(conforming, TABLE)).read_bytes())
    (section,) = page.xpath("//section[@aria-labelledby='fidelity']")
    text = " ".join(" ".join(section.itertext()).split())
    assert "99.9 % kept , 1999 of 2000 values" in text
    assert "4 values without a place in this form: no fault of the product" in text
    first = section.xpath(".//table")[0]
    assert first.xpath(".//tbody//code/text()") == ["xStudent/loginId"]


def test_the_page_tells_how_soon_changes_showed(conforming: Path) -> None:
    times = Measured(check="one", what="visible", milliseconds=[40.0, *[12.0] * 9])
    page = lxml.html.fromstring(write_report(with_line(conforming, times)).read_bytes())
    text = " ".join(page.xpath("//section[@aria-labelledby='fidelity']")[0].text_content().split())
    told = "half within 12 ms, 95 of 100 within 40 ms, the slowest 40 ms."
    assert f"10 changes measured until the product’s own form showed it: {told}" in text


def test_a_run_without_tables_has_no_such_section(conforming: Path) -> None:
    page = lxml.html.fromstring(write_report(conforming).read_bytes())
    assert page.xpath("//section[@aria-labelledby='fidelity']") == []


def test_a_table_that_the_run_does_not_hold_is_refused(conforming: Path) -> None:
    directory = with_table(conforming, TABLE)
    file = directory / "verdict.json"
    better = msgspec.structs.replace(TABLE, lines=LINES[:1])
    verdict = msgspec.structs.replace(runfile.read_verdict(file), fidelity=[better])
    file.write_bytes(runfile.canonical(verdict))
    with pytest.raises(RunFileError, match="differ in fidelity"):
        load(directory)
