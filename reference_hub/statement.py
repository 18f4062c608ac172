"""The hub's own conformance statement: rows of the standard, what shows each, and with what result.

`requirements.toml` lists the rows; the marks of the tests and a run of them make
`conformance.json`, which travels with the package.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import msgspec

PASS, FAIL, UNTESTED = "pass", "fail", "untested"
RESULTS = (PASS, FAIL, UNTESTED)
BASES = ("documented", "inferred", "profile")
PRIVACY, TRANSLATION = "POD", "XLT"
# Areas that are told by basis and never together with the rows of the standard.
APART = {PRIVACY: "Privacy obligations", TRANSLATION: "Translation"}
LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY", "none")
# A hub is these; consumer and provider it is only where a test shows it in that part.
HUB_ROLES = ("EP", "EP-D", "EP-B", "SVC", "ALL")


@dataclass(frozen=True, slots=True)
class Required:
    """A row of the standard. `derived`: the level follows from a characteristic, not from a word.

    `untested` is the reason why no test shows it. `basis`: documented, inferred or profile; rows of
    a profile are no requirements of the standard. `source`, `text`: of rows outside of it.
    """

    level: str
    role: str
    derived: bool = False
    untested: str = ""
    basis: str = "documented"
    source: str = ""
    text: str = ""

    @property
    def is_the_hubs(self) -> bool:
        """Whether the row names a role that the hub always has."""
        return any(part.split()[0] in HUB_ROLES for part in self.role.split("/"))


@dataclass(frozen=True, slots=True)
class Negative:
    """A mistake seen in practice; `exception` is the reason why it needs no test of the hub."""

    target: str
    exception: str = ""


@dataclass(frozen=True, slots=True)
class Requirements:
    """The whole data file; `areas` names the middle part of the ids in words."""

    areas: Mapping[str, str]
    rows: Mapping[str, Required]
    negative: Mapping[str, Negative]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the statement; `test` lists `file::function`."""

    id: str
    level: str
    role: str
    derived: bool
    test: tuple[str, ...]
    result: str
    reason: str
    basis: str = "documented"

    @property
    def area(self) -> str:
        """The middle part of the id; privacy is one area, and translation is another."""
        first, middle = self.id.split("-")[:2]
        return {"INF": middle, "TRN": TRANSLATION}.get(first, PRIVACY)

    @property
    def shown_level(self) -> str:
        """The level, with a star where it is derived."""
        return f"{self.level}*" if self.derived else self.level


def requirements() -> Requirements:
    """The rows as the package holds them, those of privacy and translation among them."""
    table = tomllib.loads(_read("requirements.toml"))
    for name in ("privacy", "translation"):
        table["rows"] |= tomllib.loads(_read(f"requirements_{name}.toml"))["rows"]
    return msgspec.convert(table, Requirements)


def stated() -> list[Row]:
    """The statement as the package holds it."""
    return msgspec.json.decode(_read("conformance.json"), type=list[Row])


def statement(
    required: Mapping[str, Required],
    shown: Mapping[str, Sequence[str]],
    failed: Mapping[str, Sequence[str]],
) -> list[Row]:
    """One row for each id that the hub answers for: its own, and what `shown` names beyond them.

    `shown` maps ids to the tests that are marked with them, `failed` to those that did not pass.
    """
    rows = []
    for name, row in sorted(required.items()):
        tests = tuple(shown.get(name, ()))
        if not (row.is_the_hubs or tests):
            continue
        result = UNTESTED if not tests else FAIL if failed.get(name) else PASS
        reason = row.untested if not tests else ", ".join(failed.get(name, ()))
        known = (name, row.level, row.role, row.derived, tests, result, reason, row.basis)
        rows.append(Row(*known))
    return rows


def to_json(rows: Sequence[Row]) -> str:
    """The statement as it is kept."""
    return msgspec.json.format(msgspec.json.encode(rows), indent=1).decode() + "\n"


def to_text(rows: Sequence[Row], areas: Mapping[str, str]) -> str:
    """The statement for readers, in Markdown: counts, a table for each area, what is untested."""
    standard = [row for row in rows if row.area not in APART]
    parts = [_counts(standard)] if standard else []
    for area in sorted({row.area for row in standard}):
        own = [row for row in standard if row.area == area]
        parts.append(_area(area, areas.get(area, ""), own))
    for area, ids in ((PRIVACY, "POD, REG"), (TRANSLATION, "TRN")):
        own = [row for row in rows if row.area == area]
        if own:
            parts.append(_apart(own, f"{areas.get(area, area)} ({ids})"))
    untested = [(row.id, row.shown_level, row.reason) for row in rows if row.result == UNTESTED]
    if untested:
        parts.append("## Untested\n\n" + _table(("id", "level", "reason"), untested))
    return "\n\n".join(parts) + "\n"


def by_level(rows: Sequence[Row]) -> list[dict[str, str]]:
    """How many rows of each level have each result, and in all."""
    levels = [level for level in LEVELS if any(row.level == level for row in rows)]
    lines = [{"level": each} | _results([r for r in rows if r.level == each]) for each in levels]
    return [*lines, {"level": "all"} | _results(rows)]


def by_area(rows: Sequence[Row], areas: Mapping[str, str]) -> list[dict[str, str]]:
    """The same for each area, with its name in words."""
    return [
        {"area": area} | _results([row for row in rows if row.area == area]) | {"about": title}
        for area, title in areas.items()
        if any(row.area == area for row in rows)
    ]


def _results(rows: Sequence[Row]) -> dict[str, str]:
    counted = Counter(row.result for row in rows)
    return {result: str(counted[result]) for result in RESULTS}


def _counts(rows: Sequence[Row]) -> str:
    return _table(("level", *RESULTS), [tuple(line.values()) for line in by_level(rows)])


def _area(area: str, title: str, rows: Sequence[Row]) -> str:
    lines = [(row.id, row.shown_level, row.role, row.result, _evidence(row.test)) for row in rows]
    head = ("id", "level", "role", "result", "shown by")
    return f"## {title or area} (INF-{area})\n\n{_table(head, lines)}"


def _apart(rows: Sequence[Row], title: str) -> str:
    # Counted by basis, never together with the rows of the standard.
    counts = [tuple(line.values()) for line in by_basis(rows)]
    lines = [(row.id, row.shown_level, row.basis, row.result, _evidence(row.test)) for row in rows]
    counted = _table(("basis", *RESULTS), counts)
    return "\n\n".join(
        (
            f"## {title}",
            "`profile` rows are rules of this kit where the standard is silent.",
            counted,
            _table(("id", "level", "basis", "result", "shown by"), lines),
        )
    )


def by_basis(rows: Sequence[Row]) -> list[dict[str, str]]:
    """How many rows of each basis have each result."""
    return [{"basis": each} | _results([r for r in rows if r.basis == each]) for each in BASES]


def _evidence(tests: Sequence[str]) -> str:
    names = [each.rpartition("::test_")[2].replace("_", " ") for each in tests]
    more = f" (and {len(names) - 2} more)" if len(names) > 2 else ""
    return "; ".join(names[:2]) + more


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    ruled: list[Sequence[Any]] = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in ruled)


def _read(name: str) -> str:
    return resources.files("reference_hub").joinpath(name).read_text("utf-8")
