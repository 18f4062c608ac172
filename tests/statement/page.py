"""CONFORMANCE.md: an introduction, then what `reference-hub conformance` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reference_hub import statement

INTRODUCTION = """# Which requirements of SIF 3 the hub meets

`make statement` writes this page: it runs every test of the hub that is marked with a requirement
of the SIF 3 infrastructure and notes the result. `reference-hub conformance` prints the counts,
with `--area` the rows of an area; `reference_hub/conformance.json` holds everything for programs,
with every test of each row.

The rows are those for which a hub is responsible, as environments provider (EP, Direct EP-D,
Brokered EP-B) or as the one who answers a service (SVC); rows of consumers and providers stand here
where the hub plays that part, or where they say what it answers, and a test shows it. A star marks
a level that follows from a characteristic or from the wording, where the standard does not write
the word itself. A row passes when all cases of all its tests pass.
"""


def page(rows: Sequence[statement.Row], areas: Mapping[str, str]) -> str:
    """The whole page."""
    return f"{INTRODUCTION}\n{statement.to_text(rows, areas)}"
