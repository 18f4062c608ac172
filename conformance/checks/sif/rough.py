"""What networks do to requests: cut, slow, and several at the same time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from lxml import etree

from conformance import environments, expect, trees
from conformance.checks.preparation import (
    MUST,
    accepted,
    control_holds,
    created,
    id_of,
    must_be_stored,
    objects_in,
    stored,
)
from conformance.checks.sif.environments import instance_of
from conformance.crowd import at_once
from conformance.faults import CUT_BY_US
from conformance.problems import Finding, NotVerified, Unreachable
from conformance.reply import Reply
from conformance.rough import Rough
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]
TOGETHER = 8
TWINS = 4
SLOWLY = Rough(pieces=5, pause=0.15)
# The root with its id and the name come whole, and the end never.
HALF = Rough(part=0.8)


@verifies("DAT-RGH-001", negative=True)
def check_request_cut_off_in_its_middle_changes_nothing(
    sif: SifClient, student: etree._Element
) -> None:
    """Of a create that ends too early nothing is stored; the same request sent whole is taken."""
    refid = trees.refid(student)
    try:
        with sif.wire.roughly(HALF):
            sif.create(student, headers=MUST)
    except Unreachable as error:
        if error.kind != CUT_BY_US:
            raise
    # Whoever stores what is not whole does so when the line has gone.
    time.sleep(0.2)
    if stored(sif, refid) is not None:
        raise Finding(
            "a student was stored of whom only a part had arrived",
            "nothing stored of a request that is not whole",
            f"an {sif.model.student} of this id",
        )
    control_holds(sif.create(student, headers=MUST), "the whole request is taken")


@verifies("DAT-RGH-002")
def check_slow_request_is_served(sif: SifClient, student: etree._Element) -> None:
    """A create whose body takes six tenths of a second to arrive is taken whole."""
    with sif.wire.roughly(SLOWLY):
        reply = accepted(sif.create(student, headers=MUST), "a slow request is accepted")
    found = must_be_stored(sif, trees.refid(student), reply)
    sent, kept = dict(trees.leaves(student)), dict(trees.leaves(found))
    lost = sorted(path for path in sent if sent[path] != kept.get(path))
    expect.equal(lost, [], "paths of what was sent and is not stored", reply)


@verifies("DAT-RGH-003")
def check_two_hubs_do_not_disturb_each_other(sif: SifClient, students: Draw) -> None:
    """Two connected instances create in turn; when one ends its environment the other goes on."""
    first, second, third = students(3)
    one = sif.environment
    other = _another_environment(sif)
    for environment, student in ((one, first), (other, second)):
        sif.environment = environment
        created(sif, student)
    sif.environment = other
    sif.disconnect()
    sif.environment = one
    reply = accepted(sif.create(third), "the hub that stays is served as before")
    third.set(trees.key_of(third), id_of(reply, third))
    for student in (first, second, third):
        must_be_stored(sif, trees.refid(student), reply)


def _another_environment(sif: SifClient) -> environments.Environment:
    pod = sif.pod
    sif.connect(instance=instance_of(sif.rng))
    if sif.environment is None:
        raise NotVerified("a second instance of the application gets no environment")
    sif.pod = pod
    return sif.environment


@verifies("DAT-RGH-004")
def check_creates_at_the_same_time_are_each_kept_once(sif: SifClient, students: Draw) -> None:
    """Creates that arrive together are all accepted, and each student is stored exactly once."""
    drawn = students(max(TOGETHER, sif.config.load))
    replies = at_once(sif, [_create(one) for one in drawn])
    for reply in replies:
        accepted(reply, "a create beside others is accepted")
    wanted = {trees.folded(trees.refid(one)) for one in drawn}
    seen = Counter(trees.folded(trees.refid(one)) for one in objects_in(sif.query()))
    counts = Counter(seen[refid] for refid in wanted)
    told = f"{counts[1]} once, {counts[0]} never, {len(wanted) - counts[0] - counts[1]} more often"
    expect.equal(told, f"{len(wanted)} once, 0 never, 0 more often", "students read", replies[-1])


@verifies("DAT-RGH-005", negative=True)
def check_of_twins_at_the_same_time_one_is_stored(sif: SifClient, student: etree._Element) -> None:
    """One student created several times at once: one create is accepted, the others refused."""
    replies = at_once(sif, [_create(student)] * TWINS)
    fine = [reply for reply in replies if reply.ok]
    statuses = ", ".join(sorted(str(reply.status) for reply in replies))
    expect.equal(len(fine), 1, f"creates that were accepted ({statuses})", replies[-1])
    for reply in replies:
        refused = reply.ok or 400 <= reply.status < 500
        expect.true(refused, "the others are refused with 4xx", reply, str(reply.status))
    must_be_stored(sif, trees.refid(student), fine[0])


def _create(student: etree._Element) -> Callable[[SifClient], Reply]:
    return lambda sif: sif.create(student, headers=MUST)
