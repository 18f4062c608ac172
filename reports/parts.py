"""The standard's part and this profile's part of a result, counted apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.runfile import (
    FAIL,
    NOT_APPLICABLE,
    NOT_VERIFIED,
    OUR_FAULT,
    PASS,
    RequirementVerdict,
)
from reports.source import is_binding
from reports.words import count

STANDARD = "The standard’s part"
PROFILE = "This profile’s part"


@dataclass(frozen=True, slots=True)
class PartView:
    """One part: `said` is met | not met | not decided | not tested, `shape` how it is drawn."""

    title: str
    said: str
    shape: str
    detail: str


def parts(rows: Sequence[RequirementVerdict]) -> tuple[PartView, PartView]:
    """Both parts; whoever follows the standard alone can meet the first and fail the second."""
    ours = [row for row in rows if row.basis == "profile"]
    theirs = [row for row in rows if row.basis != "profile"]
    written = _told([row for row in theirs if row.basis == "documented"], "documented requirement")
    inferred = _told([row for row in theirs if row.basis == "inferred"], "inferred requirement")
    return (
        PartView(STANDARD, *_said(theirs), f"{written}, {inferred}"),
        PartView(PROFILE, *_said(ours), _told(ours, "rule")),
    )


def _said(rows: Sequence[RequirementVerdict]) -> tuple[str, str]:
    verdicts = {row.verdict for row in rows if is_binding(row.level)} - {NOT_APPLICABLE}
    if FAIL in verdicts:
        return "not met", "fail"
    if verdicts - {PASS}:
        return "not decided", "unsure"
    return ("met as far as tested", "pass") if verdicts else ("not tested", "none")


def _told(rows: Sequence[RequirementVerdict], noun: str) -> str:
    tested = [row for row in rows if row.verdict in (PASS, FAIL)]
    met = sum(row.verdict == PASS for row in tested)
    told = f"{met:,} of {count(len(tested), noun)} met" if tested else f"no {noun} tested"
    left = sum(row.verdict in (NOT_VERIFIED, OUR_FAULT) for row in rows)
    return f"{told} and {left:,} not settled" if left else told
