"""docs/privacy.md: the rows about privacy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance import catalogue
from tests.statement import rules
from tests.statement.marks import ROOT
from tests.statement.rules import Leg, Line

FILE = ROOT / "docs" / "privacy.md"

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


def lines() -> list[Line]:
    """All privacy rows, in the order of the page."""
    rows = catalogue.load()
    names = [name for name in rows if name.startswith(tuple(TITLES))]
    order = list(TITLES)
    names.sort(key=lambda name: (order.index(name.rpartition("-")[0]), name))
    return [
        rules.line(rows[name], {role: Leg(rows[name], role) for role in rows[name].role})
        for name in names
    ]


def page(told: Sequence[Line]) -> str:
    """The whole page as Markdown."""
    parts = [INTRODUCTION, rules.counts(of_the_sheet(told))]
    for prefix, title in TITLES.items():
        own = [line for line in told if line.row.id.rpartition("-")[0] == prefix]
        parts.append(f"## {title} ({prefix})\n\n{rules.table(own, ('broker', 'suite'))}")
    return rules.joined(parts)


def of_the_sheet(told: Iterable[Line]) -> list[Line]:
    """The rows of the fact sheet, without our own."""
    return [line for line in told if not line.row.id.startswith("DAT-")]
