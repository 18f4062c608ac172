"""What a publisher says of its data: valid, as it was entered, with pointers that lead on."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from lxml import etree

from conformance import expect, schemas, trees
from conformance.checks.publisher.looking import (
    by_way,
    creations,
    every_object,
)
from conformance.problems import NotVerified
from conformance.stage.desk import AWKWARD_FAMILY, AWKWARD_GIVEN, Desk
from conformance.stage.sendings import Sent
from conformance.stage.shelf import CREATE
from conformance.verifies import verifies

# By the name of a pointer the collections that it leads to.
POINTERS = {
    "leaRefId": ("xLeas",),
    "schoolRefId": ("xSchools",),
    "contactPersonRefId": ("xContacts",),
    "courseRefId": ("xCourses",),
    "calendarRefId": ("xCalendars",),
    "studentReference/refId": ("xStudents",),
    "homeRoomTeacher/refId": ("xStaffs",),
    "counselor/refId": ("xStaffs",),
}


@cache
def _judges(namespace: str) -> tuple[etree.XMLSchema, ...]:
    from fixtures.standards import MODELS, schema_path

    own = [one.id for one in MODELS.values() if one.namespace == namespace]
    files = [schema_path(one).read_bytes() for one in own]
    found = [etree.XMLSchema(etree.fromstring(one)) for one in files]
    added = [one.path for one in schemas.entries().values() if one.namespace == namespace]
    return (*found, *(etree.XMLSchema(etree.parse(one)) for one in added))


@verifies("DAT-PUB-010")
def check_new_objects_are_valid(desk: Desk) -> None:
    """Each new object is valid by a schema of its data model, code sets and dates included."""
    seen = 0
    for sent in creations(every_object(desk)):
        judges = _judges(trees.namespace(sent.element))
        if not judges:
            continue
        seen += 1
        faults = [_first_fault(one, sent.element) for one in judges]
        fine = any(not one for one in faults)
        what = f"the {trees.local(sent.element)} is valid"
        expect.true(fine, what, sent.call.message, faults[0])
    if not seen:
        raise NotVerified("no new object came in a namespace that this kit has a schema for")


def _first_fault(schema: etree.XMLSchema, element: etree._Element) -> str:
    """Where the first fault is, without its value; empty for a valid object."""
    whole = etree.fromstring(etree.tostring(element))
    if schema.validate(whole):
        return ""
    log: Any = schema.error_log  # the stubs know no items
    entry = log[0]
    return f"{entry.type_name} at {trees.local(entry.path.rpartition('/')[2])}"


def entered(sent: list[Sent]) -> dict[str, Sent]:
    """By zone the new object about a student; raises NotVerified if there is none."""
    made = {one.zone: one for one in sent if one.action == CREATE}
    if not made:
        raise NotVerified("no new object about the student came")
    return made


@verifies("DAT-PUB-011")
def check_what_was_entered_is_sent(desk: Desk) -> None:
    """Given name, family name and birth date of a new student are sent as they were entered."""
    life = desk.life()
    for sent in entered(life.added).values():
        values = {value for _, value in trees.leaves(sent.element)}
        for name in ("given_name", "family_name", "birth_date"):
            there = life.person.facts[name] in values
            expect.true(there, f"the {name} is sent as it was entered", sent.call.message)


@verifies("DAT-PUB-012")
def check_signs_of_every_script_are_sent(desk: Desk) -> None:
    """Accents, typographic apostrophes, Chinese and rare signs arrive sign by sign."""
    person = desk.person(AWKWARD_GIVEN, AWKWARD_FAMILY)
    for sent in entered(desk.enrol(person)).values():
        values = {value for _, value in trees.leaves(sent.element)}
        for name in ("given_name", "family_name"):
            there = person.facts[name] in values
            expect.true(there, f"the {name} is sent sign by sign", sent.call.message)


@verifies("DAT-PUB-013")
def check_leading_zeros_are_kept(desk: Desk) -> None:
    """A local id that begins with zeros is sent with them."""
    life = desk.life()
    for sent in entered(life.added).values():
        there = sent.says(life.person.local_id)
        expect.true(there, "the local id is sent with its zeros", sent.call.message, "without")


@verifies("DAT-PUB-014")
def check_references_lead_to_what_was_sent(desk: Desk) -> None:
    """A pointer to a collection that the publisher sends leads to an object it has sent."""
    posted = by_way(desk, every_object(desk), "post")
    kept = {trees.folded(one.refid) for one in posted if one.taken}
    kept |= {trees.folded(refid) for _, _, refid in desk.counter.shelf.objects}
    for sent, where, target in _pointers(posted):
        there = trees.folded(target) in kept
        expect.true(there, f"{where} leads to an object", sent.call.message, "to none")


@verifies("DAT-PUB-015")
def check_what_is_pointed_to_comes_first(desk: Desk) -> None:
    """When an object is sent, what it points to was sent before, or in the same message."""
    posted = by_way(desk, every_object(desk), "post")
    first: dict[str, int] = {}
    number = {id(one.call): at for at, one in enumerate(posted)}
    for sent in posted:
        first.setdefault(trees.folded(sent.refid), number[id(sent.call)])
    for sent, where, target in _pointers(posted):
        at = first.get(trees.folded(target))
        early = at is None or at <= number[id(sent.call)]
        expect.true(early, f"what {where} leads to came before", sent.call.message, "later")


def _pointers(posted: list[Sent]) -> list[tuple[Sent, str, str]]:
    """Each pointer of a new object to a collection that is sent at all: object, name, id."""
    services = {one.service for one in posted}
    found = []
    for sent in creations(posted):
        for path, value in trees.leaves(sent.element):
            for name, places in POINTERS.items():
                if _plain(path).endswith(f"/{name}") and services & set(places):
                    found.append((sent, name, value))
    return found


def _plain(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)


@verifies("DAT-PUB-016")
def check_ids_are_the_same_after_a_restart(desk: Desk) -> None:
    """After a restart objects are sent under the ids they had, and none is there twice."""
    person, before = desk.person(), set(desk.counter.shelf.objects)
    desk.enrol(person)
    own = desk.keys(person)
    calls = desk.let("restart")
    for sent in creations(desk.sent(calls)):
        twin = sent.taken and sent.key not in before | own and _local_ids(desk, before | own, sent)
        expect.true(not twin, "an object keeps its id over a restart", sent.call.message, "another")
    renamed, _ = desk.rename(person, f"{person.given_name}-Ada")
    after = [one for one in desk.sent(desk.recent()) if one.says(renamed.given_name)]
    if not own or not after:
        raise NotVerified("nothing was sent about the student after the restart")
    for sent in after:
        expect.true(sent.key in own, "a change after a restart names the id", sent.call.message,
                    "another one")  # fmt: skip


def _local_ids(desk: Desk, before: set[tuple[str, str, str]], sent: Sent) -> bool:
    """Whether an object with the same local id was held under another id."""
    own = trees.text(sent.element, "localId")
    held = [desk.counter.shelf.objects.get(key) for key in before
            if key[:2] == (sent.zone, sent.service)]  # fmt: skip
    return bool(own) and any(one is not None and trees.text(one, "localId") == own for one in held)
