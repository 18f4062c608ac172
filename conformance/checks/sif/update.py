"""Updating students, one and many (Base Architecture 3.2.1, 5.13)."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable

from lxml import etree

from conformance import data_models, expect, trees
from conformance.checks.preparation import (
    accepted,
    all_created,
    control_holds,
    created,
    must_be_stored,
    must_be_unchanged,
    must_not_be_stored,
    only,
    partial,
    prepared,
    renamed,
    stored,
)
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]


def only_the_name(student: etree._Element, refid: str, name: str) -> etree._Element:
    """A partial update under this id that holds the given name and nothing else."""
    path = data_models.of_student(student).given
    update = partial(student, only(student, path, name))
    update.set(trees.key_of(update), refid)
    return update


def drawn_name(rng: random.Random) -> str:
    """A given name nobody has."""
    return "Q" + "".join(rng.choice("aeioulmnrst") for _ in range(9))


def given_name(student: etree._Element) -> str:
    """The given name of a stored student."""
    return trees.text(student, *data_models.of_student(student).given)


def given_place(sif: SifClient) -> str:
    """Where the given name of a student stands."""
    return "/".join((sif.model.student, *sif.model.given))


@verifies("INF-UPD-001")
def check_single_update_is_answered_with_204(
    sif: SifClient, student: etree._Element, rng: random.Random
) -> None:
    """An update of one student is 204 and takes effect."""
    refid, name = created(sif, student), drawn_name(rng)
    reply = sif.update(refid, renamed(student, refid, name))
    expect.status(reply, 204)
    expect.no_body(reply)
    expect.equal(given_name(must_be_stored(sif, refid, reply)), name, given_place(sif), reply)


@verifies("INF-UPD-002")
def check_update_of_many_is_answered_one_by_one(
    sif: SifClient, students: Draw, rng: random.Random
) -> None:
    """An update of two students is 200 with two 2xx results, and both take effect."""
    sent = students(2)
    refids, name = all_created(sif, sent), drawn_name(rng)
    updates = [renamed(one, refid, name) for one, refid in zip(sent, refids, strict=True)]
    reply = sif.update_many(updates)
    expect.status(reply, 200)
    root = expect.xml(reply, "updateResponse")
    told = {trees.folded(one.get("id") or ""): one.get("statusCode") or ""
            for one in trees.every(root, "update")}  # fmt: skip
    expect.equal(sorted(told), sorted(map(trees.folded, refids)), "ids of the results", reply)
    expect.equal({code[:1] for code in told.values()}, {"2"}, "first digit of the results", reply)
    for refid in refids:
        expect.equal(given_name(must_be_stored(sif, refid, reply)), name, given_place(sif), reply)


@verifies("INF-UPD-003")
def check_update_leaves_the_rest_alone(
    sif: SifClient, student: etree._Element, rng: random.Random
) -> None:
    """An update with one name changes that name; everything else stays as it was sent."""
    refid, name = created(sif, student), drawn_name(rng)
    before = dict(trees.leaves(must_be_stored(sif, refid)))
    reply = sif.update(refid, only_the_name(student, refid, name))
    accepted(reply, "an update with one name is accepted")
    after = dict(trees.leaves(must_be_stored(sif, refid, reply)))
    changed = sorted({path for path, _ in before.items() ^ after.items()} - {given_place(sif)})
    expect.equal(changed, [], "places that changed though they were not sent", reply)
    expect.equal(after.get(given_place(sif)), name, given_place(sif), reply)


@verifies("INF-UPD-003")
def check_partial_update_among_many_leaves_the_rest_alone(
    sif: SifClient, students: Draw, rng: random.Random
) -> None:
    """Among many, too, a partial student changes only what it names."""
    sent = students(2)
    refids, name = all_created(sif, sent), drawn_name(rng)
    before = [dict(trees.leaves(must_be_stored(sif, refid))) for refid in refids]
    updates = [only_the_name(one, refid, name) for one, refid in zip(sent, refids, strict=True)]
    reply = prepared(sif.update_many(updates))
    told = {one.get("statusCode", "")[:1] for one in trees.every(reply.object, "update")}
    expect.equal(told, {"2"}, "first digit of the results", reply)
    for refid, was in zip(refids, before, strict=True):
        now = dict(trees.leaves(must_be_stored(sif, refid, reply)))
        changed = sorted({path for path, _ in was.items() ^ now.items()} - {given_place(sif)})
        expect.equal(changed, [], "places that changed though they were not sent", reply)


@verifies("INF-UPD-004", negative=True)
def check_update_of_an_unknown_student_is_404(sif: SifClient, student: etree._Element) -> None:
    """An update of an id that does not exist is 404 and creates nothing; an existing one works."""
    missing = str(uuid.uuid4()).upper()
    reply = sif.update(missing, renamed(student, missing, "Qvexnobo"))
    expect.status(reply, 404)
    must_not_be_stored(sif, missing, reply)
    refid = created(sif, student)
    control = sif.update(refid, renamed(student, refid, "Qvexsombo"))
    control_holds(control, "an existing student can be updated")


@verifies("INF-UPD-004", negative=True)
def check_unknown_student_among_many_is_404(
    sif: SifClient, student: etree._Element, rng: random.Random
) -> None:
    """Among many the unknown student gets 404 and is not created, the known one is updated."""
    refid, missing = created(sif, student), str(uuid.uuid4()).upper()
    name = drawn_name(rng)
    reply = sif.update_many([renamed(student, missing, name), renamed(student, refid, name)])
    told = {trees.folded(one.get("id") or ""): one.get("statusCode")
            for one in trees.every(prepared(reply).object, "update")}  # fmt: skip
    expect.equal(told.get(trees.folded(missing)), "404", "status of the unknown one", reply)
    must_not_be_stored(sif, missing, reply)
    expect.equal(given_name(must_be_stored(sif, refid, reply)), name, given_place(sif), reply)


@verifies("INF-UPD-006", negative=True)
def check_two_ids_in_one_update_are_refused(
    sif: SifClient, students: Draw, rng: random.Random
) -> None:
    """Path and body with different ids are refused and change neither; with one id it works."""
    sent = students(2)
    one, two = all_created(sif, sent)
    before = [stored(sif, refid) for refid in (one, two)]
    reply = sif.update(one, renamed(sent[1], two, drawn_name(rng)))
    expect.status(reply, 400)
    for refid, was in zip((one, two), before, strict=True):
        must_be_unchanged(sif, refid, was, reply)
    control = sif.update(one, renamed(sent[0], one, drawn_name(rng)))
    control_holds(control, "an update with one id is accepted")


@verifies("INF-UPD-007")
def check_override_update_is_a_plain_update(
    sif: SifClient, student: etree._Element, rng: random.Random
) -> None:
    """PUT with methodOverride UPDATE does what a plain PUT does, for one and for many."""
    refid, first, second = created(sif, student), drawn_name(rng), drawn_name(rng)
    headers = {"methodOverride": "UPDATE"}
    reply = sif.update(refid, renamed(student, refid, first), headers=headers)
    accepted(reply, "the single update is accepted")
    expect.equal(given_name(must_be_stored(sif, refid, reply)), first, given_place(sif), reply)
    many = sif.update_many([renamed(student, refid, second)], headers=headers)
    accepted(many, "the update of many is accepted")
    expect.equal(given_name(must_be_stored(sif, refid, many)), second, given_place(sif), many)


def marker_of(sif: SifClient) -> str | None:
    """The marker in force: what is no delete needs it."""
    return sif.pod.token if sif.pod else None


@verifies("NEG-029", negative=True)
def check_foreign_method_override_counts_for_nothing(
    sif: SifClient, student: etree._Element, rng: random.Random
) -> None:
    """X-HTTP-Method-Override: DELETE deletes nothing, with an update or with a deleteRequest."""
    refid, name = created(sif, student), drawn_name(rng)
    cousin = {"X-HTTP-Method-Override": "DELETE"}
    instead = {"methodOverride": None, **cousin}
    reply = sif.update(refid, renamed(student, refid, name), headers=cousin)
    must_be_stored(sif, refid, reply)
    other = sif.delete_many([refid], headers=instead, marker=marker_of(sif))
    must_be_stored(sif, refid, other)
