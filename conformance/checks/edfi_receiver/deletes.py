"""DELETE, and the state of a record that a client knows (Ed-Fi ODS/API)."""

from __future__ import annotations

import pytest

from conformance import edfi_expect, expect
from conformance.checks.edfi_receiver.steps import (
    comes_back,
    control_holds,
    in_district,
    seen,
)
from conformance.edfi import EdfiClient
from conformance.edfi_bodies import Bodies
from conformance.edfi_expect import prepared
from conformance.edfi_shapes import KNOWN, STAYS, STUDENTS, key_query
from conformance.plugin_edfi_receiver import Pupil
from conformance.problems import NotVerified
from conformance.verifies import verifies

NOBODY = "0f0e0d0c0b0a09080706050403020100"


@verifies("EDF-DEL-001")
def check_deleted_record_is_gone(host: EdfiClient, bodies: Bodies, pupil: Pupil) -> None:
    """DELETE is 204; by id the record is 404 then, and a query does not find it."""
    body = bodies.known(pupil.body)
    number = host.put_down(KNOWN, body)
    reply = host.delete(KNOWN, number)
    expect.status(reply, 204, 200)
    there = host.get(KNOWN, number)
    expect.true(there.status in (404, 410), "a deleted record is not there", there)
    reply = host.get(KNOWN, query=key_query(KNOWN, body))
    expect.equal(edfi_expect.listed(reply), [], "what a query finds of it", reply)


@verifies("EDF-DEL-002", negative=True)
def check_delete_of_an_unknown_id_is_404(host: EdfiClient, bodies: Bodies, pupil: Pupil) -> None:
    """DELETE of an id nobody has is 404; a record that is there is deleted."""
    number = in_district(host, bodies, pupil.body)
    reply = host.delete(KNOWN, NOBODY)
    control_holds(host.delete(KNOWN, number))
    expect.status(reply, 404)


@verifies("EDF-DEL-003", negative=True)
def check_record_with_dependents_is_not_deleted(host: EdfiClient, pupil: Pupil) -> None:
    """A student with an enrolment is 409 and stays; once the enrolment is gone, it can go."""
    reply = host.delete(STUDENTS, pupil.number)
    kept = host.get(STUDENTS, pupil.number)
    stay = host.get(STAYS, pupil.stay_number)
    control_holds(host.delete(STAYS, pupil.stay_number) if stay.ok else stay)
    if reply.status == 409:
        control_holds(host.delete(STUDENTS, pupil.number))
    expect.status(reply, 409)
    expect.status(kept, 200)


@verifies("TRN-LC-02")
def check_children_first_takes_everything_away(
    host: EdfiClient, bodies: Bodies, pupil: Pupil
) -> None:
    """After enrolment and what the district knows, the student can be deleted."""
    known = in_district(host, bodies, pupil.body)
    for name, number in ((KNOWN, known), (STAYS, pupil.stay_number), (STUDENTS, pupil.number)):
        expect.true(host.delete(name, number).ok, f"{name} can be deleted, children first")
    for name, number in ((KNOWN, known), (STAYS, pupil.stay_number)):
        there = host.get(name, number)
        expect.true(not there.ok, "what was deleted does not come back", there)


def tag_of(host: EdfiClient, pupil: Pupil) -> str:
    """The tag of the state of a student; NotVerified if there is none."""
    shown, reply = seen(host, STUDENTS, pupil.number)
    tag = reply.headers.get("ETag") or str(shown.get("_etag", ""))
    if not tag:
        raise NotVerified(f"the record has no tag (exchange {reply.exchange})")
    return tag


@verifies("EDF-TAG-001")
def check_tag_tells_the_state_of_a_record(host: EdfiClient, pupil: Pupil) -> None:
    """A record has a tag; it is another one after a change, and the same without one."""
    shown, reply = seen(host, STUDENTS, pupil.number)
    tag = reply.headers.get("ETag") or str(shown.get("_etag", ""))
    expect.true(bool(tag), "a record has a tag, in ETag or _etag", reply, "no tag")
    expect.equal(tag_of(host, pupil), tag, "the tag without a change", reply)
    prepared(host.put(STUDENTS, pupil.number, pupil.body | {"firstName": "Other"}))
    after = tag_of(host, pupil)
    expect.true(after != tag, "the tag is another one after a change", reply, "the same tag")


@verifies("EDF-TAG-002")
def check_change_of_a_known_state_is_taken(host: EdfiClient, pupil: Pupil) -> None:
    """PUT with If-Match of the present state is taken."""
    changed = pupil.body | {"firstName": "Matched"}
    headers = {"If-Match": tag_of(host, pupil)}
    reply = host.put(STUDENTS, pupil.number, changed, headers=headers)
    expect.status(reply, 204, 200)
    comes_back(host, STUDENTS, pupil.number, changed, "firstName")


@verifies("EDF-TAG-003", negative=True)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def check_change_of_an_older_state_is_412(
    host: EdfiClient, bodies: Bodies, pupil: Pupil, method: str
) -> None:
    """After a change by others, If-Match of the earlier state is 412 and changes nothing."""
    body = bodies.known(pupil.body)
    number = host.put_down(KNOWN, body)
    shown, reply = seen(host, KNOWN, number)
    tag = reply.headers.get("ETag") or str(shown.get("_etag", ""))
    if not tag:
        raise NotVerified(f"the record has no tag (exchange {reply.exchange})")
    later = body | {"hispanicLatinoEthnicity": True}
    control_holds(host.put(KNOWN, number, later))
    headers = {"If-Match": tag}
    if method == "PUT":
        reply = host.put(KNOWN, number, body, headers=headers)
    else:
        reply = host.delete(KNOWN, number, headers=headers)
    expect.status(reply, 412)
    comes_back(host, KNOWN, number, later, "hispanicLatinoEthnicity")
