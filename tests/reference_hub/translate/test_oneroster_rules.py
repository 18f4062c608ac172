"""The rules of the OneRoster tables, one by one, from canonical records."""

from __future__ import annotations

from typing import Any

import pytest

from reference_hub.translate.canonical import Record
from tests.reference_hub.translate.districts import Made, graph_of, written

LEA: Record = {"refId": "l1", "name": "North"}
SCHOOL: Record = {"refId": "s1", "name": "East", "lea": "l1"}
OTHER: Record = {"refId": "s2", "name": "West", "lea": "l1"}
STUDENT: Record = {"refId": "u1", "givenName": "Ada", "familyName": "Okafor"}
STAY: Record = {"refId": "e1", "student": "u1", "school": "s1", "membership": "Home"}
FLAGS = (
    *("americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican"),
    *("nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces"),
)


def made(*records: tuple[str, Record], version: str = "1.2", **settings: Any) -> Made:
    base = (("LEA", LEA), ("School", SCHOOL), ("School", OTHER))
    return written(graph_of(*base, *records), f"oneroster-{version}", settings)


def student(version: str = "1.2", **fields: Any) -> Made:
    """A student of the East school, with more fields."""
    return made(("Student", {**STUDENT, **fields}), ("SchoolEnrollment", STAY), version=version)


def user(found: Made, at: str = "u1", file: str = "users") -> dict[str, Any]:
    return found.rows[file][at].body


def told(found: Made, kind: str) -> set[str]:
    """The fields that the ledger names with this kind."""
    return {loss.source_path for loss in found.losses if loss.kind == kind}


@pytest.mark.requirement("TRN-CS-05", "TRN-CS-06")
@pytest.mark.parametrize(
    ("races", "expected"),
    [
        ([], "      "),
        (["Asian"], "ftffff"),
        (["Asian", "White"], "ftfftt"),
        (["TwoOrMoreRaces"], "     t"),
        (["White", "TwoOrMoreRaces"], "    tt"),
        (["?Klingon"], "      "),
        (["White", "?Klingon"], "    t "),
    ],
)
def test_race_flags_never_turn_unknown_into_false(races: list[str], expected: str) -> None:
    row = user(student(races=races, birthDate="2014-01-01"), file="demographics")
    assert "".join(row.get(flag, " ")[:1] for flag in FLAGS) == expected


@pytest.mark.requirement("TRN-MV-01")
@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (("Home", "Work", "Organizational"), "Organizational"),
        (("Home", "Work"), "Work"),
        (("Other", "Home"), "Home"),
        (("Other", "Strange"), "Other"),
    ],
)
def test_the_email_is_chosen_by_kind(kinds: tuple[str, ...], expected: str) -> None:
    found = student(emails=[{"type": kind, "address": f"{kind}@x.example"} for kind in kinds])
    assert user(found)["email"] == f"{expected}@x.example"
    assert any(path.startswith("Student.emails.address") for path in told(found, "multi_to_one"))


@pytest.mark.requirement("TRN-MV-02")
@pytest.mark.parametrize(
    ("kinds", "phone", "sms"),
    [
        (("Home", "Mobile"), "1", "2"),
        (("Mobile", "Mobile*"), None, "2"),
        (("Home", "Work*", "Text"), "2", "3"),
        (("?Carrier pigeon",), "1", None),
    ],
)
def test_telephones_go_to_phone_or_sms(
    kinds: tuple[str, ...], phone: str | None, sms: str | None
) -> None:
    items = [
        {"type": kind.strip("*"), "number": str(at), "primary": str("*" in kind).lower()}
        for at, kind in enumerate(kinds, 1)
    ]
    row = user(student(phones=items))
    assert (row.get("phone"), row.get("sms")) == (phone, sms)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"loginId": "ada", "localId": "007"}, "ada"),
        ({"emails": [{"address": "a@x.example"}], "localId": "007"}, "a@x.example"),
        ({"localId": "007"}, "007"),
        ({}, "u1"),
    ],
)
def test_a_username_is_found_in_the_declared_order(fields: dict[str, Any], expected: str) -> None:
    found = student(**fields)
    assert user(found)["username"] == expected
    inferred = {loss.target_field for loss in found.losses if loss.kind == "inferred"}
    assert ("users.username" in inferred) is (expected != "ada")


@pytest.mark.requirement("TRN-TX-06")
def test_ids_travel_with_their_kind_and_leading_zeros() -> None:
    found = student(localId="007", stateId="0,1", ids=[{"type": "School", "value": "9"}])
    assert user(found)["userIds"] == ["{SIS:007}", "{State:0%2C1}", "{School:9}"]


def test_a_social_security_number_never_leaves() -> None:
    found = student(ids=[{"type": "SSN", "value": "000-00-0000"}])
    assert "userIds" not in user(found)
    assert "Student.ids.value" in told(found, "unmapped_code")


@pytest.mark.requirement("TRN-CS-07", "TRN-MV-07")
def test_grades_of_all_enrollments_come_home_school_first() -> None:
    stays: list[Record] = [
        {**STAY, "membership": "Concurrent", "gradeLevel": "10", "main": "true"},
        {**STAY, "refId": "e2", "school": "s2", "gradeLevel": "09"},
    ]
    found = made(("Student", STUDENT), *(("SchoolEnrollment", stay) for stay in stays))
    assert user(found)["grades"] == ["09", "10"]
    assert user(found)["primaryOrgSourcedId"] == "s2"


@pytest.mark.requirement("TRN-ID-12", "TRN-DT-01", "TRN-MV-07")
def test_each_enrollment_is_one_role_and_one_is_primary_at_each_school() -> None:
    stays: list[Record] = [
        {**STAY, "entryDate": "2026-08-31", "exitDate": "2028-02-28"},
        {**STAY, "refId": "e2", "school": "s2", "membership": "Summer"},
        {**STAY, "refId": "e3", "membership": "Concurrent"},
    ]
    found = made(("Student", STUDENT), *(("SchoolEnrollment", stay) for stay in stays))
    rows = found.rows["roles"]
    assert [
        (rows[x].body["roleType"], rows[x].body["orgSourcedId"]) for x in ("e1", "e2", "e3")
    ] == [
        ("primary", "s1"),
        ("primary", "s2"),
        ("secondary", "s1"),
    ]
    assert (rows["e1"].body["beginDate"], rows["e1"].body["endDate"]) == (
        "2026-08-31",
        "2028-02-29",
    )


@pytest.mark.requirement("TRN-LR-09")
def test_a_student_of_no_school_is_held_with_the_reason() -> None:
    found = made(("Student", STUDENT))
    assert found.rows["users"]["u1"].state == "held"
    assert found.held() == [("users", "primaryOrgSourcedId is required and not known")]


@pytest.mark.requirement("TRN-CS-03")
@pytest.mark.parametrize(
    ("sex", "in_1_2", "in_1_1"),
    [
        ("male", "male", "male"),
        ("nonbinary", "other", None),
        ("unspecified", "unspecified", None),
        ("?X", None, None),
    ],
)
def test_sex_is_never_guessed(sex: str, in_1_2: str | None, in_1_1: str | None) -> None:
    assert user(student(sex=sex), file="demographics").get("sex") == in_1_2
    older = student("1.1", sex=sex)
    assert user(older, file="demographics").get("sex") == in_1_1
    assert ("Student.sex" in told(older, "unmapped_code")) is (in_1_1 is None)


@pytest.mark.requirement("TRN-PR-04")
def test_preferred_names_are_columns_in_1_2_and_a_loss_in_1_1() -> None:
    newer, older = student(preferredGivenName="Addie"), student("1.1", preferredGivenName="Addie")
    assert (user(newer)["givenName"], user(newer)["preferredGivenName"]) == ("Ada", "Addie")
    assert "preferredGivenName" not in user(older)
    assert "Student.preferredGivenName" in told(older, "no_slot")


@pytest.mark.requirement("TRN-TX-07")
def test_one_name_stands_in_both_places_and_is_marked() -> None:
    found = made(("Student", {"refId": "u1", "familyName": "Sukarno"}), ("SchoolEnrollment", STAY))
    assert user(found)["givenName"] == user(found)["familyName"] == "Sukarno"
    assert "users.givenName" in {x.target_field for x in found.losses if x.kind == "inferred"}


@pytest.mark.requirement("TRN-TX-05")
def test_a_long_name_is_cut_between_letters_and_told() -> None:
    found = student(familyName="a" * 254 + "e\u0301z")
    assert user(found)["familyName"] == "a" * 254
    assert "Student.familyName" in told(found, "truncated")


@pytest.mark.requirement("TRN-GU-06")
def test_former_names_never_leave() -> None:
    found = student(otherNames=[{"type": "PreviousLegalName", "familyName": "Zelda"}])
    assert "Zelda" not in str([row.body for rows in found.rows.values() for row in rows.values()])
    assert "Student.otherNames" in told(found, "withheld")


def family(version: str = "1.2", **link: Any) -> Made:
    contact: Record = {"refId": "c1", "givenName": "Cleo", "familyName": "Okafor"}
    told: Record = {"refId": "k1", "student": "u1", "contact": "c1", "relationship": "Aunt", **link}
    return made(
        ("Student", STUDENT),
        ("SchoolEnrollment", STAY),
        ("Contact", contact),
        ("ContactLink", told),
        version=version,
    )


@pytest.mark.requirement("TRN-GU-01")
def test_a_link_is_told_on_both_sides_with_a_role_at_the_childs_school() -> None:
    found = family()
    assert user(found)["agentSourcedIds"] == ["c1"]
    assert user(found, "c1")["agentSourcedIds"] == ["u1"]
    (role,) = (row.body for row in found.rows["roles"].values() if row.entity == "ContactLink")
    assert (role["role"], role["orgSourcedId"], role["roleType"]) == ("relative", "s1", "primary")


@pytest.mark.requirement("TRN-GU-02", "TRN-LR-03")
@pytest.mark.parametrize("version", ["1.2", "1.1"])
@pytest.mark.parametrize(
    "link", [{"custody": "false"}, {"recordsAccess": "false"}, {"restrictions": "by order"}]
)
def test_a_link_without_rights_is_withheld_on_both_sides(
    link: dict[str, str], version: str
) -> None:
    found = family(version, **link)
    assert "agentSourcedIds" not in user(found)
    assert "c1" not in found.rows["users"]
    assert {"Contact.refId", "ContactLink.refId"} <= told(found, "withheld")
    assert "by order" not in str(found.losses)


@pytest.mark.parametrize("relation", ["Friend", "Probation officer", "Unknown"])
def test_a_relation_without_a_role_is_not_sent_and_named(relation: str) -> None:
    found = family(relationship=relation)
    assert "c1" not in found.rows["users"]
    assert "ContactLink.refId" in told(found, "unmapped_code")


def classes(
    *teachers: Record, version: str = "1.2", extensions: tuple[str, ...] = (), **fields: Any
) -> Made:
    year: Record = {"refId": "y1", "school": "s1", "schoolYear": "2027"}
    terms: list[Record] = [
        {"refId": f"t{x}", "school": "s1", "year": "y1", "schoolYear": "2027", "title": f"Term {x}",
         "type": "Semester", "startDate": f"2026-0{x}-01", "endDate": f"2026-0{x}-28"}
        for x in (8, 9)
    ]  # fmt: skip
    section: Record = {"refId": "x1", "course": "k1", "school": "s1", "title": "Art, 1", **fields}
    section.setdefault("sessions", ["t8", "t9"])
    return made(
        ("SchoolYear", year),
        *(("Session", term) for term in terms),
        ("Course", {"refId": "k1", "school": "s1", "title": "Art", "gradeLevels": ["09"]}),
        ("Section", section),
        *(("StaffSection", {"section": "x1", **each}) for each in teachers),
        version=version,
        extensions=extensions,
    )


@pytest.mark.requirement("TRN-DT-07")
def test_a_year_without_a_session_of_its_own_becomes_one() -> None:
    row = user(classes(), "y1", "academicSessions")
    assert row == {
        "sourcedId": "y1",
        "title": "2026-2027",
        "type": "schoolYear",
        "startDate": "2026-08-01",
        "endDate": "2026-09-29",
        "schoolYear": "2027",
    }
    assert user(classes(), "k1", "courses")["schoolYearSourcedId"] == "y1"
    assert user(classes(), "t8", "academicSessions")["parentSourcedId"] == "y1"


@pytest.mark.requirement("TRN-CS-08")
def test_a_term_for_marks_and_classes_comes_twice() -> None:
    term: Record = {"refId": "t1", "title": "T", "type": "Semester", "schoolYear": "2027"}
    term |= {"startDate": "2026-08-01", "endDate": "2026-12-31"}
    both = made(("Session", {**term, "markingTerm": "true", "schedulingTerm": "true"}))
    rows = {row.body["type"]: row.body for row in both.rows["academicSessions"].values()}
    assert rows["gradingPeriod"]["parentSourcedId"] == rows["semester"]["sourcedId"] == "t1"
    assert rows["gradingPeriod"]["endDate"] == rows["semester"]["endDate"] == "2027-01-01"
    marks = made(("Session", {**term, "markingTerm": "true"}))
    assert [row.body["type"] for row in marks.rows["academicSessions"].values()] == [
        "gradingPeriod"
    ]


@pytest.mark.requirement("TRN-MV-05")
def test_a_section_of_several_terms_is_one_class_and_takes_grades_from_its_course() -> None:
    row = user(classes(), "x1", "classes")
    assert (row["termSourcedIds"], row["grades"], row["classType"]) == (
        ["t8", "t9"],
        ["09"],
        "scheduled",
    )


def test_a_section_without_terms_is_held() -> None:
    assert ("classes", "termSourcedIds is required and not known") in classes(sessions=[]).held()


@pytest.mark.requirement("TRN-MV-03")
def test_exactly_one_of_twelve_teachers_is_primary() -> None:
    teachers: list[Record] = [
        {"refId": f"m{x:02}", "staff": f"p{x}", "teacherOfRecord": "true"} for x in range(12)
    ]
    found = classes(*teachers)
    flags = [row.body["primary"] for _, row in sorted(found.rows["enrollments"].items())]
    assert flags == ["true", *["false"] * 11]
    assert "StaffSection.teacherOfRecord" in told(found, "multi_to_one")


@pytest.mark.requirement("TRN-CS-10")
@pytest.mark.parametrize(("version", "role"), [("1.2", "ext:aide"), ("1.1", "teacher")])
def test_an_aide_is_never_the_primary_teacher(version: str, role: str) -> None:
    aide: Record = {"refId": "m1", "staff": "p1", "role": "assistant", "primary": "true"}
    row = user(classes(aide, version=version, extensions=("ext:aide",)), "m1", "enrollments")
    assert (row["role"], row["primary"]) == (role, "false")


@pytest.mark.requirement("TRN-CS-10")
def test_a_receiver_that_declared_no_word_for_an_aide_gets_none() -> None:
    aide: Record = {"refId": "m1", "staff": "p1", "role": "assistant", "primary": "true"}
    row = user(classes(aide), "m1", "enrollments")
    assert (row["role"], row["primary"]) == ("teacher", "false")


def test_a_school_takes_its_state_id_and_names_the_others() -> None:
    school: Record = {"refId": "s9", "name": "South", "localId": "1", "stateId": "0042"}
    found = made(("School", school))
    assert user(found, "s9", "orgs")["identifier"] == "0042"
    assert "School.localId" in told(found, "multi_to_one")


def test_a_district_that_names_itself_has_no_parent() -> None:
    found = made(("LEA", {"refId": "l9", "name": "South", "parent": "l9"}))
    assert "parentSourcedId" not in user(found, "l9", "orgs")


@pytest.mark.requirement("TRN-LR-08")
@pytest.mark.parametrize(
    ("field", "value", "columns"),
    [
        ("middleName", "Bea", {"users.middleName"}),
        ("loginId", "ada", {"users.username"}),
        ("localId", "007", {"users.userIds", "users.identifier"}),
        ("birthDate", "2014-03-10", {"demographics.birthDate"}),
        ("cityOfBirth", "Ames", {"demographics.cityOfBirth"}),
        ("gpa", "3.5", set()),
    ],
)
def test_one_field_changes_its_own_columns_and_no_others(
    field: str, value: str, columns: set[str]
) -> None:
    known = {"loginId": "old", "localId": "1", "birthDate": "2014-03-09"}
    before, after = student(**known), student(**{**known, field: value})
    cells = [
        {
            (f"{name}.{column}", str(cell))
            for name, rows in found.rows.items()
            for row in rows.values()
            for column, cell in row.body.items()
        }
        for found in (before, after)
    ]
    assert {column for column, _ in cells[0] ^ cells[1]} == columns
