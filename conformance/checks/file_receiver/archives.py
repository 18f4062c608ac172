"""Deliveries that are no sound archive, or not the set that they say they are: refused whole."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from functools import cache
from io import BytesIO

import pytest

from conformance import expect
from conformance.checks.file_receiver.looks import all_shown, control, none_shown, refused
from conformance.delivery import Delivery
from conformance.outcomes import APPLIED
from conformance.parcels import BULK, Parcel, Tables, packed, read_rows, write_rows
from conformance.plugin_file_receiver import Newcomers
from conformance.problems import NotApplicable, NotVerified
from conformance.readback import ReadBack
from conformance.target_files import CLEVER, FLAT, SDS
from conformance.verifies import verifies

BOMB_BYTES = 120_000_000
BOMB_SECONDS = 20.0
OUTSIDE = {
    "a way up": "../qvex.csv",
    "a whole path": "/qvex.csv",
    "a way up of Windows": "..\\qvex.csv",
}


def not_flat(drop: Delivery) -> None:
    """What is said of archives is said to those who take archives."""
    if drop.told.form == FLAT:
        raise NotApplicable("the form flat is no archive")


def _without_manifest(parcel: Parcel) -> Parcel:
    return parcel.without("manifest.csv")


def _without_people(parcel: Parcel) -> Parcel:
    return parcel.without("users.csv")


def _beside_the_manifest(parcel: Parcel) -> Parcel:
    rows = [row for row in read_rows(parcel.files["manifest.csv"]) if row[0] != "file.users"]
    return parcel.among({"manifest.csv": write_rows([*rows, ["file.users", "absent"]])})


def _other_version(parcel: Parcel) -> Parcel:
    rows = [
        [row[0], "3.9" if row[0] == "oneroster.version" else row[1]]
        for row in read_rows(parcel.files["manifest.csv"])
    ]
    return parcel.among({"manifest.csv": write_rows(rows)})


FAULTS: dict[str, Callable[[Parcel], Parcel]] = {
    "no manifest": _without_manifest,
    "a file less than the manifest says": _without_people,
    "a file that the manifest calls absent": _beside_the_manifest,
    "a version that nobody knows": _other_version,
}


@pytest.mark.parametrize("fault", list(FAULTS))
@verifies("TRN-PR-10", negative=True)
def check_bundle_against_its_manifest_is_refused_whole(
    drop: Delivery, readback: ReadBack, newcomer: Tables, fault: str
) -> None:
    """A bundle that does not fit its manifest is refused whole; without the fault it is taken."""
    drop.oneroster()
    parcel = drop.parcel(newcomer)
    outcome = drop.give(FAULTS[fault](parcel))
    refused(drop, readback, outcome, f"a bundle with {fault} is refused", newcomer)
    control(drop, readback, parcel, newcomer)


@verifies("DAT-FIL-028", negative=True)
def check_half_a_set_is_refused(drop: Delivery, readback: ReadBack, newcomer: Tables) -> None:
    """A whole delivery that lacks the file of people is refused, and nobody is lost by it."""
    not_flat(drop)
    parcel = drop.parcel(newcomer, mode=BULK)
    half = parcel.without(parcel.people)
    if drop.told.form not in (CLEVER, SDS):
        rows = [
            [row[0], "absent" if row[0] == "file.users" else row[1]]
            for row in read_rows(parcel.files["manifest.csv"])
        ]
        half = half.among({"manifest.csv": write_rows(rows)})
    control(drop, readback, parcel, newcomer)
    outcome = drop.give(half)
    if outcome.told:
        expect.equal(outcome.end, "refused", "half a set is refused", outcome.reply)
    else:
        readback.settle()
    all_shown(drop, readback, newcomer)


@verifies("DAT-FIL-029", negative=True)
def check_cut_archive_is_refused(drop: Delivery, readback: ReadBack, newcomer: Tables) -> None:
    """An archive that is cut in the middle is refused, nothing of it is taken; whole it is."""
    not_flat(drop)
    parcel = drop.parcel(newcomer)
    data = parcel.data()
    for kept in (len(data) // 2, len(data) - 30):
        outcome = drop.give_data(data[:kept])
        refused(drop, readback, outcome, "a cut archive is refused", newcomer)
    control(drop, readback, parcel, newcomer)


@cache
def _zeros() -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        info = zipfile.ZipInfo("demographics.csv", (2026, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        with zipped.open(info, "w") as file:
            for _ in range(BOMB_BYTES // 1_000_000):
                file.write(bytes(1_000_000))
    return archive.getvalue()


def _bomb(files: dict[str, bytes]) -> bytes:
    archive = BytesIO(_zeros())
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            zipped.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)
    return archive.getvalue()


@verifies("DAT-FIL-030", negative=True)
def check_archive_that_unpacks_to_too_much_is_refused(
    drop: Delivery, readback: ReadBack, newcomer: Tables
) -> None:
    """A small archive of 120 MB of zeros is refused, and the next file is taken all the same."""
    not_flat(drop)
    parcel = drop.parcel(newcomer)
    files = {name: data for name, data in parcel.files.items() if name != "demographics.csv"}
    outcome = drop.give_data(_bomb(files))
    refused(drop, readback, outcome, "an archive that unpacks to 120 MB is refused", newcomer)
    control(drop, readback, parcel, newcomer)


@pytest.mark.parametrize("kind", list(OUTSIDE))
@verifies("DAT-FIL-031", negative=True)
def check_names_that_lead_out_are_refused(
    drop: Delivery, readback: ReadBack, newcomer: Tables, kind: str
) -> None:
    """An archive with a name that leads out of its root is refused; without it, it is taken."""
    not_flat(drop)
    parcel = drop.parcel(newcomer)
    data = packed(parcel.files | {OUTSIDE[kind]: b"sourcedId\r\n1\r\n"})
    outcome = drop.give_data(data)
    if outcome.end == APPLIED or not outcome.told:
        # Leaving the name aside is safe as well, where nobody says that it was taken.
        _refuse_trace(drop, outcome.end == APPLIED)
    else:
        none_shown(drop, readback, "no row of a refused archive is taken", newcomer, wait=False)
    control(drop, readback, parcel, newcomer)


def _refuse_trace(drop: Delivery, applied: bool) -> None:
    what = "an archive with a name that leads out of its root is refused"
    expect.true(not applied, what, None, "it is applied")
    if not drop.declared("outcome"):
        raise NotVerified("the product does not say what became of it, and nobody sees its disk")


@verifies("DAT-FIL-032", negative=True)
def check_file_of_nothing_is_refused(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """A delivery of no bytes is refused, and everybody who was there stays."""
    part = newcomers(1)[0]
    parcel = drop.parcel(part)
    control(drop, readback, parcel, part)
    outcome = drop.give_data(b"", parcel.suffix)
    if outcome.told:
        expect.equal(outcome.end, "refused", "a file of no bytes is refused", outcome.reply)
    else:
        readback.settle()
    all_shown(drop, readback, part)


@verifies("DAT-FIL-032", negative=True)
def check_header_alone_deletes_nobody(
    drop: Delivery, readback: ReadBack, newcomers: Newcomers
) -> None:
    """A whole delivery whose file of people has a header and no row loses nobody."""
    part = newcomers(1)[0]
    parcel = drop.parcel(part, mode=BULK)
    control(drop, readback, parcel, part)
    bare = parcel.changed(parcel.people, lambda data: write_rows(read_rows(data)[:1]))
    outcome = drop.give(bare)
    if not outcome.told:
        readback.settle()
    all_shown(drop, readback, part)
