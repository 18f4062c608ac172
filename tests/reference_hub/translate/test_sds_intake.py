"""Microsoft School Data Sync 2.1: its published example, and what is wrong with a set of files."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from reference_hub.translate.identity import minted
from reference_hub.translate.intake import Intake
from reference_hub.translate.packages import Refused, opened
from reference_hub.translate.sds_files import read_sds
from reference_hub.translate.sds_intake import take_in_sds
from tests.reference_hub.translate.districts import TODAY

Change = Callable[[str, str, str], Path]


def taken(path: Path) -> Intake:
    with opened(path) as package:
        return take_in_sds(read_sds(package), TODAY)


def faults(path: Path) -> list[str]:
    with opened(path) as package, pytest.raises(Refused) as refused:
        read_sds(package)
    return [str(each) for each in refused.value.faults]


@pytest.fixture
def sample(standards: Path) -> Path:
    return standards / "samples" / "oneroster" / "vendor-microsoft-sds-v2.1"


@pytest.fixture
def changed(sample: Path, tmp_path: Path) -> Change:
    """The published example with one text in one file replaced."""

    def change(file: str, old: str, new: str) -> Path:
        shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
        text = (sample / file).read_text("utf-8-sig")
        assert old in text
        (tmp_path / file).write_text(text.replace(old, new, 1))
        return tmp_path

    return change


def of_user(told: str) -> str:
    return minted("sourcedId", "users", told)


def test_the_published_example_becomes_people_places_and_seats(sample: Path) -> None:
    found = Counter(entity for entity, _ in taken(sample).graph.all())
    assert found == {
        "School": 1, "Session": 2, "Course": 3, "Section": 2, "Student": 4, "Staff": 2,
        "Contact": 2, "SchoolEnrollment": 4, "StaffAssignment": 3, "SectionEnrollment": 4,
        "StaffSection": 2, "ContactLink": 3, "SchoolYear": found["SchoolYear"],
    }  # fmt: skip


def test_flags_days_and_facts_stand_at_the_student(sample: Path) -> None:
    graph = taken(sample).graph
    first = graph.get("Student", of_user("114001")) or {}
    assert (first["idea"], first["birthDate"], first["hispanicLatino"]) == (
        "true",
        "2001-07-02",
        "true",
    )
    assert (graph.get("Student", of_user("114004")) or {})["section504"] == "true"
    year = graph.get("Session", minted("sourcedId", "academicSessions", "SY2021K12")) or {}
    assert (year["schoolYear"], year["endDate"]) == ("2022", "2022-06-11")


def test_what_sif_has_no_place_for_is_named(sample: Path) -> None:
    losses = {(x.source_path, x.note) for x in taken(sample).losses}
    assert ("orgs", "SIF has no place for an organisation of this kind") in losses
    assert ("userFlags/flag", "SIF has no place for a flag of this kind") in losses


def test_a_password_is_never_taken_over(sample: Path) -> None:
    intake = taken(sample)
    assert "P@ssword123" not in repr(list(intake.graph.all()))
    assert "P@ssword123" not in repr(list(intake.losses))


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("users.csv", "sourcedId", "id", "users.csv row 1, column sourcedId: is not in the header"),
        ("roles.csv", "student", "", "roles.csv row 2, column role: is required"),
        ("roles.csv", "2021-08-24", "8/24/2021",
         "roles.csv row 2, column roleStartDate: expected a date YYYY-MM-DD"),
        ("orgs.csv", "110002", "110001",
         "orgs.csv row 3, column sourcedId: is the id of another row; expected each once"),
        ("classes.csv", "C12001", "C99",
         "classes.csv row 2, column courseSourcedId: points to no row of courses.csv"),
        ("enrollments.csv", ",student", "",
         "enrollments.csv row 2: has 2 cells; expected 3 as in the header"),
        ("academicSessions.csv", ",2021,", ",this year,",
         "academicSessions.csv row 2, column schoolYear: expected a year of four digits"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_file_row_and_column(
    file: str, old: str, new: str, expected: str, changed: Change
) -> None:
    assert expected in faults(changed(file, old, new))


def test_a_missing_and_a_strange_file_are_told(sample: Path, tmp_path: Path) -> None:
    shutil.copy(sample / "orgs.csv", tmp_path)
    (tmp_path / "people.csv").write_text("id\n1\n")
    assert faults(tmp_path) == [
        "people.csv: is no file of School Data Sync 2.1; names are case-exact",
        "users.csv: is not there",
        "roles.csv: is not there",
    ]


def test_not_more_than_twenty_faults_are_told(sample: Path, tmp_path: Path) -> None:
    shutil.copytree(sample, tmp_path, dirs_exist_ok=True)
    lines = ["userSourcedId,orgSourcedId,role", *(f"x{at},110001," for at in range(30))]
    (tmp_path / "roles.csv").write_text("\n".join(lines))
    assert len(faults(tmp_path)) == 20
