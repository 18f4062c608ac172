"""The gate: no data without the marker of the POD in force."""

from __future__ import annotations

import random

import pytest
from lxml import etree

from conformance import expect, pods
from conformance.checks.pod.doors import (
    REFUSALS,
    Door,
    Draw,
    by_create,
    by_list,
    ended,
    every_door,
    every_other_door,
    expect_sub_code,
    refused,
    retired,
    shut,
)
from conformance.checks.preparation import (
    accepted,
    all_created,
    control_holds,
    created,
    objects_in,
    offered,
    renamed,
)
from conformance.sif import SifClient
from conformance.verifies import verifies


@every_door
@verifies("POD-GATE-002", negative=True)
def check_missing_marker_is_refused(sif: SifClient, students: Draw, door: Door) -> None:
    """Without a marker, create, update and query are 403 with 403-01; with it they are done."""
    expect_sub_code(shut(sif, students, door, None, 403), "403-01")


@verifies("POD-GATE-003", negative=True)
def check_outdated_marker_is_refused_for_the_list(sif: SifClient, students: Draw) -> None:
    """With the token of a replaced POD the list is 410 with 410-20; with the new one it is read."""
    reply = shut(sif, students, by_list, retired(sif), 410)
    expect_sub_code(reply, "410-20")


@every_other_door
@verifies("DAT-POD-003", negative=True)
def check_outdated_marker_is_refused(sif: SifClient, students: Draw, door: Door) -> None:
    """With the token of a replaced POD, create, update and read by id are 410 or 403."""
    shut(sif, students, door, retired(sif), 410, 403)


@verifies("POD-GATE-003", negative=True)
def check_marker_of_an_expired_pod_is_refused(sif: SifClient, students: Draw) -> None:
    """After the POD was declared expired its token is 410 for the list; before it was served."""
    served = by_list(sif, students(1)[0], "", sif.pod.token if sif.pod else None)
    control_holds(served, "before the end the list is served")
    reply = by_list(sif, students(1)[0], "", ended(sif))
    expect.status(reply, 410)
    expect_sub_code(reply, "410-20")


@every_door
@verifies("POD-GATE-004", negative=True)
def check_unknown_marker_is_refused(
    sif: SifClient, students: Draw, rng: random.Random, door: Door
) -> None:
    """With a token that nobody issued, create, update and query are refused with 4xx."""
    shut(sif, students, door, pods.fresh_token(rng), *REFUSALS)


@pytest.mark.parametrize("form", ["capitals", "quoted", "shortened", "empty"])
@verifies("POD-GATE-004", negative=True)
def check_altered_marker_is_refused(sif: SifClient, students: Draw, form: str) -> None:
    """The token in other case, in quotes, without its end, or empty is not the token."""
    assert sif.pod is not None
    token = sif.pod.token
    altered = {"capitals": token.swapcase(), "quoted": f'"{token}"', "shortened": token[:-1],
               "empty": ""}[form]  # fmt: skip
    shut(sif, students, by_create, altered, *REFUSALS)


@verifies("POD-GATE-007", negative=True)
def check_refusal_at_the_gate_is_a_proper_error(sif: SifClient, students: Draw) -> None:
    """The refusal is an error in the infrastructure namespace with code, scope and message."""
    known, fresh = students(2)
    created(sif, known)
    expect.error(refused(sif.create(fresh, marker=None)))
    if offered(sif, "query"):
        expect.error(refused(by_list(sif, fresh, "", retired(sif))))


@verifies("POD-GATE-010")
def check_single_delete_needs_no_marker(sif: SifClient, student: etree._Element) -> None:
    """A student can be deleted without a marker."""
    refid = created(sif, student)
    accepted(sif.delete(refid, marker=None), "a delete without marker is done")


@verifies("POD-GATE-011")
def check_delete_of_many_needs_no_marker(sif: SifClient, students: Draw) -> None:
    """A list of students can be deleted without a marker."""
    refids = all_created(sif, students(2))
    reply = accepted(sif.delete_many(refids, marker=None), "a delete of many is done")
    codes = {one.get("statusCode", "")[:1] for one in objects_in(reply, "delete")}
    expect.equal(codes, {"2"}, "first digit of the results", reply)


@verifies("POD-GATE-002", negative=True)
def check_override_update_is_behind_the_gate(sif: SifClient, student: etree._Element) -> None:
    """PUT with methodOverride UPDATE and no marker is 403 like a plain PUT; with it, it is done."""
    refid = created(sif, student)
    headers = {"methodOverride": "UPDATE"}
    reply = sif.update_many([renamed(student, refid, "Qvexmuggle")], headers=headers, marker=None)
    expect.status(reply, 403)
    control = sif.update_many([renamed(student, refid, "Qvexmuggle")], headers=headers)
    control_holds(control, "with the marker it is done")
