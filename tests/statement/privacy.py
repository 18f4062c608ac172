"""docs/privacy.md: each privacy row, what shows it at the hub, what checks it, what breaks it.

Nothing is written down twice: rows come from the catalogue, tests from their marks, results of the
hub from its statement, checks and mutants from the suite, kills from the kill matrix.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance import catalogue
from conformance.catalogue import Requirement
from conformance.coverage import KILL_MATRIX
from conformance.verifies import CheckSpec, load_checks
from reference_hub import statement
from tests.conformance.judging import MUTANTS
from tests.statement.marks import ROOT, marks

FILE = ROOT / "docs" / "privacy.md"
# The suite's own duties are shown by its own tests, all others by those of the hub.
SUITE_TESTS = ("tests/reports/", "tests/conformance/")
SHOWN = 3

INTRODUCTION = """# Privacy: what is asked, what shows it, what breaks it

A test writes this page and fails when it is older than what it is made of
(`UPDATE_PRIVACY_PAGE=1 pytest tests/house/test_privacy_page.py` renews it). One line for each of
the 92 requirements about Privacy Obligations Documents (POD) and the registry (REG).

- **basis**: `documented` is written in the standard or published by its owner, `inferred` follows
  from it, `profile` is a rule of this kit where the standard is silent. Nobody who breaks a profile
  rule alone breaks the standard.
- **tests**: tests of the reference hub that show the row (how they ended when `make statement` ran
  stands under result); for duties of the suite itself, the tests of the suite.
- **suite**: per role of a product under test, the checks that judge it.
- **mutants**: products that break the row on purpose. `killed`: every check of the row was seen to
  fail at least one mutant (`conformance/kill-matrix.json`).
- A pass says that messages were as asked. It is the receipt of a document and never says that
  anybody keeps to it; what no message can show is answered on the form of `conformance attest`.
"""

TITLES = {
    "POD-SCH": "Schema and content",
    "POD-LC": "Life cycle",
    "POD-DEL": "Delivery",
    "POD-ACK": "Acknowledgement",
    "POD-GATE": "Gate",
    "POD-VER": "Change of version",
    "POD-END": "End",
    "POD-MIN": "Least data",
    "REG": "Registry",
    "POD-AUD": "Records",
    "POD-ATT": "Attestation",
    "POD-TLS": "Transport",
    "POD-URL": "Published policy",
    "POD-SUB": "Sub-processors",
    "POD-BRE": "Breach",
    "DAT-POD": "Rows of our own: the half of a row above that the standard does not hold",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of a row. `checks`, `mutants`, `reasons` by role; `tests` as `file::function`.

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


def lines() -> list[Line]:
    """All privacy rows, in the order of the page."""
    rows = catalogue.load()
    names = [name for name in rows if name.startswith(tuple(TITLES))]
    order = list(TITLES)
    names.sort(key=lambda name: (order.index(name.rpartition("-")[0]), name))
    shown, stated = marks(), {row.id: row for row in statement.stated()}
    kills = json.loads(KILL_MATRIX.read_text("utf-8"))["kills"]
    specs = list(load_checks().values())
    return [
        _line(rows[name], shown.get(name, ()), stated.get(name), specs, kills) for name in names
    ]


def _line(
    row: Requirement,
    tests: Sequence[str],
    stated: statement.Row | None,
    specs: Sequence[CheckSpec],
    kills: Mapping[str, Sequence[str]],
) -> Line:
    checks = {
        role: tuple(spec.id for spec in specs if spec.role == role and row.id in spec.requirements)
        for role in row.role
    }
    mutants = {
        role: tuple(
            sorted(name for name, one in MUTANTS.get(role, {}).items() if row.id in one.breaks)
        )
        for role in row.role
    }
    return Line(
        row=row,
        tests=tuple(tests),
        hub=_of_the_hub(row, tests, stated),
        checks=checks,
        mutants=mutants,
        killed={role: all(kills.get(one) for one in ids) for role, ids in checks.items() if ids},
        reasons={role: row.untestable_in(role) for role in row.role if not checks[role]},
    )


def _of_the_hub(row: Requirement, tests: Sequence[str], stated: statement.Row | None) -> str:
    if "suite" in row.role:
        own = [test for test in tests if test.startswith(SUITE_TESTS)]
        return "shown by the suite's own tests" if own else statement.UNTESTED
    if stated is None or not tests:
        return (stated and stated.reason) or statement.UNTESTED
    return stated.result


def page(told: Sequence[Line]) -> str:
    """The whole page as Markdown."""
    parts = [INTRODUCTION, _counts(told)]
    for prefix, title in TITLES.items():
        own = [line for line in told if line.row.id.rpartition("-")[0] == prefix]
        parts.append(f"## {title} ({prefix})\n\n{_table(own)}")
    return "\n".join(f"{part.rstrip()}\n" for part in parts)


def _counts(told: Sequence[Line]) -> str:
    sheet = [line for line in told if not line.row.id.startswith("DAT-")]
    head = "| basis | rows | shown at the hub | checked in a role | checks all killed |"
    ruled = [head, "| --- | ---: | ---: | ---: | ---: |"]
    for basis in catalogue.BASES:
        own = [line for line in sheet if line.row.basis == basis]
        ruled.append(f"| {basis} | {' | '.join(str(number) for number in _numbers(own))} |")
    ruled.append(f"| all | {' | '.join(str(number) for number in _numbers(sheet))} |")
    return "\n".join(ruled)


def _numbers(told: Sequence[Line]) -> tuple[int, int, int, int]:
    shown = sum(line.hub in (statement.PASS, "shown by the suite's own tests") for line in told)
    checked = [line for line in told if any(line.checks.values())]
    return len(told), shown, len(checked), sum(all(line.killed.values()) for line in checked)


def _table(told: Iterable[Line]) -> str:
    ruled = ["| row | level, basis | tests | suite | mutants | result |", "| --- " * 6 + "|"]
    ruled += [f"| {' | '.join(_cells(line))} |" for line in told]
    return "\n".join(ruled)


def _cells(line: Line) -> tuple[str, ...]:
    names = [test.rpartition("::test_")[2].replace("_", " ") for test in line.tests]
    checks = [f"{role}: {_few(ids) or line.reasons[role] or 'no check'}"
              for role, ids in line.checks.items()]  # fmt: skip
    mutants = [f"{role}: {_few(ids)}" for role, ids in line.mutants.items() if ids]
    results = [f"hub: {line.hub}"] if {"broker", "suite"} & set(line.row.role) else []
    results += [
        f"{role}: {'killed' if dead else 'not killed'}" for role, dead in line.killed.items()
    ]
    return (
        f"**{line.row.id}** {line.row.text}",
        f"{line.row.level}, {line.row.basis}",
        _few(names) or "-",
        "<br>".join(checks),
        "<br>".join(mutants) or "-",
        "<br>".join(results) or "-",
    )


def _few(names: Sequence[str]) -> str:
    more = f" (and {len(names) - SHOWN} more)" if len(names) > SHOWN else ""
    return "; ".join(names[:SHOWN]) + more


def by_basis(told: Iterable[Line]) -> Counter[str]:
    """How many rows of the fact sheet have each basis."""
    return Counter(line.row.basis for line in told if not line.row.id.startswith("DAT-"))
