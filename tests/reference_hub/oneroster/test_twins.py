"""TRN-PR-03: what a vendor reads over REST is what its CSV bundle says, row by row.

Source: OneRoster 1.2 REST binding against CSV binding; the names that differ stand in OTHER_NAMES.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from reference_hub.store import target_rows
from reference_hub.translate.bundle_writing import BULK, write_bundle
from tests.reference_hub.oneroster.conftest import ALL, Puller
from tests.reference_hub.translate.districts import district, written

FILES = ("orgs", "academicSessions", "courses", "classes", "enrollments", "users", "demographics")
OTHER_NAMES = {
    "preferredFirstName": "preferredGivenName",
    "preferredLastName": "preferredFamilyName",
}
# Of no column: the way down, which the way up tells, and rows of files of their own.
APART = {"children", "roles", "status", "dateLastModified", "userProfiles"}
Cells = dict[str, str]


def bundle(reading: Puller) -> dict[str, list[Cells]]:
    """The rows of the CSV bundle of the same vendor, blank cells left out."""
    with reading.hub.engine.connect() as connection:
        at = (connection, reading.shelf.to)
        rows = {
            name: [row.body for row in target_rows.each(*at, name)] for name in (*FILES, "roles")
        }
    with write_bundle(rows, "1.2", BULK).content as content:
        archive = zipfile.ZipFile(io.BytesIO(content.read()))
    return {
        name.removesuffix(".csv"): [
            {column: cell for column, cell in row.items() if cell}
            for row in csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig")))
        ]
        for name in archive.namelist()
    }


def cells(found: Mapping[str, Any]) -> Cells:
    """An object of REST as the cells of a row."""
    told: Cells = {}
    for name, value in found.items():
        if name in APART or value in (None, "", []):
            continue
        if isinstance(value, dict):
            told[f"{name}SourcedId"] = value["sourcedId"]
        elif name == "userIds":
            told[name] = ",".join(f"{{{x['type']}:{x['identifier']}}}" for x in value)
        elif isinstance(value, list) and isinstance(value[0], dict):
            told[f"{name.removesuffix('s')}SourcedIds"] = ",".join(x["sourcedId"] for x in value)
        else:
            told[OTHER_NAMES.get(name, name)] = (
                ",".join(value) if isinstance(value, list) else value
            )
    return told


def everything(reading: Puller, name: str) -> Iterator[Mapping[str, Any]]:
    """All objects of a collection, page by page."""
    offset = 0
    while page := reading.get(name, limit="150", offset=str(offset)).json()[name]:
        yield from page
        offset += len(page)


@pytest.fixture
def reading(puller: Callable[..., Puller]) -> Puller:
    """A vendor that may read everything that the hub made of a district's SIF objects."""
    made = puller().allowed(*ALL)
    made.shelf.fill(written(district(1), "oneroster-1.2").ready())
    return made


@pytest.mark.requirement("TRN-PR-03")
def test_rest_and_csv_say_the_same_of_every_row(reading: Puller) -> None:
    files = bundle(reading)
    for name in FILES:
        over_rest = {each["sourcedId"]: cells(each) for each in everything(reading, name)}
        assert len(over_rest) > 2, name
        assert over_rest == {row["sourcedId"]: row for row in files[name]}, name


@pytest.mark.requirement("TRN-PR-03")
def test_the_roles_inside_a_user_are_the_rows_of_roles(reading: Puller) -> None:
    names = ("roleType", "role", "beginDate", "endDate")
    over_rest = sorted(
        (user["sourcedId"], role["org"]["sourcedId"], *(role.get(x, "") for x in names))
        for user in everything(reading, "users")
        for role in user["roles"]
    )
    assert len(over_rest) > 20
    assert over_rest == sorted(
        (row["userSourcedId"], row["orgSourcedId"], *(row.get(x, "") for x in names))
        for row in bundle(reading)["roles"]
    )
