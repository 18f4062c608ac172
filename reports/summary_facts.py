"""What the page for a district decides, before any word of a language is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from conformance.runfile import (
    FAIL,
    NOT_APPLICABLE,
    NOT_VERIFIED,
    OUR_FAULT,
    PASS,
    RequirementVerdict,
)
from reports.source import Source, is_binding
from reports.summary_data import Schedule, schedule
from reports.themes import QUESTIONS, cause_of, direction_of, heaviest, theme_of, themes

_OPEN = (NOT_VERIFIED, OUR_FAULT)
_TRIED = ("tried", "ours")


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the five questions. `state` is yes | weak | part | no | open | none.

    `about` are the themes behind it, the heaviest first: those that broke, that are weak, open,
    or, for part, those that were seen to work.
    """

    question: str
    state: str
    about: tuple[str, ...]


def is_aside(one: Answer, direction: str) -> bool:
    """Whether what broke does not show by itself what the no of the question says."""
    known = themes().theme
    return one.state == "no" and all(direction in known[name].aside for name in one.about)


@dataclass(frozen=True, slots=True)
class Untested:
    """Why something was not tested: `themes` of which nothing was, single `points` of others."""

    cause: str
    themes: tuple[str, ...]
    points: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the page tells. `answer` is meets | reservations | fails | open | part.

    `points` are the reservations by kind with what they are about. `broken`, `open` and `weak`
    are themes, the heaviest first. `causes` says why something was not tested. `denied` duties were
    answered with no, `promises` by nobody.
    """

    direction: str
    answer: str
    answers: tuple[Answer, ...]
    points: tuple[tuple[str, tuple[str, ...]], ...]
    broken: tuple[str, ...]
    weak: tuple[str, ...]
    open: tuple[str, ...]
    causes: tuple[Untested, ...]
    denied: int
    promises: int
    data: Schedule

    def in_state(self, *states: str) -> tuple[str, ...]:
        """The questions that have one of these states."""
        return tuple(one.question for one in self.answers if one.state in states)


def facts(source: Source) -> Facts:
    """Decide what the page tells; the same run gives the same facts."""
    rows, header = source.verdict.requirements, source.run.header
    direction = direction_of(header.role)
    broken = _among(rows, lambda row: is_binding(row.level) and row.verdict == FAIL)
    weak = _among(rows, lambda row: not is_binding(row.level) and row.verdict == FAIL)
    still_open = _among(rows, lambda row: is_binding(row.level) and row.verdict in _OPEN)
    answers = tuple(_answer(name, rows, direction) for name in QUESTIONS)
    denied = sum(one.answer == "no" for one in header.attested)
    points = _points(source, answers, weak, denied)
    return Facts(
        direction=direction,
        answer=_outcome(source, bool(points)),
        answers=answers,
        points=points,
        broken=broken,
        weak=weak,
        open=tuple(one for one in still_open if one not in broken),
        causes=_causes(rows),
        denied=denied,
        promises=sum(not one.answer for one in header.attested),
        data=schedule(source),
    )


def _among(
    rows: Iterable[RequirementVerdict], wanted: Callable[[RequirementVerdict], bool]
) -> tuple[str, ...]:
    return tuple(heaviest({theme_of(row) for row in rows if wanted(row)}))


def _outcome(source: Source, reserved: bool) -> str:
    outcome = source.verdict.outcome
    if outcome == "does not conform":
        return "fails"
    if source.verdict.only:
        return "part"
    if outcome == "could not decide":
        return "open"
    return "reservations" if reserved else "meets"


def _answer(question: str, rows: Iterable[RequirementVerdict], direction: str) -> Answer:
    known = themes()
    mine = [row for row in rows if known.theme[theme_of(row)].question == question]
    binding = [row for row in mine if is_binding(row.level)]
    states = {
        "no": _among(binding, lambda row: row.verdict == FAIL),
        "open": _among(binding, lambda row: row.verdict in _OPEN),
        "weak": _among(mine, lambda row: row.verdict == FAIL),
    }
    seen = _among(binding, lambda row: row.verdict == PASS)
    for state, about in states.items():
        if about and (state != "weak" or seen):
            return Answer(question, state, about)
    if not seen:
        return Answer(question, "none", ())
    lacking = set(known.needs[question][direction]) - set(_among(mine, _passed))
    return Answer(question, "part" if lacking else "yes", seen)


def _passed(row: RequirementVerdict) -> bool:
    return row.verdict == PASS


def _points(
    source: Source, answers: Iterable[Answer], weak: tuple[str, ...], denied: int
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    told = source.verdict.own_profile
    untested = tuple(one.question for one in answers if one.state in ("none", "part"))
    points = {
        "untested": untested,
        "weak": weak,
        "denied": (str(denied),) if denied else (),
        "profile": ("",) if told and told.outcome == "does not conform" else (),
        "short": ("",) if source.verdict.tier != "full" else (),
    }
    return tuple((kind, about) for kind, about in points.items() if about)


def _causes(rows: Iterable[RequirementVerdict]) -> tuple[Untested, ...]:
    decided = {theme_of(row) for row in rows if row.verdict in (PASS, FAIL)}
    groups: dict[str, list[str]] = {}
    for row in rows:
        if cause := _cause(row):
            groups.setdefault(cause, []).append(theme_of(row))
    told = [
        Untested(
            cause,
            tuple(heaviest(set(found) - (set() if cause in _TRIED else decided))),
            0 if cause in _TRIED else sum(theme in decided for theme in found),
        )
        for cause, found in groups.items()
    ]
    return tuple(sorted(told, key=lambda one: (-len(one.themes), -one.points, one.cause)))


def _cause(row: RequirementVerdict) -> str:
    if row.verdict == NOT_APPLICABLE:
        return cause_of(row.reason)
    return {NOT_VERIFIED: "tried", OUR_FAULT: "ours"}.get(row.verdict, "")
