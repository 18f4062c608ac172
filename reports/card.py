"""One check that did not pass, with all that an engineer needs to act on it.

After what integration engineers ask of a report: requirement and source, whose turn it is,
expected beside received and where, the exchanges, how to repeat it, likely causes, whether it
blocks, whether it was ever green, and how to dispute it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.runfile import FAIL, Check, Finding, RequirementVerdict, Waived
from reports.budget import Room, Shown
from reports.causes import SHOWN, Cause, Likeness
from reports.difference import Difference, compare
from reports.earlier import EarlierRun, last_green
from reports.exchange import ExchangeView, view_exchange
from reports.source import Source, is_binding
from reports.words import ADVICE, count

BASIS_ORDER = ("documented", "inferred", "profile")
_COMMAND = "conformance run --target conformance.toml"
_XPATH = re.compile(r"/|[\w.-]+(?:\[\d+\])?(?:/@?[\w.-]+(?:\[\d+\])?)+")


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding with its differing part marked, and where it stands in the vendor's message."""

    finding: Finding
    difference: Difference
    xpath: str
    place: str


@dataclass(frozen=True, slots=True)
class CardView:
    """The card of one check.

    `blocks` says whether a verdict like this stands in the way of a positive outcome, `blocking`
    why; `green` when it last passed. `repeat` is the shell text that sends its failing exchange
    again, empty if there is none. `dispute` is a text to send to the maintainers.
    """

    check: Check
    rows: list[RequirementVerdict]
    levels: list[str]
    areas: list[str]
    findings: list[FindingView]
    exchanges: list[ExchangeView]
    omitted: int
    advice: str
    blocks: bool
    blocking: str
    waivers: list[Waived]
    green: str
    causes: list[Cause]
    more_causes: int
    command: str
    repeat: str
    dispute: str


@dataclass(frozen=True, slots=True)
class Known:
    """What every card is made from: the run, earlier runs, the mutants, the room for evidence."""

    source: Source
    earlier: Sequence[EarlierRun]
    alike: Likeness
    room: Room


def card(check: Check, known: Known) -> CardView:
    """The card of a check that did not pass."""
    source = known.source
    rows = [source.requirements[one] for one in check.requirements if one in source.requirements]
    exchanges, omitted = _exchanges(check, known)
    causes = known.alike.causes(check.id) if check.verdict == FAIL else []
    blocks = any(is_binding(row.level) for row in rows)
    return CardView(
        check=check,
        rows=rows,
        levels=sorted({row.level for row in rows}),
        areas=sorted({check.area, *(row.area for row in rows)}),
        findings=[_finding(one) for one in check.findings],
        exchanges=exchanges,
        omitted=omitted,
        advice=ADVICE.get(check.verdict, ""),
        blocks=blocks,
        blocking=_blocking(check, rows),
        waivers=[one for one in source.verdict.waivers if one.requirement in check.requirements],
        green=_green(check, known),
        causes=causes[:SHOWN],
        more_causes=len(causes[SHOWN:]),
        command=f"{command(source)} --only {shlex.quote(check.id)}",
        repeat=source.repeats.get(check.id, ""),
        dispute=_dispute(check, rows, source),
    )


def command(source: Source) -> str:
    """The command that repeats the whole run."""
    return f"{_COMMAND} --seed {source.run.header.seed}"


def urgency(view: CardView) -> tuple[bool, int, str, str]:
    """The order of cards: what binds first, then what the standard says itself, then by name."""
    bases = [BASIS_ORDER.index(row.basis) for row in view.rows if row.basis in BASIS_ORDER]
    return not view.blocks, min(bases, default=len(BASIS_ORDER)), view.check.area, view.check.id


def shown(check: Check, source: Source) -> Shown:
    """The exchanges of a check, those that a finding points at first: they are the evidence.

    Where none does, the last one is: there the check ended.
    """
    marked = {finding.exchange for finding in check.findings if finding.exchange}
    numbers = sorted({*check.exchanges, *marked} & source.exchanges.keys())
    if not marked & {*numbers}:
        marked = {*numbers[-1:]}
    ranked = sorted(numbers, key=lambda number: (number not in marked, number))
    return Shown([source.exchanges[one] for one in ranked], len(marked & {*numbers}))


def _exchanges(check: Check, known: Known) -> tuple[list[ExchangeView], int]:
    paths = {one.exchange: one.path for one in reversed(check.findings) if one.exchange}
    source, room, all_of = known.source, known.room, shown(check, known.source)
    chosen = list(enumerate(all_of.exchanges[: room.exchanges]))
    views = [
        view_exchange(
            one,
            source.run.header.endpoint,
            one.number in paths,
            source.repeats.get(check.id, ""),
            limit=room.evident if rank < all_of.evident else room.other,
            again=rank < all_of.evident,
            path=paths.get(one.number, ""),
        )
        for rank, one in sorted(chosen, key=lambda pair: pair[1].number)
    ]
    return views, len(all_of.exchanges) - len(chosen)


def _finding(one: Finding) -> FindingView:
    header = one.path.removeprefix("header ") if one.path.startswith("header ") else ""
    place = f"line {one.line}, column {one.column} of the body as sent" if one.line else ""
    if header:
        place = f"header {header}"
    elif not place and re.fullmatch(r"\d{3}( or \d{3})*|a 4xx status", one.expected):
        place = "status line"
    xpath = f"/{one.path.lstrip('/')}" if _XPATH.fullmatch(one.path) else ""
    return FindingView(one, compare(one.expected, one.actual), xpath, place)


def _blocking(check: Check, rows: Sequence[RequirementVerdict]) -> str:
    binding = [row for row in rows if is_binding(row.level)]
    if not binding:
        return "No. It is a recommendation, and counts with --fail-on should only."
    ours = " of this kit’s profile" if all(row.basis == "profile" for row in binding) else ""
    if check.verdict == FAIL:
        return f"Yes, a MUST{ours}: the outcome is ‘does not conform’ while this fails."
    return f"Yes, a MUST{ours}: there is no positive outcome while this is open."


def _green(check: Check, known: Known) -> str:
    told = last_green(check.id, known.earlier)
    if not told.looked_at:
        return "No earlier run of this product that judged it is in the folder of runs."
    if told.run is None:
        return f"Never, in {count(told.looked_at, 'earlier run')} of this product."
    words = f"In run {_named(told.run)}"
    if told.run.suite_hash != known.source.verdict.suite_hash:
        words += ", by another version of the suite"
    since = _named(told.since) if told.since else "this run"
    return f"{words}; {'red' if check.verdict == FAIL else 'open'} since {since}."


def _named(run: EarlierRun) -> str:
    version = f", version {run.version}" if run.version else ""
    return f"{run.name} ({run.started[:10]}{version})"


def _dispute(check: Check, rows: Sequence[RequirementVerdict], source: Source) -> str:
    header = source.run.header
    lines = [f"Check: {check.id}, verdict: {check.verdict}"]
    lines += [f"{row.id} ({row.level}, {row.basis}), {row.source}: {row.text}" for row in rows]
    for one in check.findings[:1]:
        where = f", exchange {one.exchange}" if one.exchange else ""
        lines += [f"Expected: {one.expected}", f"Received: {one.actual}{where}"]
    lines += [
        f"Suite {header.suite_version} {header.suite_hash[:12]}, role {header.role}, "
        f"seed {header.seed}, run {header.run_id}",
        "What the standard says instead (document, version, section):",
        "Why the answer follows it:",
    ]
    return "\n".join(lines)
