"""Rows that cannot be right: what is taken beside them, and what is told of them."""

from __future__ import annotations

import random

import pytest

from conformance import expect, roster
from conformance.checks.file_receiver.columns import column
from conformance.checks.file_receiver.looks import (
    control,
    ids,
    none_shown,
    not_swallowed,
    prepared,
    shown,
)
from conformance.delivery import Delivery
from conformance.outcomes import BROKEN
from conformance.parcels import Parcel, Tables, read_rows, write_rows
from conformance.plugin_file_receiver import Newcomers
from conformance.problems import NotApplicable, NotVerified
from conformance.readback import ReadBack
from conformance.target_files import CLEVER, FLAT
from conformance.trees import folded
from conformance.verifies import verifies

HUGE = 3_000_000
DAYS = {"a day that no calendar has": "2014-02-30", "another order": "31/12/2014"}


def place_of(parcel: Parcel, file: str, refid: str) -> int:
    """The number of the row, the header being 1, that holds an id."""
    for number, row in enumerate(read_rows(parcel.files[file]), 1):
        if any(folded(cell) == refid for cell in row):
            return number
    raise NotVerified(f"{file} of this form holds no row of the student")


def with_cell(parcel: Parcel, file: str, number: int, name: str, value: str) -> Parcel:
    """The parcel with one cell changed; NotApplicable if the form has no such column."""
    rows = read_rows(parcel.files[file])
    if name not in rows[0]:
        raise NotApplicable(f"the form has no column {name}")
    rows[number - 1][rows[0].index(name)] = value
    return parcel.among({file: write_rows(rows)})


def judged(
    drop: Delivery,
    source: ReadBack,
    bad: Parcel,
    place: tuple[str, int],
    claim: str,
    wrong: Tables,
    sound: Tables,
) -> None:
    """The bad row is not taken and that is told; the whole without the fault is taken."""
    not_swallowed(drop, source, drop.give(bad), place, claim, wrong, sound)
    control(drop, source, drop.parcel(sound, wrong), sound, wrong)


@pytest.mark.parametrize("kind", list(DAYS))
@verifies("DAT-FIL-033", negative=True)
def check_day_that_cannot_be_is_not_taken(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers, kind: str
) -> None:
    """A birth day that is none is told of, and not kept; the row with a real one is taken."""
    wrong = newcomers(1)[0]
    name = {CLEVER: "DOB", FLAT: drop.told.columns.get("birthDate", "")}.get(
        drop.told.form, "birthDate"
    )
    parcel = drop.parcel(wrong)
    file = "demographics.csv" if "demographics.csv" in parcel.files else parcel.people
    number = place_of(parcel, file, ids(wrong)[0])
    day = DAYS[kind] if drop.told.form != CLEVER else "2/30/2014"
    outcome = drop.give(with_cell(parcel, file, number, name, day))
    claim = f"a row with {kind} is not simply applied"
    if outcome.told:
        expect.one_of(outcome.end, ("partly", "refused"), claim, outcome.reply)
    else:
        readback.settle()
    drop.look_anew(readback)
    seen = readback.demographics().get(ids(wrong)[0], {}).get("birthDate", "")
    expect.equal(seen, "", "demographics.birthDate, which came as no day", readback.last)
    control(drop, readback, drop.parcel(wrong), wrong)
    seen = readback.demographics().get(ids(wrong)[0], {}).get("birthDate", "")
    if seen != wrong["demographics"][0]["birthDate"]:
        raise NotVerified("the read back shows no real day of birth either")


@verifies("DAT-FIL-034", negative=True)
def check_word_that_is_on_no_list_is_not_taken(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """A role that no list knows is told of, and the person gets no other one instead."""
    if drop.told.form in (CLEVER, FLAT):
        raise NotApplicable("the form has no column of roles")
    wrong, sound = newcomers(2)
    parcel = drop.parcel(sound, wrong)
    file = "enrollments.csv"
    number = place_of(parcel, file, ids(wrong)[0])
    outcome = drop.give(with_cell(parcel, file, number, "role", "qvexwizard"))
    claim = "a row with an unknown word is not simply applied"
    if outcome.told:
        expect.one_of(outcome.end, ("partly", "refused"), claim, outcome.reply)
    else:
        readback.settle()
    drop.look_anew(readback)
    expect.equal(_roles(readback, wrong), [], "roles made of an unknown word", readback.last)
    control(drop, readback, drop.parcel(sound, wrong), sound, wrong)
    if _roles(readback, wrong) != ["student"]:
        raise NotVerified("the read back shows no role that is on the list either")


def _roles(readback: ReadBack, part: Tables) -> list[str]:
    """The roles in the class that the people of these rows have in the read back."""
    keys = set(ids(part))
    rows = readback.table("enrollments")
    return [row.get("role", "") for row in rows if folded(row.get("userSourcedId", "")) in keys]


@pytest.mark.parametrize("name", ["familyName", "sourcedId"])
@verifies("DAT-FIL-035", negative=True)
def check_row_with_a_needed_cell_blank_is_not_taken(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers, name: str
) -> None:
    """A student without an id or a family name is told of and not taken; with both he is."""
    wrong, sound = newcomers(2)
    parcel = drop.parcel(sound, wrong)
    number = place_of(parcel, parcel.people, ids(wrong)[0])
    bad = with_cell(parcel, parcel.people, number, column(drop, name), "")
    claim = f"a row without {name} is not simply applied"
    judged(drop, readback, bad, (parcel.people, number), claim, wrong, sound)


@verifies("DAT-FIL-026", negative=True)
def check_id_that_stands_twice_is_told(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """Two different rows of one id in one file: neither wins in silence."""
    one = newcomers(1)[0]
    parcel = drop.parcel(one)
    rows = read_rows(parcel.files[parcel.people])
    again = list(rows[place_of(parcel, parcel.people, ids(one)[0]) - 1])
    again[rows[0].index(column(drop, "givenName"))] = "Qvextwice"
    outcome = drop.give(parcel.among({parcel.people: write_rows([*rows, again])}))
    claim = "a file with one id twice is not simply applied"
    if outcome.told:
        expect.one_of(outcome.end, ("partly", "refused"), claim, outcome.reply)
    else:
        none_shown(drop, readback, claim, one)
    control(drop, readback, drop.parcel(one), one)


@verifies("DAT-FIL-027", negative=True)
def check_reference_that_leads_nowhere_is_told(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers, rng: random.Random
) -> None:
    """An enrollment in a class that nobody has sent is told of and not taken."""
    if drop.told.form == FLAT:
        raise NotApplicable("the form flat has no references")
    one = newcomers(1)[0]
    parcel = drop.parcel(one)
    file, name = "enrollments.csv", "classSourcedId"
    number = place_of(parcel, file, ids(one)[0])
    if drop.told.form == CLEVER:
        name = "Section_id"
    outcome = drop.give(with_cell(parcel, file, number, name, roster.new_id(rng)))
    claim = "a file with a reference that leads nowhere is not simply applied"
    if outcome.told:
        expect.one_of(outcome.end, ("partly", "refused"), claim, outcome.reply)
    else:
        readback.settle()
        drop.look_anew(readback)
        keys = set(ids(one))
        rows = [row for row in readback.table("enrollments")
                if folded(row.get("userSourcedId", "")) in keys]  # fmt: skip
        expect.equal(len(rows), 0, "enrollments in a class that is not there", readback.last)
    control(drop, readback, drop.parcel(one), one)


@verifies("DAT-FIL-036", negative=True)
def check_sound_rows_beside_a_bad_one_share_one_fate(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """Of six students one is bad: the five are all taken, or none is, and as it is told."""
    *sound, wrong = newcomers(6)
    parcel = drop.parcel(*sound, wrong)
    number = place_of(parcel, parcel.people, ids(wrong)[0])
    bad = with_cell(parcel, parcel.people, number, column(drop, "familyName"), "")
    outcome = drop.give(bad)
    if not outcome.told:
        readback.settle()
    found = drop.people(readback)
    there = sum(one in found for one in ids(*sound))
    due = {"partly": (5,), "refused": (0,)}.get(outcome.end, (0, 5))
    expect.one_of(there, due, "how many of the five sound students are taken", readback.last)
    control(drop, readback, drop.parcel(*sound, wrong), *sound, wrong)


@verifies("DAT-FIL-037", negative=True)
def check_row_of_megabytes_stops_nobody(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """A cell of three megabytes is refused or taken, and the next file is taken as ever."""
    wrong, sound = newcomers(2)
    parcel = drop.parcel(wrong)
    number = place_of(parcel, parcel.people, ids(wrong)[0])
    name = column(drop, "familyName")
    outcome = drop.give(with_cell(parcel, parcel.people, number, name, "Q" * HUGE))
    expect.true(outcome.end != BROKEN, "a huge row is answered", outcome.reply, outcome.end)
    if outcome.end == "applied":
        row = shown(drop, readback, ids(wrong)).get(ids(wrong)[0], {})
        expect.true(len(row.get("familyName", "")) >= 255, "what is taken is not lost",
                    readback.last)  # fmt: skip
    prepared(drop.give(drop.parcel(sound)))
    control(drop, readback, drop.parcel(sound), sound)
