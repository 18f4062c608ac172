"""The generator's plain tables as Clever rows: a third opinion where it has no writer of its own.

Only what both know: columns of one value that the tables hold as SIF spells them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from conformance.crosswalk.facts import Fact, folded, of_row
from fixtures import codesets
from fixtures.district.plan import Plan
from fixtures.writers.flat import people, places

Row = Mapping[str, object]
# Columns of a table and of Clever that hold the same text.
SCHOOL = {
    "localId": "School_number", "schoolName": "School_name", "stateProvinceId": "State_id",
    "line1": "School_address", "city": "School_city", "stateProvince": "School_state",
    "postalCode": "School_zip", "phoneNumber": "School_phone",
}  # fmt: skip
STUDENT = {
    "localId": "Student_number", "stateProvinceId": "State_id", "familyName": "Last_name",
    "givenName": "First_name", "middleName": "Middle_name", "loginId": "Username",
    "emailAddress": "Student_email", "line1": "Student_street", "city": "Student_city",
    "stateProvince": "Student_state", "postalCode": "Student_zip",
    "preferredGivenName": "Preferred_first_name",
}  # fmt: skip
TEACHER = {
    "localId": "Teacher_number", "stateProvinceId": "State_teacher_id", "givenName": "First_name",
    "familyName": "Last_name", "middleName": "Middle_name", "loginId": "Username",
    "emailAddress": "Teacher_email",
}  # fmt: skip


def facts(plan: Plan) -> Iterator[Fact]:
    """Walk through schools, students with their contacts, teachers, sections and seats."""
    schools = {one.refid: str(one.local_id) for one in plan.schools()}
    for one in plan.schools():
        row = same(places.school(one), SCHOOL)
        yield from of_row("clever", "schools", {**row, "School_id": schools[one.refid]})
    yield from students(plan, schools)
    for member in plan.staff():
        flat = people.staff(member)
        if word("staffrole", flat["jobFunction"]) == "teachers.csv":
            row = {"School_id": schools[str(flat["schoolRefId"])], "Teacher_id": key(flat["refId"])}
            yield from of_row("clever", "teachers", {**row, **same(flat, TEACHER)})
    yield from sections(plan, schools)
    of_section = {one.refid: schools[one.school_refid] for one in plan.sections()}
    for seat in plan.seats():
        flat = places.seat(seat)
        section, student = str(flat["sectionRefId"]), key(flat["studentRefId"])
        row = {"School_id": of_section[section], "Section_id": key(section), "Student_id": student}
        yield from of_row("clever", "enrollments", row)


def sections(plan: Plan, schools: Mapping[str, str]) -> Iterator[Fact]:
    courses = {one.refid: places.course(one) for one in plan.courses()}
    held: dict[str, list[Row]] = {}
    for one in plan.teachings():
        held.setdefault(one.section_refid, []).append(places.teaching(one))
    for section in plan.sections():
        flat = places.section(section)
        course = courses[str(flat["courseRefId"])]
        # The teacher of record first.
        teachers = sorted(held[section.refid], key=lambda row: row["teacherOfRecord"] is not True)
        ids = [key(row["staffRefId"]) for row in teachers]
        columns = ["Teacher_id", *(f"Teacher_{number}_id" for number in range(2, 11))]
        row = {
            "School_id": schools[str(flat["schoolRefId"])],
            "Section_id": key(flat["refId"]),
            **same(flat, {"schoolSectionId": "Section_number", "courseTitle": "Name"}),
            **same(course, {"courseTitle": "Course_name", "schoolCourseId": "Course_number"}),
            **dict(zip(columns, ids, strict=False)),
        }
        yield from of_row("clever", "sections", row)


def students(plan: Plan, schools: Mapping[str, str]) -> Iterator[Fact]:
    ties: dict[str, list[Row]] = {}
    for one in plan.contacts():
        for tie in one.relationships:
            if not (tie.restrictions or tie.custodial is False or tie.communications is False):
                ties.setdefault(tie.student_refid, []).append(people.contact(one, tie))
    for student in plan.students():
        flat = people.student(student)
        row = {"School_id": schools[str(flat["schoolRefId"])], **student_row(flat)}
        for kin in ties.get(student.refid, [{}]):
            yield from of_row("clever", "students", {**row, **contact_row(kin)})


def student_row(flat: Row) -> dict[str, str]:
    races = str(flat["races"]).split(";") if flat["races"] else []
    race = "DemographicRaceTwoOrMoreRaces" if len(races) > 1 else "".join(races)
    hispanic = {True: "Y", False: "N"}.get(flat["hispanicLatinoEthnicity"])  # type: ignore[call-overload]
    born = flat["birthDate"]
    return {
        **same(flat, STUDENT),
        "Student_id": key(flat["refId"]),
        "Grade": word("grade", flat["gradeLevel"]),
        "Gender": word("sex", flat["sex"]),
        "Race": word("race", race),
        "Hispanic_Latino": hispanic or "",
        "DOB": f"{born.month}/{born.day}/{born.year}" if isinstance(born, date) else "",
    }


def contact_row(flat: Row) -> dict[str, str]:
    if not flat:
        return {}
    return {
        "Contact_sis_id": key(flat["contactRefId"]),
        "Contact_name": f"{flat['givenName']} {flat['familyName']}",
        "Contact_relationship": word("relationship", flat["relationshipCode"]),
        "Contact_phone": str(flat["phoneNumber"] or ""),
        "Contact_email": str(flat["emailAddress"] or ""),
    }


def same(flat: Row, names: Mapping[str, str]) -> dict[str, str]:
    return {name: str(flat[column] or "") for column, name in names.items()}


def key(refid: object) -> str:
    return folded(str(refid))


def word(name: str, code: object) -> str:
    return codesets.words(name, "sif_xpress", "clever").get(str(code or ""), "")
