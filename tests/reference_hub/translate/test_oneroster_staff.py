"""Which role a job of a member of staff becomes in OneRoster, and which it never does."""

from __future__ import annotations

import pytest

from reference_hub.translate.canonical import Record
from tests.reference_hub.translate.districts import Made
from tests.reference_hub.translate.test_oneroster_rules import made, told


def post(job: str, **more: str) -> Made:
    staff: Record = {"refId": "t1", "givenName": "Ben", "familyName": "Ito", "loginId": "ben"}
    place: Record = {"refId": "p1", "staff": "t1", "school": "s1", **more}
    if job:
        place["jobFunction"] = job
    return made(("Staff", staff), ("StaffAssignment", place))


@pytest.mark.requirement("TRN-CS-09")
@pytest.mark.parametrize(
    ("job", "role"),
    [
        ("Elementary Teachers", "teacher"),
        ("School Counselors", "counselor"),
        ("Administrators", "siteAdministrator"),
        ("?teacher", "teacher"),
    ],
)
def test_a_job_becomes_a_role(job: str, role: str) -> None:
    assert post(job).rows["roles"]["p1"].body["role"] == role


@pytest.mark.requirement("TRN-CS-09")
@pytest.mark.parametrize("job", ["Librarians/Media Specialists", "Health Specialists", "?wizard"])
def test_a_job_without_a_role_is_held_and_never_a_teacher(job: str) -> None:
    found = post(job)
    assert "role" not in found.rows["roles"]["p1"].body
    assert {row.state for row in found.rows["roles"].values()} == {"held"}
    assert "StaffAssignment.jobFunction" in told(found, "unmapped_code")


@pytest.mark.requirement("TRN-CS-09")
def test_a_word_of_its_own_is_sent_to_a_receiver_that_declared_it() -> None:
    place: Record = {"refId": "p1", "staff": "t1", "school": "s1"}
    place["jobFunction"] = "Librarians/Media Specialists"
    staff: Record = {"refId": "t1", "givenName": "Ben", "familyName": "Ito"}
    found = made(("Staff", staff), ("StaffAssignment", place), extensions=["ext:librarian"])
    assert found.rows["roles"]["p1"].body["role"] == "ext:librarian"
