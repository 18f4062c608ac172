"""SIF in, SIF read back: lists keep all their items, and their order says nothing."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance.checks.parts import (
    DEMOGRAPHICS,
    contact,
    contacts,
    enrolled,
    part,
    put,
    races,
    told,
)
from conformance.checks.preparation import created, element, prepared
from conformance.checks.readings import read, require, sent_and_same
from conformance.sif import SifClient
from conformance.verifies import verifies

KINDS = ("Home", "Work", "Organizational")
ENROLLMENTS = ("xStudent/enrollment", "xStudent/otherEnrollments")


def mail(kind: str) -> etree._Element:
    """An e-mail of this kind under a reserved domain."""
    return told("email", emailType=kind, emailAddress=f"{kind.lower()}@mail.example")


def number(kind: str, digits: str, primary: str) -> etree._Element:
    """A telephone number from the range that belongs to nobody."""
    return told("phoneNumber", phoneNumberType=kind, number=digits, primaryIndicator=primary)


@verifies("TRN-MV-01-S")
def check_every_email_reads_with_its_kind(sif: SifClient, student: etree._Element) -> None:
    """Three addresses read back, each with the kind it was sent with."""
    put(student, mail("Home"), element("otherEmails", mail("Work"), mail("Organizational")))
    sent_and_same(sif, student, "xStudent/email", "xStudent/otherEmails")


@verifies("TRN-MV-02-S")
def check_every_number_reads_with_its_kind(sif: SifClient, student: etree._Element) -> None:
    """Home, work and two mobile numbers read back, each with kind and rank."""
    others = (
        number("Mobile", "617-555-0102", "false"),
        number("Mobile", "617-555-0103", "false"),
        number("Work", "0049 617 555 0104", "false"),
    )
    put(student, number("Home", "617-555-0101", "true"), element("otherPhoneNumbers", *others))
    sent_and_same(sif, student, "xStudent/phoneNumber", "xStudent/otherPhoneNumbers")


@verifies("TRN-MV-04-S")
def check_seven_contacts_read_with_their_rank(sif: SifClient, student: etree._Element) -> None:
    """Seven contacts read back, each with its place in the sequence."""
    codes = ("Mother", "Father", "Aunt", "Uncle", "Grandmother", "Grandfather", "Friend")
    made = (contact(student, place, code) for place, code in enumerate(codes, 1))
    put(student, contacts(*made))
    sent_and_same(sif, student, "xStudent/studentContacts")


@pytest.mark.parametrize(
    "kinds",
    [("Home", "Concurrent", "Summer"), ("Summer", "Concurrent", "Home")],
    ids=["home first", "home last"],
)
@verifies("TRN-MV-07-S")
def check_three_enrolments_keep_their_kinds(
    sif: SifClient, student: etree._Element, kinds: tuple[str, ...]
) -> None:
    """Home, concurrent and summer enrolment read back, none of them as another kind."""
    first, *rest = (enrolled(student, kind, "10") for kind in kinds)
    put(student, first, element("otherEnrollments", *rest))
    sent_and_same(sif, student, *ENROLLMENTS)


@verifies("TRN-MV-08-S")
def check_lists_in_another_order_add_nothing(sif: SifClient, student: etree._Element) -> None:
    """The same races, mails and numbers sent again in another order leave the same record."""
    names = ["Asian", "White", "BlackOrAfricanAmerican"]
    mails = [mail("Work"), mail("Organizational")]
    demographics = part(student, "demographics")
    put(demographics, races(*names), order=DEMOGRAPHICS)
    put(student, mail("Home"), element("otherEmails", *mails))
    refid = created(sif, student)
    before = read(sif, refid)
    put(demographics, races(*reversed(names)), order=DEMOGRAPHICS)
    put(student, element("otherEmails", *reversed(mails)))
    prepared(sif.update(refid, student))
    require(before, read(sif, refid))


@verifies("TRN-MV-10-S")
def check_both_stays_at_one_school_are_read(sif: SifClient, student: etree._Element) -> None:
    """Who left a school and came back has two enrolments there, each with its own days."""
    first = enrolled(student, "Home", "09", "2026-08-31", "2026-11-20")
    again = enrolled(student, "Home", "09", "2027-02-01")
    part(again, "schoolRefId").text = part(first, "schoolRefId").text
    put(student, again, element("otherEnrollments", first))
    sent_and_same(sif, student, *ENROLLMENTS)
