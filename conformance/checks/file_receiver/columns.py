"""Files whose columns, delimiter or encoding are not what the form says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance import expect
from conformance.checks.file_receiver.looks import (
    accepted,
    control,
    ids,
    none_shown,
    refused,
)
from conformance.checks.file_receiver.whole import same_cells
from conformance.delivery import Delivery
from conformance.parcels import Parcel, Tables, read_rows, write_rows
from conformance.plugin_file_receiver import Newcomers
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.target_files import CLEVER, FLAT
from conformance.trees import folded
from conformance.verifies import verifies


def column(drop: Delivery, ours: str) -> str:
    """What the form calls a column of users."""
    clever = {"givenName": "First_name", "familyName": "Last_name", "sourcedId": "Student_id"}
    if drop.told.form == CLEVER:
        return clever[ours]
    return drop.told.columns.get(ours, ours) if drop.told.form == FLAT else ours


def _moved(data: bytes, one: str, other: str) -> bytes:
    """The file with two columns in each other's place, header and cells."""
    rows = read_rows(data)
    first, second = rows[0].index(one), rows[0].index(other)
    for row in rows:
        row[first], row[second] = row[second], row[first]
    return write_rows(rows)


@verifies("DAT-FIL-020", negative=True)
def check_columns_in_another_order_are_not_mixed_up(
    drop: Delivery, readback: ReadBack, newcomer: Tables
) -> None:
    """A file with two columns in each other's place is read by name, or refused; never mixed up."""
    parcel = drop.parcel(newcomer)
    names = column(drop, "givenName"), column(drop, "familyName")
    outcome = drop.give(parcel.changed(parcel.people, lambda data: _moved(data, *names)))
    if not outcome.told:
        readback.settle()
    if ids(newcomer)[0] in drop.people(readback):
        same_cells(drop, readback, newcomer, ("givenName", "familyName"))
    else:
        claim = "a file that is applied is shown"
        expect.true(outcome.end != "applied", claim, outcome.reply, "it is not shown")
    control(drop, readback, drop.parcel(newcomer), newcomer)


@verifies("DAT-FIL-021")
def check_columns_of_metadata_are_no_harm(
    drop: Delivery, readback: ReadBack, newcomer: Tables
) -> None:
    """Columns called metadata at the right end are taken or left aside; the rest is kept."""
    drop.oneroster()
    parcel = drop.parcel(newcomer).changed("users.csv", _with_metadata)
    accepted(drop.give(parcel), "a file with a column of metadata is taken")
    same_cells(drop, readback, newcomer, ("username",))


def _with_metadata(data: bytes) -> bytes:
    head, *rows = read_rows(data)
    return write_rows([[*head, "metadata.qvexShelf"], *([*row, "A7"] for row in rows)])


@pytest.mark.parametrize("name", ["sourcedId", "familyName"])
@verifies("DAT-FIL-022", negative=True)
def check_file_without_a_needed_column_is_refused(
    drop: Delivery, readback: ReadBack, newcomer: Tables, name: str
) -> None:
    """A file that lacks a column it must have is refused; with the column it is taken."""
    parcel = drop.parcel(newcomer)
    lost = column(drop, name)
    outcome = drop.give(parcel.changed(parcel.people, lambda data: _without(data, lost)))
    refused(drop, readback, outcome, f"a file without the column of {name} is refused", newcomer)
    control(drop, readback, parcel, newcomer)


def _without(data: bytes, name: str) -> bytes:
    rows = read_rows(data)
    place = rows[0].index(name)
    return write_rows([row[:place] + row[place + 1 :] for row in rows])


@pytest.mark.parametrize("sign", [";", "\t"])
@verifies("DAT-FIL-024", negative=True)
def check_file_with_another_delimiter_is_refused(
    drop: Delivery, readback: ReadBack, newcomer: Tables, sign: str
) -> None:
    """A file whose cells are parted by another sign is refused; with commas it is taken."""
    parcel = drop.parcel(newcomer)
    turned = parcel.changed(parcel.people, lambda data: write_rows(read_rows(data), delimiter=sign))
    outcome = drop.give(turned)
    refused(drop, readback, outcome, "a file with another delimiter is refused", newcomer)
    control(drop, readback, parcel, newcomer)


@verifies("DAT-FIL-025", negative=True)
def check_bytes_that_are_no_text_are_not_guessed(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """A name in Latin-1 is refused and never shown as something else; in UTF-8 it is taken."""
    part = newcomers(1, familyName="Qvex\u00e9\u00f1")[0]
    parcel = drop.parcel(part)
    outcome = drop.give(
        parcel.changed(parcel.people, lambda data: data.decode().encode("latin-1", "replace"))
    )
    refused(drop, readback, outcome, "a file that is no UTF-8 is refused", part)
    control(drop, readback, parcel, part)


def _open_quote(data: bytes) -> bytes:
    head, _, rest = data.partition(b"\r\n")
    return head + b'\r\n"' + rest.replace(b'"', b"")


def _cut_row(data: bytes) -> bytes:
    kept = data.removesuffix(b"\r\n")
    return kept[: kept.rindex(b"\r\n") + 2 + (len(kept) - kept.rindex(b"\r\n")) // 2]


def _wide_row(data: bytes) -> bytes:
    return data.removesuffix(b"\r\n") + b",qvex,qvex\r\n"


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "a quote that never ends": _open_quote,
    "a last row cut in the middle": _cut_row,
    "a row with cells too many": _wide_row,
}


@pytest.mark.parametrize("fault", list(BROKEN))
@verifies("DAT-FIL-023", negative=True)
def check_row_of_another_width_is_not_taken(
    drop: Delivery, readback: ReadBack, newcomer: Tables, fault: str
) -> None:
    """A row with cells too few or too many is not taken, and that is told; without it, it is."""
    parcel = drop.parcel(newcomer)
    broken: Parcel = parcel.changed(parcel.people, BROKEN[fault])
    last = read_rows(parcel.files[parcel.people])[-1]
    if not any(folded(cell) == ids(newcomer)[0] for cell in last):
        raise NotVerified("the student of the check is not the last of the file")
    outcome = drop.give(broken)
    claim = f"a file with {fault} is not simply applied"
    if outcome.told:
        expect.one_of(outcome.end, ("partly", "refused"), claim, outcome.reply)
    none_shown(drop, readback, "a broken row is not taken", newcomer, wait=not outcome.told)
    control(drop, readback, parcel, newcomer)
