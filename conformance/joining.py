"""Put the parts of a run together: one run file, in the order of one check after the other.

What a check did stands together, and the checks stand as their functions do. So the numbers of
exchanges, and with them the verdicts, are those of a run without parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from conformance import blame, runfile
from conformance.crew import Lost
from conformance.planning import Plan
from conformance.roles import Setting
from conformance.verifies import CheckSpec

_NUMBER = re.compile(r"(?<=\(exchange )\d+(?=\))")


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a part: its run file, how much was masked in it, what the target cost it.

    `concerned` is what the vendor's own profile says, by check.
    """

    lines: Path
    masked: dict[str, int]
    answers_429: int
    waited_seconds: float
    silent: int
    concerned: dict[str, set[str]]


class Joined:
    """The run that parts are put into; a part is held, or taken at once with what was held."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._held: list[_Lines] = []
        self._checks: list[runfile.Check] = []

    def hold(self, planned: Plan, done: Done | Lost) -> None:
        """Keep a part until those are taken between whose checks its own stand."""
        lines = self._read(planned, done)
        self._held += [
            _Lines(spec, lines.get(name, []), numbers)
            for numbers in [dict[int, int]()]
            for name, spec in planned.checks.items()
        ]

    def take(self, planned: Plan, done: Done | Lost) -> None:
        """Write a part, after what was held and stands before its last check."""
        before = self._held
        self._held = []
        self.hold(planned, done)
        last = max(one.place for one in self._held)
        due = [*self._held, *(one for one in before if one.place <= last)]
        self._held = [one for one in before if one.place > last]
        self._write(due)

    def whole(self) -> list[runfile.Check]:
        """Write what is still held; gives all checks sorted by id."""
        self._write(self._held)
        self._held = []
        return sorted(self._checks, key=lambda check: check.id)

    def _read(self, planned: Plan, done: Done | Lost) -> dict[str, list[runfile.Line]]:
        """The lines of a part by check; what it cost is counted."""
        found: dict[str, list[runfile.Line]] = {}
        if isinstance(done, Lost):
            reason = f"the process of its area ended with {done.exit_code}"
            return {name: [_lost(spec, reason)] for name, spec in planned.checks.items()}
        name = ""
        for line in runfile.read_lines(done.lines):
            if not isinstance(line, runfile.Header | runfile.End):
                name = _check_of(line) or name
                found.setdefault(name, []).append(line)
        setting = self._setting
        setting.evidence.counts.update(done.masked)
        setting.evidence.concerned.update(done.concerned)
        setting.wire.pacing.refused += done.answers_429
        setting.wire.pacing.waited += done.waited_seconds
        setting.wire.silent = done.silent
        return found

    def _write(self, due: Iterable[_Lines]) -> None:
        evidence = self._setting.evidence
        for one in sorted(due, key=lambda one: one.place):
            for line in one.lines:
                moved = _moved(line, one.numbers, evidence.number + 1)
                evidence.adopt(moved)
                if isinstance(moved, runfile.Check):
                    self._checks.append(moved)


@dataclass(frozen=True, slots=True)
class _Lines:
    """What one check wrote; `numbers` are those of its part's exchanges in the whole."""

    spec: CheckSpec
    lines: Sequence[runfile.Line]
    numbers: dict[int, int]

    @property
    def place(self) -> tuple[str, int]:
        """Where the function stands, which is when it runs."""
        return str(self.spec.source), self.spec.line


def _check_of(line: runfile.Line) -> str:
    if isinstance(line, runfile.Check | runfile.OwnCheck):
        return line.id
    return line.check if isinstance(line, runfile.Exchange | runfile.Measured) else ""


def _lost(spec: CheckSpec, reason: str) -> runfile.Check:
    return runfile.Check(
        id=spec.id,
        title=spec.title,
        requirements=list(spec.requirements),
        area=spec.area,
        negative=spec.negative,
        verdict=runfile.OUR_FAULT,
        reason=reason,
        findings=[],
        exchanges=[],
        cases=0,
        blame=blame.blame(spec.role, runfile.OUR_FAULT, "", spec.requirements),
    )


def _moved(line: runfile.Line, numbers: dict[int, int], due: int) -> runfile.Line:
    """A line of a part in the run: numbers of exchanges, also in words, are those of the whole."""
    if isinstance(line, runfile.Exchange):
        numbers[line.number] = due
        return msgspec.structs.replace(line, number=due)
    if not isinstance(line, runfile.Check | runfile.OwnCheck):
        return line
    return msgspec.structs.replace(
        line,
        reason=_renumbered(line.reason, numbers),
        findings=[_moved_finding(one, numbers) for one in line.findings],
        exchanges=[numbers.get(one, one) for one in line.exchanges],
    )


def _moved_finding(one: runfile.Finding, numbers: dict[int, int]) -> runfile.Finding:
    number = None if one.exchange is None else numbers.get(one.exchange, one.exchange)
    return msgspec.structs.replace(one, exchange=number, summary=_renumbered(one.summary, numbers))


def _renumbered(text: str, numbers: dict[int, int]) -> str:
    def told(match: re.Match[str]) -> str:
        number = int(match.group())
        return str(numbers.get(number, number))

    return _NUMBER.sub(told, text)
