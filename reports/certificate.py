"""The reference hub's own result as pages: its verdicts, and what each check was seen to find.

Nothing in them depends on the day or on the commit, so that a rebuild changes a byte only when the
result or the suite has changed. The result is not signed: whoever made the suite made the hub.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.runfile import VERDICTS, RequirementVerdict, Verdict
from reports.sheet import sheet
from reports.words import SHAPES

COVERAGE, MATRIX = "coverage.html", "kill-matrix.html"
Covered = Mapping[str, Mapping[str, int]]
COLUMNS = {
    "requirements": "Requirements",
    "must": "of them MUST",
    "must_checked": "MUST with a check",
    "must_untested_with_reason": "MUST without, with a reason",
    "checks": "Checks",
    "checks_killed": "Checks seen to fail",
    "negative_checks": "Checks that expect a refusal",
}


@dataclass(frozen=True, slots=True)
class Area:
    """The requirements of one area, by id, and how many have each verdict."""

    name: str
    rows: tuple[RequirementVerdict, ...]
    counts: tuple[tuple[str, int], ...]


def pages(verdict: Verdict, covered: Covered, kills: Mapping[str, list[str]]) -> dict[str, str]:
    """Both pages by name. `covered` are counts of the suite by role, `kills` mutants by check."""
    return {
        COVERAGE: sheet(
            "coverage.html",
            verdict=verdict,
            areas=_areas(verdict),
            covered=covered,
            columns=COLUMNS,
            shapes=SHAPES,
            counts=[(word, verdict.counts.get(word, 0)) for word in VERDICTS],
        ),
        MATRIX: sheet(
            "coverage_matrix.html",
            verdict=verdict,
            kills=dict(sorted(kills.items())),
            mutants=len({name for names in kills.values() for name in names}),
            unseen=sorted(name for name, names in kills.items() if not names),
        ),
    }


def _areas(verdict: Verdict) -> list[Area]:
    groups: dict[str, list[RequirementVerdict]] = {}
    for row in sorted(verdict.requirements, key=lambda row: row.id):
        groups.setdefault(row.area, []).append(row)
    found = []
    for name, rows in sorted(groups.items()):
        counts = Counter(row.verdict for row in rows)
        told = tuple((word, counts[word]) for word in VERDICTS if counts[word])
        found.append(Area(name, tuple(rows), told))
    return found
