"""The privacy part of the page: what was observed, what somebody attested, what nobody checked.

Three groups that never mix: a verdict of the wire proves nothing about what people promise, and a
promise is no verdict (POD-ATT-002).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.runfile import FAIL, NOT_APPLICABLE, PASS, Attested, Granted, RequirementVerdict
from reports.pace import Pace, of_acknowledgements
from reports.parts import PartView, parts
from reports.source import Source
from reports.words import ORDER

AREA = "privacy"
NOBODY = "Nobody answered for it; conformance attest init writes the form."
IN_PART = "Seen on the wire in part; the rest is for people to answer."


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was not checked: a requirement of this page, or an obligation."""

    id: str
    text: str
    on_page: bool


@dataclass(frozen=True, slots=True)
class PrivacyView:
    """The three groups, what was observed in its two parts, what the grant opened, and how fast
    pushed PODs were acknowledged."""

    observed: list[tuple[PartView, list[RequirementVerdict]]]
    attested: list[Attested]
    denied: list[Attested]
    unchecked: list[tuple[str, list[Point]]]
    grant: list[Granted]
    pace: Pace | None


def privacy(source: Source) -> PrivacyView | None:
    """The view of a run, None if it has nothing to do with privacy."""
    header = source.run.header
    rows = [row for row in source.verdict.requirements if row.area == AREA]
    if not (rows or header.attested or header.grant):
        return None
    counted = [one for one in header.attested if _counts(one)]
    denied = [one for one in counted if one.answer == "no"]
    return PrivacyView(
        observed=_observed(rows),
        attested=denied + [one for one in counted if one.answer != "no"],
        denied=denied,
        unchecked=_unchecked(rows, header.attested),
        grant=header.grant,
        pace=of_acknowledgements(source.run.exchanges),
    )


def _observed(
    rows: Sequence[RequirementVerdict],
) -> list[tuple[PartView, list[RequirementVerdict]]]:
    seen = [row for row in rows if row.verdict in (PASS, FAIL)]
    seen.sort(key=lambda row: (ORDER.index(row.verdict), row.basis, row.id))
    standard, profile = parts(rows)
    return [
        (standard, [row for row in seen if row.basis != "profile"]),
        (profile, [row for row in seen if row.basis == "profile"]),
    ]


def _counts(one: Attested) -> bool:
    # A no is heard whatever is wrong with the rest of its entry.
    return one.answer == "no" or bool(one.answer and not one.faults)


def _unchecked(
    rows: Iterable[RequirementVerdict], attested: Iterable[Attested]
) -> list[tuple[str, list[Point]]]:
    groups: dict[str, list[Point]] = {}
    answered = {one.id for one in attested if _counts(one)}
    for row in rows:
        if row.verdict not in (PASS, FAIL) and row.id not in answered:
            tried = "" if row.verdict == NOT_APPLICABLE else f"{row.verdict}: "
            reason = f"{tried}{row.reason or 'no reason recorded'}"
            groups.setdefault(reason, []).append(Point(row.id, row.text, on_page=True))
    told = {row.id for row in rows}
    for one in attested:
        if one.id not in answered and one.id not in told:
            groups.setdefault(_reason(one), []).append(Point(one.id, one.obligation, on_page=False))
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def _reason(one: Attested) -> str:
    if one.answer:
        return f"Answered {one.answer!r}, which does not count: {'; '.join(one.faults)}."
    return f"{IN_PART} {NOBODY}" if one.wire == "partly" else NOBODY
