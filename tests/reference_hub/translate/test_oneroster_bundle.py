"""OneRoster bundles: every column rule of the published sheet, bulk and delta, the bytes."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path

import pytest

from reference_hub.translate.bundle_writing import (
    BULK,
    DELTA,
    BundleError,
    Written,
    gone,
    write_bundle,
)
from reference_hub.translate.columns import VERSIONS, columns, manifest_files
from tests.reference_hub.translate.districts import district, packed, written

Rows = list[dict[str, str]]
MOMENT = datetime(2026, 11, 26, 7, 8, 9, 123456, timezone(timedelta(hours=-5)))
ORG = {"sourcedId": "o1", "name": "Hill School", "type": "school"}
COURSE = {"sourcedId": "k1", "title": "Art", "orgSourcedId": "o1"}
FORMS = {
    "GUID": r"[0-9A-Za-z.\-_/@]{1,255}",
    "GUID Ref": r"[0-9A-Za-z.\-_/@]{1,255}",
    "Date": r"\d{4}-\d\d-\d\d",
    "DateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "Year": r"\d{4}",
    "Float": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    "Integer": r"[+-]?\d+",
    "Boolean": "true|false",
}


def unpacked(content: bytes) -> dict[str, Rows]:
    """The rows of each file, the manifest too."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    return {
        name: list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        for name, text in texts.items()
    }


def content(made: Written) -> bytes:
    with made.content as stream:
        return stream.read()


@cache
def bundle(version: str, model: str = "unity") -> dict[str, Rows]:
    """A bundle of a district, with marks where the model has them."""
    made = written(district(5, model=model), f"oneroster-{version}")
    return unpacked(packed(made, version))


def sheet(standards: Path, version: str) -> Iterator[dict[str, str]]:
    """The published columns of one version, in their order."""
    text = (standards / "spec" / "oneroster_csv_columns.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        if version in row["versions"].split():
            yield row


def broken(row: dict[str, str], cell: str, version: str) -> bool:
    """Whether a cell breaks the rule of its column."""
    form, words = row["format"], row["values_or_target"].split(";")[0].split("|")
    if row["required"] == "Delta":
        return cell != ""
    if not cell:
        return row["required"] == "Yes"
    if form in FORMS:
        return not re.fullmatch(FORMS[form], cell)
    if form == "List of GUID Ref":
        return not all(re.fullmatch(FORMS["GUID"], each) for each in cell.split(","))
    if form.startswith("Enumeration"):
        allowed = [*words, *("unspecified", "other")] if row["column"] == "sex" else words
        extended = form.endswith("*") and version == "1.2" and cell.startswith("ext:")
        return cell not in allowed and not extended
    return len(cell) > 255 and form != "List of Strings"


@pytest.mark.parametrize("model", ["unity", "xpress"])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_bundle_keeps_every_column_rule_of_the_sheet(
    version: str, model: str, standards: Path
) -> None:
    files, checked = bundle(version, model), 0
    for row in sheet(standards, version):
        for cells in files.get(row["file"], []) if row["file"] != "manifest.csv" else []:
            checked += 1
            assert not broken(row, cells[row["column"]], version), (row["file"], row["column"])
    assert checked > 1000


@pytest.mark.requirement("TRN-PR-09")
@pytest.mark.parametrize("version", VERSIONS)
def test_headers_are_those_of_the_sheet_in_order(version: str, standards: Path) -> None:
    published: dict[str, list[str]] = {}
    for row in sheet(standards, version):
        published.setdefault(row["file"].removesuffix(".csv"), []).append(row["column"])
    del published["manifest"]
    ours = {file: [each.name for each in listed] for file, listed in columns(version).items()}
    assert ours == published
    for name, rows in bundle(version).items():
        if name != "manifest.csv":
            assert list(rows[0]) == published[name.removesuffix(".csv")]


@pytest.mark.parametrize("version", VERSIONS)
def test_required_flags_and_targets_are_those_of_the_sheet(version: str, standards: Path) -> None:
    needs = {"Yes": "required", "Delta": "delta", "No": ""}
    for row in sheet(standards, version):
        if row["file"] == "manifest.csv":
            continue
        listed = columns(version)[row["file"].removesuffix(".csv")]
        ours = next(each for each in listed if each.name == row["column"])
        assert ours.need == needs[row["required"]]
        if "Ref" in row["format"]:
            assert row["values_or_target"].startswith(ours.target)
            assert ours.target


@pytest.mark.requirement("TRN-LC-09")
@pytest.mark.parametrize("version", VERSIONS)
def test_every_reference_resolves_inside_a_bulk_bundle(version: str) -> None:
    files = bundle(version)
    ids = {
        name: {row["sourcedId"] for row in rows} for name, rows in files.items() if name[0] != "m"
    }
    for file, listed in columns(version).items():
        for column in (each for each in listed if each.target):
            for row in files.get(f"{file}.csv", []):
                told = {each for each in row[column.name].split(",") if each}
                assert told <= ids.get(f"{column.target}.csv", set()), (file, column.name)


@pytest.mark.requirement("TRN-LC-09")
@pytest.mark.parametrize("version", VERSIONS)
def test_the_manifest_names_every_file_and_agrees_with_the_zip(
    version: str, standards: Path
) -> None:
    files = bundle(version)
    told = {row["propertyName"]: row["value"] for row in files["manifest.csv"]}
    wanted = {
        row["column"].removeprefix("property ")
        for row in sheet(standards, version)
        if row["file"] == "manifest.csv" and row["required"] == "Yes"
    }
    assert set(told) == wanted
    assert (told["manifest.version"], told["oneroster.version"]) == ("1.0", version)
    assert {f"{name}.csv" for name in manifest_files(version) if told[f"file.{name}"] == BULK} == {
        name for name in files if name != "manifest.csv"
    }


def test_the_manifest_is_the_first_file_of_the_zip() -> None:
    assert next(iter(bundle("1.2"))) == "manifest.csv"


def test_a_bundle_of_classics_holds_marks_and_their_line_items() -> None:
    files = bundle("1.2")
    assert {"categories.csv", "lineItems.csv", "results.csv"} <= set(files)
    assert {row["lineItemSourcedId"] for row in files["results.csv"]} == {
        row["sourcedId"] for row in files["lineItems.csv"]
    }


@pytest.mark.requirement("TRN-LC-09")
def test_rows_without_a_file_are_absent() -> None:
    files = unpacked(content(write_bundle({"orgs": [ORG], "users": []}, "1.2", BULK)))
    assert list(files) == ["manifest.csv", "orgs.csv"]
    told = {row["propertyName"]: row["value"] for row in files["manifest.csv"]}
    assert (told["file.orgs"], told["file.users"]) == ("bulk", "absent")


def test_a_bundle_of_nothing_says_that_nothing_changed() -> None:
    assert list(unpacked(content(write_bundle({}, "1.2", DELTA, MOMENT)))) == ["manifest.csv"]


@pytest.mark.requirement("TRN-LR-06")
def test_equal_rows_give_equal_bytes() -> None:
    made = written(district(5), "oneroster-1.2")
    assert packed(made, "1.2") == packed(made, "1.2")


@pytest.mark.requirement("TRN-TX-08")
def test_lines_end_with_cr_lf_and_there_is_no_byte_order_mark() -> None:
    row = {**ORG, "name": 'A "B", C\r\nand\rD'}
    with zipfile.ZipFile(io.BytesIO(content(write_bundle({"orgs": [row]}, "1.2", BULK)))) as zipped:
        raw = zipped.read("orgs.csv")
    assert raw.startswith(b"sourcedId,status")
    assert raw.endswith(b'"A ""B"", C\nand\nD",school,,\r\n')


@pytest.mark.requirement("TRN-TX-02")
@pytest.mark.parametrize("text", ["two\nlines", "=1+1", "Ngọc 小明 Ł", "'0712", "e\u0301"])
def test_any_text_is_read_back_as_it_was(text: str) -> None:
    made = write_bundle({"orgs": [{**ORG, "name": text}]}, "1.2", BULK)
    assert unpacked(content(made))["orgs.csv"][0]["name"] == text


@pytest.mark.requirement("TRN-MV-11")
def test_a_comma_inside_a_list_item_becomes_a_semicolon_and_is_told() -> None:
    course = {**COURSE, "subjects": ["Art, modern", "Craft"]}
    made = write_bundle({"orgs": [ORG], "courses": [course]}, "1.2", BULK)
    assert unpacked(content(made))["courses.csv"][0]["subjects"] == "Art; modern,Craft"
    (remark,) = made.remarks
    assert (remark.file, remark.key, remark.column) == ("courses", "k1", "subjects")


def test_a_reference_that_leads_nowhere_is_blanked_or_takes_the_row_along() -> None:
    courses = [
        {**COURSE, "schoolYearSourcedId": "gone"},
        {**COURSE, "sourcedId": "k2", "orgSourcedId": "x"},
    ]
    made = write_bundle({"orgs": [ORG], "courses": courses}, "1.2", BULK)
    (row,) = unpacked(content(made))["courses.csv"]
    assert (row["sourcedId"], row["schoolYearSourcedId"]) == ("k1", "")
    assert [(x.key, x.column, x.left_out) for x in made.remarks] == [
        ("k1", "schoolYearSourcedId", False),
        ("k2", "", True),
    ]


def test_rows_may_point_to_later_rows_of_their_own_file() -> None:
    orgs = [{**ORG, "parentSourcedId": "o2"}, {**ORG, "sourcedId": "o2", "type": "district"}]
    made = write_bundle({"orgs": orgs}, "1.2", BULK)
    assert unpacked(content(made))["orgs.csv"][0]["parentSourcedId"] == "o2"
    assert made.remarks == ()


def test_a_row_that_points_to_a_row_left_out_is_left_out_too() -> None:
    section = {"sourcedId": "c1", "courseSourcedId": "k1", "schoolSourcedId": "o1"}
    held = {**section, "termSourcedIds": ["t1"]}
    made = write_bundle({"courses": [COURSE], "classes": [held]}, "1.2", BULK)
    assert list(unpacked(content(made))) == ["manifest.csv"]
    assert [(x.file, x.left_out) for x in made.remarks] == [("courses", True), ("classes", True)]


@pytest.mark.requirement("TRN-DT-09", "TRN-LC-01")
def test_a_delta_fills_status_and_moment_on_whole_rows() -> None:
    rows = [ORG, gone({**ORG, "sourcedId": "o2"}, datetime(2026, 1, 2, tzinfo=UTC))]
    found = unpacked(content(write_bundle({"orgs": rows}, "1.1", DELTA, MOMENT)))
    told = [(x["status"], x["dateLastModified"], x["name"]) for x in found["orgs.csv"]]
    assert told == [
        ("active", "2026-11-26T12:08:09.123Z", "Hill School"),
        ("tobedeleted", "2026-01-02T00:00:00.000Z", "Hill School"),
    ]
    assert {"file.orgs": "delta"}.items() <= {
        row["propertyName"]: row["value"] for row in found["manifest.csv"]
    }.items()


def test_a_delta_may_point_to_what_was_sent_before() -> None:
    made = write_bundle({"courses": [COURSE]}, "1.2", DELTA, MOMENT)
    assert unpacked(content(made))["courses.csv"][0]["orgSourcedId"] == "o1"


@pytest.mark.requirement("TRN-DT-09", "TRN-LC-09")
def test_bulk_leaves_status_and_moment_blank_even_where_a_row_has_them() -> None:
    found = unpacked(content(write_bundle({"orgs": [gone(ORG, MOMENT)]}, "1.2", BULK)))
    assert (found["orgs.csv"][0]["status"], found["orgs.csv"][0]["dateLastModified"]) == ("", "")


@pytest.mark.requirement("TRN-PR-09")
def test_metadata_columns_stand_at_the_right_end() -> None:
    row = {**ORG, "metadata.city": "Ames"}
    made = write_bundle({"orgs": [row]}, "1.2", BULK, metadata={"orgs": ["metadata.city"]})
    (found,) = unpacked(content(made))["orgs.csv"]
    assert list(found.items())[-1] == ("metadata.city", "Ames")


WRONG: dict[str, Callable[[], Written]] = {
    "rows must come in ascending order": lambda: write_bundle({"orgs": [ORG, ORG]}, "1.2", BULK),
    "has no file roles": lambda: write_bundle({"roles": []}, "1.1", BULK),
    "has no column nam": lambda: write_bundle({"orgs": [{**ORG, "nam": ""}]}, "1.2", BULK),
    "needs the moment": lambda: write_bundle({"orgs": [ORG]}, "1.2", DELTA),
    "with a time zone": lambda: write_bundle({"orgs": [ORG]}, "1.2", DELTA, datetime(2026, 1, 1)),  # noqa: DTZ001
    "is bulk or delta": lambda: write_bundle({"orgs": [ORG]}, "1.2", "full"),
}


@pytest.mark.parametrize("words", list(WRONG))
def test_what_no_bundle_can_be_made_of_is_told(words: str) -> None:
    with pytest.raises(BundleError, match=words):
        WRONG[words]()
