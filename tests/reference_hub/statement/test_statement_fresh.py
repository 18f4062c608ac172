"""The published statement is the one that rows and marks of today give, and it is good enough."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from reference_hub import statement
from reference_hub.cli import cli
from tests.statement.marks import ROOT
from tests.statement.page import page

RENEW = "run `make statement` and commit what it writes"
BASIS = r"^(documented|inferred|profile) +(\d+) "
LEAST_ROWS = 180
LEAST_SHARE = 0.95


def test_the_statement_is_that_of_todays_rows_and_marks(shown: dict[str, list[str]]) -> None:
    fresh = statement.statement(statement.requirements().rows, shown, {})
    kept = statement.stated()
    seen = [(row.id, row.level, row.role, row.derived, row.test) for row in kept]
    assert seen == [(row.id, row.level, row.role, row.derived, row.test) for row in fresh], RENEW
    reasons = {row.id: row.reason for row in kept if row.result == statement.UNTESTED}
    assert reasons == {row.id: row.reason for row in fresh if not row.test}, RENEW


def test_the_page_is_that_of_the_statement() -> None:
    text = (ROOT / "CONFORMANCE.md").read_text("utf-8")
    assert text == page(statement.stated(), statement.requirements().areas), RENEW


def test_no_row_fails() -> None:
    assert [row.id for row in statement.stated() if row.result == statement.FAIL] == []


def test_every_binding_row_passes_or_says_why_not() -> None:
    silent = [
        row.id
        for row in statement.stated()
        if row.level.startswith("MUST") and row.result != statement.PASS and not row.reason
    ]
    assert silent == []


def test_nearly_all_binding_rows_pass() -> None:
    binding = [row for row in statement.stated() if row.level.startswith("MUST")]
    passed = [row for row in binding if row.result == statement.PASS]
    assert len(passed) >= LEAST_SHARE * len(binding)
    assert sum(row.result == statement.PASS for row in statement.stated()) >= LEAST_ROWS


def test_the_command_prints_counts_and_a_line_for_each_area(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(cli, ["conformance"]).output
    rows = [row for row in statement.stated() if row.result == statement.PASS]
    passed = Counter(row.area for row in rows)
    levels, *apart, areas, hint = printed.split("\n\n")
    standard = passed.total() - sum(passed[area] for area in statement.APART)
    assert re.search(rf"^all +{standard} ", levels, re.M)
    for area, text in zip(statement.APART, apart, strict=True):
        ours = Counter(row.basis for row in rows if row.area == area)
        told = {name: int(number) for name, number in re.findall(BASIS, text, re.M)}
        assert told == {name: ours[name] for name in statement.BASES}
    lines = dict(re.findall(r"^([A-Z]{3}) +(\d+) ", areas, re.M))
    assert lines == {row.area: str(passed[row.area]) for row in statement.stated()}
    assert "--area QUE" in hint


def test_the_command_prints_the_rows_of_an_area_as_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(cli, ["conformance", "--area", "QUE"]).output
    rows = [line for line in printed.splitlines() if line.startswith("| INF-")]
    wanted = [row.id for row in statement.stated() if row.area == "QUE"]
    assert {line.split()[1] for line in rows} == set(wanted)
    assert set(rows) <= set((ROOT / "CONFORMANCE.md").read_text("utf-8").splitlines())


def test_the_command_prints_one_area_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = json.loads(CliRunner().invoke(cli, ["conformance", "--json", "--area", "cre"]).output)
    wanted = [row.id for row in statement.stated() if row.area == "CRE"]
    assert [row["id"] for row in printed] == wanted
    members = {"id", "level", "role", "derived", "test", "result", "reason", "basis"}
    assert set(printed[0]) == members


def test_the_command_refuses_an_unknown_area(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["conformance", "--area", "nothing"])
    assert done.exit_code == 2
    assert "known are TRN, FMT" in done.output
