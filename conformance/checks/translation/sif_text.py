"""SIF in, SIF read back: text arrives letter for letter, numbers keep their value."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from lxml import etree

from conformance import trees
from conformance.checks.parts import NAME_ORDER, fresh_id, part, put, take, told
from conformance.checks.preparation import (
    MUST,
    accepted,
    all_created,
    control_holds,
    created,
    element,
    partial,
    prepared,
)
from conformance.checks.readings import same, sent_and_same, twin
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

Edge = Callable[[str], etree._Element]
SCRIPTS = ("apostrophe", "combining-marks", "right-to-left", "cjk", "one-letter-name", "name-null")
LETTERS = "Łucja-Đặng ß ﬁ Ўладзімір नमः 𠮷 \U0001f469\u200d\U0001f680 Zoë\u00a0N"
SIGNS = (
    "=1+1",
    "+49 Alder",
    "-Alder",
    "@Alder",
    'Al"der, "Wren"',
    "Al&lt;der &amp;amp; Wren",
    "Al<der> & Wren",
)


@pytest.mark.parametrize("name", SCRIPTS)
@verifies("TRN-TX-01-S")
def check_names_in_any_script_are_read_back(sif: SifClient, edge: Edge, name: str) -> None:
    """Names with marks, in right-to-left and Han script, or that look like null, are read back."""
    sent_and_same(sif, edge(name), "xStudent/name")


@verifies("TRN-TX-01-S")
def check_both_forms_of_a_letter_are_one_name(
    sif: SifClient, students: Callable[[int], list[etree._Element]]
) -> None:
    """A name in composed and one in decomposed letters read back as the same name."""
    people = students(2)
    for one, form in zip(people, ("NFC", "NFD"), strict=True):
        text = LETTERS.replace("ﬁ", "fi")
        composed = unicodedata.normalize("NFC", text)
        named = unicodedata.normalize("NFD", text) if form == "NFD" else composed
        put(one, told("name", familyName=named, givenName="Nguyễn"))
    all_created(sif, people)
    for one in people:
        same(sif, one, "xStudent/name")


@verifies("TRN-TX-02-S")
def check_signs_of_other_formats_stay_letters(
    sif: SifClient, students: Callable[[int], list[etree._Element]]
) -> None:
    """What CSV, spreadsheets or HTML would read as a sign is read back as it was sent."""
    people = students(len(SIGNS))
    for one, text in zip(people, SIGNS, strict=True):
        part(one, "name", "familyName").text = text
    all_created(sif, people)
    for one in people:
        same(sif, one, "xStudent/name/familyName")


@pytest.mark.parametrize("form", ["comment", "cdata", "reference"])
@verifies("TRN-TX-03-S")
def check_text_in_pieces_is_read_back_whole(
    sif: SifClient, student: etree._Element, form: str
) -> None:
    """A name split by a comment, written as CDATA or with references reads back whole."""
    part(student, "name", "familyName").text = "McAlder & Son"
    whole = trees.tostring(student)
    written = {
        "comment": whole.replace(b"McAlder &amp;", b"Mc<!-- x -->Alder &amp;"),
        "cdata": whole.replace(b"McAlder &amp; Son", b"<![CDATA[McAlder & Son]]>"),
        "reference": whole.replace(b"McAlder &amp; Son", b"McAlder &#38; S&#x6F;n"),
    }[form]
    prepared(_posted(sif, written))
    try:
        same(sif, student, "xStudent/name/familyName")
    finally:
        sif.delete(trees.refid(student))


@pytest.mark.parametrize("form", ["byte order mark", "line ends"])
@verifies("TRN-TX-08-S")
def check_mark_and_line_ends_change_no_value(
    sif: SifClient, student: etree._Element, form: str
) -> None:
    """With a byte order mark, or line ends between the elements, the record is the same."""
    plain = twin(student, fresh_id())
    control_holds(sif.create(plain, headers=MUST), "the same without them is accepted")
    sif.delete(trees.refid(plain))
    whole = trees.tostring(student)
    marked = form == "byte order mark"
    written = b"\xef\xbb\xbf" + whole if marked else whole.replace(b"><", b">\r\n<")
    accepted(_posted(sif, written), f"a body with a {form} is accepted")
    try:
        same(sif, student, "xStudent/localId", "xStudent/name/givenName")
    finally:
        sif.delete(trees.refid(student))


def _posted(sif: SifClient, body: bytes) -> Reply:
    return sif.request("POST", "xStudents/xStudent", body=body, headers=MUST)


@verifies("TRN-TX-04-S")
def check_two_blanks_are_read_as_two(sif: SifClient, edge: Edge) -> None:
    """Two blanks inside a name are read back as two."""
    sent_and_same(sif, edge("double-space"), "xStudent/name")


@pytest.mark.parametrize("letter", ["x", "ж", "\U00020bb7"], ids=["1 byte", "2 bytes", "4 bytes"])
@verifies("TRN-TX-05-S")
def check_long_text_is_read_whole(sif: SifClient, student: etree._Element, letter: str) -> None:
    """A name and a street of 255 characters are read back whole, whatever their size in bytes."""
    part(student, "name", "familyName").text = letter * 254 + "Z"
    put(student, told("address", addressType="Mailing", line1=letter * 254 + "Y"))
    sent_and_same(sif, student, "xStudent/name/familyName", "xStudent/address/line1")


@verifies("TRN-TX-06-S")
def check_zeros_in_front_are_read_back(sif: SifClient, student: etree._Element) -> None:
    """Local id, state id, postal code, telephone and room keep their zeros."""
    put(
        student,
        element("localId", "000123"),
        element("stateProvinceId", "0042"),
        told("address", addressType="Mailing", postalCode="02139"),
        told("phoneNumber", phoneNumberType="Home", number="0049617555010"),
    )
    sent_and_same(
        sif,
        student,
        "xStudent/localId",
        "xStudent/stateProvinceId",
        "xStudent/address",
        "xStudent/phoneNumber",
    )


@verifies("TRN-TX-09-S")
def check_decimals_keep_their_value(
    sif: SifClient, students: Callable[[int], list[etree._Element]]
) -> None:
    """Averages such as 0.1, 99.995 and 12.50 read back as the same numbers."""
    values = ("0.1", "99.995", "12.50", "3.85", "4")
    people = students(len(values))
    for one, value in zip(people, values, strict=True):
        put(one, told("academicSummary", cumulativeWeightedGpa=value, classRank="10"))
    all_created(sif, people)
    for one in people:
        same(sif, one, "xStudent/academicSummary")


@pytest.mark.parametrize("form", ["absent", "nil", "empty"])
@verifies("TRN-TX-11-S")
def check_absent_nil_and_empty_read_as_nothing(
    sif: SifClient, student: etree._Element, form: str
) -> None:
    """A middle name that is absent, nil or empty reads back as none, never as a word."""
    name = part(student, "name")
    take(name, "middleName")
    if form != "absent":
        put(name, element("middleName", nil=form == "nil"), order=NAME_ORDER)
    sent_and_same(sif, student, "xStudent/name")


@verifies("TRN-TX-11-S")
def check_nil_clears_what_absent_leaves(sif: SifClient, student: etree._Element) -> None:
    """In an update an absent middle name stays and a nil one goes, both without other harm."""
    name = part(student, "name")
    put(name, element("middleName", "Mairead"), order=NAME_ORDER)
    refid = created(sif, student)
    prepared(sif.update(refid, partial(student, told("name", givenName="Wren"))))
    part(name, "givenName").text = "Wren"
    same(sif, student, "xStudent/name")
    cleared = element("name", element("middleName", nil=True))
    prepared(sif.update(refid, partial(student, cleared)))
    take(name, "middleName")
    same(sif, student, "xStudent/name")
