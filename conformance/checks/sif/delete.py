"""Deleting students, one and many (Base Architecture 3.2.1, 5.14)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import (
    all_created,
    control_holds,
    created,
    must_be_stored,
    must_not_be_stored,
    prepared,
)
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]


def statuses(reply: Reply) -> dict[str, str]:
    """Status of each result of a delete of many, by folded id."""
    found = trees.every(prepared(reply).object, "delete")
    return {trees.folded(one.get("id") or ""): one.get("statusCode") or "" for one in found}


@verifies("INF-DEL-001")
def check_single_delete_is_answered_with_204(sif: SifClient, students: Draw) -> None:
    """A delete is 204, the student is gone and no other one with it."""
    gone, other = all_created(sif, students(2))
    reply = sif.delete(gone)
    expect.status(reply, 204)
    expect.no_body(reply)
    must_not_be_stored(sif, gone, reply)
    must_be_stored(sif, other, reply)


@verifies("INF-DEL-001", negative=True)
def check_delete_of_an_unknown_student_is_404(sif: SifClient, student: etree._Element) -> None:
    """An id that does not exist, and one that was deleted before, are 404."""
    refid = created(sif, student)
    expect.status(sif.delete(str(uuid.uuid4()).upper()), 404)
    control = sif.delete(refid)
    control_holds(control, "an existing student can be deleted")
    expect.status(sif.delete(refid), 404)


@verifies("INF-DEL-002", "NEG-028")
def check_many_are_deleted_by_put(sif: SifClient, students: Draw) -> None:
    """PUT with methodOverride DELETE answers 200 with a 2xx for each student, and they are gone."""
    one, two, kept = all_created(sif, students(3))
    reply = sif.delete_many([one, two])
    expect.status(reply, 200)
    expect.xml(reply, "deleteResponse")
    told = statuses(reply)
    expect.equal(sorted(told), sorted(map(trees.folded, (one, two))), "ids of the results", reply)
    expect.equal({code[:1] for code in told.values()}, {"2"}, "first digit of the results", reply)
    for refid in (one, two):
        must_not_be_stored(sif, refid, reply)
    must_be_stored(sif, kept, reply)


@verifies("INF-DEL-002", negative=True)
def check_unknown_student_among_deletes_is_404(sif: SifClient, student: etree._Element) -> None:
    """Among many deletes the unknown id gets 404 and the known one is deleted, overall 200."""
    refid, missing = created(sif, student), str(uuid.uuid4()).upper()
    reply = sif.delete_many([missing, refid])
    expect.status(reply, 200)
    told = statuses(reply)
    expect.equal(told.get(trees.folded(missing)), "404", "status of the unknown id", reply)
    must_not_be_stored(sif, refid, reply)


@verifies("INF-DEL-003", "NEG-016", negative=True)
def check_collection_cannot_be_deleted(sif: SifClient, student: etree._Element) -> None:
    """DELETE of the collection is 405 and deletes nothing; a single delete works."""
    refid = created(sif, student)
    reply = sif.request("DELETE", sif.collection)
    expect.status(reply, 405)
    must_be_stored(sif, refid, reply)
    control = sif.delete(refid)
    control_holds(control, "a single student can be deleted")
