"""How a run looks on the terminal: progress on stderr, the result on stdout."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from conformance import runfile, waivers
from conformance.change import Change
from conformance.session import Outcome, ProgressReport

_SHORT = {
    runfile.PASS: "pass",
    runfile.FAIL: "FAIL",
    runfile.NOT_VERIFIED: "????",
    runfile.NOT_APPLICABLE: "n/a",
    runfile.OUR_FAULT: "OURS",
}
FATES = ("kept", "changed", "lost", "invented", "unseen")
LONGEST_TABLE = 40
_TROUBLE = (runfile.OUR_FAULT, runfile.FAIL, runfile.NOT_VERIFIED)


@contextmanager
def progress(style: str | None) -> Iterator[ProgressReport | None]:
    """Progress as bar | plain | json | none; None: a bar on a terminal, plain lines elsewhere."""
    style = style or ("bar" if sys.stderr.isatty() else "plain")
    if style != "bar":
        yield {"plain": _plain, "json": _line, "none": None}[style]
    else:
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)

            def report(check: runfile.Check, done: int, total: int) -> None:
                bar.update(task, completed=done, total=total, description=check.id)

            yield report


def _plain(check: runfile.Check, done: int, total: int) -> None:
    click.echo(f"{done}/{total} {_SHORT[check.verdict]:4} {check.id}", err=True)


def _line(check: runfile.Check, done: int, total: int) -> None:
    told = {"done": done, "total": total, "check": check.id, "verdict": check.verdict}
    click.echo(json.dumps(told), err=True)


def summary(
    outcome: Outcome, files: Mapping[str, str], quiet: bool = False, change: Change | None = None
) -> None:
    """Counts per area, what failed, where to look; quiet leaves the last lines only."""
    verdict = outcome.verdict
    console = Console(highlight=False, soft_wrap=True)
    if not quiet:
        console.print(_areas(verdict.requirements))
        for table in verdict.fidelity:
            console.print(fidelity(table))
            for line in unavoidable(table):
                console.print(line, markup=False)
        for line in trouble(verdict):
            console.print(line, markup=False)
    for waived in verdict.waivers:
        console.print(waivers.told(waived), markup=False)
    for line in change.lines() if change else ():
        console.print(line, markup=False)
    if outcome.answers_429:
        waited = f"{outcome.waited_seconds:g} s were waited"
        console.print(f"The target answered 429 {outcome.answers_429} times: {waited}.")
    if verdict.variants and not quiet:
        console.print(f"Variant: {variant(verdict.variants)}", markup=False)
    part = f"part of the test only ({', '.join(verdict.only)}): " if verdict.only else ""
    told = f"{part}{verdict.outcome} (seed {verdict.seed}, exit code {outcome.exit_code})"
    console.print(told, markup=False)
    for line in own_profile(verdict)[-1 if quiet else 0 :]:
        console.print(line, markup=False)
    if "report" in files:
        console.print(f"Report: {files['report']}", markup=False)
    if "summary" in files and not quiet:
        console.print(f"For a district: {files['summary']}", markup=False)


def variant(variants: Mapping[str, str]) -> str:
    """What the run was a variant of, in one line: `data model xpress-4.3, infrastructure 3.3`."""
    return ", ".join(f"{key.replace('_', ' ')} {variants[key]}" for key in sorted(variants))


def _areas(rows: Sequence[runfile.RequirementVerdict]) -> Table:
    table = Table("area", *(f"{name}" for name in runfile.VERDICTS), box=None, pad_edge=False)
    counted: dict[str, Counter[str]] = {}
    for row in rows:
        counted.setdefault(row.area or "other", Counter())[row.verdict] += 1
    for area in sorted(counted):
        table.add_row(area, *(str(counted[area][name] or "-") for name in runfile.VERDICTS))
    return table


def fidelity(told: runfile.Fidelity) -> Table:
    """What became of each element that has a place in the form, and the sum of all.

    A long table shows the harmed elements one by one and the others in one line.
    """
    title = f"Fidelity, {told.form}: {told.students} students"
    table = Table("element", *FATES, title=title, box=None, pad_edge=False, title_justify="left")
    lines = [line for line in told.lines if any(_counts([line]))]
    harmed = [line for line in lines if any(_counts([line])[1:])]
    shown = lines if len(lines) <= LONGEST_TABLE else harmed
    for line in shown:
        table.add_row(escape(line.element), *_told(_counts([line])))
    others = [line for line in lines if line not in shown]
    if others:
        table.add_row(f"{len(others)} other elements", *_told(_counts(others)))
    table.add_row("all", *_told(_counts(lines)))
    return table


def _counts(lines: Sequence[runfile.FidelityLine]) -> list[int]:
    return [sum(getattr(line, name) for line in lines) for name in FATES]


def _told(counts: Sequence[int]) -> list[str]:
    return [str(one or "-") for one in counts]


def unavoidable(told: runfile.Fidelity) -> list[str]:
    """One line on what has no place in the form; it counts against nobody."""
    lost = [line for line in told.lines if line.unavoidable]
    if not lost:
        return []
    values = sum(line.unavoidable for line in lost)
    names = ", ".join(line.element.removeprefix("xStudent/") for line in lost)
    return [f"No place in {told.form}, no fault of the vendor: {values} values of {names}"]


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


def own_profile(verdict: runfile.Verdict) -> list[str]:
    """The second verdict, after one line for each requirement whose profile is not kept."""
    told = verdict.own_profile
    if told is None:
        return []
    rows = verdict.requirements
    lines = [
        f"{_SHORT[row.own_verdict]} {row.id} by its own profile: {row.own_reason}"
        for row in rows
        if row.own_verdict in _TROUBLE
    ]
    explained = sum(row.verdict == runfile.FAIL and row.own_verdict == runfile.PASS for row in rows)
    counts = f"failures it declares: {explained}, declarations not tested: {len(told.untested)}"
    return [*lines, f"own profile ({told.profile.basis}): {told.outcome} ({counts})"]


def _exchange(row: runfile.RequirementVerdict, checks: Mapping[str, runfile.Check]) -> str:
    for name in row.checks:
        for finding in checks[name].findings:
            if finding.exchange is not None:
                return f" (exchange {finding.exchange})"
    return ""


def as_json(outcome: Outcome, files: Mapping[str, str], change: Change | None = None) -> str:
    """The result for a machine."""
    verdict = outcome.verdict
    failing = [row for row in verdict.requirements if row.verdict in _TROUBLE]
    value = {
        "outcome": verdict.outcome,
        "own_profile": verdict.own_profile.outcome if verdict.own_profile else None,
        "exit_code": outcome.exit_code,
        "seed": verdict.seed,
        "only": verdict.only,
        "variants": verdict.variants,
        "counts": verdict.counts,
        "answers_429": outcome.answers_429,
        "waited_seconds": outcome.waited_seconds,
        "trouble": [
            {"id": row.id, "level": row.level, "verdict": row.verdict, "reason": row.reason}
            for row in failing
        ],
        "waivers": verdict.waivers,
        "changed_since": change,
        "directory": str(outcome.directory),
        "files": dict(files),
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
