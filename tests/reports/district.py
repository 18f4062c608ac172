"""Runs of real requirements with chosen verdicts, for the pages that a district reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from conformance import catalogue
from conformance.runfile import FAIL, NOT_APPLICABLE, NOT_VERIFIED, OUR_FAULT, Attested, Granted
from fixtures import pods
from reports.source import load
from reports.summary_facts import Facts, facts
from reports.themes import theme_named

Build = Callable[..., Path]
# A binding requirement of each theme that has to work before a receiver gets five times yes.
WHOLE = {
    "INF-CRE-001": "pass", "TRN-LR-05": "pass", "INF-UPD-001": "pass", "POD-GATE-002": "pass",
    "POD-ACK-003": "pass", "POD-MIN-008": "pass", "INF-DEL-001": "pass", "POD-GATE-003": "pass",
    "INF-ERR-001": "pass", "DAT-REP-001": "pass", "INF-TRN-005": "pass",
}  # fmt: skip


def outcome_of(verdicts: Mapping[str, str]) -> str:
    """The outcome that a run with these verdicts has."""
    rows = catalogue.load()
    binding = {verdict for name, verdict in verdicts.items() if rows[name].must}
    if FAIL in binding:
        return "does not conform"
    return "could not decide" if binding & {NOT_VERIFIED, OUR_FAULT} else "conforms"


def a_run_of(
    build: Build, make: Any, verdicts: Mapping[str, str], why: str = "", **options: object
) -> Path:
    """Build a run in which each of these requirements rests on one check of its own."""
    known = catalogue.load()
    checks, rows = [], []
    for name, verdict in verdicts.items():
        reason = why if verdict == NOT_APPLICABLE else ""
        check = make.check(name.lower(), verdict, requirements=[name], reason=reason)
        told = known[name]
        checks.append(check)
        rows.append(make.row(check, level=told.level, basis=told.basis, area=told.area))
    options = {"outcome": outcome_of(verdicts)} | options
    return build(checks, rows=rows, **options)


def facts_of(build: Build, make: Any, verdicts: Mapping[str, str], **options: Any) -> Facts:
    """The facts of the page for such a run."""
    return facts(load(a_run_of(build, make, verdicts, **options)))


def one_of_each_theme(role: str) -> dict[str, str]:
    """For each theme that the role has rows of, the id of one binding row."""
    found: dict[str, str] = {}
    for row in catalogue.load().values():
        if role in row.role and row.must:
            found.setdefault(theme_named(row.id, row.area), row.id)
    return found


def grant_of_everything() -> list[Granted]:
    """Every line of Exhibit B with its paths."""
    return [
        Granted(
            line=row.id,
            title=row.category,
            rating=row.rating,
            paths=list(row.xpress_paths or row.unity_paths or (f"xOther/{row.id}",)),
        )
        for row in pods.exhibit_b()
    ]


def unanswered(number: int, *answers: str) -> list[Attested]:
    """So many duties; the first have these answers."""
    return [
        Attested(
            id=f"ATT-{one:02}",
            obligation="A duty.",
            answer=answers[one] if one < len(answers) else "",
            owner="Jo Example",
            date="2026-11-01",
        )
        for one in range(number)
    ]
