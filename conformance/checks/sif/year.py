"""A short school year: creates, updates and deletes of a handful of students, one after another.

Each step is judged by the checks of single requests. Here counts what is left of them all.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING

from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import (
    created,
    must_be_stored,
    must_not_be_stored,
    offered,
    prepared,
    stored,
)
from conformance.evidence import Evidence
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

if TYPE_CHECKING:
    from fixtures.timeline.excerpt import Excerpt, Step
    from fixtures.writers.tree import Node

# By the kinds of changes: the third is somebody who comes back after a withdrawal.
STORIES = (
    ("enrol",),
    ("transfer", "rename"),
    ("withdraw", "re-enter"),
    ("gender", "given-name"),
    ("birth-date",),
    ("merge",),
    ("deletion",),
)
STUDENTS, SCHOOLS = 120, 4
FACTS = tuple(
    f"xStudent/{path}"
    for path in (
        "name/familyName",
        "name/givenName",
        "loginId",
        "email/emailAddress",
        "demographics/sex",
        "demographics/birthDate",
        "enrollment/schoolRefId",
        "enrollment/entryDate",
        "enrollment/gradeLevel",
    )
)


@dataclass(slots=True)
class Year:
    """What was sent so far: the ids at the target, what each student must be, what it keeps.

    A `None` in `last` stands for a deleted student; `gone` holds the answers to the deletes.
    """

    sif: SifClient
    evidence: Evidence
    ids: dict[str, str] = field(default_factory=dict)
    last: dict[str, etree._Element | None] = field(default_factory=dict)
    keeps: dict[str, list[str]] = field(default_factory=dict)
    gone: dict[str, Reply] = field(default_factory=dict)

    def come(self, refid: str, student: etree._Element) -> None:
        """Create a student and see which facts of it the target keeps at all."""
        self.evidence.register(student)
        self.ids[refid] = created(self.sif, student)
        shown = dict(trees.leaves(must_be_stored(self.sif, self.ids[refid])))
        sent = dict(trees.leaves(student))
        self.keeps[refid] = [path for path in FACTS if shown.get(path, "") == sent.get(path)]
        self.last[refid] = student

    def change(self, step: Step) -> None:
        """Send one step."""
        if step.action == "CREATE":
            self.come(step.refid, _element(step.body))
        elif step.action == "UPDATE" and offered(self.sif, "update"):
            update, refid = _element(step.body), self.ids[step.refid]
            update.set("refId", refid)
            self.evidence.register(update)
            prepared(self.sif.update(refid, update))
            self.last[step.refid] = _element(step.last)
        elif step.action == "DELETE" and offered(self.sif, "delete"):
            self.gone[step.refid] = prepared(self.sif.delete(self.ids[step.refid]))
            self.last[step.refid] = None


def _element(node: Node | None) -> etree._Element:
    from fixtures.writers import notation

    assert node is not None
    return notation.element(node, trees.NA4)


@lru_cache(maxsize=4)
def _drawn(seed: int) -> Excerpt:
    from fixtures.generate import Plan
    from fixtures.timeline.excerpt import excerpt

    years = (excerpt(Plan(number, STUDENTS, SCHOOLS), STORIES) for number in count(seed))
    return next(year for year in years if _goes_on(year))


def _goes_on(year: Excerpt) -> bool:
    """Whether somebody changes school or comes back after the first delete."""
    actions = [step.action for step in year.steps]
    after = year.steps[actions.index("DELETE") :] if "DELETE" in actions else ()
    return any(step.kind in ("transfer", "re-enter") for step in after)


def _lived(sif: SifClient, evidence: Evidence, rng: random.Random) -> Year:
    """Send the whole year of a district that no other check has drawn from."""
    year, drawn = Year(sif, evidence), _drawn(rng.randrange(10**6))
    for node in drawn.first:
        year.come(node[1]["refId"], _element(node))
    for step in drawn.steps:
        year.change(step)
    return year


@verifies("INF-UPD-003")
def check_year_of_changes_ends_in_the_last_state(
    sif: SifClient, evidence: Evidence, rng: random.Random
) -> None:
    """After a year of changes in order every student is what the last change made of it."""
    year = _lived(sif, evidence, rng)
    judged = 0
    for refid, student in year.last.items():
        if student is None:
            continue
        now = dict(trees.leaves(must_be_stored(sif, year.ids[refid])))
        wanted = dict(trees.leaves(student))
        keeps = [path for path in year.keeps[refid] if path in wanted]
        judged += len(keeps)
        changed = [path for path in keeps if now.get(path) != wanted[path]]
        expect.equal(changed, [], "places that are not what the last change said")
    if not judged:
        raise NotVerified("the target shows none of the facts that the changes are about")


@verifies("INF-DEL-001")
def check_student_deleted_in_the_year_stays_deleted(
    sif: SifClient, evidence: Evidence, rng: random.Random
) -> None:
    """A deleted student does not come back when others change after it; the others are there."""
    year = _lived(sif, evidence, rng)
    if not year.gone:
        raise NotVerified("no student of the year was deleted")
    for refid, reply in year.gone.items():
        must_not_be_stored(sif, year.ids[refid], reply)
    left = [refid for refid, student in year.last.items() if student is not None]
    missing = [refid for refid in left if stored(sif, year.ids[refid]) is None]
    expect.equal(len(missing), 0, "students who are gone though nobody deleted them")
