"""What is taken is kept as it was sent: complete, letter for letter, and nothing made up."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import replace

import pytest

from conformance import expect, roster
from conformance.checks.file_receiver.looks import accepted, all_shown, ids, prepared, users
from conformance.delivery import Delivery
from conformance.parcels import Parcel, Tables
from conformance.plugin_file_receiver import Newcomers
from conformance.problems import NotApplicable, NotVerified
from conformance.readback import ReadBack
from conformance.trees import folded
from conformance.verifies import verifies

MANY = 1500
LONGEST = 255
OTHER_TABLES = ("classes", "enrollments")
_AWKWARD = {
    "quotes": 'Qvex "the" Wren',
    "comma": "Qvex, Wren; Ann",
    "line feed": "Qvex\nWren",
    "leading sign": "=Qvex+1",
    "apostrophe and tab": "O'Qvex\tWren",
}
_SCRIPTS = {
    "composed": "Zo\u00eb \u0141ukasz",
    "decomposed": "Zoe\u0308 Nguye\u0302\u0303n",
    "right to left": "\u0645\u0631\u064a\u0645",
    "Han": "\u738b\u5c0f\u660e",
    "beyond the first plane": "Qvex \U0001f469",
    "no-break space and joiner": "Qvex\u00a0Wr\u200den",
}


def kept(
    drop: Delivery, readback: ReadBack, part: Tables, columns: tuple[str, ...], claim: str
) -> None:
    """A file with these students is taken, and these columns of users are as they were sent."""
    accepted(drop.give(drop.parcel(part)), claim)
    same_cells(drop, readback, part, columns)


def same_cells(drop: Delivery, readback: ReadBack, part: Tables, columns: tuple[str, ...]) -> None:
    """The shown cells of these students are those that were sent."""
    found = all_shown(drop, readback, part)
    for user in users(part):
        row = found[folded(user["sourcedId"])]
        for column in columns:
            if drop.keeps(column) and readback.sees(f"users.{column}"):
                sent, seen = nfc(user.get(column, "")), nfc(row.get(column, ""))
                expect.equal(seen, sent, f"users.{column}", readback.last)


def nfc(value: str) -> str:
    """The composed form of a text: who composes letters changes nothing."""
    return unicodedata.normalize("NFC", value)


@verifies("DAT-FIL-001")
def check_file_is_kept_with_all_its_values(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """Every student of a file is shown, each cell of the names as it was sent."""
    part = roster.joined(*newcomers(5, middleName="Qvex"))
    columns = ("givenName", "familyName", "middleName", "identifier", "grades", "username")
    kept(drop, readback, part, columns, "a sound file is taken")


@verifies("DAT-FIL-001")
def check_days_and_references_are_kept(
    drop: Delivery, readback: ReadBack, newcomer: Tables
) -> None:
    """Enrollments keep their class, their person and both their days, the last one exclusive."""
    drop.oneroster()
    prepared(drop.give(drop.parcel(newcomer)))
    all_shown(drop, readback, newcomer)
    rows = {row.get("sourcedId", ""): row for row in readback.table("enrollments")}
    for sent in newcomer["enrollments"]:
        seen = rows.get(sent["sourcedId"], {})
        for column in ("classSourcedId", "userSourcedId", "role", "beginDate", "endDate"):
            expect.equal(seen.get(column), sent[column], f"enrollments.{column}", readback.last)
    births = readback.demographics()
    for sent in newcomer["demographics"]:
        seen = births.get(folded(sent["sourcedId"]), {})
        expect.equal(seen.get("birthDate"), sent["birthDate"], "demographics.birthDate",
                     readback.last)  # fmt: skip


@verifies("DAT-FIL-002", negative=True)
def check_blank_cells_stay_blank(drop: Delivery, readback: ReadBack, newcomer: Tables) -> None:
    """A column that is not granted comes blank, and the product makes nothing up for it."""
    prepared(drop.give(drop.parcel(newcomer)))
    row = all_shown(drop, readback, newcomer)[ids(newcomer)[0]]
    for column in ("email", "phone", "sms", "middleName", "preferredGivenName"):
        if readback.sees(f"users.{column}"):
            expect.equal(row.get(column, ""), "", f"users.{column}, which came blank",
                         readback.last)  # fmt: skip


@verifies("DAT-FIL-003")
def check_order_of_files_and_rows_is_no_matter(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """A delivery whose files and rows stand in the opposite order is taken like any other."""
    if drop.told.loose:
        raise NotApplicable("a set of loose files comes in the order that was agreed")
    part = roster.joined(*newcomers(3))
    accepted(drop.give(drop.parcel(part).upside_down()), "a file in another order is taken")
    same_cells(drop, readback, part, ("username", "enabledUser"))


@verifies("DAT-FIL-004")
def check_many_rows_are_taken_whole(
    drop: Delivery, readback: ReadBack, newcomer: Tables, rng: random.Random
) -> None:
    """A file of fifteen hundred more students is taken, and the last of them is shown."""
    pattern = users(newcomer)[0]
    more = [
        pattern | {"sourcedId": refid, "username": f"u{refid[:13]}", "identifier": f"Q{number}"}
        for number, refid in enumerate(roster.new_id(rng) for _ in range(MANY))
    ]
    part: Tables = {"users": more}
    if drop.told.form not in ("oneroster-1.1", "oneroster-1.2"):
        raise NotApplicable("students without a role are not in this form")
    accepted(drop.give(drop.parcel(part)), "a large file is taken")
    all_shown(drop, readback, part)


@verifies("TRN-ID-05")
def check_twins_are_two(drop: Delivery, readback: ReadBack, newcomer: Tables,
                        rng: random.Random) -> None:  # fmt: skip
    """Two students of one name and one day of birth, with ids one digit apart, are two."""
    refid = users(newcomer)[0]["sourcedId"]
    other = refid[:-1] + ("0" if refid[-1] != "0" else "1")
    second = {
        name: [row | {"sourcedId": roster.new_id(rng)} for row in rows]
        for name, rows in newcomer.items()
    }
    second["users"] = [users(newcomer)[0] | {"sourcedId": other, "username": f"v{other[:13]}"}]
    second["demographics"] = [newcomer["demographics"][0] | {"sourcedId": other}]
    for name in ("roles", "enrollments"):
        second[name] = [row | {"userSourcedId": other} for row in second[name]]
    if not readback.sees("users.sourcedId"):
        raise NotVerified("the read back does not show ids, so twins cannot be told apart")
    accepted(drop.give(drop.parcel(newcomer, second)), "a file with twins is taken")
    all_shown(drop, readback, newcomer, second)


@pytest.mark.parametrize("script", list(_SCRIPTS))
@verifies("TRN-TX-01")
def check_names_of_any_script_are_kept(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers, script: str
) -> None:
    """A name is kept sign for sign, whatever script it is written in."""
    part = newcomers(1, familyName=_SCRIPTS[script])[0]
    kept(drop, readback, part, ("familyName",), f"a name ({script}) is taken")


@pytest.mark.parametrize("kind", list(_AWKWARD))
@verifies("TRN-TX-02")
def check_signs_of_csv_in_values_are_kept(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers, kind: str
) -> None:
    """Quotes, commas, line feeds and signs of formulas in a value are kept as they are."""
    part = newcomers(1, familyName=_AWKWARD[kind])[0]
    kept(drop, readback, part, ("familyName", "givenName"), f"a value with {kind} is taken")


@verifies("TRN-TX-05")
def check_long_values_are_not_cut(drop: Delivery, readback: ReadBack, newcomers: Newcomers) -> None:
    """A name of 255 letters is kept to its last letter."""
    part = newcomers(1, familyName="Qvex" + "w" * (LONGEST - 5) + "z")[0]
    kept(drop, readback, part, ("familyName",), "a name of 255 letters is taken")


@verifies("TRN-TX-06")
def check_leading_zeros_of_a_file_are_kept(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """Grade 09 and a local id with zeros in front are text, not numbers."""
    local = f"00{newcomers(1)[0]['users'][0]['identifier']}"
    part = newcomers(1, identifier=local, grades="09")[0]
    kept(drop, readback, part, ("identifier", "grades"), "values with zeros in front are taken")


def _marked(parcel: Parcel) -> Parcel:
    files = {name: b"\xef\xbb\xbf" + data for name, data in parcel.files.items()}
    return replace(parcel, files=files)


def _with_line_feeds(parcel: Parcel) -> Parcel:
    files = {name: data.replace(b"\r\n", b"\n") for name, data in parcel.files.items()}
    return replace(parcel, files=files)


def _without_last_end(parcel: Parcel) -> Parcel:
    files = {name: data.removesuffix(b"\r\n") for name, data in parcel.files.items()}
    return replace(parcel, files=files)


FORMS = {
    "a byte order mark": _marked,
    "line feeds alone": _with_line_feeds,
    "no end of the last line": _without_last_end,
}


@pytest.mark.parametrize("form", list(FORMS))
@verifies("TRN-TX-08")
def check_marks_and_line_ends_are_read(
    drop: Delivery, readback: ReadBack, newcomer: Tables, form: str
) -> None:
    """A byte order mark and other ends of lines are no reason to refuse or to lose a column."""
    parcel = FORMS[form](drop.parcel(newcomer))
    accepted(drop.give(parcel), f"a file with {form} is taken")
    same_cells(drop, readback, newcomer, ("username",))
