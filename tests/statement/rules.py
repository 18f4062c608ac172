"""Pages of rules: each row, what shows it at the hub, what checks it, what breaks it.

Nothing is written down twice: rows come from the catalogue, tests from their marks, results of the
hub from its statement, checks and mutants from the suite, kills from the kill matrix.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance import catalogue
from conformance.catalogue import Requirement
from conformance.coverage import KILL_MATRIX
from conformance.verifies import CheckSpec, load_checks
from reference_hub import statement
from tests.conformance.judging import MUTANTS
from tests.statement.marks import marks

# The suite's own duties are shown by its own tests, all others by those of the hub.
SUITE_TESTS = ("tests/reports/", "tests/conformance/")
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Leg:
    """One way in which the suite asks for a row: as this row of its catalogue, of this role."""

    row: Requirement
    role: str


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of a row. `checks`, `mutants`, `reasons` by leg; `tests` as `file::function`.

    `hub` is pass | fail | untested, or the reason why no test shows it.
    """

    row: Requirement
    tests: tuple[str, ...]
    hub: str
    checks: Mapping[str, tuple[str, ...]]
    mutants: Mapping[str, tuple[str, ...]]
    killed: Mapping[str, bool]
    reasons: Mapping[str, str]

    @property
    def silent(self) -> bool:
        """Whether nothing at all is said of the row: no test, no check, no reason."""
        told = self.tests or any(self.checks.values()) or any(self.reasons.values())
        return not told and self.hub == statement.UNTESTED


@cache
def _known() -> tuple[
    Mapping[str, list[str]], Mapping[str, statement.Row], Sequence[CheckSpec], Mapping[str, object]
]:
    """Marks, statement, checks and kills, read once."""
    kills = json.loads(KILL_MATRIX.read_text("utf-8"))["kills"]
    stated = {row.id: row for row in statement.stated()}
    return marks(), stated, list(load_checks().values()), kills


def line(row: Requirement, legs: Mapping[str, Leg]) -> Line:
    """What is known of one row."""
    shown, stated, specs, kills = _known()
    tests = shown.get(row.id, ())
    checks = {
        name: tuple(
            spec.id for spec in specs if spec.role == leg.role and leg.row.id in spec.requirements
        )
        for name, leg in legs.items()
    }
    mutants = {
        name: tuple(
            sorted(
                mutant
                for mutant, one in MUTANTS.get(leg.role, {}).items()
                if leg.row.id in one.breaks
            )
        )
        for name, leg in legs.items()
    }
    return Line(
        row=row,
        tests=tuple(tests),
        hub=_of_the_hub(row, tests, stated.get(row.id)),
        checks=checks,
        mutants=mutants,
        killed={name: all(kills.get(one) for one in ids) for name, ids in checks.items() if ids},
        reasons={
            name: leg.row.untestable_in(leg.role) for name, leg in legs.items() if not checks[name]
        },
    )


def _of_the_hub(row: Requirement, tests: Sequence[str], stated: statement.Row | None) -> str:
    if "suite" in row.role:
        own = [test for test in tests if test.startswith(SUITE_TESTS)]
        return "shown by the suite's own tests" if own else statement.UNTESTED
    if stated is None or not tests:
        return (stated and stated.reason) or statement.UNTESTED
    return stated.result


def counts(told: Sequence[Line]) -> str:
    """How many rows of each basis are shown, checked and killed."""
    head = "| basis | rows | shown at the hub | checked in a role | checks all killed |"
    ruled = [head, "| --- | ---: | ---: | ---: | ---: |"]
    for basis in catalogue.BASES:
        own = [each for each in told if each.row.basis == basis]
        ruled.append(f"| {basis} | {' | '.join(str(number) for number in _numbers(own))} |")
    ruled.append(f"| all | {' | '.join(str(number) for number in _numbers(told))} |")
    return "\n".join(ruled)


def _numbers(told: Sequence[Line]) -> tuple[int, int, int, int]:
    shown = sum(each.hub in (statement.PASS, "shown by the suite's own tests") for each in told)
    checked = [each for each in told if any(each.checks.values())]
    return len(told), shown, len(checked), sum(all(each.killed.values()) for each in checked)


def table(told: Iterable[Line], of_the_hub: Sequence[str], names: bool = True) -> str:
    """One line for each row; `names` lists mutants by name, else their number stands there.

    The result of the hub stands where one of these roles is told of, or always if `*` is.
    """
    ruled = ["| row | level, basis | tests | suite | mutants | result |", "| --- " * 6 + "|"]
    ruled += [f"| {' | '.join(_cells(each, of_the_hub, names))} |" for each in told]
    return "\n".join(ruled)


def _cells(told: Line, of_the_hub: Sequence[str], names: bool) -> tuple[str, ...]:
    tests = [test.rpartition("::test_")[2].replace("_", " ") for test in told.tests]
    checks = [f"{leg}: {few(ids) or told.reasons[leg] or 'no check'}"
              for leg, ids in told.checks.items()]  # fmt: skip
    mutants = [f"{leg}: {few(ids) if names else len(ids)}"
               for leg, ids in told.mutants.items() if ids]  # fmt: skip
    answers = "*" in of_the_hub or set(of_the_hub) & set(told.row.role)
    results = [f"hub: {told.hub}"] if answers else []
    results += [f"{leg}: {'killed' if dead else 'not killed'}" for leg, dead in told.killed.items()]
    return (
        f"**{told.row.id}** {told.row.text}",
        f"{told.row.level}, {told.row.basis}",
        few(tests) or "-",
        "<br>".join(checks) or "-",
        "<br>".join(mutants) or "-",
        "<br>".join(results) or "-",
    )


def few(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" (and {len(names) - SHOWN} more)" if len(names) > SHOWN else ""
    return "; ".join(names[:SHOWN]) + more


def joined(parts: Iterable[str]) -> str:
    """The parts of a page, a blank line between them."""
    return "\n".join(f"{part.rstrip()}\n" for part in parts)


def by_basis(told: Iterable[Line]) -> Counter[str]:
    """How many rows have each basis."""
    return Counter(each.row.basis for each in told)


def kept(file: Path, text: str, switch: str) -> str:
    """The page as it lies there; with this variable of the environment it is renewed before."""
    if os.environ.get(switch):
        file.write_text(text, "utf-8")
    return file.read_text("utf-8") if file.is_file() else ""
