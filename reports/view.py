"""The page as data: everything the template shows, already chosen, ordered and worded."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass

from conformance.runfile import (
    FAIL,
    NOT_APPLICABLE,
    NOT_VERIFIED,
    OUR_FAULT,
    VERDICTS,
    Check,
    Finding,
    RequirementVerdict,
)
from reports.difference import Difference, compare
from reports.exchange import ExchangeView, view_exchange
from reports.fidelity import FidelityView, fidelity
from reports.outcome import AreaView, OutcomeView, areas, outcome
from reports.own import OwnView, own
from reports.pace import Pace, of_changes
from reports.parts import PartView, parts
from reports.privacy import PrivacyView, privacy
from reports.source import Source, is_binding
from reports.words import ADVICE, MEANINGS, ORDER

SHOWN_EXCHANGES = 40
_COMMAND = "conformance run --target conformance.toml"
_BASIS_ORDER = ("documented", "inferred", "profile")


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding with its differing part marked."""

    finding: Finding
    difference: Difference


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check that did not pass, with all that is needed to act on it.

    `repeat` is the shell text that sends its failing exchange again, empty if there is none.
    """

    check: Check
    rows: list[RequirementVerdict]
    levels: list[str]
    areas: list[str]
    findings: list[FindingView]
    exchanges: list[ExchangeView]
    omitted: int
    advice: str
    command: str
    repeat: str


@dataclass(frozen=True, slots=True)
class CountRow:
    """One verdict: its meaning, and how many checks and requirements (by basis) got it."""

    verdict: str
    meaning: str
    checks: int
    bases: dict[str, int]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report. `standard` and `profile` are apart: the second is ours, not the standard's.

    `topics` are the areas a reader may filter by, `topics_of` those of each requirement.
    """

    source: Source
    outcome: OutcomeView
    parts: tuple[PartView, PartView]
    privacy: PrivacyView | None
    own: OwnView | None
    fidelity: list[FidelityView]
    visible: Pace | None
    areas: list[AreaView]
    counts: list[CountRow]
    failures: list[CheckView]
    unsettled: list[CheckView]
    standard: list[RequirementVerdict]
    profile: list[RequirementVerdict]
    waived: list[RequirementVerdict]
    untested: list[tuple[str, list[RequirementVerdict]]]
    topics: list[str]
    topics_of: dict[str, list[str]]
    checks: dict[str, Check]
    command: str


def page(source: Source) -> Page:
    """Choose and order what a reader gets to see; the same run gives the same page."""
    rows = sorted(source.verdict.requirements, key=lambda row: (ORDER.index(row.verdict), row.id))
    checks = {check.id: check for check in source.run.checks}
    topics_of = {row.id: _topics(row, checks) for row in rows}
    return Page(
        source=source,
        outcome=outcome(source),
        parts=parts(rows),
        privacy=privacy(source),
        own=own(source),
        fidelity=fidelity(source),
        visible=of_changes(source.run.measured),
        areas=areas(source),
        counts=[_count(source, verdict) for verdict in VERDICTS],
        failures=_views(source, FAIL),
        unsettled=_views(source, OUR_FAULT) + _views(source, NOT_VERIFIED),
        standard=[row for row in rows if row.basis != "profile"],
        profile=[row for row in rows if row.basis == "profile"],
        waived=[row for row in rows if row.waiver],
        untested=_untested(rows),
        topics=sorted({topic for topics in topics_of.values() for topic in topics}),
        topics_of=topics_of,
        checks=checks,
        command=_command(source),
    )


def _count(source: Source, verdict: str) -> CountRow:
    checks = sum(check.verdict == verdict for check in source.run.checks)
    bases = Counter(row.basis for row in source.verdict.requirements if row.verdict == verdict)
    return CountRow(
        verdict, MEANINGS[verdict], checks, {name: bases[name] for name in _BASIS_ORDER}
    )


def _views(source: Source, verdict: str) -> list[CheckView]:
    found = [check for check in source.run.checks if check.verdict == verdict]
    return sorted((_view(check, source) for check in found), key=_urgency)


def _urgency(view: CheckView) -> tuple[bool, int, str, str]:
    bases = [_BASIS_ORDER.index(row.basis) for row in view.rows if row.basis in _BASIS_ORDER]
    optional = not any(is_binding(row.level) for row in view.rows)
    return optional, min(bases, default=len(_BASIS_ORDER)), view.check.area, view.check.id


def _view(check: Check, source: Source) -> CheckView:
    rows = [source.requirements[one] for one in check.requirements if one in source.requirements]
    exchanges, omitted = _exchanges(check, source)
    return CheckView(
        check=check,
        rows=rows,
        levels=sorted({row.level for row in rows}),
        areas=sorted({check.area, *(row.area for row in rows)}),
        findings=[FindingView(one, compare(one.expected, one.actual)) for one in check.findings],
        exchanges=exchanges,
        omitted=omitted,
        advice=ADVICE.get(check.verdict, ""),
        command=f"{_command(source)} --only {shlex.quote(check.id)}",
        repeat=source.repeats.get(check.id, ""),
    )


def _exchanges(check: Check, source: Source) -> tuple[list[ExchangeView], int]:
    marked = {finding.exchange for finding in check.findings if finding.exchange}
    numbers = sorted({*check.exchanges, *marked} & source.exchanges.keys())
    # Those a finding points at come first into the quota: they are the evidence.
    chosen = sorted(numbers, key=lambda number: (number not in marked, number))[:SHOWN_EXCHANGES]
    endpoint, repeat = source.run.header.endpoint, source.repeats.get(check.id, "")
    views = [
        view_exchange(source.exchanges[number], endpoint, number in marked, repeat)
        for number in sorted(chosen)
    ]
    return views, len(numbers) - len(chosen)


def _topics(row: RequirementVerdict, checks: dict[str, Check]) -> list[str]:
    return sorted({row.area, *(checks[one].area for one in row.checks if one in checks)})


def _untested(rows: list[RequirementVerdict]) -> list[tuple[str, list[RequirementVerdict]]]:
    groups: dict[str, list[RequirementVerdict]] = {}
    for row in rows:
        if row.verdict == NOT_APPLICABLE or not row.checks:
            groups.setdefault(row.reason or "No reason recorded", []).append(row)
        elif row.verdict in (NOT_VERIFIED, OUR_FAULT):
            groups.setdefault("Tried, but not settled in this run", []).append(row)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def _command(source: Source) -> str:
    return f"{_COMMAND} --seed {source.run.header.seed}"
