"""The vendor's own profile as a function on students, so that one check gives two verdicts.

A check holds what it reads against what was sent: that is the verdict by the standard. Where what
the vendor declares makes a difference to what was sent, the check is run once more and holds it
against what the vendor, by its own word, makes of the student. A vendor that does as it says fails
the first and passes the second; one that breaks its word fails the second, also by doing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial

from lxml import etree

from conformance import facts, fidelity, trees
from conformance.evidence import Evidence
from conformance.fidelity import KEPT
from conformance.target import TargetConfig
from conformance.target_profile import BOTH, HIDDEN, OWN, REMOVED, SIF, Profile

Change = Callable[[etree._Element], None]
Differs = Callable[[etree._Element, etree._Element], bool]


@dataclass(frozen=True, slots=True)
class Declaration:
    """One thing that a profile says: in words, and what it does to a student."""

    text: str
    change: Change


def declarations(profile: Profile) -> tuple[Declaration, ...]:
    """What a profile says of the values of a student."""
    made = [
        Declaration(f"{path} {code} becomes {word or 'nothing'}", partial(_code, path, code, word))
        for path, words in profile.codes.items()
        for code, word in words.items()
    ]
    made += [
        Declaration(f"{path} has at most {most} characters", partial(_cut, path, most))
        for path, most in profile.longest.items()
    ]
    made += [
        Declaration(f"{path} is not taken", partial(_first, path, 0)) for path in profile.not_taken
    ]
    made += [
        Declaration(f"of {path} the first {most} are kept", partial(_first, path, most))
        for path, most in profile.most.items()
    ]
    return tuple(made)


def said(profile: Profile) -> list[str]:
    """Everything that a profile says, in words."""
    habit = [] if profile.deletes == REMOVED else [_habit(profile)]
    return [one.text for one in declarations(profile)] + habit


def made_of(student: etree._Element, declared: Iterable[Declaration]) -> etree._Element:
    """A copy of the student as the vendor says that it keeps it."""
    copy = deepcopy(student)
    for one in declared:
        one.change(copy)
    return copy


def due_in_sif(
    config: TargetConfig, evidence: Evidence, student: etree._Element, *paths: str
) -> etree._Element:
    """The student against which a SIF read back is held; `paths` are those that are judged."""

    def differs(sent: etree._Element, made: etree._Element) -> bool:
        found = facts.below(facts.fates(sent, made), *paths)
        return any(one.outcome != KEPT for one in found)

    return _due(config, evidence, SIF, student, differs)


def due_in_form(
    config: TargetConfig, evidence: Evidence, student: etree._Element, fields: Iterable[str] = ()
) -> etree._Element:
    """The student against which the own form is held; `fields` are those judged, none: all."""
    wanted = set(fields)

    def differs(sent: etree._Element, made: etree._Element) -> bool:
        # Ed-Fi has places for more than the columns of a roster.
        if not wanted and config.readback.form == "edfi":
            return trees.tostring(sent) != trees.tostring(made)
        return _allowed(sent, wanted) != _allowed(made, wanted)

    return _due(config, evidence, OWN, student, differs)


def habit_of_deletes(config: TargetConfig, evidence: Evidence) -> str:
    """What the row of a deleted student in the own form is held against."""
    profile = config.profile
    if profile.deletes == REMOVED or profile.shown == SIF:
        return REMOVED
    evidence.concerns(_habit(profile))
    return profile.deletes if config.by_profile else REMOVED


def _habit(profile: Profile) -> str:
    if profile.deletes == HIDDEN:
        return "the row of a deleted student stays with another status"
    return "the row of a deleted student stays"


def _due(
    config: TargetConfig, evidence: Evidence, form: str, student: etree._Element, differs: Differs
) -> etree._Element:
    profile = config.profile
    declared = declarations(profile) if profile.shown in (BOTH, form) else ()
    for one in declared:
        if differs(student, made_of(student, (one,))):
            evidence.concerns(one.text)
    return made_of(student, declared) if config.by_profile else student


def _allowed(student: etree._Element, wanted: set[str]) -> Mapping[str, tuple[str, ...]]:
    every = fidelity.expectations(student)
    return {one.field: one.allowed for one in every if not wanted or one.field in wanted}


def elements_at(student: etree._Element, path: str) -> list[list[etree._Element]]:
    """The elements at a path such as `xStudent/name/givenName`, by the parent they stand in."""
    first, *steps = path.split("/")
    parents = [student] if trees.local(student) == first else []
    for step in steps[:-1]:
        parents = [child for one in parents for child in one if trees.local(child) == step]
    return [[child for child in one if trees.local(child) == steps[-1]] for one in parents]


def _code(path: str, code: str, word: str, student: etree._Element) -> None:
    for one in [one for listed in elements_at(student, path) for one in listed]:
        if (one.text or "").strip() == code:
            one.text = word


def _cut(path: str, most: int, student: etree._Element) -> None:
    for one in [one for listed in elements_at(student, path) for one in listed]:
        one.text = (one.text or "")[:most]


def _first(path: str, most: int, student: etree._Element) -> None:
    for listed in elements_at(student, path):
        for one in listed[most:]:
            parent = one.getparent()
            assert parent is not None
            parent.remove(one)
