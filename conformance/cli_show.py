"""How a run looks on the terminal: progress on stderr, the result on stdout."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from conformance import runfile
from conformance.session import Outcome, ProgressReport

_SHORT = {
    runfile.PASS: "pass",
    runfile.FAIL: "FAIL",
    runfile.NOT_VERIFIED: "????",
    runfile.NOT_APPLICABLE: "n/a",
    runfile.OUR_FAULT: "OURS",
}
_TROUBLE = (runfile.OUR_FAULT, runfile.FAIL, runfile.NOT_VERIFIED)


@contextmanager
def progress(quiet: bool) -> Iterator[ProgressReport | None]:
    """A bar on a terminal, plain lines elsewhere, nothing when quiet."""
    if quiet:
        yield None
    elif not sys.stderr.isatty():
        yield _plain
    else:
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)

            def report(check: runfile.Check, done: int, total: int) -> None:
                bar.update(task, completed=done, total=total, description=check.id)

            yield report


def _plain(check: runfile.Check, done: int, total: int) -> None:
    click.echo(f"{done}/{total} {_SHORT[check.verdict]:4} {check.id}", err=True)


def summary(outcome: Outcome, files: Mapping[str, str], quiet: bool = False) -> None:
    """Counts per area, what failed, where to look; quiet leaves the last lines only."""
    verdict = outcome.verdict
    console = Console(highlight=False, soft_wrap=True)
    if not quiet:
        console.print(_areas(verdict.requirements))
        for line in trouble(verdict):
            console.print(line, markup=False)
    part = f"part of the test only ({', '.join(verdict.only)}): " if verdict.only else ""
    told = f"{part}{verdict.outcome} (seed {verdict.seed}, exit code {outcome.exit_code})"
    console.print(told, markup=False)
    if "report" in files:
        console.print(f"Report: {files['report']}", markup=False)


def _areas(rows: Sequence[runfile.RequirementVerdict]) -> Table:
    table = Table("area", *(f"{name}" for name in runfile.VERDICTS), box=None, pad_edge=False)
    counted: dict[str, Counter[str]] = {}
    for row in rows:
        counted.setdefault(row.area or "other", Counter())[row.verdict] += 1
    for area in sorted(counted):
        table.add_row(area, *(str(counted[area][name] or "-") for name in runfile.VERDICTS))
    return table


def trouble(verdict: runfile.Verdict) -> list[str]:
    """One line per requirement that is not fine: what happened and which exchange shows it."""
    checks = {check.id: check for check in verdict.checks}
    lines = []
    for kind in _TROUBLE:
        for row in verdict.requirements:
            if row.verdict != kind:
                continue
            where = _exchange(row, checks)
            waived = f" [{row.waiver}]" if row.waiver else ""
            lines.append(f"{_SHORT[kind]} {row.id} {row.level}: {row.reason}{where}{waived}")
    return lines


def _exchange(row: runfile.RequirementVerdict, checks: Mapping[str, runfile.Check]) -> str:
    for name in row.checks:
        for finding in checks[name].findings:
            if finding.exchange is not None:
                return f" (exchange {finding.exchange})"
    return ""


def as_json(outcome: Outcome, files: Mapping[str, str]) -> str:
    """The result for a machine."""
    verdict = outcome.verdict
    failing = [row for row in verdict.requirements if row.verdict in _TROUBLE]
    value = {
        "outcome": verdict.outcome,
        "exit_code": outcome.exit_code,
        "seed": verdict.seed,
        "only": verdict.only,
        "counts": verdict.counts,
        "trouble": [
            {"id": row.id, "level": row.level, "verdict": row.verdict, "reason": row.reason}
            for row in failing
        ],
        "directory": str(outcome.directory),
        "files": dict(files),
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
