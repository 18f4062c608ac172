"""The OneRoster 1.2 bulk bundle: its files, its references, its bytes."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from lxml import etree

from fixtures.generate import generate
from fixtures.writers import xpress
from reference_hub.translate.columns import COLUMNS
from reference_hub.translate.csv_bundle import Bundle, build
from reference_hub.translate.engine import translate
from reference_hub.translate.mapping import load

ONEROSTER = load("oneroster-1.2")
DISTRICT = {
    name: list(collection)
    for name, collection in xpress.documents(generate(7, 12))
    if name[0] == "x"
}
ROSTER = [*DISTRICT["xLeas"], *DISTRICT["xSchools"], *DISTRICT["xStudents"]]


def bundle(*elements: etree._Element) -> Bundle:
    """Translate and pack."""
    return build([translate(element, ONEROSTER) for element in elements])


def unpack(made: Bundle) -> dict[str, list[dict[str, str]]]:
    """Read a bundle back, file by file."""
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        texts = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    return {
        name: list(csv.DictReader(io.StringIO(text, newline=""))) for name, text in texts.items()
    }


def test_the_manifest_comes_first_and_agrees_with_the_files() -> None:
    files = unpack(bundle(*ROSTER))
    assert next(iter(files)) == "manifest.csv"
    told = {row["propertyName"]: row["value"] for row in files["manifest.csv"]}
    bulk = {f"{key.removeprefix('file.')}.csv" for key, value in told.items() if value == "bulk"}
    assert bulk == set(files) - {"manifest.csv"}
    assert len([key for key in told if key.startswith("file.")]) == 21
    assert (told["manifest.version"], told["oneroster.version"]) == ("1.0", "1.2")


def test_a_file_without_rows_is_absent() -> None:
    assert list(unpack(bundle(*DISTRICT["xLeas"]))) == ["manifest.csv", "orgs.csv"]


def test_headers_stand_as_published() -> None:
    files = unpack(bundle(*ROSTER))
    assert {
        name: tuple(rows[0]) for name, rows in files.items() if name != "manifest.csv"
    } == COLUMNS


def test_every_reference_resolves_inside_the_bundle() -> None:
    files = unpack(bundle(*ROSTER))
    orgs = {row["sourcedId"] for row in files["orgs.csv"]}
    users = {row["sourcedId"] for row in files["users.csv"]}
    assert {row["orgSourcedId"] for row in files["roles.csv"]} <= orgs
    assert {row["primaryOrgSourcedId"] for row in files["users.csv"]} <= orgs
    assert {row["userSourcedId"] for row in files["roles.csv"]} == users
    assert {row["sourcedId"] for row in files["demographics.csv"]} <= users


def test_bulk_rows_have_neither_status_nor_date() -> None:
    files = unpack(bundle(*ROSTER))
    rows = [row for name, rows in files.items() if name != "manifest.csv" for row in rows]
    assert {(row["status"], row["dateLastModified"]) for row in rows} == {("", "")}


def test_a_role_in_a_school_that_is_not_sent_is_left_out_and_named() -> None:
    made = bundle(*DISTRICT["xStudents"])
    assert "roles.csv" not in unpack(made)
    lost = {(loss.source_path, loss.kind) for loss in made.losses}
    assert ("xStudent/enrollment/schoolRefId", "narrowed") in lost
    assert ("xStudent/enrollment/entryDate", "narrowed") in lost
    assert "xStudent/@refId" not in {path for path, _ in lost}


def test_the_same_objects_in_any_order_give_the_same_bytes() -> None:
    assert bundle(*ROSTER).content == bundle(*reversed(ROSTER)).content


def test_the_ids_of_people_and_organisations_are_told() -> None:
    made = bundle(*ROSTER)
    kinds = [kind for kind, _, _ in made.ids]
    assert kinds.count("xStudent") == 12
    assert all(refid == target.replace("-", "") for _, refid, target in made.ids)


@pytest.mark.parametrize("text", ['A "B", C', "two\nlines", "=1+1", "Ngọc 小明 Ł"])
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    lea = etree.fromstring(
        '<xLea xmlns="http://www.sifassociation.org/datamodel/na/4.x" refId="A1"><leaName/></xLea>'
    )
    lea[0].text = text
    made = bundle(lea)
    assert unpack(made)["orgs.csv"][0]["name"] == text
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        raw = archive.read("orgs.csv")
    assert raw.startswith(b"sourcedId,")
    assert b"\r" not in raw.replace(b"\r\n", b"")
