"""SIF in, SIF read back: changed, sent again, sent late, withdrawn, deleted, created again."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable

from lxml import etree

from conformance import expect, trees
from conformance.checks.parts import (
    DEMOGRAPHICS,
    ENROLLMENT,
    contact,
    contacts,
    enrolled,
    part,
    put,
    take,
    told,
)
from conformance.checks.pod.binding import restart
from conformance.checks.preparation import (
    MUST,
    all_created,
    control_holds,
    created,
    element,
    objects_in,
    offered,
    partial,
    prepared,
    stored,
)
from conformance.checks.readings import due, read, require, same, sent_and_same, twin
from conformance.problems import NotVerified
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]


@verifies("TRN-LC-01-S")
def check_deleted_student_cannot_be_read(sif: SifClient, students: Draw) -> None:
    """After a delete nobody can read the student; another one is as before."""
    leaving, staying = students(2)
    gone, _ = all_created(sif, (leaving, staying))
    prepared(sif.delete(gone))
    expect.true(stored(sif, gone) is None, "a deleted student cannot be read")
    same(sif, staying, "xStudent/loginId")


@verifies("TRN-LC-01-S", negative=True)
def check_late_update_wakes_nobody(sif: SifClient, students: Draw) -> None:
    """An update that arrives after the delete is refused, and the student stays gone."""
    leaving, staying = students(2)
    gone, other = all_created(sif, (leaving, staying))
    update = told("name", givenName="Wren")
    prepared(sif.delete(gone))
    reply = sif.update(gone, partial(leaving, twin(update)))
    expect.true(
        400 <= reply.status < 500,
        "an update of a deleted student is refused",
        reply,
        str(reply.status),
    )
    expect.true(stored(sif, gone) is None, "a deleted student stays gone", reply)
    control_holds(sif.update(other, partial(staying, update)), "another student can be updated")


@verifies("TRN-LC-03-S", negative=True)
def check_refused_update_leaves_no_trace(sif: SifClient, student: etree._Element) -> None:
    """An update with a good and a wrong value is refused, and neither shows when read."""
    refid = created(sif, student)
    before = read(sif, refid)
    named = told("name", givenName="Wren")
    wrong = element("demographics", element("birthDate", "2014-02-30"))
    reply = sif.update(refid, partial(student, twin(named), wrong))
    expect.true(
        400 <= reply.status < 500, "a day that does not exist is refused", reply, str(reply.status)
    )
    require(before, read(sif, refid))
    control_holds(sif.update(refid, partial(student, named)), "the good value alone is taken")


@verifies("TRN-LC-04-S", negative=True)
def check_nil_clears_nothing_that_is_needed(sif: SifClient, student: etree._Element) -> None:
    """A school of an enrolment cannot be set to nil; the enrolment reads as before."""
    refid = created(sif, student)
    before = read(sif, refid)
    cleared = element("enrollment", element("schoolRefId", nil=True))
    reply = sif.update(refid, partial(student, cleared))
    expect.true(
        400 <= reply.status < 500, "nil for a needed part is refused", reply, str(reply.status)
    )
    require(before, read(sif, refid))
    plain = told("name", givenName="Wren")
    control_holds(sif.update(refid, partial(student, plain)), "an ordinary update is taken")


@verifies("TRN-LC-03-S")
def check_update_of_one_number_leaves_the_rest(sif: SifClient, student: etree._Element) -> None:
    """An update with a telephone number changes that and nothing else of the record."""
    if trees.child(student, "phoneNumber") is None:
        put(student, told("phoneNumber", phoneNumberType="Home", number="617-555-0133"))
    refid = created(sif, student)
    expected = twin(read(sif, refid))
    phone = told("phoneNumber", phoneNumberType="Home", number="617-555-0144")
    prepared(sif.update(refid, partial(student, twin(phone))))
    # A record is merged: what the update does not say of the number stays.
    take(part(expected, "phoneNumber"), "phoneNumberType", "number")
    part(expected, "phoneNumber")[0:0] = list(phone)
    require(expected, read(sif, refid))


@verifies("TRN-LC-04-S")
def check_nil_values_cannot_be_read_any_more(sif: SifClient, student: etree._Element) -> None:
    """A birth date and a state id that are set to nil are gone, and nothing else is."""
    refid = created(sif, student)
    expected = twin(read(sif, refid))
    update = partial(
        student,
        element("stateProvinceId", nil=True),
        element("demographics", element("birthDate", nil=True)),
    )
    prepared(sif.update(refid, update))
    take(expected, "stateProvinceId")
    take(part(expected, "demographics"), "birthDate")
    require(expected, read(sif, refid))


@verifies("TRN-LC-06-S")
def check_links_to_what_comes_later_are_kept(sif: SifClient, student: etree._Element) -> None:
    """Links to a school and a contact that nobody sent yet are read back, not dropped."""
    kin = contact(student, 1, "Mother")
    put(
        student,
        enrolled(student, "Home", "04"),
        element("studentContacts", element("contactPersonRefId", trees.refid(kin))),
    )
    sent_and_same(sif, student, "xStudent/enrollment", "xStudent/studentContacts")


@verifies("TRN-LC-07-S")
def check_update_sent_twice_is_read_once(sif: SifClient, student: etree._Element) -> None:
    """The same update sent a second time changes nothing more; lists do not grow."""
    refid = created(sif, student)
    phones = element(
        "otherPhoneNumbers", told("phoneNumber", phoneNumberType="Mobile", number="617-555-0121")
    )
    update = partial(student, phones, told("languages", type="Home", code="por"))
    prepared(sif.update(refid, update))
    once = read(sif, refid)
    prepared(sif.update(refid, update))
    require(once, read(sif, refid))


@verifies("TRN-LC-07-S", negative=True)
def check_create_sent_twice_changes_nothing(sif: SifClient, student: etree._Element) -> None:
    """A create that is sent again later is refused and undoes no update that came between."""
    first = twin(student)
    refid = created(sif, student, headers=MUST)
    put(student, element("localId", "000171"))
    prepared(sif.update(refid, partial(student, element("localId", "000171"))))
    again = sif.create(first, headers=MUST)
    expect.true(not again.ok, "the second create is refused", again, str(again.status))
    same(sif, student, "xStudent/localId")


@verifies("DAT-REP-001", negative=True)
def check_old_message_does_not_undo_a_newer_one(
    sif: SifClient, student: etree._Element, rng: random.Random
) -> None:
    """An update that arrives again after a newer one, with its old id, leaves the newer value."""
    refid = created(sif, student)
    names = [f"Q{rng.getrandbits(40):x}" for _ in range(2)]
    updates = [partial(student, told("name", givenName=name)) for name in names]
    ids = [str(uuid.uuid4()) for _ in names]
    for update, name in zip(updates, ids, strict=True):
        prepared(sif.update(refid, update, headers={"messageId": name}))
    control_holds(sif.get(refid), "the student can be read")
    sif.update(refid, updates[0], headers={"messageId": ids[0]})
    part(student, "name", "givenName").text = names[1]
    same(sif, student, "xStudent/name/givenName")


@verifies("TRN-LC-08-S")
def check_second_life_shows_nothing_of_the_first(sif: SifClient, student: etree._Element) -> None:
    """Deleted and created again with less, the student reads back as the second create said."""
    refid = created(sif, student, headers=MUST)
    prepared(sif.delete(refid))
    take(student, "otherNames", "otherIds", "address", "academicSummary", "languages")
    put(student, element("localId", "000018"))
    back = created(sif, student, headers=MUST)
    expect.same_id(back, refid, "the id after the second create")
    same(sif, student)


@verifies("TRN-LC-11-S")
def check_withdrawal_reads_as_an_end_not_a_delete(sif: SifClient, student: etree._Element) -> None:
    """With a last day and a reason the enrolment is still there, ended, with the person."""
    refid = created(sif, student)
    put(
        part(student, "enrollment"),
        element("exitDate", "2027-01-29"),
        element("exitOrWithdrawalType", "1908"),
        order=ENROLLMENT,
    )
    prepared(sif.update(refid, partial(student, twin(part(student, "enrollment")))))
    found = stored(sif, refid)
    expect.true(found is not None, "a withdrawn student can still be read")
    same(sif, student, "xStudent/enrollment/exitDate", "xStudent/enrollment/schoolRefId")


@verifies("TRN-LC-12-S")
def check_corrected_entry_makes_no_second_enrolment(
    sif: SifClient, student: etree._Element
) -> None:
    """A corrected entry date moves the one enrolment; no second one appears."""
    take(student, "otherEnrollments")
    put(student, enrolled(student, "Home", "07", "2026-09-02"))
    refid = created(sif, student)
    part(student, "enrollment", "entryDate").text = "2026-09-03"
    prepared(sif.update(refid, partial(student, twin(part(student, "enrollment")))))
    same(sif, student, "xStudent/enrollment", "xStudent/otherEnrollments")


@verifies("TRN-LC-13-S")
def check_restart_loses_and_doubles_nobody(sif: SifClient, students: Draw) -> None:
    """After a restart every accepted student is read back as before, and there is nobody more."""
    people = students(3)
    all_created(sif, people)
    before = len(objects_in(sif.query())) if offered(sif, "query") else 0
    restart(sif)
    if sif.get(trees.refid(people[0])).status == 401:
        sif.connect()
    for one in people:
        found = stored(sif, trees.refid(one))
        expect.true(found is not None, "a student who was accepted outlives a restart")
        same(sif, one, "xStudent/@refId", "xStudent/loginId")
    if before:
        reply = prepared(sif.query())
        expect.equal(len(objects_in(reply)), before, "number of students after a restart", reply)


@verifies("TRN-LR-08-S")
def check_changed_birth_date_touches_nothing_else(sif: SifClient, students: Draw) -> None:
    """A new birth date changes that value, and no value of anybody else."""
    changing, other = students(2)
    refid, neighbour = all_created(sif, (changing, other))
    expected, untouched = twin(read(sif, refid)), read(sif, neighbour)
    if trees.child(expected, "demographics", "birthDate") is None:
        raise NotVerified("the birth date was not kept; that is judged elsewhere")
    update = element("demographics", element("birthDate", "2011-02-03"))
    prepared(sif.update(refid, partial(changing, update)))
    put(part(expected, "demographics"), element("birthDate", "2011-02-03"), order=DEMOGRAPHICS)
    require(expected, read(sif, refid))
    require(untouched, read(sif, neighbour))


@verifies("TRN-PR-07-S")
def check_second_full_load_changes_nothing(sif: SifClient, students: Draw) -> None:
    """All records sent again whole as updates: the same ids, the same values."""
    people = students(3)
    refids = all_created(sif, people)
    before = [read(sif, refid) for refid in refids]
    put(people[1], contacts(contact(people[1], 1, "Father")))
    prepared(sif.update_many(people))
    whole = due(sif, people[1])
    for was, refid in zip((before[0], whole, before[2]), refids, strict=True):
        expect.same_id(trees.refid(read(sif, refid)), refid, "the id after the second load")
        require(was, read(sif, refid))
