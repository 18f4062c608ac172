"""Products side by side for what a district needs; nothing is compared that cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.runfile import FAIL, NOT_APPLICABLE, PASS, Header, RequirementVerdict
from reports.needs import UseCase, unnamed
from reports.source import Source, is_binding
from reports.words import count, listed

MEETS, RESERVED, FAILS = "meets", "meets with reservations", "does not meet"
OPEN, UNTESTED = "could not be decided", "not tested"
SHAPES = {MEETS: "pass", RESERVED: "unsure", FAILS: "fail", OPEN: "unsure", UNTESTED: "none"}
# What must be alike, and how a reader calls it.
_ALIKE = {
    "suite_hash": "versions of the suite",
    "role": "roles",
    "tier": "tiers",
    "only": "parts of the test",
    "variants": "variants",
    "seed": "seeds, so other data was sent",
}
CURE = "Run all of them with one version of the suite, the same role, tier and --seed."


@dataclass(frozen=True, slots=True)
class Cell:
    """How one product does in one use case: a word, a count, and what it does not meet."""

    said: str
    detail: str
    failing: tuple[RequirementVerdict, ...] = ()

    @property
    def shape(self) -> str:
        """How the word is drawn."""
        return SHAPES[self.said]


@dataclass(frozen=True, slots=True)
class Row:
    """One use case with a cell for each product."""

    case: UseCase
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        """Whether the products do not all have the same word."""
        return len({cell.said for cell in self.cells}) > 1


@dataclass(frozen=True, slots=True)
class Product:
    """One column: whose run it is, of which day, and its outcome."""

    name: str
    vendor: str
    run_id: str
    day: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Story:
    """One product over time: its runs, oldest first, and what changed after each."""

    name: str
    steps: tuple[tuple[Product, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole page. `refused` says why nothing is compared; then there are no rows."""

    products: tuple[Product, ...]
    refused: tuple[str, ...]
    differing: tuple[Row, ...] = ()
    alike: tuple[Row, ...] = ()
    stories: tuple[Story, ...] = ()


def compare(
    sources: Sequence[Source], cases: Sequence[UseCase], *, rest: bool, stories: Sequence[Story]
) -> Comparison:
    """Hold the runs of several products against each other; `rest` adds what no case covers."""
    products = tuple(product(one.run.header, one.verdict.outcome) for one in sources)
    if len(sources) < 2:
        return Comparison(products, (), stories=tuple(stories))
    if refused := refusals([one.run.header for one in sources]):
        return Comparison(products, tuple(refused), stories=tuple(stories))
    more = unnamed(cases, sources[0].verdict.requirements) if rest else None
    wanted = [*cases, more] if more else cases
    rows = [Row(case, tuple(cell(case, one) for one in sources)) for case in wanted]
    rows = [row for row in rows if {one.said for one in row.cells} != {UNTESTED} or not rest]
    return Comparison(
        products,
        (),
        tuple(row for row in rows if row.differs),
        tuple(row for row in rows if not row.differs),
        tuple(stories),
    )


def refusals(headers: Sequence[Header]) -> list[str]:
    """Why these runs cannot be compared, one sentence each."""
    told = []
    for name, words in _ALIKE.items():
        seen = [_value(getattr(one, name)) for one in headers]
        if len(set(seen)) > 1:
            whose = ", ".join(
                f"{product(one, '').name}: {value}"
                for one, value in zip(headers, seen, strict=True)
            )
            told.append(f"The runs were made with different {words} ({whose}).")
    return told


def _value(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={one}" for name, one in sorted(value.items())) or "none"
    if isinstance(value, list):
        return " ".join(value) or "everything"
    text = str(value)
    return text[:12] if len(text) == 64 else text


def product(header: Header, outcome: str) -> Product:
    """The column of a run."""
    vendor = header.vendor
    name = vendor.get("product") or vendor.get("name") or "a product without a name"
    named = " ".join(filter(None, (name, vendor.get("version"))))
    return Product(named, vendor.get("name", ""), header.run_id, header.started[:10], outcome)


def cell(case: UseCase, source: Source) -> Cell:
    """How a product does in one use case."""
    rows = [row for row in source.verdict.requirements if case.covers(row)]
    told = [row for row in rows if row.verdict != NOT_APPLICABLE]
    failing = tuple(
        sorted((row for row in told if row.verdict == FAIL), key=lambda row: _weight(row))
    )
    binding = [row for row in failing if is_binding(row.level)]
    unsure = [row for row in told if row.verdict not in (PASS, FAIL)]
    left = f", {len(unsure)} not decided" if unsure else ""
    if not told:
        why = "no requirement of the test speaks of it" if not rows else "does not apply"
        return Cell(UNTESTED, why)
    number = count(len(told), "requirement")
    if binding:
        return Cell(FAILS, f"{len(failing)} of {number} not met{_ours(failing)}{left}", failing)
    if any(is_binding(row.level) for row in unsure):
        return Cell(OPEN, f"{len(unsure)} of {number} not decided", failing)
    if failing or unsure:
        parts = [count(len(failing), "recommendation") + " not followed"] if failing else []
        parts += [count(len(unsure), "recommendation") + " not decided"] if unsure else []
        return Cell(RESERVED, listed(parts, "and"), failing)
    met = f"all {number} met" if len(told) > 1 else "the one requirement met"
    return Cell(MEETS, met)


def _ours(failing: Sequence[RequirementVerdict]) -> str:
    ours = sum(row.basis == "profile" for row in failing)
    if not ours:
        return ""
    which = "all" if ours == len(failing) else str(ours)
    return f" ({which} of them by a rule of this kit, not of the standard)"


def _weight(row: RequirementVerdict) -> tuple[bool, bool, str]:
    return (not is_binding(row.level), row.basis == "profile", row.id)


def as_json(found: Comparison) -> dict[str, object]:
    """The comparison for programs."""
    rows = [*found.differing, *found.alike]
    return {
        "comparable": not found.refused,
        "refused": list(found.refused),
        "products": [_told(one) for one in found.products],
        "use_cases": [
            {
                "id": row.case.id,
                "title": row.case.title,
                "differs": row.differs,
                "cells": [_cell(one) for one in row.cells],
            }
            for row in rows
        ],
        "over_time": [
            {"product": story.name, "runs": [{**_told(one), "changes": list(lines)}
                                             for one, lines in story.steps]}
            for story in found.stories
        ],
    }  # fmt: skip


def _told(one: Product) -> Mapping[str, str]:
    return {name: getattr(one, name) for name in ("name", "vendor", "run_id", "day", "outcome")}


def _cell(one: Cell) -> dict[str, object]:
    return {"said": one.said, "detail": one.detail, "failing": [row.id for row in one.failing]}
