"""OneRoster bundles by PUT: a byte order mark is no reason to refuse, a fault refuses the whole."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.pod.bundles import bundle, put
from conformance.checks.preparation import accepted, control_holds
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

Files = dict[str, bytes]


def packed(files: Files) -> bytes:
    """A zip archive of these files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return archive.getvalue()


def unpacked(body: bytes) -> Files:
    """The files of a zip archive."""
    with zipfile.ZipFile(io.BytesIO(body)) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def _without_manifest(files: Files) -> Files:
    return {name: data for name, data in files.items() if name != "manifest.csv"}


def _without_users(files: Files) -> Files:
    return {name: data for name, data in files.items() if name != "users.csv"}


def _other_column(files: Files) -> Files:
    return files | {"users.csv": files["users.csv"].replace(b"givenName", b"firstName", 1)}


def _short_row(files: Files) -> Files:
    head, _, rest = files["users.csv"].partition(b"\r\n")
    row = rest.partition(b"\r\n")[0]
    return files | {"users.csv": b"\r\n".join((head, row, row[: len(row) // 2], b""))}


def _blank_id(files: Files) -> Files:
    head, _, rest = files["users.csv"].partition(b"\r\n")
    row = rest.partition(b"\r\n")[0]
    blank = b'""' + row[row.index(b",") :]
    return files | {"users.csv": b"\r\n".join((head, row, blank, b""))}


FAULTS: dict[str, Callable[[Files], Files]] = {
    "no manifest": _without_manifest,
    "a file less than the manifest says": _without_users,
    "an unknown column": _other_column,
    "a row cut short": _short_row,
    "a row without an id": _blank_id,
}


def token(sif: SifClient) -> str | None:
    """The marker in force, if PODs are spoken of."""
    return sif.pod.token if sif.pod is not None else None


@pytest.mark.parametrize("fault", list(FAULTS))
@verifies("TRN-PR-10", negative=True)
def check_malformed_bundle_is_refused_whole(
    sif: SifClient, readback: ReadBack, student: etree._Element, fault: str
) -> None:
    """A bundle with one fault is refused and none of its rows is taken; without it, it is taken."""
    readback.must_see("users.sourcedId")
    good = bundle(student)
    key = trees.folded(trees.refid(student))
    if key in readback.users():
        raise NotVerified("this student is in the export already, so nothing can be told")
    reply = put(sif, packed(FAULTS[fault](unpacked(good))), token(sif))
    expect.true(
        400 <= reply.status < 500, f"a bundle with {fault} is refused", reply, str(reply.status)
    )
    readback.settle()
    expect.true(key not in readback.users(), "no row of a refused bundle is taken", readback.last)
    try:
        control_holds(put(sif, good, token(sif)), "the bundle without the fault is taken")
        if not readback.user(key):
            raise NotVerified("the good bundle is not in the export, so nothing is proven")
    finally:
        put(sif, bundle(student, gone=True), token(sif))


@pytest.mark.parametrize("form", ["byte order mark", "line feeds"])
@verifies("TRN-TX-08")
def check_mark_and_line_feeds_are_read(
    sif: SifClient, readback: ReadBack, student: etree._Element, form: str
) -> None:
    """Files with a byte order mark, or with line feeds alone, are taken with their first column."""
    readback.must_see("users.sourcedId")
    files = unpacked(bundle(student))
    users = files["users.csv"].removeprefix(b"\xef\xbb\xbf")
    marked = form == "byte order mark"
    written = b"\xef\xbb\xbf" + users if marked else users.replace(b"\r\n", b"\n")
    reply = put(sif, packed(files | {"users.csv": written}), token(sif))
    try:
        accepted(reply, f"a bundle with a {form} is taken")
        row = readback.user(trees.refid(student))
        expect.equal(
            row.get("givenName"),
            trees.text(student, "name", "givenName"),
            "users.givenName",
            readback.last,
        )
    finally:
        put(sif, bundle(student, gone=True), token(sif))
