"""The doors to covered data, and how a check knocks at them with this or that marker."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import (
    control_holds,
    created,
    objects_in,
    offered,
    one_page,
    prepared,
    renamed,
)
from conformance.pods import Pod
from conformance.problems import NotApplicable, NotVerified
from conformance.readback import ReadBack
from conformance.reply import Reply
from conformance.sif import SifClient

Draw = Callable[[int], list[etree._Element]]
Door = Callable[[SifClient, etree._Element, str, "str | None"], Reply]


def by_create(sif: SifClient, student: etree._Element, _: str, marker: str | None) -> Reply:
    """Create one student."""
    return sif.create(student, marker=marker)


def by_create_many(sif: SifClient, student: etree._Element, _: str, marker: str | None) -> Reply:
    """Create a list of one student."""
    return sif.create_many([student], marker=marker)


def by_update(sif: SifClient, student: etree._Element, known: str, marker: str | None) -> Reply:
    """Update a student that is there."""
    return sif.update(known, renamed(student, known, "Qvexmuggle"), marker=marker)


def by_update_many(
    sif: SifClient, student: etree._Element, known: str, marker: str | None
) -> Reply:
    """Update a list of one student that is there."""
    return sif.update_many([renamed(student, known, "Qvexmuggle")], marker=marker)


def by_get(sif: SifClient, _: etree._Element, known: str, marker: str | None) -> Reply:
    """Read a student that is there."""
    return sif.get(known, marker=marker)


def by_list(sif: SifClient, _: etree._Element, _known: str, marker: str | None) -> Reply:
    """Read the list."""
    return one_page(sif, marker=marker)


DOORS: tuple[Door, ...] = (by_create, by_create_many, by_update, by_update_many, by_get, by_list)
NEEDS = {"by_create": "create", "by_create_many": "create", "by_update": "update",
         "by_update_many": "update", "by_get": "query", "by_list": "query"}  # fmt: skip
every_door = pytest.mark.parametrize("door", DOORS, ids=lambda one: one.__name__)
every_other_door = pytest.mark.parametrize("door", DOORS[:-1], ids=lambda one: one.__name__)
REFUSALS = (400, 401, 403, 404, 409, 410)


def needed_for(door: Door) -> str:
    """The capability that a door is part of."""
    return NEEDS[door.__name__]


def not_acknowledged(reply: Reply, pod: Pod) -> None:
    """A Finding unless the POD is refused with a 4xx and its token is not the answer's marker."""
    expect.true(400 <= reply.status < 500, "the POD is refused with 4xx", reply, str(reply.status))
    expect.true(reply.marker != pod.token, "the token is not acknowledged", reply)


def opens(reply: Reply, claim: str) -> Reply:
    """A Finding if the message was refused at the gate; any other refusal is judged elsewhere."""
    expect.true(reply.status not in (401, 403, 410), claim, reply, str(reply.status))
    return prepared(reply)


def shut(sif: SifClient, students: Draw, door: Door, marker: str | None, *codes: int) -> Reply:
    """Knock with this marker and expect one of these codes; with the right marker it opens."""
    needed = needed_for(door)
    if not offered(sif, needed):
        raise NotApplicable(f"the target does not declare {needed}")
    known, fresh, other = students(3)
    refid = created(sif, known)
    reply = door(sif, fresh, refid, marker)
    expect.status(reply, *codes)
    expect.equal(len(objects_in(reply)), 0, "students in the refusal", reply)
    assert sif.pod is not None
    control = door(sif, other, refid, sif.pod.token)
    control_holds(control, "with the marker in force it is done")
    return reply


def expect_sub_code(reply: Reply, sub_code: str) -> None:
    """The sub code stands in the error, as an element or at the start of the description."""
    told = [
        (one.text or "").split(" ")[0].strip()
        for name in ("subCode", "description")
        for one in objects_in(reply, name)
    ]
    expect.true(
        sub_code in told, f"the error names {sub_code}", reply, ", ".join(told) or "nothing"
    )


def retired(sif: SifClient) -> str:
    """The token of a POD that was acknowledged and then replaced."""
    old = sif.pod
    assert old is not None
    fresh = sif.new_pod()
    if not sif.push_pod(fresh).ok:
        raise NotVerified("the POD could not be replaced, so there is no outdated marker")
    sif.use(fresh)
    return old.token


def with_status(pod: Pod, status: str) -> Pod:
    """The same POD, word for word, in another status."""
    element = deepcopy(pod.element)
    told = trees.child(element, "podStatus")
    assert told is not None
    told.text = status
    return replace(pod, element=element)


def ended(sif: SifClient) -> str:
    """Declare the POD in force expired, so that none is; gives its token."""
    pod = sif.pod
    assert pod is not None
    if not sif.push_pod(with_status(pod, "Expired")).ok:
        raise NotVerified("the end of the POD was not taken")
    sif.use(None)
    return pod.token


def refused(reply: Reply) -> Reply:
    """The answer, which must be a refusal for what it says and leaves behind to be judged."""
    if reply.status < 400:
        raise NotVerified(f"{reply.request} was not refused, so there is nothing to judge")
    return reply


def show_all(sif: SifClient) -> None:
    """Have the vendor show all it has: the list and its exports, as far as it declares them."""
    if offered(sif, "query"):
        sif.query()
    if offered(sif, "readback"):
        readback = ReadBack(sif.wire, sif.config)
        readback.settle()
        for name in ("users", "demographics"):
            readback.table(name)
