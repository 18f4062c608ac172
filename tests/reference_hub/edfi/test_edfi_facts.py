"""What a host holds of a district compared with the judge's own writer: every difference has a
reason, and every reason a difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from fixtures.writers import edfi as judge
from tests.reference_hub.edfi import sheet
from tests.reference_hub.edfi.district import PLAN, written
from tests.reference_hub.edfi.records import folded

# The judge writes from the records of the district; SIF is all the hub has.
CALENDAR = "the code is the calendar's own in SIF; the judge takes the term's"
CLASSIC = "classic SIF has one kind of telephone, and none for the words of the judge"
STATED = "classic SIF names no kind of address; the district states one for all"
NO_SIF = "this model has no place for it"
NOT_HERE = "not among the resources of the hub's table"
MORE_IN_SIF = "the hub sends more of what SIF holds"
POLICY = "custody, records or restrictions forbid it"
WEEKDAYS = "xPress has no calendar; weekdays are counted as the district says"
TERM = "xPress has no day of the seat; the term's first day stands there"
UNUSED = "only what a section uses is known"
NAMED = "the hub names one meals programme"
FORM = "parts of tests go by their RefId; who did not sit a test has no result"

BOTH = {
    ("schoolYearTypes", "missing", ""): "a host has its school years",
    (
        "locations",
        "lacks",
        "maximumNumberOfSeats",
    ): "a room's seats are not in the canonical record",
    ("classPeriods", "missing", ""): UNUSED,
    ("calendars", "missing", ""): CALENDAR,
    ("calendars", "extra", ""): CALENDAR,
    ("calendarDates", "missing", ""): CALENDAR,
    ("bellSchedules", "missing", ""): NOT_HERE,
    (
        "courses",
        "lacks",
        "academicSubjects.academicSubjectDescriptor",
    ): "an unknown subject is Other",
    ("programs", "missing", ""): NOT_HERE,
    ("programs", "extra", ""): NAMED,
    ("contacts", "missing", ""): POLICY,
    ("studentContactAssociations", "missing", ""): POLICY,
    ("staffEducationOrganizationEmploymentAssociations", "missing", ""): NOT_HERE,
    ("staffEducationOrganizationAssignmentAssociations", "lacks", "fullTimeEquivalency"): NO_SIF,
    (
        "staffSchoolAssociations",
        "lacks",
        "schoolYearTypeReference.schoolYear",
    ): "one row for all years",
    ("staffSchoolAssociations", "lacks", "gradeLevels.gradeLevelDescriptor"): NO_SIF,
    ("studentSchoolAssociations", "lacks", "calendarReference.calendarCode"): NO_SIF,
    ("studentSchoolAssociations", "lacks", "calendarReference.schoolId"): NO_SIF,
    ("studentSchoolAssociations", "lacks", "calendarReference.schoolYear"): NO_SIF,
    ("studentProgramAssociations", "missing", ""): NOT_HERE,
    ("studentSpecialEducationProgramAssociations", "missing", ""): NOT_HERE,
    ("studentLanguageInstructionProgramAssociations", "missing", ""): NOT_HERE,
    ("studentSchoolFoodServiceProgramAssociations", "missing", ""): NAMED,
    ("objectiveAssessments", "missing", ""): FORM,
    ("studentAssessments", "missing", ""): FORM,
}
PART = "which part is the whole test is not told; parts go by their RefId"
KIND = "institutionTelephones.institutionTelephoneNumberTypeDescriptor"
MAIL = "electronicMails.electronicMailTypeDescriptor"
PHONE = "telephones.telephoneNumberTypeDescriptor"
UNITY = {
    ("localEducationAgencies", "lacks", KIND): CLASSIC,
    ("localEducationAgencies", "more", KIND): CLASSIC,
    ("localEducationAgencies", "more", "operationalStatusDescriptor"): MORE_IN_SIF,
    ("schools", "lacks", KIND): CLASSIC,
    ("schools", "more", KIND): CLASSIC,
    ("schools", "more", "operationalStatusDescriptor"): MORE_IN_SIF,
    ("schools", "more", "schoolCategories.schoolCategoryDescriptor"): MORE_IN_SIF,
    ("classPeriods", "lacks", "meetingTimes.startTime"): NO_SIF,
    ("classPeriods", "lacks", "meetingTimes.endTime"): NO_SIF,
    ("calendarDates", "extra", ""): CALENDAR,
    (
        "courses",
        "lacks",
        "identificationCodes.courseIdentificationSystemDescriptor",
    ): "classic SIF calls the SCED code the state's",
    (
        "courses",
        "more",
        "identificationCodes.courseIdentificationSystemDescriptor",
    ): "classic SIF calls the SCED code the state's",
    ("courses", "more", "identificationCodes.identificationCode"): MORE_IN_SIF,
    ("courses", "lacks", "offeredGradeLevels.gradeLevelDescriptor"): NO_SIF,
    ("sections", "more", "mediumOfInstructionDescriptor"): MORE_IN_SIF,
    ("contacts", "lacks", PHONE): CLASSIC,
    ("contacts", "more", PHONE): CLASSIC,
    ("contacts", "lacks", "telephones.orderOfPriority"): NO_SIF,
    ("contacts", "lacks", MAIL): STATED,
    ("contacts", "more", MAIL): STATED,
    ("staffs", "lacks", "loginId"): NO_SIF,
    ("studentSchoolAssociations", "more", "residencyStatusDescriptor"): MORE_IN_SIF,
    ("studentEducationOrganizationAssociations", "lacks", "loginId"): NO_SIF,
    ("studentEducationOrganizationAssociations", "lacks", MAIL): STATED,
    ("studentEducationOrganizationAssociations", "more", MAIL): STATED,
    ("studentEducationOrganizationAssociations", "more", "sexDescriptor"): MORE_IN_SIF,
    ("studentEducationOrganizationAssociations", "lacks", "telephones.orderOfPriority"): NO_SIF,
    ("studentContactAssociations", "lacks", "primaryContactStatus"): NO_SIF,
    ("studentContactAssociations", "more", "legalGuardian"): MORE_IN_SIF,
    ("staffEducationOrganizationAssignmentAssociations", "more", "positionTitle"): MORE_IN_SIF,
    ("studentSchoolFoodServiceProgramAssociations", "extra", ""): NAMED,
    (
        "studentSchoolAttendanceEvents",
        "lacks",
        "eventDuration",
    ): "the share of the day is the code's",
    ("grades", "lacks", "numericGradeEarned"): NO_SIF,
    ("objectiveAssessments", "extra", ""): PART,
    ("studentAssessments", "lacks", "schoolYearTypeReference.schoolYear"): "not needed before DS 6",
    ("studentAssessments", "lacks", "whenAssessedGradeLevelDescriptor"): NO_SIF,
    **{
        ("studentAssessments", way, f"{part}{member}"): PART
        for way, part in (("lacks", ""), ("more", "studentObjectiveAssessments."))
        for member in (
            "scoreResults.result",
            "scoreResults.resultDatatypeTypeDescriptor",
            "scoreResults.assessmentReportingMethodDescriptor",
            "performanceLevels.performanceLevelDescriptor",
            "performanceLevels.performanceLevelIndicatorName",
            "performanceLevels.assessmentReportingMethodDescriptor",
        )
    },
    **{
        (
            "studentAssessments",
            way,
            f"studentObjectiveAssessments.objectiveAssessmentReference.{member}",
        ): PART
        for way, member in (
            ("lacks", "identificationCode"),
            ("more", "identificationCode"),
            ("more", "assessmentIdentifier"),
            ("more", "namespace"),
        )
    },
    **{
        ("assessments", "lacks", member): "not in the canonical record"
        for member in (
            "assessmentFamily",
            "assessmentCategoryDescriptor",
            "assessedGradeLevels.gradeLevelDescriptor",
            "maxRawScore",
            "scores.assessmentReportingMethodDescriptor",
            "scores.minimumScore",
            "scores.maximumScore",
            "scores.resultDatatypeTypeDescriptor",
            "performanceLevels.performanceLevelDescriptor",
            "performanceLevels.performanceLevelIndicatorName",
            "performanceLevels.assessmentReportingMethodDescriptor",
            "performanceLevels.minimumScore",
            "performanceLevels.maximumScore",
            "performanceLevels.resultDatatypeTypeDescriptor",
        )
    },
}
XPRESS = {
    ("locations", "missing", ""): UNUSED,
    ("gradingPeriods", "lacks", "totalInstructionalDays"): WEEKDAYS,
    ("gradingPeriods", "more", "totalInstructionalDays"): WEEKDAYS,
    ("sessions", "lacks", "totalInstructionalDays"): WEEKDAYS,
    ("sessions", "more", "totalInstructionalDays"): WEEKDAYS,
    ("students", "lacks", "birthCity"): NO_SIF,
    ("contacts", "more", "telephones.orderOfPriority"): MORE_IN_SIF,
    ("studentSchoolAssociations", "lacks", "schoolYearTypeReference.schoolYear"): NO_SIF,
    ("studentSchoolAssociations", "lacks", "entryTypeDescriptor"): NO_SIF,
    (
        "studentEducationOrganizationAssociations",
        "lacks",
        "limitedEnglishProficiencyDescriptor",
    ): NO_SIF,
    (
        "studentEducationOrganizationAssociations",
        "lacks",
        "studentCharacteristics.studentCharacteristicDescriptor",
    ): NO_SIF,
    (
        "studentEducationOrganizationAssociations",
        "more",
        "telephones.orderOfPriority",
    ): MORE_IN_SIF,
    ("studentSectionAssociations", "missing", ""): TERM,
    ("studentSectionAssociations", "extra", ""): TERM,
    ("staffSectionAssociations", "lacks", "classroomPositionDescriptor"): NO_SIF,
    ("staffSectionAssociations", "more", "classroomPositionDescriptor"): NO_SIF,
    ("studentSchoolAttendanceEvents", "missing", ""): NO_SIF,
    ("grades", "missing", ""): NO_SIF,
    ("assessments", "missing", ""): NO_SIF,
}


def facts(body: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Each value with the place it stands at."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from facts(value, f"{place}.{name}" if place else name)
    elif isinstance(body, list):
        for value in body:
            yield from facts(value, place)
    else:
        yield place, str(body)


@pytest.mark.parametrize(("model", "more"), [("unity-4.3", UNITY), ("xpress-4.3", XPRESS)])
def test_each_difference_to_the_judges_writer_has_a_reason(model, more, standards):
    known = sheet.resources(standards, "5.0")
    ours: dict[str, dict[Any, Counter[tuple[str, str]]]] = {}
    for row in written(model):
        if row.state == "ready":
            key = folded(known[row.collection].identity(row.body))
            ours.setdefault(row.collection, {})[key] = Counter(facts(row.body))
    found = set()
    for name in [name for name in judge.RESOURCES if name in known]:
        theirs = {
            folded(known[name].identity(body)): Counter(facts(body))
            for body in judge.bodies(PLAN, name)
        }
        found |= differences(name, ours.get(name, {}), theirs)
    assert found == set(BOTH) | set(more)


def differences(name: str, ours: dict[Any, Any], theirs: dict[Any, Any]) -> set[tuple[str, ...]]:
    """Records that one side alone has, and places at which the others differ."""
    found = {(name, "missing", "")} if set(theirs) - set(ours) else set()
    if set(ours) - set(theirs):
        found.add((name, "extra", ""))
    for key in set(ours) & set(theirs):
        found |= {(name, "lacks", place) for place, _ in theirs[key] - ours[key]}
        found |= {(name, "more", place) for place, _ in ours[key] - theirs[key]}
    return found
