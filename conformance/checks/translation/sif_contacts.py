"""SIF in, SIF read back: the contacts of a student, what they may and what they may not."""

from __future__ import annotations

from lxml import etree

from conformance import trees
from conformance.checks.parts import contact, contacts, part, put, relation
from conformance.checks.preparation import created, partial, prepared
from conformance.checks.readings import same, sent_and_same, twin
from conformance.sif import SifClient
from conformance.verifies import verifies

CONTACTS = "xStudent/studentContacts"


@verifies("TRN-GU-01-S")
def check_links_and_contacts_are_the_same_people(sif: SifClient, student: etree._Element) -> None:
    """Two guardians of one household read back as two, linked by the ids they were sent with."""
    pair = [contact(student, place, code) for place, code in ((1, "Mother"), (2, "Father"))]
    for one in pair:
        part(one, "name", "familyName").text = "Qvexhouse"
        part(one, "email", "emailAddress").text = "house@mail.example"
    put(student, contacts(*pair))
    sent_and_same(sif, student, CONTACTS)


@verifies("TRN-GU-02-S")
def check_restrictions_stay_with_their_contact(sif: SifClient, student: etree._Element) -> None:
    """Missing rights and restrictions of a contact are read back: losing them would open a door."""
    barred = contact(
        student,
        1,
        "Father",
        restrictions="No contact, order 17.",
        custodialIndicator="false",
        communicationsIndicator="false",
    )
    free = contact(student, 2, "Mother", custodialIndicator="true", livesWith="true")
    put(student, contacts(barred, free))
    sent_and_same(sif, student, CONTACTS)


@verifies("TRN-GU-03-S")
def check_withdrawn_rights_are_read_as_withdrawn(sif: SifClient, student: etree._Element) -> None:
    """After custody is taken away, and after a contact is left out, both show when read."""
    first, second = (
        contact(student, 1, "Father", custodialIndicator="true"),
        contact(student, 2, "Aunt"),
    )
    put(student, contacts(first, second))
    refid = created(sif, student)
    relationship = part(first, "relationships", "relationship")
    part(relationship, "custodialIndicator").text = "false"
    put(student, contacts(twin(first)))
    prepared(sif.update(refid, partial(student, twin(part(student, "studentContacts")))))
    same(sif, student, CONTACTS)


@verifies("TRN-GU-04-S")
def check_relations_are_kept_for_each_child(sif: SifClient, student: etree._Element) -> None:
    """A contact who is parent of one and aunt of another keeps both relations."""
    kin = contact(student, 1, "Mother")
    other = twin(student, trees.refid(contact(student, 9, "Friend")))
    part(kin, "relationships").append(relation(other, "Aunt"))
    put(student, contacts(kin))
    sent_and_same(sif, student, CONTACTS)


@verifies("TRN-GU-05-S")
def check_new_email_makes_no_second_contact(sif: SifClient, student: etree._Element) -> None:
    """A contact with a new e-mail address is the same one contact."""
    kin = contact(student, 1, "Mother")
    put(student, contacts(kin))
    refid = created(sif, student)
    part(kin, "email", "emailAddress").text = "moved@mail.example"
    put(student, contacts(kin))
    prepared(sif.update(refid, partial(student, twin(part(student, "studentContacts")))))
    same(sif, student, CONTACTS)
