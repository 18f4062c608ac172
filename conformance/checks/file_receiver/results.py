"""What the product writes about a file: its end, its bad rows, and nobody's data."""

from __future__ import annotations

from conformance import expect, roster
from conformance.checks.file_receiver.columns import column
from conformance.checks.file_receiver.looks import ids, prepared, users
from conformance.checks.file_receiver.rows import place_of, with_cell
from conformance.delivery import Delivery, Sent
from conformance.outcomes import APPLIED, PARTLY, REFUSED, Note, read
from conformance.parcels import Parcel, Tables
from conformance.plugin_file_receiver import Newcomers
from conformance.problems import Finding, NotVerified
from conformance.reply import Reply
from conformance.verifies import verifies


def result(drop: Delivery, sent: Sent) -> tuple[str, tuple[Note, ...], Reply]:
    """The result file of a delivery as it is read; a Finding if there is none."""
    drop.outcome(sent)
    reply = drop.result_of(sent.name, sent.way)
    said = read(reply.body, drop.told.words) if reply is not None else None
    if reply is None or said is None:
        where = (reply or sent.reply).exchange
        what = "no result file" if reply is None else "a result file that cannot be read"
        raise Finding("there is no result of a file", "a readable result file", what, where)
    return said[0], said[1], reply


def with_a_blank_name(drop: Delivery, part: Tables) -> tuple[Parcel, int]:
    """A parcel in which the family name of the last student is blank, and the row of that."""
    parcel = drop.parcel(part)
    number = place_of(parcel, parcel.people, ids(part)[-1])
    return with_cell(parcel, parcel.people, number, column(drop, "familyName"), ""), number


@verifies("DAT-FIL-040")
def check_result_of_a_sound_file_says_applied(drop: Delivery, newcomer: Tables) -> None:
    """The result of a sound file says that it was applied and blames no row."""
    end, notes, reply = result(drop, drop.send(drop.parcel(newcomer)))
    expect.equal(end, APPLIED, "the end of a sound file", reply)
    expect.equal(len(notes), 0, "rows that are blamed in a sound file", reply)


@verifies("DAT-FIL-041", negative=True)
def check_result_names_the_bad_row(drop: Delivery, newcomers: Newcomers) -> None:
    """The result of a file with a bad row names the file, the row and a reason."""
    part = roster.joined(*newcomers(3))
    bad, number = with_a_blank_name(drop, part)
    end, notes, reply = result(drop, drop.send(bad))
    expect.one_of(end, (PARTLY, REFUSED), "the end of a file with a bad row", reply)
    places = [(one.file, one.row) for one in notes]
    expect.true(
        (bad.people, number) in places, f"the result blames row {number} of {bad.people}", reply,
        ", ".join(f"row {row} of {file}" for file, row in places[:3]) or "no row",
    )  # fmt: skip
    reasons = [one.reason for one in notes if one.row == number]
    expect.true(any(len(one.split()) > 1 for one in reasons), "the reason says something", reply)
    prepared(drop.give(drop.parcel(part)))


@verifies("DAT-FIL-042", negative=True)
def check_result_holds_nothing_personal(drop: Delivery, newcomers: Newcomers) -> None:
    """Neither the result of a sound file nor that of a faulty one names a student."""
    part = roster.joined(*newcomers(3))
    bad, _ = with_a_blank_name(drop, part)
    sent = drop.send(bad)
    _, _, faulty = result(drop, sent)
    drop.put_away()
    _, _, sound = result(drop, drop.send(drop.parcel(part)))
    told = sorted(name for name in roster.names_in(users(part)) if len(name) > 3)
    if not told:
        raise NotVerified("the names of the students are too short to be looked for")
    for reply in (faulty, sent.reply, sound):
        text = reply.body.decode("utf-8", "replace")
        there = sum(name in text for name in told)
        expect.equal(there, 0, "names and numbers of students in a result", reply)


@verifies("DAT-FIL-043")
def check_each_file_has_a_result_of_its_own(drop: Delivery, newcomers: Newcomers) -> None:
    """The result of a good file stays what it was when a bad one comes after it."""
    one, other = newcomers(2)
    first = drop.send(drop.parcel(one))
    end, _, reply = result(drop, first)
    expect.equal(end, APPLIED, "the end of a sound file", reply)
    bad, _ = with_a_blank_name(drop, other)
    end, _, reply = result(drop, drop.send(bad))
    expect.one_of(end, (PARTLY, REFUSED), "the end of a file with a bad row", reply)
    end, _, reply = result(drop, first)
    expect.equal(end, APPLIED, "the end of the first file after a second one", reply)
