"""What changes and what does not: deltas, deletions, whole files, late and doubled deliveries."""

from __future__ import annotations

from conformance import expect, roster
from conformance.checks.file_receiver.looks import (
    accepted,
    all_shown,
    ids,
    none_shown,
    prepared,
    shown,
)
from conformance.delivery import Delivery
from conformance.parcels import BULK, DELTA, Parcel, Row, Tables
from conformance.plugin_file_receiver import Newcomers
from conformance.problems import NotApplicable, NotVerified
from conformance.readback import ReadBack
from conformance.verifies import verifies

RENAMED = "Qvexrenamed"


def renamed(part: Tables, name: str = RENAMED) -> Tables:
    """The same students under another given name."""
    return part | {"users": [user | {"givenName": name} for user in part["users"]]}


def given(drop: Delivery, source: ReadBack, part: Tables, name: str) -> str:
    """The given name that the one student of these rows has now, waited for."""
    key = ids(part)[0]

    def look() -> Row:
        row = drop.people(source).get(key, {})
        return row if row.get("givenName") == name else {}

    return source.wait(look).get("givenName", "") or drop.people(source).get(key, {}).get(
        "givenName", ""
    )


def came(drop: Delivery, source: ReadBack, *parts: Tables) -> None:
    """These students are delivered and shown; a preparation."""
    prepared(drop.give(drop.parcel(*parts)))
    wanted = ids(*parts)
    if not set(wanted) <= set(shown(drop, source, wanted)):
        raise NotVerified("students of a file that was taken are not shown, so nothing is proven")


@verifies("DAT-FIL-010")
def check_delta_touches_named_rows_only(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """A delta renames the one student it names; the other, and the school, stay as they were."""
    one, other = newcomers(2)
    first = drop.parcel(one, other, mode=DELTA)
    prepared(drop.give(first))
    before = all_shown(drop, readback, one, other)
    prepared(drop.give(drop.parcel(renamed(one), mode=DELTA)))
    expect.equal(given(drop, readback, one, RENAMED), RENAMED, "users.givenName", readback.last)
    after = drop.people(readback)
    for key in set(before) - set(ids(one)):
        expect.equal(after.get(key, {}).get("givenName"), before[key].get("givenName"),
                     "users.givenName of a row that no delta named", readback.last)  # fmt: skip


@verifies("TRN-LC-01")
def check_row_to_be_deleted_is_gone(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """A student marked as to be deleted is gone, the one beside him stays."""
    if drop.mode != DELTA:
        raise NotApplicable("the target takes no deltas")
    one, other = newcomers(2)
    came(drop, readback, one, other)
    accepted(drop.give(drop.removal(one)), "a delta that deletes is taken")
    readback.settle()
    none_shown(drop, readback, "a deleted student is gone", one, wait=False)
    all_shown(drop, readback, other)


@verifies("DAT-FIL-012")
def check_whole_file_removes_who_is_not_in_it(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """Who is in the next whole file stays, who is not in it any more is gone."""
    stays, leaves = newcomers(2)
    prepared(drop.give(drop.parcel(stays, leaves, mode=BULK)))
    all_shown(drop, readback, stays, leaves)
    prepared(drop.give(drop.parcel(stays, mode=BULK)))
    readback.settle()
    none_shown(drop, readback, "who is in no whole file is gone", leaves, wait=False)
    all_shown(drop, readback, stays)


@verifies("DAT-FIL-013")
def check_blank_cell_of_a_delta_clears(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """A row of a delta is the whole record: a middle name that it does not tell is gone."""
    if drop.mode != DELTA:
        raise NotApplicable("the target takes no deltas")
    part = newcomers(1, middleName="Qvex")[0]
    came(drop, readback, part)
    key = ids(part)[0]
    if drop.people(readback)[key].get("middleName") != "Qvex":
        raise NotVerified("the middle name is not shown, so nobody sees whether it is cleared")
    without = renamed(part) | {"users": [user | {"middleName": "", "givenName": RENAMED}
                                         for user in part["users"]]}  # fmt: skip
    prepared(drop.give(drop.parcel(without)))
    given(drop, readback, part, RENAMED)
    expect.equal(drop.people(readback)[key].get("middleName", ""), "", "users.middleName",
                 readback.last)  # fmt: skip


@verifies("DAT-FIL-014")
def check_delta_of_a_manifest_alone_changes_nothing(
    drop: Delivery, readback: ReadBack, newcomer: Tables
) -> None:
    """A delta without any file says that nothing changed: it is taken, and everybody stays."""
    came(drop, readback, newcomer)
    before = set(drop.people(readback))
    accepted(drop.give(drop.parcel(mode=DELTA)), "a delta of a manifest alone is taken")
    readback.settle()
    expect.equal(set(drop.people(readback)) == before, True, "everybody is still there",
                 readback.last)  # fmt: skip


@verifies("TRN-LC-07")
def check_same_file_twice_is_the_same_as_once(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """The same file sent again is taken, doubles nobody and loses nobody."""
    part = roster.joined(*newcomers(2))
    parcel = drop.parcel(part)
    prepared(drop.give(parcel))
    all_shown(drop, readback, part)
    before = _table(drop, readback, "users")
    accepted(drop.give(parcel), "the same file is taken again")
    readback.settle()
    after = _table(drop, readback, "users")
    expect.equal(len(after), len(before), "rows of users after the same file", readback.last)
    expect.equal(after == before, True, "the same file again changes no row", readback.last)


def _table(drop: Delivery, source: ReadBack, name: str) -> list[Row]:
    drop.look_anew(source)
    rows = [row | {"dateLastModified": ""} for row in source.table(name)]
    return sorted(rows, key=lambda row: (row.get("sourcedId", ""), row.get("identifier", "")))


@verifies("DAT-FIL-015")
def check_older_row_does_not_undo_a_newer_one(
    drop: Delivery, readback: ReadBack, newcomer: Tables
) -> None:
    """A delta that is dated before what is kept, and comes late, changes nothing."""
    if drop.mode != DELTA:
        raise NotApplicable("rows of whole files have no date")
    old = drop.parcel(newcomer, when=drop.stamp(-60))
    new = drop.parcel(renamed(newcomer))
    prepared(drop.give(new))
    given(drop, readback, newcomer, RENAMED)
    drop.give(old)
    readback.settle()
    expect.equal(given(drop, readback, newcomer, RENAMED), RENAMED, "users.givenName",
                 readback.last)  # fmt: skip


@verifies("TRN-LC-08")
def check_deleted_student_can_come_again(
    drop: Delivery, readback: ReadBack, newcomer: Tables
) -> None:
    """A student who was deleted and is delivered again is there again, once."""
    if drop.mode != DELTA:
        raise NotApplicable("the target takes no deltas")
    came(drop, readback, newcomer)
    prepared(drop.give(drop.removal(newcomer)))
    readback.settle()
    accepted(drop.give(drop.parcel(renamed(newcomer))), "a deleted student is taken again")
    all_shown(drop, readback, newcomer)
    expect.equal(given(drop, readback, newcomer, RENAMED), RENAMED, "users.givenName",
                 readback.last)  # fmt: skip


@verifies("DAT-FIL-016")
def check_two_files_at_once_are_both_applied(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """Two files that come before either has a result are both applied."""
    one, other = newcomers(2)
    first, second = _two(drop, one, other)
    sent = drop.send(first), drop.send(second)
    for each in sent:
        accepted(drop.outcome(each), "each of two files is taken")
    all_shown(drop, readback, one, other)


def _two(drop: Delivery, one: Tables, other: Tables) -> tuple[Parcel, Parcel]:
    if drop.mode == DELTA:
        return drop.parcel(one), drop.parcel(other)
    return drop.parcel(one), drop.parcel(one, other)


@verifies("DAT-FIL-017")
def check_name_that_comes_again_is_a_new_file(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """Another file under a name that was used before is applied too."""
    one, other = newcomers(2)
    first, second = _two(drop, one, other)
    name = drop.new_name(first.suffix)
    prepared(drop.give(first, name=name))
    all_shown(drop, readback, one)
    accepted(drop.give(second, name=name), "a name that comes again is taken")
    all_shown(drop, readback, one, other)
