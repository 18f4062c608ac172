"""POST is an upsert by natural key, PUT replaces by id (Ed-Fi ODS/API)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from conformance import edfi_expect, edfi_race, expect
from conformance.checks.edfi_receiver.steps import (
    comes_back,
    control_holds,
    put_down,
    refuses,
    seen,
    taken,
)
from conformance.edfi import EdfiClient, documents, id_of
from conformance.edfi_bodies import Bodies
from conformance.edfi_expect import prepared
from conformance.edfi_shapes import KNOWN, STAYS, STUDENTS, key_query
from conformance.plugin_edfi_receiver import Pupil, enrolled
from conformance.problems import Finding, NotVerified
from conformance.reply import Reply
from conformance.verifies import verifies

NOBODY = "0f0e0d0c0b0a09080706050403020100"


def found_by_key(host: EdfiClient, name: str, body: Mapping[str, Any]) -> tuple[list[str], Reply]:
    """The ids of the documents that have the key of this body."""
    reply = prepared(host.get(name, query=key_query(name, body)))
    return [str(one.get("id", "")) for one in documents(reply)], reply


@verifies("EDF-UPS-001")
def check_new_record_is_201_with_its_place(host: EdfiClient, bodies: Bodies) -> None:
    """A key nobody has is answered with 201 and a Location at which the record stands."""
    student = bodies.student()
    reply = host.post(STUDENTS, student)
    expect.status(reply, 201)
    place = reply.headers.get("Location")
    number = id_of(reply)
    expect.true(
        urlsplit(place).path.endswith(f"/{STUDENTS}/{number}") and bool(number),
        "Location ends with the resource and an id",
        reply,
        place or "no Location",
    )
    prepared(host.post(STAYS, bodies.stay(student)))
    whole = place if "://" in place else host.url(STUDENTS, number)
    there = host.send("GET", whole, named="the Location")
    shown = edfi_expect.document(there)
    expect.equal(shown.get("studentUniqueId"), student["studentUniqueId"], "the record", there)


@verifies("EDF-UPS-002")
def check_known_key_is_200_with_the_same_id(host: EdfiClient, pupil: Pupil) -> None:
    """A record whose key is there is answered with 200 and the id it had, and is there once."""
    reply = host.post(STUDENTS, pupil.body | {"middleName": "Zed"})
    expect.status(reply, 200)
    if number := id_of(reply):
        expect.equal(number, pupil.number, "the id in Location", reply)
    ids, reply = found_by_key(host, STUDENTS, pupil.body)
    expect.equal(ids, [pupil.number], "the ids of records with this key", reply)


@verifies("EDF-UPS-003")
@pytest.mark.parametrize("method", ["POST", "PUT"])
def check_later_record_replaces_the_earlier(host: EdfiClient, bodies: Bodies, method: str) -> None:
    """A new value is there, and a member that is left out is gone, by POST and by PUT."""
    pupil = enrolled(host, bodies, middleName="Yan")
    changed = {name: one for name, one in pupil.body.items() if name != "middleName"}
    changed["firstName"] = "Noor"
    send = host.post(STUDENTS, changed) if method == "POST" else host.put(
        STUDENTS, pupil.number, changed
    )  # fmt: skip
    prepared(send)
    shown, reply = seen(host, STUDENTS, pupil.number)
    expect.equal(shown.get("firstName"), "Noor", "the new value", reply)
    expect.true(not shown.get("middleName"), "a member that was left out is gone", reply)


@verifies("EDF-UPS-004", negative=True)
def check_id_chosen_by_the_client_is_refused(host: EdfiClient, bodies: Bodies) -> None:
    """A POST that brings an id is 400; without it the record is taken."""
    good = bodies.student()
    refuses(host, STUDENTS, {"id": NOBODY, **good}, good, bodies.student(), 400)


@verifies("TRN-LC-07")
def check_same_record_again_changes_nothing(host: EdfiClient, bodies: Bodies, pupil: Pupil) -> None:
    """The same record three times is there once, with the lists it had."""
    body = bodies.known(pupil.body, races=bodies.races("Asian", "White"))
    number = put_down(host, KNOWN, body)
    for _ in range(2):
        taken(host.post(KNOWN, body), "the same record again")
    ids, reply = found_by_key(host, KNOWN, body)
    expect.equal(len(ids), 1, "records with this key", reply)
    comes_back(host, KNOWN, number, body, "races")


@verifies("TRN-MV-08")
def check_order_of_members_and_items_says_nothing(
    host: EdfiClient, bodies: Bodies, pupil: Pupil
) -> None:
    """The same record with members and list items in another order is taken as the same."""
    body = bodies.known(pupil.body, races=bodies.races("Asian", "White"))
    number = put_down(host, KNOWN, body)
    turned = dict(reversed(body.items())) | {"races": list(reversed(body["races"]))}
    taken(host.post(KNOWN, turned), "the record in another order")
    comes_back(host, KNOWN, number, body, "races")


@verifies("EDF-UPS-005")
def check_same_new_record_at_once_is_stored_once(host: EdfiClient, bodies: Bodies) -> None:
    """One new record from several connections at the same moment is there once."""
    student = bodies.student()
    replies = edfi_race.posted_at_once(host, STUDENTS, student)
    good = [reply for reply in replies if reply.ok]
    if not good:
        raise NotVerified("none of the connections got the record stored")
    broken = [one.status for one in replies if not one.ok and one.status not in (409, 412)]
    expect.equal(broken, [], "answers that are neither 2xx nor a conflict", good[0])
    prepared(host.post(STAYS, bodies.stay(student)))
    ids, reply = found_by_key(host, STUDENTS, student)
    expect.equal(len(ids), 1, "records with this key", reply)


@verifies("EDF-PUT-001")
def check_put_replaces_in_place(host: EdfiClient, pupil: Pupil) -> None:
    """PUT by id is 204 (or 200), and the record has the new values under the same id."""
    changed = pupil.body | {"lastSurname": "Quispe"}
    reply = host.put(STUDENTS, pupil.number, changed)
    expect.status(reply, 204, 200)
    comes_back(host, STUDENTS, pupil.number, changed, "lastSurname")
    ids, reply = found_by_key(host, STUDENTS, pupil.body)
    expect.equal(ids, [pupil.number], "the ids of records with this key", reply)


@verifies("EDF-PUT-002", negative=True)
def check_put_to_an_unknown_id_is_404(host: EdfiClient, bodies: Bodies) -> None:
    """PUT creates nothing: an id nobody has is 404; the same record is taken by POST."""
    good = bodies.student()
    reply = host.put(STUDENTS, NOBODY, good)
    control = control_holds(host.post(STUDENTS, good))
    fresh = control_holds(host.post(STUDENTS, bodies.student()))
    expect.status(reply, 404)
    stored = (control.status, fresh.status) == (200, 201)
    expect.true(not stored, "nothing is created by PUT", reply, "the record was there")


@verifies("EDF-PUT-003", negative=True)
def check_natural_key_cannot_be_changed(host: EdfiClient, bodies: Bodies, pupil: Pupil) -> None:
    """PUT with another key is 400 or 409 and leaves the record as it was; with its own it works."""
    changed = pupil.body | {"studentUniqueId": bodies.mark(), "lastSurname": "Changed"}
    reply = host.put(STUDENTS, pupil.number, changed)
    edfi_expect.refused(reply, 400, 409)
    comes_back(host, STUDENTS, pupil.number, pupil.body, "studentUniqueId", "lastSurname")
    control_holds(host.put(STUDENTS, pupil.number, pupil.body))


@verifies("EDF-PUT-004", negative=True)
def check_id_of_the_body_is_that_of_the_address(host: EdfiClient, pupil: Pupil) -> None:
    """PUT whose body names another id is 400; with the right one it is taken."""
    changed = pupil.body | {"firstName": "Elsewhere"}
    reply = host.put(STUDENTS, pupil.number, changed | {"id": NOBODY})
    control_holds(host.put(STUDENTS, pupil.number, pupil.body))
    edfi_expect.refused(reply, 400)


@verifies("EDF-PUT-005", negative=True)
def check_replacement_that_is_refused_changes_nothing(host: EdfiClient, pupil: Pupil) -> None:
    """PUT with a good name and a day that is none is 400, and the record is as it was."""
    wrong = pupil.body | {"lastSurname": "Half", "birthDate": "2011-02-30"}
    reply = host.put(STUDENTS, pupil.number, wrong)
    shown = prepared(host.get(STUDENTS, pupil.number))
    edfi_expect.refused(reply, 400)
    name = edfi_expect.document(shown).get("lastSurname")
    expect.true(name == pupil.body["lastSurname"], "the record is as it was", reply)
    control_holds(host.put(STUDENTS, pupil.number, pupil.body | {"lastSurname": "Whole"}))


@verifies("EDF-MET-001", negative=True)
@pytest.mark.parametrize("case", ["POST to a record", "DELETE of a resource", "PUT to a resource"])
def check_method_at_the_wrong_address_is_405(host: EdfiClient, pupil: Pupil, case: str) -> None:
    """POST to one record, DELETE and PUT of a whole resource are 405 and change nothing."""
    method = case.partition(" ")[0]
    number = pupil.number if method == "POST" else ""
    changed = pupil.body | {"firstName": "Wrong"} if method != "DELETE" else None
    reply = host.send(method, host.url(STUDENTS, number), changed, named=STUDENTS)
    shown = prepared(host.get(STUDENTS, pupil.number))
    expect.status(reply, 405)
    name = edfi_expect.document(shown).get("firstName")
    expect.true(name == pupil.body["firstName"], "the record is as it was", reply)


@verifies("TRN-PR-07")
def check_second_load_moves_nothing(host: EdfiClient, bodies: Bodies) -> None:
    """Three students sent a second time with all that belongs to them keep ids and number."""
    pupils = [enrolled(host, bodies) for _ in range(3)]
    known = [bodies.known(pupil.body) for pupil in pupils]
    first = [(host.put_down(KNOWN, body), body) for body in known]
    for pupil, (number, body) in zip(pupils, first, strict=True):
        for name, sent, before in (
            (STUDENTS, pupil.body, pupil.number),
            (STAYS, pupil.stay, pupil.stay_number),
            (KNOWN, body, number),
        ):
            taken(host.post(name, sent), "a record that was sent before")
            ids, reply = found_by_key(host, name, sent)
            expect.equal(ids, [before], f"the ids in {name} after the second load", reply)


@verifies("EDF-LOD-001")
def check_many_records_in_a_row_are_all_stored(host: EdfiClient, bodies: Bodies) -> None:
    """Twenty students with enrolments, one after the other, are all there, each with its own."""
    pupils = [enrolled(host, bodies, middleName=None) for _ in range(20)]
    if len({pupil.number for pupil in pupils}) != len(pupils):
        raise Finding("records of different keys got one id", "twenty ids", "fewer")
    for pupil in pupils:
        reply = host.get(STUDENTS, pupil.number)
        wanted = {name: pupil.body[name] for name in ("studentUniqueId", "firstName")}
        edfi_expect.same(wanted, edfi_expect.document(reply), reply)
