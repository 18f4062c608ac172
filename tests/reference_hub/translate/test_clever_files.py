"""Clever's SIS files: columns, repeated rows, contacts, teachers, and the way back."""

from __future__ import annotations

import csv
import io
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from reference_hub.translate.canonical import Record
from reference_hub.translate.flat_files import take_in, write_files
from reference_hub.translate.flat_layout import Layout, read_layout
from reference_hub.translate.packages import opened
from tests.reference_hub.translate.districts import (
    Made,
    differences,
    district,
    graph_of,
    written,
)

TABLES = Path(str(files("reference_hub.translate"))) / "tables"
CLEVER = read_layout(TABLES / "clever.toml")
Rows = list[dict[str, str]]


def zipped(made: Made, layout: Layout = CLEVER) -> bytes:
    with write_files(made.ready(), layout).content as content:
        return content.read()


def unpacked(content: bytes) -> dict[str, Rows]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in texts.items()}


@pytest.fixture(scope="module")
def tables() -> dict[str, Rows]:
    return unpacked(zipped(written(district(4), "clever")))


@pytest.mark.requirement("TRN-PR-09")
def test_headers_are_exact_and_required_cells_are_filled(
    tables: dict[str, Rows], standards: Path
) -> None:
    sheet = (standards / "spec" / "clever_csv_columns.csv").read_text("utf-8")
    known: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(sheet.splitlines()):
        known.setdefault(row["file"], {})[row["column"]] = row["required"]
    assert set(tables) == set(known)
    for name, rows in tables.items():
        required = {column for column, need in known[name].items() if need == "Yes"}
        assert required <= set(rows[0]) <= set(known[name])
        assert all(row[column] for row in rows for column in required)


def test_every_school_and_section_that_a_row_names_is_there(tables: dict[str, Rows]) -> None:
    schools = {row["School_id"] for row in tables["schools.csv"]}
    assert all(row["School_id"] in schools for rows in tables.values() for row in rows)
    sections = {row["Section_id"] for row in tables["sections.csv"]}
    assert {row["Section_id"] for row in tables["enrollments.csv"]} <= sections
    teachers = {row["Teacher_id"] for row in tables["teachers.csv"]}
    assert {row["Teacher_id"] for row in tables["sections.csv"]} <= teachers


STUDENT: Record = {"refId": "u1", "givenName": "Ada", "familyName": "Okafor"}
SCHOOLS: list[tuple[str, Record]] = [
    ("School", {"refId": f"s{x}", "localId": f"00{x}", "name": f"School {x}"}) for x in (1, 2)
]


def stay(at: str, school: str, **more: str) -> tuple[str, Record]:
    told: Record = {"refId": at, "student": "u1", "school": school, "gradeLevel": "09", **more}
    return "SchoolEnrollment", told


def made(*records: tuple[str, Record], **settings: Any) -> Made:
    return written(graph_of(*SCHOOLS, *records), "clever", settings)


def students(found: Made) -> Rows:
    return unpacked(zipped(found))["students.csv"]


@pytest.mark.requirement("TRN-ID-12")
def test_a_student_of_two_schools_is_two_rows_with_one_id() -> None:
    rows = students(made(("Student", STUDENT), stay("e1", "s1"), stay("e2", "s2")))
    assert [(row["Student_id"], row["School_id"]) for row in rows] == [("u1", "001"), ("u1", "002")]


def test_an_enrollment_that_is_over_has_no_row() -> None:
    over = stay("e2", "s2", exitDate="2026-06-18")
    found = made(("Student", STUDENT), stay("e1", "s1"), over, today="2026-11-26")
    assert [row["School_id"] for row in students(found)] == ["001"]
    assert "left out: it is over, and only the present is sent" in {x.note for x in found.losses}


def contacts(count: int) -> list[tuple[str, Record]]:
    found: list[tuple[str, Record]] = []
    for x in range(1, count + 1):
        found.append(("Contact", {"refId": f"c{x}", "givenName": "Cleo", "familyName": f"K{x}"}))
        link: Record = {"refId": f"k{x}", "student": "u1", "contact": f"c{x}"}
        link |= {"sequence": str(count - x + 1), "relationship": "Aunt"}
        found.append(("ContactLink", link))
    return found


@pytest.mark.requirement("TRN-MV-04")
def test_of_seven_contacts_the_first_five_by_sequence_have_a_row_each() -> None:
    found = made(("Student", STUDENT), stay("e1", "s1"), *contacts(7))
    told = [row["Contact_sis_id"] for row in students(found) if row["Contact_sis_id"]]
    assert told == ["c3", "c4", "c5", "c6", "c7"]
    left = [x for x in found.losses if x.note == "left out: a student has 5 contacts there"]
    assert {loss.kind for loss in left} == {"multi_to_one"}


def test_a_student_with_contacts_has_no_row_without_one() -> None:
    rows = students(made(("Student", STUDENT), stay("e1", "s1"), *contacts(2)))
    assert [(row["School_id"], row["Contact_sis_id"]) for row in rows] == [
        ("001", "c1"),
        ("001", "c2"),
    ]


def test_contacts_stand_at_the_home_school_and_the_other_school_has_one_row() -> None:
    stays = stay("e1", "s1"), stay("e2", "s2", membership="Home", graduationYear="2031")
    rows = students(made(("Student", STUDENT), *stays, *contacts(1)))
    told = [(row["School_id"], row["Contact_sis_id"], row["Graduation_year"]) for row in rows]
    assert told == [("001", "", ""), ("002", "c1", "2031")]


def test_contacts_do_not_stand_at_a_school_that_the_student_left() -> None:
    stays = stay("e1", "s1", membership="Home", exitDate="2026-06-18"), stay("e2", "s2")
    rows = students(made(("Student", STUDENT), *stays, *contacts(1), today="2026-11-26"))
    assert [(row["School_id"], row["Contact_sis_id"]) for row in rows] == [("002", "c1")]


def test_a_student_of_no_school_and_staff_without_a_post_wait() -> None:
    staff: Record = {"refId": "t1", "givenName": "T", "familyName": "One"}
    found = made(("Student", STUDENT), ("Staff", staff))
    assert found.held() == [
        ("students", "School_id is required and not known"),
        ("staff", "School_id is required and not known"),
    ]


@pytest.mark.parametrize(
    ("flags", "word", "lost"),
    [
        ({"legalGuardian": "true"}, "Guardian", set()),
        ({"emergency": "true"}, "Emergency", set()),
        ({"legalGuardian": "true", "emergency": "true"}, "Guardian", {"ContactLink.emergency"}),
        ({"legalGuardian": "false"}, "", {"ContactLink.legalGuardian"}),
    ],
)
def test_one_word_tells_what_a_contact_is_and_the_ledger_the_rest(
    flags: dict[str, str], word: str, lost: set[str]
) -> None:
    links = contacts(1)
    links[1][1].update(flags)
    found = made(("Student", STUDENT), stay("e1", "s1"), *links)
    assert [row["Contact_type"] for row in students(found)] == [word]
    named = {x.source_path for x in found.losses if x.target_field == "students.Contact_type"}
    assert named == lost


@pytest.mark.requirement("TRN-GU-02")
def test_a_contact_without_rights_has_no_row() -> None:
    links = contacts(1)
    links[1][1]["custody"] = "false"
    found = made(("Student", STUDENT), stay("e1", "s1"), *links)
    assert [row["Contact_name"] for row in students(found)] == [""]
    assert "withheld" in {loss.kind for loss in found.losses}


def section(teachers: int, **more: Any) -> Made:
    staff: list[tuple[str, Record]] = []
    for x in range(teachers):
        staff.append(("Staff", {"refId": f"t{x:02}", "givenName": "T", "familyName": str(x)}))
        link: Record = {"refId": f"m{x:02}", "section": "x1", "staff": f"t{x:02}"}
        staff.append(("StaffSection", {**link, "primary": str(x == teachers - 1).lower()}))
    told: Record = {"refId": "x1", "school": "s1", "title": "Art", **more}
    return made(("Section", told), *staff)


@pytest.mark.requirement("TRN-MV-03")
def test_ten_teachers_have_a_column_and_two_more_are_told() -> None:
    found = section(12)
    (row,) = unpacked(zipped(found))["sections.csv"]
    assert (row["Teacher_id"], row["Teacher_2_id"], row["Teacher_10_id"]) == ("t11", "t00", "t08")
    assert "left out beyond the 10th teacher" in {loss.note for loss in found.losses}


def test_a_section_without_a_teacher_is_held() -> None:
    assert section(0).held() == [("sections", "Teacher_id is required and not known")]


@pytest.mark.requirement("TRN-DT-12")
@pytest.mark.parametrize(
    ("fields", "column", "expected"),
    [
        ({"birthDate": "2014-03-04"}, "DOB", "3/4/2014"),
        ({"sex": "nonbinary"}, "Gender", "X"),
        ({"sex": "unspecified"}, "Gender", ""),
        ({"races": ["Asian"]}, "Race", "Asian"),
        ({"races": ["Asian", "White"]}, "Race", "Two or More Races"),
        ({"races": []}, "Race", ""),
        ({"hispanicLatino": "false"}, "Hispanic_Latino", "N"),
        ({}, "Hispanic_Latino", ""),
        ({"ell": "true", "englishProficiency": "Fluent"}, "Ell_status", "Y"),
        ({"englishProficiency": "Limited"}, "Ell_status", "Y"),
        ({"englishProficiency": "Unknown"}, "Ell_status", ""),
        ({"gpa": "3.50"}, "Weighted_gpa", "3.50"),
        ({"languages": [{"code": "khm", "use": "Home"}]}, "Home_language", "Khmer"),
        ({"languages": [{"code": "qaa", "use": "Home"}]}, "Home_language", ""),
    ],
)  # fmt: skip
def test_a_field_is_written_in_clevers_words(
    fields: dict[str, Any], column: str, expected: str
) -> None:
    (row,) = students(made(("Student", {**STUDENT, **fields}), stay("e1", "s1")))
    assert row[column] == expected


def test_poverty_is_never_turned_into_free_meals() -> None:
    found = made(("Student", {**STUDENT, "economicDisadvantage": "true"}), stay("e1", "s1"))
    assert students(found)[0]["Frl_status"] == ""
    assert "Student.economicDisadvantage" in {loss.source_path for loss in found.losses}


def test_a_meal_record_becomes_free_reduced_or_paid() -> None:
    meal: Record = {"refId": "m1", "student": "u1", "status": "Free"}
    found = made(("Student", STUDENT), stay("e1", "s1"), ("Meal", meal))
    assert students(found)[0]["Frl_status"] == "Free"


def test_what_clever_carries_comes_back_equal(standards: Path, tmp_path: Path) -> None:
    before = district(4)
    (tmp_path / "clever.zip").write_bytes(zipped(written(before, "clever")))
    with opened(tmp_path / "clever.zip") as package:
        after = take_in(package, CLEVER)
    lost = {
        f"{entity}.{name}"
        for entity, _, name in differences(before, after.graph)
        if entity in ("Student", "Staff", "SectionEnrollment")
    }
    carried = {"givenName", "familyName", "middleName", "birthDate", "sex", "hispanicLatino", "gpa"}
    carried |= {"localId", "stateId", "loginId", "preferredGivenName", "graduationYear"}
    assert not {f"Student.{name}" for name in carried} & lost
    assert (
        not {"Staff.givenName", "Staff.familyName", "Staff.loginId", "SectionEnrollment.*"} & lost
    )


def test_sds_files_have_the_published_headers(standards: Path) -> None:
    layout = read_layout(TABLES / "sds-2.1.toml")
    made_files = unpacked(zipped(written(district(4), "sds-2.1"), layout))
    published = standards / "samples" / "oneroster" / "vendor-microsoft-sds-v2.1"
    for name, rows in made_files.items():
        header = (published / name).read_text("utf-8-sig").splitlines()[0].split(",")
        ours = list(rows[0]) if rows else header
        assert ours == [each for each in header if each in ours]
        assert set(header) - set(ours) <= {"password", "sessionSourcedId"}
    assert {row["type"] for row in made_files["orgs.csv"]} == {"district", "school"}


def test_sds_names_the_year_in_which_the_school_year_begins_and_the_last_day_itself() -> None:
    layout = read_layout(TABLES / "sds-2.1.toml")
    term: Record = {"refId": "t1", "title": "T", "type": "Semester", "schoolYear": "2022"}
    term |= {"startDate": "2021-08-24", "endDate": "2022-06-11"}
    (row,) = unpacked(zipped(written(graph_of(("Session", term)), "sds-2.1"), layout))[
        "academicSessions.csv"
    ]
    assert (row["schoolYear"], row["endDate"]) == ("2021", "2022-06-11")


def test_sds_gives_a_role_row_for_each_school() -> None:
    layout = read_layout(TABLES / "sds-2.1.toml")
    stays = [
        stay("e1", "s1", membership="Home", entryDate="2026-08-31"),
        stay("e2", "s2", membership="Concurrent", entryDate="2026-08-31"),
    ]
    found = written(graph_of(*SCHOOLS, ("Student", STUDENT), *stays), "sds-2.1")
    rows = unpacked(zipped(found, layout))["roles.csv"]
    assert [(row["orgSourcedId"], row["isPrimary"]) for row in rows] == [
        ("s1", "TRUE"),
        ("s2", "FALSE"),
    ]
