"""Waivers of the target file held against a run: each says what it is worth today.

A waiver explains a failure and changes no verdict: the outcome and the exit code are those of what
was measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path

from conformance import catalogue
from conformance.problems import TargetError
from conformance.runfile import FAIL, NOT_APPLICABLE, PASS, RequirementVerdict, Waived
from conformance.target_tables import Waiver

IN_FORCE, EXPIRED, UNNEEDED = "in force", "expired", "unneeded"
UNDECIDED, ELSEWHERE = "undecided", "not in this run"
STATES = (IN_FORCE, EXPIRED, UNNEEDED, UNDECIDED, ELSEWHERE)


def refuse_unknown(waivers: Iterable[Waiver], path: str) -> None:
    """Raise TargetError for a requirement that no catalogue holds, with line and nearest id."""
    known = catalogue.load()
    for waiver in waivers:
        if waiver.requirement not in known:
            near = get_close_matches(waiver.requirement, list(known), 1)
            fix = f"Did you mean {near[0]}?" if near else "`conformance list` shows all."
            place = f"{path}{_line(path, waiver.requirement)}"
            key = f"{place}, [[waiver]] requirement = {waiver.requirement!r}"
            raise TargetError(key, "there is no such requirement.", fix)


def held_against(
    waivers: Iterable[Waiver], rows: Sequence[RequirementVerdict], today: date | None = None
) -> list[Waived]:
    """Every waiver with the raw verdict of its requirement and its state, in the file's order.

    `today` is the day in UTC; a waiver counts until the end of its last day.
    """
    verdicts = {row.id: row.verdict for row in rows}
    day = today or datetime.now(UTC).date()
    found = []
    for one in waivers:
        verdict = verdicts.get(one.requirement, "")
        found.append(
            Waived(
                requirement=one.requirement,
                owner=one.owner,
                reason=one.reason,
                until=one.until.isoformat(),
                state=_state(one, verdict, day),
                verdict=verdict,
            )
        )
    return found


def told(waived: Waived) -> str:
    """One line on a waiver: what it is worth, and what to do if it is worth nothing."""
    who = f"waiver for {waived.requirement} by {waived.owner} until {waived.until}"
    said = {
        IN_FORCE: f"is in force; the verdict stays {waived.verdict}: {waived.reason}",
        EXPIRED: "has expired: renew it or take it out of the target file",
        UNNEEDED: f"is not needed ({waived.verdict}): take it out of the target file",
        UNDECIDED: f"explains nothing yet: the verdict is {waived.verdict}",
        ELSEWHERE: "speaks of a requirement that was not part of this run",
    }
    return f"{who} {said[waived.state]}"


def _state(waiver: Waiver, verdict: str, today: date) -> str:
    if waiver.until < today:
        return EXPIRED
    if not verdict:
        return ELSEWHERE
    if verdict == FAIL:
        return IN_FORCE
    return UNNEEDED if verdict in (PASS, NOT_APPLICABLE) else UNDECIDED


def _line(path: str, requirement: str) -> str:
    """`, line 7` where the file holds this id; empty if it cannot be read."""
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except OSError:
        return ""
    wanted = re.compile(rf"\s*requirement\s*=\s*[\"']{re.escape(requirement)}[\"']")
    found = (number for number, line in enumerate(lines, 1) if wanted.match(line))
    number = next(found, 0)
    return f", line {number}" if number else ""
