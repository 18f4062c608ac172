"""Read a student back as SIF and hold every value against what was sent."""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from conformance import facts, own_profile, trees
from conformance.checks.preparation import created, stored
from conformance.fidelity import KEPT
from conformance.problems import Finding, NotVerified
from conformance.sif import SifClient

GONE = "the student cannot be read under its id, so nothing can be compared"


def read(sif: SifClient, refid: str) -> etree._Element:
    """The student as the target has it now; NotVerified if it has none of this id."""
    found = stored(sif, refid)
    if found is None:
        raise NotVerified(GONE)
    return found


def same(sif: SifClient, expected: etree._Element, *paths: str) -> etree._Element:
    """Read the student of this id and raise a Finding for the first value that was not kept.

    `paths` such as `xStudent/name` narrow what is judged; none: everything.
    """
    found = read(sif, trees.refid(expected))
    require(due(sif, expected, *paths), found, *paths)
    return found


def due(sif: SifClient, sent: etree._Element, *paths: str) -> etree._Element:
    """What must be read of a student that was sent; by its own profile what the vendor says."""
    return own_profile.due_in_sif(sif.config, sif.evidence, sent, *paths)


def require(expected: etree._Element, found: etree._Element, *paths: str) -> None:
    """A Finding for the first value at or below these paths that is not as expected."""
    for fate in facts.below(facts.fates(expected, found), *paths):
        if fate.outcome != KEPT:
            raise Finding(
                f"{fate.path} was {fate.outcome}",
                fate.sent or "nothing",
                fate.kept or "nothing",
                path=fate.path,
                personal=True,
            )


def sent_and_same(sif: SifClient, student: etree._Element, *paths: str) -> str:
    """Create the student and hold what can be read against it; gives its id."""
    refid = created(sif, student)
    same(sif, student, *paths)
    return refid


def twin(student: etree._Element, refid: str = "") -> etree._Element:
    """A copy, under another id if one is given."""
    copy = deepcopy(student)
    if refid:
        copy.set("refId", refid)
    return copy
