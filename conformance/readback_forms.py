"""The forms in which a vendor shows what it stored, each read as rows of OneRoster 1.2 CSV.

A form gives one table at a time: `users`, `demographics` or `roles`. What it cannot show is not in
`sees`, so that nobody takes what cannot be seen for empty.
Source: 1EdTech OneRoster 1.2, CSV and REST bindings; Ed-Fi data standard 5 (`readback_edfi`).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from conformance.problems import Finding, NotVerified
from conformance.reply import Reply, read_json
from conformance.target_tables import Readback

Row = dict[str, str]
PAGE = 100
DEMOGRAPHICS = (
    "birthDate", "sex", "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces",
    "hispanicOrLatinoEthnicity", "countryOfBirthCode",
)  # fmt: skip


class Source(Protocol):
    """Where a form reads: what the target file tells, and a signed GET.

    `since` is the moment (seconds of the epoch) before which a file says nothing of this check.
    """

    told: Readback
    folder: Path
    since: float

    def fetch(self, path: str, accept: str = "text/csv") -> Reply:
        """GET one address; raises NotVerified if it is refused."""


Table = Callable[[Source, str], list[Row]]


def csv_files(source: Source, name: str) -> list[Row]:
    """One export for each table; a table without an address has no rows."""
    path = told_of(source.told, name)
    if not path:
        return []
    reply = source.fetch(path)
    return parsed(reply.body, source.told, reply.request, reply.exchange)


def told_of(told: Readback, name: str) -> str:
    """Where the target file says that a table stands; empty if nowhere."""
    own = {"users": told.users, "demographics": told.demographics, "roles": told.roles}
    return own[name] if name in own else told.others.replace("{name}", name)


def zipped(source: Source, name: str) -> list[Row]:
    """One bundle with a file for each table; NotVerified if it lacks this one."""
    reply = source.fetch(source.told.address, "application/zip")
    try:
        with zipfile.ZipFile(io.BytesIO(reply.body)) as bundle:
            held = {Path(one).name: one for one in bundle.namelist()}
            if f"{name}.csv" not in held:
                raise NotVerified(f"the bundle holds no {name}.csv (exchange {reply.exchange})")
            data = bundle.read(held[f"{name}.csv"])
    except (zipfile.BadZipFile, RuntimeError, EOFError) as error:
        kind = type(error).__name__
        summary = f"{reply.request} is not a zip archive"
        raise Finding(summary, "a zip archive", kind, reply.exchange) from None
    return parsed(data, source.told, f"{name}.csv in {reply.request}", reply.exchange)


def from_folder(source: Source, name: str) -> list[Row]:
    """A file that somebody, or a transfer, put into the folder that the target file names."""
    file = file_of(source, name)
    if file is None:
        return []
    if not is_fresh(source, file):
        raise NotVerified(f"there is no {file.name} of this check in the folder of the read back")
    return parsed(file.read_bytes(), source.told, file.name, None)


def file_of(source: Source, name: str) -> Path | None:
    """Where the file of a table is to be put; None if the target file names none."""
    told = told_of(source.told, name)
    return source.folder / source.told.address / Path(told).name if told else None


def is_fresh(source: Source, file: Path) -> bool:
    """Whether the file is there and younger than the check."""
    return file.is_file() and file.stat().st_mtime >= source.since


def flat(source: Source, name: str) -> list[Row]:
    """One file of the vendor's own layout; `[readback.columns]` says what its columns are."""
    if name == "roles":
        return []
    reply = source.fetch(source.told.address)
    rows = parsed(reply.body, source.told, reply.request, reply.exchange)
    return [_renamed(row, source.told, name == "demographics") for row in rows]


def _renamed(row: Row, told: Readback, demographic: bool) -> Row:
    found = {
        ours: row.get(theirs, "")
        for ours, theirs in told.columns.items()
        if ours == "identifier" or (ours in DEMOGRAPHICS) == demographic
    }
    if found.get("birthDate"):
        try:
            day = datetime.strptime(found["birthDate"], told.date_format)  # noqa: DTZ007
            found["birthDate"] = day.date().isoformat()
        except ValueError:
            return found  # another day format is a changed value, which the comparison shows
    return found


def parsed(data: bytes, told: Readback, name: str, exchange: int | None) -> list[Row]:
    """Rows of a CSV file by column; a Finding if it is none in the encoding that was told."""
    try:
        text = io.StringIO(data.decode(told.encoding), newline="")
        rows = list(csv.DictReader(text, strict=True, delimiter=told.delimiter))
    except (UnicodeDecodeError, csv.Error) as error:
        what = f"CSV in {told.encoding} with a header line"
        summary = f"{name} is not a CSV file in {told.encoding.removesuffix('-sig').upper()}"
        raise Finding(summary, what, type(error).__name__, exchange) from None
    return [{name: value or "" for name, value in row.items() if name} for row in rows]


def walked(source: Source, path: str, member: str) -> list[Mapping[str, object]]:
    """Every object of a paged JSON collection by `limit` and `offset`, to the first short page.

    `member` names the list inside the answer, empty where the answer is the list.
    """
    found: list[Mapping[str, object]] = []
    while True:
        joined = "&" if "?" in path else "?"
        reply = source.fetch(f"{path}{joined}limit={PAGE}&offset={len(found)}", "application/json")
        page = objects(reply, member)
        found += page
        if len(page) < PAGE:
            return found


def objects(reply: Reply, member: str) -> list[Mapping[str, object]]:
    """The objects of one page; a Finding if the answer holds no such list."""
    try:
        body = read_json(reply.body)
    except ValueError:
        summary = f"{reply.request} is not JSON"
        raise Finding(summary, "JSON", "other bytes", reply.exchange) from None
    listed = body.get(member) if member and isinstance(body, Mapping) else body
    if not isinstance(listed, list):
        what = f"a list {member}".rstrip()
        raise Finding(f"{reply.request} holds no {what}", what, "none", reply.exchange)
    return [one for one in listed if isinstance(one, Mapping)]
