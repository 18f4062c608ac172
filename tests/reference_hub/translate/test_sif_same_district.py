"""One district written by the generator in two models: translating the one gives the other.

The generator writes both from the same people. What it knows and the first model cannot say, and
where it writes a classic otherwise, is listed with the reason; nothing else may differ.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.reference_hub.translate.sif_names import key_of_node, named, renamed
from tests.reference_hub.translate.sif_trip import carried_types, documents_of, leaves, read, write
from tests.reference_hub.translate.test_sif_crosswalk import as_path

SEEDS = (3, 8)
UNKNOWN = "xPress does not say it"
ORDER = "the generator writes the order of the addresses, the table the kind that is known"
MAIN = "the generator calls each main number one at home, the table keeps its kind"
SETTINGS = "the generator knows the day and the count, here the operator states them"
TO_UNITY = {
    "CalendarSummary/DaysInSession": SETTINGS,
    "LEAInfo/EducationAgencyType/Code": UNKNOWN,
    "LEAInfo/OperationalStatus": UNKNOWN,
    "RoomInfo/RoomNumber": "a room in which no section meets is not known to xPress",
    "SchoolCourseInfo/Department": UNKNOWN,
    "SchoolCourseInfo/SCEDCode/CourseDescription": "a SCEDCode needs credit and sequence",
    "SchoolCourseInfo/SCEDCode/CourseLevel": "a SCEDCode needs credit and sequence",
    "SchoolCourseInfo/StateCourseCode": "xCourse has the number as one of the kind SCED",
    "SchoolInfo/OperationalStatus": UNKNOWN,
    "SchoolInfo/SchoolType": UNKNOWN,
    "SectionInfo/MediumOfInstruction/Code": UNKNOWN,
    "SectionInfo/SchoolCourseInfoOverride/SubjectArea/Code": "the generator leaves the subject out",
    "StaffAssignment/JobFunction/Code": "the generator has numbers of NCES, the table the word",
    "StaffAssignment/JobStartDate": UNKNOWN,
    "StaffPersonal/Demographics/Gender": "U for a sex that xPress leaves out",
    "StaffPersonal/Title": UNKNOWN,
    "StaffSectionAssignment/AssignmentStartDate": UNKNOWN,
    "StaffSectionAssignment/Roles/Role": "xPress does not say that a second one is an aide",
    "StudentContactPersonal/PersonInfo/PhoneNumberList/PhoneNumber/@Type": MAIN,
    "StudentContactRelationship/ContactFlags/AccessToRecords": "the generator leaves it out",
    "StudentContactRelationship/ContactFlags/ParentLegalGuardian": UNKNOWN,
    "StudentContactRelationship/ContactFlags/PickupRights": UNKNOWN,
    "StudentPersonal/Demographics/EnglishProficiency/Code": UNKNOWN,
    "StudentPersonal/Demographics/Gender": "U for a sex that xPress leaves out",
    "StudentPersonal/Demographics/PlaceOfBirth": UNKNOWN,
    "StudentPersonal/ELL": UNKNOWN,
    "StudentPersonal/EconomicDisadvantage": UNKNOWN,
    "StudentPersonal/EmailList/Email/@Type": ORDER,
    "StudentPersonal/GiftedTalented": UNKNOWN,
    "StudentPersonal/Homeless": UNKNOWN,
    "StudentPersonal/IDEA": UNKNOWN,
    "StudentPersonal/Immigrant": UNKNOWN,
    "StudentPersonal/MedicalAlertMessages/MedicalAlertMessage": UNKNOWN,
    "StudentPersonal/Migrant": UNKNOWN,
    "StudentPersonal/SIF_ExtendedElements/SIF_ExtendedElement/@Name": UNKNOWN,
    "StudentPersonal/Section504": UNKNOWN,
    "StudentSchoolEnrollment/EntryType/Code": UNKNOWN,
    "StudentSchoolEnrollment/ResidencyStatus/Code": UNKNOWN,
    "StudentSectionEnrollment/EntryDate": UNKNOWN,
}
SILENT = "Unity does not say it"
LESSONS = "the classic has one lesson for all weekdays, and no hours"
ROOM = "a classic has the homeroom as a room and the teacher as that of the homeroom section"
TO_XPRESS = {
    "xContact/phoneNumber/phoneNumberType": MAIN,
    "xContact/relationships/relationship/communicationsIndicator": SILENT,
    "xContact/relationships/relationship/primaryContactIndicator": SILENT,
    "xCourse/applicableEducationLevels/applicableEducationLevel": SILENT,
    "xCourse/scedCourseCode": "a SCEDCode stands only where a course has credits",
    "xCourse/scedCourseLevelCode": "a SCEDCode stands only where a course has credits",
    "xCourse/subject": SILENT,
    "xRoster/meetingTimes/meetingTime/classBeginningTime": LESSONS,
    "xRoster/meetingTimes/meetingTime/classEndingTime": LESSONS,
    "xRoster/meetingTimes/meetingTime/classMeetingDays/bellScheduleDay": LESSONS,
    "xRoster/meetingTimes/meetingTime/roomNumber": LESSONS,
    "xRoster/meetingTimes/meetingTime/sessionCode": LESSONS,
    "xRoster/meetingTimes/meetingTime/timeTableDay": LESSONS,
    "xRoster/meetingTimes/meetingTime/timeTablePeriod": LESSONS,
    "xRoster/subject": "the generator leaves it out of the section",
    "xStaff/loginId": SILENT,
    "xStudent/academicSummary/cumulativeWeightedGpa": SILENT,
    "xStudent/email/emailType": ORDER,
    "xStudent/enrollment/homeRoomNumber": ROOM,
    "xStudent/enrollment/homeRoomTeacher/refId": ROOM,
    "xStudent/loginId": SILENT,
}


def crosswalk_paths(standards: Path, column: str) -> set[str]:
    """All paths of a model that the crosswalk names."""
    text = (standards / "spec" / "crosswalk.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {as_path(each) for row in rows for each in row[column].split(" ; ") if each.strip()}


def different_paths(start: str, into: str) -> set[str]:
    """Paths at which a translated district is not the generated one."""
    found: set[str] = set()
    for seed in SEEDS:
        source = documents_of(start, seed, 25, carried_types(start, into))
        wanted = documents_of(into, seed, 25, carried_types(into, start))
        made = named(write(into, read(start, source).graph).documents)
        for kind, nodes in renamed(wanted).items():
            for node in nodes:
                first = leaves(kind, node)
                then = leaves(kind, made.get((kind, key_of_node(node)), {}))
                found |= {path for path, _ in (first - then) + (then - first)}
    return found


@pytest.mark.parametrize(
    ("start", "into", "column", "known"),
    [
        ("xpress", "unity", "sif_unity40_path", TO_UNITY),
        ("unity", "xpress", "sif_xpress_path", TO_XPRESS),
    ],
)
def test_a_translated_district_is_the_generated_one_but_for_listed_paths(
    standards: Path, start: str, into: str, column: str, known: dict[str, str]
) -> None:
    paths = crosswalk_paths(standards, column)
    assert len(paths) > 100
    assert different_paths(start, into) & paths == set(known)
