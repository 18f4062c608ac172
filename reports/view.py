"""The page as data: everything the template shows, already chosen, ordered and worded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.runfile import (
    FAIL,
    NOT_APPLICABLE,
    NOT_VERIFIED,
    OUR_FAULT,
    PASS,
    REDACTED,
    VERDICTS,
    Check,
    RequirementVerdict,
)
from reports.budget import room_for
from reports.card import BASIS_ORDER, CardView, Known, card, command, shown, urgency
from reports.causes import Group, Matrix, likeness
from reports.earlier import EarlierRun
from reports.fidelity import FidelityView, fidelity
from reports.outcome import AreaView, OutcomeView, areas, outcome
from reports.own import OwnView, own
from reports.pace import Pace, of_changes
from reports.parts import PartView, parts
from reports.privacy import PrivacyView, privacy
from reports.source import Source
from reports.words import MEANINGS, ORDER


@dataclass(frozen=True, slots=True)
class GroupView:
    """Failures with one likely cause; `blocking` of them stand in the way of the outcome."""

    group: Group
    checks: list[CardView]
    blocking: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """A check that came to no end, and others that sent nothing for the very same reason."""

    first: CardView
    alike: list[CardView]


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

    `topics` are the areas a reader may filter by, `topics_of` those of each requirement. `groups`
    tells which failures belong together, the one to mend first in front. `redacted` says how often
    something of each class was taken out. `kills` are the mutants
    that each check of the run was seen to fail; with `matrix_fits` they are those of its suite.
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
    groups: list[GroupView]
    failures: list[CardView]
    unsettled: list[Stopped]
    unsettled_count: int
    standard: list[RequirementVerdict]
    profile: list[RequirementVerdict]
    waived: list[RequirementVerdict]
    untested: list[tuple[str, list[RequirementVerdict]]]
    topics: list[str]
    topics_of: dict[str, list[str]]
    checks: dict[str, Check]
    redacted: dict[str, int]
    kills: Mapping[str, list[str]]
    matrix_fits: bool
    earlier: int
    command: str


def page(source: Source, earlier: Sequence[EarlierRun] = (), matrix: Matrix | None = None) -> Page:
    """Choose and order what a reader gets to see; the same run gives the same page.

    `earlier` are runs of the same product, newest first, `matrix` the kill matrix of the suite.
    """
    matrix = matrix or Matrix()
    rows = sorted(source.verdict.requirements, key=lambda row: (ORDER.index(row.verdict), row.id))
    checks = {check.id: check for check in source.run.checks}
    topics_of = {row.id: _topics(row, checks) for row in rows}
    failures, unsettled, groups = _cards(source, earlier, matrix)
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
        groups=groups,
        failures=failures,
        unsettled=_stopped(unsettled),
        unsettled_count=len(unsettled),
        standard=[row for row in rows if row.basis != "profile"],
        profile=[row for row in rows if row.basis == "profile"],
        waived=[row for row in rows if row.waiver],
        untested=_untested(rows),
        topics=sorted({topic for topics in topics_of.values() for topic in topics}),
        topics_of=topics_of,
        checks=checks,
        redacted=_redacted(source.verdict.redaction),
        kills={name: matrix.kills[name] for name in sorted(checks.keys() & matrix.kills.keys())},
        matrix_fits=matrix.suite_hash == source.verdict.suite_hash,
        earlier=len(earlier),
        command=command(source),
    )


def _count(source: Source, verdict: str) -> CountRow:
    checks = sum(check.verdict == verdict for check in source.run.checks)
    bases = Counter(row.basis for row in source.verdict.requirements if row.verdict == verdict)
    return CountRow(verdict, MEANINGS[verdict], checks, {name: bases[name] for name in BASIS_ORDER})


def _redacted(counted: Mapping[str, int]) -> dict[str, int]:
    """By class in words, in the order of REDACTED; older results have words of their own."""
    known = [name for name in REDACTED if counted.get(name)]
    older = sorted(name for name in counted if name not in REDACTED and counted[name])
    return {REDACTED.get(name, name): counted[name] for name in known + older}


def _cards(
    source: Source, earlier: Sequence[EarlierRun], matrix: Matrix
) -> tuple[list[CardView], list[CardView], list[GroupView]]:
    by: dict[str, list[Check]] = {verdict: [] for verdict in ORDER}
    for check in source.run.checks:
        by[check.verdict].append(check)
    failed, open_ones = by[FAIL], by[OUR_FAULT] + by[NOT_VERIFIED]
    room = room_for([shown(check, source) for check in failed + open_ones])
    passed = [one.id for one in by[PASS]]
    received = {one.id: " ".join(finding.actual for finding in one.findings) for one in failed}
    alike = likeness(matrix, source.run.header.role, received, passed)
    known = Known(source, earlier, alike, room)
    failures = sorted((card(check, known) for check in failed), key=urgency)
    unsettled = sorted((card(check, known) for check in open_ones), key=urgency)
    # What was sent says more than that nothing was sent any more.
    unsettled.sort(key=lambda one: (one.check.verdict != OUR_FAULT, not one.check.exchanges))
    cards = {one.check.id: one for one in failures}
    groups = [_group(one, cards) for one in alike.groups()]
    return failures, unsettled, sorted(groups, key=_first_to_mend)


def _stopped(cards: Sequence[CardView]) -> list[Stopped]:
    found: list[Stopped] = []
    places: dict[tuple[str, str], int] = {}
    for one in cards:
        # Which case of a check it was makes no other reason.
        why = (one.check.verdict, one.check.reason.partition(" (case ")[0])
        if one.check.exchanges or why not in places:
            if not one.check.exchanges:
                places[why] = len(found)
            found.append(Stopped(one, []))
        else:
            found[places[why]].alike.append(one)
    return found


def _group(group: Group, cards: Mapping[str, CardView]) -> GroupView:
    checks = sorted((cards[name] for name in group.checks), key=urgency)
    return GroupView(group, checks, sum(one.blocks for one in checks))


def _first_to_mend(view: GroupView) -> tuple[bool, int, int, tuple[bool, int, str, str]]:
    # One that is explained by nothing known may hang on another: it comes after.
    return view.group.cause is None, -view.blocking, -len(view.checks), urgency(view.checks[0])


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
