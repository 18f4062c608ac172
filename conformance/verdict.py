"""Join verdicts: cases to a check, checks to a requirement, requirements to an outcome. Pure.

The five verdicts form one chain, and joining takes the higher of two:

    our fault > fail > could not verify > pass > not applicable

Our own fault is on top so that we never blame a target while our code is broken; `not
applicable` is the bottom, so that it changes nothing beside another verdict.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from conformance.catalogue import Requirement, within
from conformance.redaction import unhashed
from conformance.runfile import (
    FAIL,
    NOT_APPLICABLE,
    NOT_VERIFIED,
    OUR_FAULT,
    PASS,
    VERDICTS,
    Check,
    Finding,
    OwnCheck,
    RequirementVerdict,
)

CONFORMS = "conforms"
DOES_NOT = "does not conform"
UNDECIDED = "could not decide"

CHAIN = (NOT_APPLICABLE, PASS, NOT_VERIFIED, FAIL, OUR_FAULT)
_RANK = {verdict: rank for rank, verdict in enumerate(CHAIN)}

_UUID = r"\b[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b"
_ISO_TIME = r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
_HTTP_TIME = r"\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"
_TOKEN = r"\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}={0,2}"  # noqa: S105
_VOLATILE = (
    (re.compile(_UUID, re.IGNORECASE), r"<uuid v\1>"),
    (re.compile(_ISO_TIME), "<time>"),
    (re.compile(_HTTP_TIME), "<time>"),
    (re.compile(_TOKEN), "<token>"),
    (re.compile(r"\b(127\.0\.0\.1|localhost):\d+"), r"\1:<port>"),
)


def join(verdicts: Iterable[str]) -> str:
    """The highest verdict of the chain; `not applicable` if there is none."""
    return max(verdicts, key=_RANK.__getitem__, default=NOT_APPLICABLE)


def stable(text: str) -> str:
    """The text without what differs between two runs with the same answers."""
    text = unhashed(text)
    for pattern, instead in _VOLATILE:
        text = pattern.sub(instead, text)
    return text


def stable_check(check: Check) -> Check:
    """The check as it stands in verdict.json."""
    findings = [_stable(one) for one in check.findings]
    return msgspec.structs.replace(check, findings=findings, reason=stable(check.reason))


def stable_own(check: OwnCheck) -> OwnCheck:
    """The check against the vendor's own profile as it stands in verdict.json."""
    findings = [_stable(one) for one in check.findings]
    return msgspec.structs.replace(check, findings=findings, reason=stable(check.reason))


def _stable(one: Finding) -> Finding:
    return Finding(
        summary=stable(one.summary),
        expected=stable(one.expected),
        actual=stable(one.actual),
        exchange=one.exchange,
        path=stable(one.path),
    )


def requirements(
    rows: Mapping[str, Requirement],
    checks: Sequence[Check],
    version: str,
    waivers: Mapping[str, str],
) -> list[RequirementVerdict]:
    """One verdict per row, joined from the checks that verify it."""
    by_row: dict[str, list[Check]] = {name: [] for name in rows}
    for check in checks:
        for name in check.requirements:
            if name in by_row:
                by_row[name].append(check)
    return [
        _requirement(row, by_row[name], version, waivers.get(name, ""))
        for name, row in rows.items()
    ]


def _requirement(
    row: Requirement, checks: Sequence[Check], version: str, waiver: str
) -> RequirementVerdict:
    verdict, reason = _decided(row, checks, version)
    return RequirementVerdict(
        id=row.id,
        level=row.level,
        basis=row.basis,
        area=row.area,
        text=row.text,
        source=row.source,
        verdict=verdict,
        checks=sorted(check.id for check in checks),
        reason=stable(reason),
        waiver=waiver,
    )


def _decided(row: Requirement, checks: Sequence[Check], version: str) -> tuple[str, str]:
    if not within(row, version):
        span = " ".join(filter(None, (row.since and f"since {row.since}",
                                      row.until and f"until {row.until}")))  # fmt: skip
        return NOT_APPLICABLE, f"in force {span}; the target declares {version}"
    if not checks and row.untestable:
        return NOT_APPLICABLE, f"not checked from outside: {row.untestable}"
    if not checks:
        return NOT_VERIFIED, "no check was run for this requirement"
    verdict = join(check.verdict for check in checks)
    reasons = [check.reason for check in checks if check.verdict == verdict and check.reason]
    return verdict, reasons[0] if reasons and verdict != PASS else ""


def by_own_profile(
    rows: Iterable[RequirementVerdict], checks: Iterable[Check], own: Iterable[OwnCheck]
) -> list[RequirementVerdict]:
    """The rows with their verdict by the vendor's own profile where that says something.

    What was open by the standard stays open: a profile explains failures and nothing else.
    """
    known = {check.id: check for check in checks}
    second = {one.id: one for one in own if known[one.id].verdict in (PASS, FAIL)}
    told = []
    for row in rows:
        if second.keys().isdisjoint(row.checks):
            told.append(row)
            continue
        held = [second.get(name) or known[name] for name in row.checks]
        joined = join(one.verdict for one in held)
        reasons = [one.reason for one in held if one.verdict == joined and one.reason]
        reason = stable(reasons[0]) if reasons and joined != PASS else ""
        told.append(msgspec.structs.replace(row, own_verdict=joined, own_reason=reason))
    return told


def own_outcome(rows: Iterable[RequirementVerdict]) -> str:
    """What the MUST rows say together, held against the vendor's own profile where it speaks."""
    must = [row for row in rows if row.level in ("MUST", "MUST NOT")]
    return _outcome([row.own_verdict or row.verdict for row in must])


def outcome(rows: Iterable[RequirementVerdict]) -> str:
    """What the MUST rows say together; rows that do not apply say nothing."""
    return _outcome([row.verdict for row in rows if row.level in ("MUST", "MUST NOT")])


def _outcome(verdicts: Sequence[str]) -> str:
    if FAIL in verdicts:
        return DOES_NOT
    if NOT_VERIFIED in verdicts or OUR_FAULT in verdicts or PASS not in verdicts:
        return UNDECIDED
    return CONFORMS


def counts(rows: Iterable[RequirementVerdict]) -> dict[str, int]:
    """How many rows have each verdict."""
    found = Counter(row.verdict for row in rows)
    return {verdict: found[verdict] for verdict in VERDICTS}


def exit_code(
    rows: Sequence[RequirementVerdict], checks: Iterable[Check], fail_on: str = "must"
) -> int:
    """0 conforms, 1 does not, 2 could not decide, 4 our fault; `should` counts SHOULD rows too."""
    if any(check.verdict == OUR_FAULT for check in checks):
        return 4
    levels = ("MUST", "MUST NOT") + (("SHOULD", "SHOULD NOT") if fail_on == "should" else ())
    decided = _outcome([row.verdict for row in rows if row.level in levels])
    return {CONFORMS: 0, DOES_NOT: 1, UNDECIDED: 2}[decided]
