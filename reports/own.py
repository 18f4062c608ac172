"""The second verdict on the page: whether the vendor does what its own profile says."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.runfile import FAIL, NOT_VERIFIED, OUR_FAULT, PASS, OwnCheck, RequirementVerdict
from reports.source import Source

HEADLINES = {
    "conforms": ("conforms to its own profile as far as tested", "pass"),
    "does not conform": ("does not conform to its own profile", "fail"),
    "could not decide": ("not decided by its own profile", "unsure"),
}
OBSERVED = "observed by this kit, not declared by the vendor"
DECLARED = "declared by the vendor"


@dataclass(frozen=True, slots=True)
class OwnView:
    """Verdict in words and shape, whose word the profile is, and the rows in three groups.

    `declared` rows fail the standard as the profile says, `broken` ones do not do what it says,
    `open` ones are not settled. `says` is each thing it says and whether a check looked at it.
    """

    headline: str
    shape: str
    form: str
    basis: str
    says: list[tuple[str, bool]]
    declared: list[RequirementVerdict]
    broken: list[RequirementVerdict]
    open: list[RequirementVerdict]
    checks: list[OwnCheck]


def own(source: Source) -> OwnView | None:
    """The view of a run, None where the target file has no profile."""
    told = source.verdict.own_profile
    if told is None:
        return None
    profile, rows = told.profile, source.verdict.requirements
    headline, shape = HEADLINES[told.outcome]
    named = " ".join(filter(None, (profile.format, profile.version))) or "no format named"
    return OwnView(
        headline=headline,
        shape=shape,
        form=f"{named}, read back as {profile.readback}" if profile.readback else named,
        basis=OBSERVED if profile.basis == "observed" else DECLARED,
        says=[(text, text not in told.untested) for text in profile.says],
        declared=[row for row in rows if row.verdict == FAIL and row.own_verdict == PASS],
        broken=[row for row in rows if row.own_verdict == FAIL],
        open=[row for row in rows if row.own_verdict in (NOT_VERIFIED, OUR_FAULT)],
        checks=[one for one in told.checks if one.verdict != PASS],
    )
