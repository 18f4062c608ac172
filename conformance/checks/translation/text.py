"""Text: signs that break CSV, text in pieces, blanks, length, zeros, and the absence of text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree

from conformance import expect, fidelity, trees
from conformance.cases import Case
from conformance.checks.exports import kept, sent_and_kept, shown
from conformance.checks.payloads import each, sent_and_looked_at
from conformance.checks.preparation import element, partial, prepared
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

Edge = Callable[[str], etree._Element]
NAMES = ("users.givenName", "users.familyName")


def set_name(student: etree._Element, part: str, text: str) -> None:
    """Give a part of the legal name this text."""
    found = trees.child(student, "name", part)
    assert found is not None
    found.text = text


@pytest.mark.parametrize("name", ["csv-formula", "csv-quote-comma"])
@verifies("TRN-TX-02")
def check_signs_of_csv_come_through(
    sif: SifClient, readback: ReadBack, edge: Edge, name: str
) -> None:
    """Quotes, commas, and a leading = + - or @ arrive as they were sent, without an apostrophe."""
    sent_and_kept(sif, readback, edge(name), NAMES)


@each("accept", "TRN-TX-02")
@verifies("TRN-TX-02")
def check_formulas_are_names_and_nothing_else(
    shared_sif: SifClient, readback: ReadBack, student: etree._Element, case: Case
) -> None:
    """Names that a spreadsheet would compute, or that break a CSV file, arrive as they are."""
    with sent_and_looked_at(shared_sif, case, student) as body:
        kept(readback, body, trees.refid(body), NAMES)


@verifies("TRN-TX-02")
def check_line_ends_break_no_row(
    sif: SifClient, readback: ReadBack, students: Callable[[int], list[etree._Element]]
) -> None:
    """A tab and a line end inside a name shift no column and add no row."""
    odd, plain = students(2)
    set_name(odd, "familyName", 'Al\tder,\n"Smith"')
    before = len(readback.users())
    sent_and_kept(sif, readback, odd, ("users.familyName", "users.username"))
    sent_and_kept(sif, readback, plain, ("users.username",))
    expect.equal(len(readback.users()), before + 2, "number of people", readback.last)


@pytest.mark.parametrize("form", ["comment", "cdata", "reference"])
@verifies("TRN-TX-03")
def check_text_in_pieces_is_one_text(
    sif: SifClient, readback: ReadBack, student: etree._Element, form: str
) -> None:
    """A name split by a comment, written as CDATA or with references arrives whole."""
    set_name(student, "familyName", "McAlder & Son")
    whole = trees.tostring(student)
    pieces = {
        "comment": "Mc<!-- x -->Alder &amp; Son",
        "cdata": "<![CDATA[McAlder & Son]]>",
        "reference": "McAlder &#38; S&#x6F;n",
    }[form]
    body = whole.replace(b"McAlder &amp; Son", pieces.encode())
    headers = {"mustUseAdvisory": "true"}
    prepared(sif.request("POST", "xStudents/xStudent", body=body, headers=headers))
    try:
        kept(readback, student, trees.refid(student), ("users.familyName",))
    finally:
        sif.delete(trees.refid(student))


@verifies("TRN-TX-04")
def check_blanks_inside_a_name_stay(sif: SifClient, readback: ReadBack, edge: Edge) -> None:
    """Two blanks inside a name stay two."""
    sent_and_kept(sif, readback, edge("double-space"), NAMES)


@pytest.mark.parametrize("letter", ["x", "ж", "\U00020bb7"], ids=["1 byte", "2 bytes", "4 bytes"])
@verifies("TRN-TX-05")
def check_255_characters_are_not_cut(
    sif: SifClient, readback: ReadBack, student: etree._Element, letter: str
) -> None:
    """A family name of 255 characters arrives with all of them, whatever their size in bytes."""
    set_name(student, "familyName", letter * 254 + "Z")
    sent_and_kept(sif, readback, student, ("users.familyName",))


@verifies("TRN-TX-06")
def check_zeros_in_front_stay(sif: SifClient, readback: ReadBack, edge: Edge) -> None:
    """Local id and login of digits keep the zeros in front."""
    student = edge("leading-zeros")
    fields = ("users.username", "users.userIds", "users.identifier")
    sent_and_kept(sif, readback, student, fields)


@verifies("TRN-TX-11")
def check_absent_nil_and_empty_never_become_words(
    sif: SifClient, readback: ReadBack, students: Callable[[int], list[etree._Element]]
) -> None:
    """A middle name that is absent, nil or empty is blank, never None, null or nil."""
    for form in ("absent", "nil", "empty"):
        student = students(1)[0]
        name = trees.child(student, "name")
        assert name is not None
        for one in [one for one in name if trees.local(one) in ("middleName", "suffix")]:
            name.remove(one)
        if form != "absent":
            name.append(element("middleName", nil=form == "nil"))
        sent_and_kept(sif, readback, student, ("users.middleName",))


@verifies("TRN-TX-11")
def check_absent_in_an_update_means_unchanged(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """An update that does not mention the names leaves them in the export as they were."""
    refid, before = shown(sif, readback, student)
    prepared(sif.update(refid, partial(student, element("localId", "000017"))))
    local = trees.child(student, "localId")
    assert local is not None
    local.text = "000017"
    readback.know(student)
    seen = readback.wait(lambda: _with_number(readback, refid))
    if not seen:
        raise NotVerified("the update does not show, so nothing can be compared")
    for column in ("givenName", "familyName", "middleName"):
        expect.equal(seen.get(column), before.user.get(column), f"users.{column}", readback.last)


def _with_number(readback: ReadBack, refid: str) -> dict[str, str]:
    row = readback.users().get(trees.folded(refid), {})
    return row if "000017" in fidelity.known_ids(row) else {}
