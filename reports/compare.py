"""Products side by side for what a district needs; nothing is compared that cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.runfile import FAIL, NOT_APPLICABLE, PASS, Header, RequirementVerdict
from reports.needs import UseCase, in_words, unnamed
from reports.source import Source, is_binding
from reports.summary_words import Words, words

MEETS, RESERVED, FAILS = "meets", "reserved", "fails"
OPEN, UNTESTED = "open", "untested"
SHAPES = {MEETS: "pass", RESERVED: "unsure", FAILS: "fail", OPEN: "unsure", UNTESTED: "none"}
# What must be alike.
_ALIKE = ("suite_hash", "role", "tier", "only", "variants", "seed")
ENGLISH = words("en", "compare")


@dataclass(frozen=True, slots=True)
class Cell:
    """How one product does in one use case: the key of a word, a count, what it does not meet."""

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
    say: Words = ENGLISH


def compare(
    sources: Sequence[Source],
    cases: Sequence[UseCase],
    *,
    rest: bool,
    stories: Sequence[Story],
    say: Words = ENGLISH,
) -> Comparison:
    """Hold the runs of several products against each other; `rest` adds what no case covers."""
    products = tuple(product(one.run.header, one.verdict.outcome, say) for one in sources)
    if len(sources) < 2:
        return Comparison(products, (), stories=tuple(stories), say=say)
    if refused := refusals([one.run.header for one in sources], say):
        return Comparison(products, tuple(refused), stories=tuple(stories), say=say)
    more = unnamed(cases, sources[0].verdict.requirements, say) if rest else None
    wanted = [*in_words(cases, say), *([more] if more else [])]
    rows = [Row(case, tuple(cell(case, one, say) for one in sources)) for case in wanted]
    rows = [row for row in rows if {one.said for one in row.cells} != {UNTESTED} or not rest]
    return Comparison(
        products,
        (),
        tuple(row for row in rows if row.differs),
        tuple(row for row in rows if not row.differs),
        tuple(stories),
        say,
    )


def refusals(headers: Sequence[Header], say: Words = ENGLISH) -> list[str]:
    """Why these runs cannot be compared, one sentence each."""
    told = []
    for name in _ALIKE:
        seen = [_value(getattr(one, name), say) for one in headers]
        if len(set(seen)) > 1:
            whose = ", ".join(
                f"{product(one, '', say).name}: {value}"
                for one, value in zip(headers, seen, strict=True)
            )
            told.append(say.say("refused", "why", what=say.say("refused", name), whose=whose))
    return told


def _value(value: object, say: Words) -> str:
    if isinstance(value, dict):
        told = " ".join(f"{name}={one}" for name, one in sorted(value.items()))
        return told or say.say("refused", "none")
    if isinstance(value, list):
        return " ".join(value) or say.say("refused", "everything")
    text = str(value)
    return text[:12] if len(text) == 64 else text


def product(header: Header, outcome: str, say: Words = ENGLISH) -> Product:
    """The column of a run."""
    vendor = header.vendor
    name = vendor.get("product") or vendor.get("name") or say.say("rest", "nameless")
    named = " ".join(filter(None, (name, vendor.get("version"))))
    return Product(named, vendor.get("name", ""), header.run_id, header.started[:10], outcome)


def cell(case: UseCase, source: Source, say: Words = ENGLISH) -> Cell:
    """How a product does in one use case."""
    rows = [row for row in source.verdict.requirements if case.covers(row)]
    told = [row for row in rows if row.verdict != NOT_APPLICABLE]
    failing = tuple(
        sorted((row for row in told if row.verdict == FAIL), key=lambda row: _weight(row))
    )
    unsure = [row for row in told if row.verdict not in (PASS, FAIL)]
    if not told:
        return Cell(UNTESTED, say.say("cell", "aside" if rows else "silent"))
    if any(is_binding(row.level) for row in failing):
        failed = say.count("cell", "failed", len(told), failing=len(failing))
        left = say.say("cell", "left", number=len(unsure)) if unsure else ""
        return Cell(FAILS, f"{failed}{_ours(failing, say)}{left}", failing)
    if any(is_binding(row.level) for row in unsure):
        return Cell(OPEN, say.count("cell", "open", len(told), open=len(unsure)), failing)
    if failing or unsure:
        parts = [say.count("cell", "advice", len(failing))] if failing else []
        parts += [say.count("cell", "advice_open", len(unsure))] if unsure else []
        return Cell(RESERVED, say.listed(parts), failing)
    return Cell(MEETS, say.count("cell", "met", len(told)))


def _ours(failing: Sequence[RequirementVerdict], say: Words) -> str:
    ours = sum(row.basis == "profile" for row in failing)
    if not ours:
        return ""
    which = say.say("cell", "all") if ours == len(failing) else ours
    return say.say("cell", "ours", which=which)


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
    said = ENGLISH.say("said", one.said)
    return {"said": said, "detail": one.detail, "failing": [row.id for row in one.failing]}
