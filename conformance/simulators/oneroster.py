"""OneRoster 1.2 CSV: the columns of the files kept here, writing and reading them.

Source: 1EdTech OneRoster 1.2 CSV binding; RFC 4180.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from conformance.simulators.problems import Malformed

_EVERY = ("sourcedId", "status", "dateLastModified")

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "users": (
        *_EVERY, "enabledUser", "username", "userIds", "givenName", "familyName", "middleName",
        "identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password",
        "userMasterIdentifier", "preferredGivenName", "preferredMiddleName",
        "preferredFamilyName", "primaryOrgSourcedId", "pronouns",
    ),
    "roles": (
        *_EVERY, "userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId",
        "userProfileSourcedId",
    ),
    "demographics": (
        *_EVERY, "birthDate", "sex", "americanIndianOrAlaskaNative", "asian",
        "blackOrAfricanAmerican", "nativeHawaiianOrOtherPacificIslander", "white",
        "demographicRaceTwoOrMoreRaces", "hispanicOrLatinoEthnicity", "countryOfBirthCode",
        "stateOfBirthAbbreviation", "cityOfBirth", "publicSchoolResidenceStatus",
    ),
    "academicSessions": (
        *_EVERY, "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear",
    ),
    "classes": (
        *_EVERY, "title", "grades", "courseSourcedId", "classCode", "classType", "location",
        "schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods",
    ),
    "enrollments": (
        *_EVERY, "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary",
        "beginDate", "endDate",
    ),
}  # fmt: skip
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "users": ("sourcedId", "enabledUser", "username", "givenName", "familyName"),
    "roles": ("sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId"),
    "demographics": ("sourcedId",),
    "academicSessions": ("sourcedId", "title", "type", "startDate", "endDate", "schoolYear"),
    "classes": (
        "sourcedId", "title", "courseSourcedId", "classType", "schoolSourcedId", "termSourcedIds",
    ),
    "enrollments": ("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
}  # fmt: skip

Row = dict[str, str]


def write_table(columns: tuple[str, ...], rows: Iterable[Row]) -> bytes:
    """CSV in UTF-8 without byte order mark; lines end with CR LF; absent cells stay blank."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read_table(name: str, data: bytes) -> list[Row]:
    """Rows of one file of a bundle; raises Malformed with row and column."""
    columns = COLUMNS[name]
    lines = csv.reader(io.StringIO(_decode(name, data), newline=""), strict=True)
    try:
        return [
            _read_row(name, columns, number, cells)
            for number, cells in enumerate(lines, 1)
            if cells and (number > 1 or not _is_header(name, columns, cells))
        ]
    except csv.Error as error:
        raise Malformed(f"{name}.csv row {lines.line_num}", "is not RFC 4180") from error


def _decode(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"{name}.csv", "is not UTF-8") from error


def _is_header(name: str, columns: tuple[str, ...], cells: list[str]) -> bool:
    own = [cell for cell in cells if not cell.startswith("metadata.")]
    if tuple(own) != columns or cells[: len(own)] != own:
        raise Malformed(f"{name}.csv row 1", "does not hold the published columns in their order")
    return True


def _read_row(name: str, columns: tuple[str, ...], number: int, cells: list[str]) -> Row:
    if len(cells) < len(columns):
        raise Malformed(f"{name}.csv row {number}", f"has fewer cells than {len(columns)}")
    row = dict(zip(columns, cells, strict=False))
    blank = [column for column in REQUIRED[name] if not row[column]]
    if blank:
        raise Malformed(f"{name}.csv row {number} column {blank[0]}", "is required and blank")
    return row
