"""How runs of a collection are told: lines for people, CSV and JSON for machines.

Ids and local numbers only; names and other values of persons are in none of them.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import click

from reference_hub.clock import iso
from reference_hub.journeys.collection_history import STILL, Difference
from reference_hub.journeys.collection_records import REJECTED, Record
from reference_hub.model.collection import Finding, Rule, Run
from reference_hub.model.scope import Scope
from reference_hub.problems import SetupError
from reference_hub.store import collection_runs

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PLACE = ("zone", "context", "collection", "run")
_WHAT = ("object", "localId", "refId", "rule", "level")
_COLUMNS = (*_PLACE, *_WHAT, "basis", "field", "path", "says", "do")
_RECORDS = ("object", "localId", "refId", "verdict", "changedSince", "rule", "level", "says", "do")


def rule_rows(rule: Rule) -> dict[str, str]:
    """One rule as a row."""
    return {
        "rule": rule.id,
        "level": rule.level,
        "basis": rule.basis,
        "field": rule.state_field,
        "object": rule.object_type,
        "path": rule.path.text,
        "must": rule.must,
        "says": rule.says,
    }


def summary(connection: Connection, scope: Scope, run: Run) -> Iterator[str]:
    """A run in lines: how many records, and how often each rule was not kept."""
    yield (
        f"{scope.zone_id}: run {run.number} of {run.collection} {run.version}, {run.checked} "
        f"records checked, {run.rejected} rejected."
    )
    for each in run.counts:
        yield (
            f"  {each.object_type}: {each.checked} checked, {each.accepted} accepted, "
            f"{each.rejected} rejected"
        )
    for rule_id, number in collection_runs.by_rule(connection, run.id).items():
        rule = run.rule(rule_id)
        yield f"  {rule.level} {rule_id} ({rule.basis}), {number} times: {rule.says} {rule.do}"


def tell_rejected(told: Iterable[Record]) -> None:
    """What the district has to correct, one line a record."""
    for each in told:
        if each.verdict == REJECTED:
            rules = ", ".join(finding.rule for finding in each.findings)
            click.echo(f"  rejected {_named(each)}: {rules}{_since(each)}")


def tell_record(each: Record, run: Run) -> None:
    """One record with the reasons."""
    click.echo(f"{each.verdict} {_named(each)}{_since(each)}")
    for finding in each.findings:
        rule = run.rule(finding.rule)
        click.echo(f"  {finding.level} {finding.rule}: {rule.says} {rule.do}")


def _named(each: Record) -> str:
    number = f" {each.local_id}" if each.local_id else ""
    return f"{each.object_type}{number} ({each.refid})"


def _since(each: Record) -> str:
    return "; changed here since, ask the state for a new run" if each.changed else ""


def differences(told: list[Difference], *, findings: bool, as_json: bool) -> None:
    """Runs with their differences in words; with `findings` each of them."""
    if as_json:
        click.echo(json.dumps([_difference(each) for each in told], indent=2))
        return
    for each in told:
        click.echo(f"{each.run.begun:%Y-%m-%d %H:%M}  {each.words}")
        for kind, finding in each.changes if findings else ():
            number = f" {finding.local_id}" if finding.local_id else ""
            click.echo(f"  {kind}: {finding.object_type}{number}, {finding.rule}")


def _difference(each: Difference) -> dict[str, Any]:
    return {
        "run": each.run.number,
        "begun": iso(each.run.begun),
        "checked": each.run.checked,
        "rejected": each.run.rejected,
        "changes": [
            {"change": kind, **asdict(finding)} for kind, finding in each.changes if kind != STILL
        ],
        "stillThere": each.count(STILL),
    }


class Outputs:
    """The files that a command writes beside its lines, record by record."""

    def __init__(self, csv_file: Path | None, json_file: Path | None) -> None:
        self.stack = ExitStack()
        self.csv = self._opened(csv_file)
        self.json = self._opened(json_file)
        self.separator = "["
        self.header = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.json and kind is None:
            self.json.write("[]\n" if self.separator == "[" else "]\n")
        self.stack.close()

    def _opened(self, file: Path | None) -> IO[str] | None:
        if file is None:
            return None
        try:
            return self.stack.enter_context(file.open("w", encoding="utf-8", newline=""))
        except OSError as error:
            raise SetupError(
                f"{file} cannot be written ({error.strerror}); name another."
            ) from error

    def write(self, connection: Connection, scope: Scope, run: Run) -> None:
        """Add a run with all its findings."""
        if self.csv:
            rows = (_row(scope, run, each) for each in collection_runs.findings(connection, run.id))
            self._rows(_COLUMNS, rows)
        if self.json:
            self.json.write(self.separator)
            self.separator = ",\n"
            _write_run(self.json, scope, run, collection_runs.findings(connection, run.id))

    def write_records(self, told: Iterable[Record], run: Run) -> None:
        """Add records: one row for each finding, and one for a record without any."""
        if self.csv:
            self._rows(_RECORDS, (row for each in told for row in _record_rows(each, run)))

    def _rows(self, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
        if self.csv is None:
            return
        writer = csv.writer(self.csv)
        if not self.header:
            writer.writerow(columns)
            self.header = True
        writer.writerows(rows)


def _row(scope: Scope, run: Run, each: Finding) -> tuple[object, ...]:
    rule = run.rule(each.rule)
    place = (scope.zone_id, scope.context_id, run.collection, run.number)
    what = (each.object_type, each.local_id, each.refid, each.rule, each.level)
    return (*place, *what, rule.basis, rule.state_field, rule.path, rule.says, rule.do)


def _record_rows(each: Record, run: Run) -> Iterator[tuple[object, ...]]:
    changed = "yes" if each.changed else "no"
    facts = (each.object_type, each.local_id, each.refid, each.verdict, changed)
    for finding in each.findings:
        rule = run.rule(finding.rule)
        yield (*facts, finding.rule, finding.level, rule.says, rule.do)
    if not each.findings:
        yield (*facts, "", "", "", "")


def _write_run(file: IO[str], scope: Scope, run: Run, findings: Iterable[Finding]) -> None:
    head = {
        "zone": scope.zone_id,
        "context": scope.context_id,
        "collection": run.collection,
        "version": run.version,
        "run": run.number,
        "begun": iso(run.begun),
        "counts": [asdict(each) for each in run.counts],
        "rules": [asdict(each) for each in run.rules],
    }
    file.write(json.dumps(head)[:-1] + ', "findings": [')
    for number, each in enumerate(findings):
        file.write((",\n" if number else "\n") + json.dumps(asdict(each)))
    file.write("]}")
