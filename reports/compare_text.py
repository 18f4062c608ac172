"""A comparison on the terminal and as one self-contained page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from conformance.runfile import RequirementVerdict
from reports.compare import CURE, Comparison, Row
from reports.sheet import sheet
from reports.words import basis_words, count

SHOWN = 3  # requirements not met under one cell; the page has them all
NOT_COMPARABLE = "Not comparable"
NO_RANK = (
    "No product is ranked, and there is no score: what is not met here may not matter to you, and "
    "one requirement not met may be the one that does."
)


def lines(found: Comparison) -> Iterator[str]:
    """The comparison in plain text, differences first."""
    for one in found.products:
        yield f"{one.name}: {one.outcome} (run {one.run_id}, {one.day})"
    if found.refused:
        yield ""
        yield f"{NOT_COMPARABLE.upper()}. What follows from one run says nothing about another:"
        yield from (f"  {reason}" for reason in found.refused)
        yield CURE
    elif len(found.products) > 1:
        yield from _rows(found)
    for story in found.stories:
        yield ""
        yield f"{story.name} over time"
        for one, changes in story.steps:
            yield f"  {one.day} {one.run_id}: {one.outcome}"
            yield from (f"    {line}" for line in changes)


def _rows(found: Comparison) -> Iterator[str]:
    yield ""
    yield f"They differ in {count(len(found.differing), 'use case')}:"
    for row in found.differing:
        yield f"\n  {row.case.title}"
        yield from _cells(row, found)
    yield f"\nThey are alike in {count(len(found.alike), 'use case')}:"
    for row in found.alike:
        yield f"  {row.case.title}: {row.cells[0].said}"
        if any(cell.failing for cell in row.cells):
            yield from _cells(row, found)


def _cells(row: Row, found: Comparison) -> Iterator[str]:
    for one, cell in zip(found.products, row.cells, strict=True):
        yield f"    {one.name}: {cell.said} ({cell.detail})"
        for rule in cell.failing[:SHOWN]:
            yield f"      not met: {rule.text} ({', '.join(_about(rule))})"
        if len(cell.failing) > SHOWN:
            yield f"      and {len(cell.failing) - SHOWN} more"


def _about(rule: RequirementVerdict) -> list[str]:
    ours = [basis_words(rule.basis)] if rule.basis == "profile" else []
    return [rule.id, rule.level, *ours, *([f"waiver: {rule.waiver}"] if rule.waiver else [])]


def compare_page(found: Comparison, today: date) -> str:
    """The comparison as HTML; `today` is the day on which it is made."""
    return sheet("compare.html", found=found, today=today, cure=CURE, no_rank=NO_RANK)
