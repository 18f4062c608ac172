"""What a refusal at the gate says, and what stays behind of the data it refused."""

from __future__ import annotations

import random

import pytest
from lxml import etree

from conformance import leaks, pods, trees
from conformance.checks.pod.doors import Draw, refused, retired, show_all
from conformance.checks.preparation import (
    MUST,
    all_created,
    control_holds,
    created,
    must_be_unchanged,
    must_not_be_stored,
    offered,
    renamed,
    stored,
)
from conformance.evidence import Evidence
from conformance.problems import NotApplicable
from conformance.sif import SifClient
from conformance.verifies import verifies

every_marker = pytest.mark.parametrize("marker", ["missing", "unknown", "outdated"])


def wrong_marker(sif: SifClient, rng: random.Random, kind: str) -> str | None:
    """A marker that opens nothing."""
    if kind == "missing":
        return None
    return pods.fresh_token(rng) if kind == "unknown" else retired(sif)


@every_marker
@verifies("POD-GATE-008", negative=True)
def check_refusal_at_the_gate_holds_no_data(
    sif: SifClient, students: Draw, rng: random.Random, evidence: Evidence, marker: str
) -> None:
    """The refusal of a create or update tells no value of the student, plain or encoded."""
    token = wrong_marker(sif, rng, marker)
    known, fresh = students(2)
    refid = created(sif, known)
    with leaks.watching(evidence) as watch:
        watch.know(fresh)
        refused(sif.create(fresh, marker=token))
        refused(sif.create_many([fresh], marker=token))
        if offered(sif, "update"):
            refused(sif.update(refid, renamed(fresh, refid, "Qvexmuggle"), marker=token))
    leaks.refuse(watch)


@every_marker
@verifies("POD-GATE-016", negative=True)
def check_nothing_of_a_refused_student_is_kept(
    sif: SifClient, students: Draw, rng: random.Random, evidence: Evidence, marker: str
) -> None:
    """A student refused at the gate is in no answer by id, in no list and in no export."""
    token = wrong_marker(sif, rng, marker)
    alone, listed, known = students(3)
    for reply, one in (
        (sif.create(alone, marker=token, headers=MUST), alone),
        (sif.create_many([listed], marker=token, headers=MUST), listed),
    ):
        must_not_be_stored(sif, trees.refid(one), refused(reply))
    created(sif, known)
    with leaks.watching(evidence) as watch:
        watch.know(alone)
        watch.know(listed)
        show_all(sif)
    leaks.refuse(watch)


@every_marker
@verifies("POD-GATE-016", negative=True)
def check_refused_update_changes_nothing(
    sif: SifClient, student: etree._Element, rng: random.Random, marker: str
) -> None:
    """An update refused at the gate, alone or in a list, leaves the student as it was."""
    if not offered(sif, "update"):
        raise NotApplicable("the target does not declare update")
    token = wrong_marker(sif, rng, marker)
    refid = created(sif, student)
    before = stored(sif, refid)
    changed = renamed(student, refid, "Qvexmuggle")
    for reply in (sif.update(refid, changed, marker=token),
                  sif.update_many([changed], marker=token)):  # fmt: skip
        must_be_unchanged(sif, refid, before, refused(reply))
    control_holds(sif.update(refid, changed), "with the marker in force it is done")


@verifies("POD-GATE-016", negative=True)
def check_refused_deletion_deletes_nothing(
    sif: SifClient, students: Draw, rng: random.Random
) -> None:
    """A deletion of many with an unknown marker is done, or refused and then deletes none."""
    if not offered(sif, "delete"):
        raise NotApplicable("the target does not declare delete")
    refids = all_created(sif, students(2))
    before = [stored(sif, refid) for refid in refids]
    reply = sif.delete_many(refids, marker=pods.fresh_token(rng))
    if reply.ok:
        return
    for refid, was in zip(refids, before, strict=True):
        must_be_unchanged(sif, refid, was, reply)
    control_holds(sif.delete_many(refids, marker=None), "without a marker they are deleted")
