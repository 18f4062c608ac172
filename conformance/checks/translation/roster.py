"""Several of a kind: addresses, numbers, enrolments, and the order they stand in."""

from __future__ import annotations

import random
import uuid

import pytest
from lxml import etree

from conformance import expect, fidelity, trees
from conformance.checks.exports import Rows, kept, rows, sent_and_kept, shown
from conformance.checks.preparation import created, element, prepared
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

KINDS = ("Home", "Work", "Organizational")


def place(student: etree._Element, made: etree._Element, *before: str) -> None:
    """Put an element behind the last of these neighbours, replacing one of its name."""
    for one in [one for one in student if trees.local(one) == trees.local(made)]:
        student.remove(one)
    neighbours = [one for one in student if trees.local(one) in before]
    neighbours[-1].addnext(made)


def mail(kind: str) -> etree._Element:
    """An e-mail of this kind under a reserved domain."""
    return element("email", element("emailType", kind),
                   element("emailAddress", f"{kind.lower()}@mail.example"))  # fmt: skip


BEFORE_EMAIL = (
    "name", "otherNames", "localId", "loginId", "stateProvinceId", "otherIds", "address",
    "otherAddresses", "phoneNumber", "otherPhoneNumbers",
)  # fmt: skip


@pytest.mark.parametrize("first", KINDS)
@verifies("TRN-MV-01")
def check_preferred_email_is_shown(
    sif: SifClient, readback: ReadBack, student: etree._Element, first: str
) -> None:
    """Of a home, a work and a school address the school one is shown, whatever their order."""
    others = [kind for kind in KINDS if kind != first]
    place(student, mail(first), *BEFORE_EMAIL)
    place(student, element("otherEmails", *map(mail, others)), "email")
    sent_and_kept(sif, readback, student, ("users.email",))


def number(kind: str, digits: str, primary: str) -> etree._Element:
    """A telephone number from the range that belongs to nobody."""
    return element("phoneNumber", element("phoneNumberType", kind), element("number", digits),
                   element("primaryIndicator", primary))  # fmt: skip


@verifies("TRN-MV-02")
def check_telephone_and_mobile_are_told_apart(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """The main number is the telephone; a mobile number is for messages or left out."""
    place(student, number("Home", "617-555-0101", "true"), *BEFORE_EMAIL[:-2])
    mobile = number("Mobile", "(617) 555-0102", "false")
    place(student, element("otherPhoneNumbers", mobile), "phoneNumber")
    sent_and_kept(sif, readback, student, ("users.phone", "users.sms"))


def enrollment(
    student: etree._Element, kind: str, grade: str, name: str = "enrollment"
) -> etree._Element:
    """An enrolment at a school of its own."""
    return element(
        name,
        element("leaRefId", trees.text(student, "enrollment", "leaRefId")),
        element("schoolRefId", str(uuid.uuid4()).upper()),
        element("membershipType", kind),
        element("entryDate", "2026-08-31"),
        element("gradeLevel", grade),
    )


@pytest.mark.parametrize(
    "order",
    [("Concurrent", "Home", "Summer"), ("Summer", "Concurrent", "Home")],
    ids=["home second", "home last"],
)
@verifies("TRN-MV-07")
def check_home_school_is_the_main_one(
    sif: SifClient, readback: ReadBack, student: etree._Element, order: tuple[str, ...]
) -> None:
    """Of three enrolments all grades count, and the home school is the main one."""
    grades = dict(zip(("Home", "Concurrent", "Summer"), ("10", "11", "09"), strict=True))
    made = [enrollment(student, kind, grades[kind]) for kind in order]
    place(student, made[0], *BEFORE_EMAIL, "email", "otherEmails", "demographics")
    place(student, element("otherEnrollments", *made[1:]), "enrollment")
    refid = created(sif, student)
    seen = kept(readback, student, refid, ("users.primaryOrgSourcedId",))
    told = sorted(part.strip() for part in seen.user.get("grades", "").split(","))
    expect.equal(told, sorted(grades.values()), "users.grades", readback.last)


@verifies("TRN-MV-08")
def check_other_order_is_the_same_record(
    sif: SifClient, readback: ReadBack, student: etree._Element, rng: random.Random
) -> None:
    """Races sent again in another order change no column of the person."""
    names = list(fidelity.FLAGS)[:3]
    _races(student, names)
    refid, before = shown(sif, readback, student)
    rng.shuffle(names)
    _races(student, names[::-1])
    prepared(sif.update(refid, student))
    unmoved(before, rows(readback, refid), readback)


def _races(student: etree._Element, names: list[str]) -> None:
    demographics = trees.child(student, "demographics")
    assert demographics is not None
    for one in [one for one in demographics if trees.local(one) == "races"]:
        demographics.remove(one)
    listed = [element("race", element("race", name)) for name in names]
    demographics.insert(0, element("races", *listed))


def unmoved(before: Rows, after: Rows, readback: ReadBack) -> None:
    """No column of either row differs."""
    moved = [*fidelity.moved(before.user, after.user),
             *fidelity.moved(before.demographics, after.demographics)]  # fmt: skip
    expect.equal(moved, [], "columns that changed", readback.last)
