"""docs/translation-rules.md: the rows about translation."""

from __future__ import annotations

from collections.abc import Sequence

from conformance import catalogue
from conformance.catalogue import Requirement
from reference_hub import statement
from tests.statement import rules
from tests.statement.marks import ROOT
from tests.statement.rules import Leg, Line

FILE = ROOT / "docs" / "translation-rules.md"
OVER_SIF = "-S"

INTRODUCTION = """# Translation: what is asked, what shows it, what breaks it

A test writes this page and fails when it is older than what it is made of
(`UPDATE_TRANSLATION_PAGE=1 pytest tests/house/test_translation_page.py` renews it). One line for
each of the 105 rows about translation (TRN) and our own about fidelity (DAT). All of them are
`profile`: rules of this kit, for no standard lays down what must survive a translation. Nobody who
breaks one alone breaks a standard.

- **tests**: tests of the reference hub that show the row; how they ended when `make statement` ran
  stands under result, else why no test shows it.
- **suite**: the checks that judge a product under test. `receiver`: its own form is read back;
  `receiver, SIF`: the same is asked by reading SIF back (the rows whose id ends in `-S`).
- **mutants**: how many products break the row on purpose. `killed`: every check of the row was
  seen to fail at least one mutant (`conformance/kill-matrix.json`).
- What a product does otherwise by its own word is its [own profile](read-back.md#two-verdicts).
"""

TITLES = {
    "TRN-ID": "Identity",
    "TRN-DT": "Days and times",
    "TRN-CS": "Codes",
    "TRN-MV": "Several of a kind",
    "TRN-TX": "Text and numbers",
    "TRN-LC": "Life cycle",
    "TRN-GU": "Guardians",
    "TRN-LR": "Losses",
    "TRN-PR": "Protocol",
    "DAT": "Fidelity as numbers, and replay: rows of our own",
}


def lines() -> list[Line]:
    """All translation rows, in the order of the page; one line for both legs of a row."""
    rows = catalogue.load()
    stated = statement.requirements().rows
    own = [name for name, row in rows.items() if name.startswith("DAT-")
           and row.area == "translation"]  # fmt: skip
    names = [name for name in stated if name.startswith("TRN-")]
    return [_line(name, rows, stated) for name in (*names, *own)]


def _line(name: str, rows: dict[str, Requirement], stated: dict[str, statement.Required]) -> Line:
    told = rows.get(name) or _of_the_hub(name, stated[name])
    legs = {
        f"{role}{', SIF' if each != name else ''}": Leg(rows[each], role)
        for each in (name, f"{name}{OVER_SIF}")
        if each in rows
        for role in rows[each].role
    }
    return rules.line(told, legs)


def _of_the_hub(name: str, row: statement.Required) -> Requirement:
    """A row that only whoever translates can meet, as the hub lists it."""
    return Requirement(
        id=name, level=row.level, basis=row.basis, role=(), source=row.source, text=row.text
    )


def page(told: Sequence[Line]) -> str:
    """The whole page as Markdown."""
    parts = [INTRODUCTION, rules.counts(told)]
    for prefix, title in TITLES.items():
        own = [line for line in told if line.row.id.startswith(f"{prefix}-")]
        parts.append(f"## {title} ({prefix})\n\n{rules.table(own, ('*',), names=False)}")
    return rules.joined(parts)
