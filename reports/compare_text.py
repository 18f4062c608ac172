"""A comparison on the terminal and as one self-contained page, in English or Spanish."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from conformance.runfile import RequirementVerdict
from reports.compare import SHAPES, Comparison, Row
from reports.sheet import sheet

SHOWN = 3  # requirements not met under one cell; the page has them all


def lines(found: Comparison) -> Iterator[str]:
    """The comparison in plain text, differences first."""
    say = found.say
    for one in found.products:
        outcome = say.say("outcome", one.outcome)
        yield say.say("terminal", "product", name=one.name, outcome=outcome, run=one.run_id,
                      day=one.day)  # fmt: skip
    if found.refused:
        yield ""
        yield say.say("terminal", "refused")
        yield from (f"  {reason}" for reason in found.refused)
        yield say.say("page", "cure")
    elif len(found.products) > 1:
        yield from _rows(found)
    for story in found.stories:
        yield ""
        yield say.say("page", "over_time", name=story.name)
        for one, changes in story.steps:
            yield f"  {one.day} {one.run_id}: {say.say('outcome', one.outcome)}"
            yield from (f"    {line}" for line in changes)


def _rows(found: Comparison) -> Iterator[str]:
    yield ""
    yield found.say.count("terminal", "differ", len(found.differing))
    for row in found.differing:
        yield f"\n  {row.case.title}"
        yield from _cells(row, found)
    yield "\n" + found.say.count("terminal", "alike", len(found.alike))
    for row in found.alike:
        yield f"  {row.case.title}: {found.say.say('said', row.cells[0].said)}"
        if any(cell.failing for cell in row.cells):
            yield from _cells(row, found)


def _cells(row: Row, found: Comparison) -> Iterator[str]:
    say = found.say
    for one, cell in zip(found.products, row.cells, strict=True):
        yield f"    {one.name}: {say.say('said', cell.said)} ({cell.detail})"
        for rule in cell.failing[:SHOWN]:
            about = ", ".join(_about(rule, found))
            yield f"      {say.say('terminal', 'not_met')}: {rule.text} ({about})"
        if len(cell.failing) > SHOWN:
            yield f"      {say.say('terminal', 'more', number=len(cell.failing) - SHOWN)}"


def _about(rule: RequirementVerdict, found: Comparison) -> list[str]:
    say = found.say
    ours = [say.say("basis", rule.basis)] if rule.basis == "profile" else []
    waived = [say.say("page", "waiver", text=rule.waiver)] if rule.waiver else []
    return [rule.id, rule.level, *ours, *waived]


def compare_page(found: Comparison, today: date) -> str:
    """The comparison as HTML; `today` is the day on which it is made."""
    return sheet("compare.html", found=found, say=found.say, today=today, meanings=list(SHAPES))
