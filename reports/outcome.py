"""The outcome in words: why it is so, what it means, and how each area did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from conformance.runfile import (
    FAIL,
    NOT_APPLICABLE,
    NOT_VERIFIED,
    OUR_FAULT,
    PASS,
    Check,
    RequirementVerdict,
)
from reports.source import Source, is_binding
from reports.words import (
    AREAS_OF,
    HEADLINES,
    PARTIAL,
    PASSED,
    PLAIN_AREAS,
    PRIVACY_ROLES,
    RISKS,
    SEEN,
    TOPICS,
    area_words,
    count,
    listed,
)


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """Headline with its shape, one sentence why, three sentences what it means."""

    headline: str
    shape: str
    why: str
    meaning: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class AreaView:
    """One area in plain words: verdict in words, its shape, and the count behind it."""

    name: str
    title: str
    explanation: str
    verdict: str
    shape: str
    detail: str


def outcome(source: Source) -> OutcomeView:
    """Put the outcome of a run into words."""
    words = PARTIAL if source.verdict.only else HEADLINES
    headline, shape = words[source.verdict.outcome]
    if shape == "pass" and source.run.header.role in PRIVACY_ROLES:
        headline = PASSED
    tell = {
        "conforms": _conforms,
        "does not conform": _does_not_conform,
        "could not decide": _could_not_decide,
    }
    why, *meaning = tell[source.verdict.outcome](source)
    first, second, third = meaning
    return OutcomeView(headline, shape, why, (first, second, third))


def areas(source: Source) -> list[AreaView]:
    """The plain areas of the role in fixed order, then every other area by name."""
    plain = AREAS_OF.get(source.run.header.role, ())
    groups: dict[str, list[Check]] = {name: [] for name in plain}
    for check in sorted(source.run.checks, key=lambda check: check.area):
        groups.setdefault(check.area.partition("/")[0], []).append(check)
    return [_area(name, checks) for name, checks in groups.items()]


def _conforms(source: Source) -> tuple[str, ...]:
    met = [row for row in source.verdict.requirements if row.verdict == PASS]
    why = f"{_binding(met)} tested and met."
    if optional := sum(not is_binding(row.level) for row in met):
        why = f"{why[:-1]}, {count(optional, 'recommendation')} followed."
    failing = sum(check.verdict == FAIL for check in source.run.checks)
    if failing:
        why += f" {count(failing, 'check')} failed without changing the outcome; see the failures."
    plain = [area for area in areas(source) if area.name in PLAIN_AREAS]
    untested = [area.title.lower() for area in plain if area.shape == "none"]
    second = SEEN.get(source.run.header.role, "Every behaviour that was tested was as asked.")
    if failing:
        second = "Some checks failed; read the failures and the waivers before you decide."
    elif untested:
        second = f"Nothing is said about what was not tested: {listed(untested, 'and')}."
    third = "Ask for a new report when the product or its version changes."
    return why, "The product did what the rules ask of it in this test.", second, third


def _does_not_conform(source: Source) -> tuple[str, ...]:
    broken = [area.name for area in areas(source) if area.shape == "fail"]
    topics = [TOPICS.get(name, name) for name in broken]
    risks = [RISKS[name] for name in broken if name in RISKS]
    about = listed(topics, "and")
    return (
        _unmet(source),
        f"The product broke rules about {about}." if broken else "The product broke rules.",
        f"Student records may be {listed(risks, 'or')}." if risks else "See the failures.",
        "Let the vendor mend the failures and run the test again before you rely on it.",
    )


def _unmet(source: Source) -> str:
    failed = [row for row in source.verdict.requirements if row.verdict == FAIL]
    told = [f"{_binding(failed)} not met"] if any(is_binding(row.level) for row in failed) else []
    if optional := sum(not is_binding(row.level) for row in failed):
        told.append(f"{count(optional, 'recommendation')} not followed")
    verdicts = Counter(check.verdict for check in source.run.checks)
    if unsure := verdicts[NOT_VERIFIED] + verdicts[OUR_FAULT]:
        told.append(f"{count(unsure, 'check')} not completed")
    return f"{listed(told, 'and') or 'See the failures below'}."


def _binding(rows: list[RequirementVerdict]) -> str:
    bases = Counter(row.basis == "profile" for row in rows if is_binding(row.level))
    told = [count(bases[True], "rule") + " of this kit’s profile"] if bases[True] else []
    if bases[False] or not told:
        told.insert(0, count(bases[False], "requirement") + " of the standard")
    return " and ".join(told)


def _could_not_decide(source: Source) -> tuple[str, ...]:
    verdicts = Counter(check.verdict for check in source.run.checks)
    parts = {
        "could not be completed": verdicts[NOT_VERIFIED],
        "broke through a fault of the test kit": verdicts[OUR_FAULT],
    }
    told = [f"{count(number, 'check')} {what}" for what, number in parts.items() if number]
    return (
        f"{' and '.join(told) or 'The evidence is not enough'}, so the result stays open.",
        "This is neither a yes nor a no.",
        "The reasons of these checks say what stood in the way, and who can remove it.",
        "Ask for a new run; do not read this one as a success.",
    )


def _area(name: str, checks: list[Check]) -> AreaView:
    verdicts = Counter(check.verdict for check in checks)
    done = len(checks) - verdicts[NOT_APPLICABLE]
    failed, unsure = verdicts[FAIL], verdicts[NOT_VERIFIED] + verdicts[OUR_FAULT]
    yes, no = ("Yes", "No") if name in PLAIN_AREAS else ("Passed", "Failed")
    if failed:
        rest = f", {unsure:,} not completed" if unsure else ""
        said = (no, "fail", f"{failed:,} of {count(done, 'check')} failed{rest}")
    elif unsure:
        said = ("Not decided", "unsure", f"{unsure:,} of {count(done, 'check')} not completed")
    elif done:
        said = (yes, "pass", f"{'all ' if done > 1 else ''}{count(done, 'check')} passed")
    else:
        said = ("Not tested", "none", "no check applied")
    return AreaView(name, *area_words(name), *said)
