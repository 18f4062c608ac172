"""The second verdict of a run: does the vendor do what its own profile says.

Checks about which the profile says something, and that came to a verdict by the standard, are run
once more against the profile. Nothing else is: where the first verdict is open, so is the second.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from conformance import runfile, verdict
from conformance.own_profile import said
from conformance.planning import Plan
from conformance.roles import Setting, tools_of
from conformance.session_pytest import call_pytest
from conformance.target import TargetConfig
from conformance.target_profile import NOTHING_DECLARED
from conformance.verifies import CheckSpec

if TYPE_CHECKING:
    from conformance.plugin import Progress


def declared(config: TargetConfig) -> runfile.OwnProfile | None:
    """What the target file says of the vendor's own profile; None if it says nothing."""
    told = config.profile
    if told == NOTHING_DECLARED:
        return None
    form = config.readback.form if "readback" in config.capabilities else ""
    return runfile.OwnProfile(
        basis=told.basis, format=told.format, version=told.version, readback=form, says=said(told)
    )


def held_against_own_profile(
    setting: Setting, role: str, planned: Plan, checks: Sequence[runfile.Check]
) -> list[runfile.OwnCheck]:
    """Run the checks again about which the profile says something; sorted by id."""
    evidence = setting.evidence
    says = {name: sorted(texts) for name, texts in evidence.concerned.items()}
    decided = [one.id for one in checks if one.verdict in (runfile.PASS, runfile.FAIL)]
    again = {name: planned.checks[name] for name in decided if name in says}
    if not again:
        return []
    lines: dict[str, runfile.OwnCheck] = {}

    def done(spec: CheckSpec, progress: Progress) -> None:
        lines[spec.id] = _line(spec.id, says[spec.id], progress)

    own = replace(setting, config=replace(setting.config, by_profile=True))
    with contextlib.closing(tools_of(role, own)) as tools:
        broken = call_pytest(own, tools, again, done)
    for name in again:
        if name not in lines:
            reason = f"the check did not run again{broken}"
            lines[name] = runfile.OwnCheck(
                id=name, says=says[name], verdict=runfile.OUR_FAULT, reason=reason
            )
        evidence.append(lines[name])
    return [lines[name] for name in sorted(lines)]


def _line(name: str, says: list[str], progress: Progress) -> runfile.OwnCheck:
    joined = verdict.join(case.verdict for case in progress.cases)
    leading = [case for case in progress.cases if case.verdict == joined]
    return runfile.OwnCheck(
        id=name,
        says=says,
        verdict=joined,
        reason=leading[0].reason if joined != runfile.PASS else "",
        findings=[case.finding for case in progress.cases if case.finding is not None],
        exchanges=list(progress.exchanges),
    )


def own_profile_told(
    header: runfile.Header,
    rows: Sequence[runfile.RequirementVerdict],
    own: Sequence[runfile.OwnCheck],
) -> runfile.OwnVerdict | None:
    """The second verdict as it stands in verdict.json; None without a profile."""
    profile = header.own_profile
    if profile is None:
        return None
    tested = {text for one in own for text in one.says}
    return runfile.OwnVerdict(
        profile=profile,
        outcome=verdict.own_outcome(rows),
        untested=[text for text in profile.says if text not in tested],
        checks=[verdict.stable_own(one) for one in own],
    )
