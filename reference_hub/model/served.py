"""The objects every environment has rights for. A collection is its object's name plus `s`.

Any other object is served as soon as a registered schema declares it or the zone holds one.
"""

from __future__ import annotations

XPRESS = (
    "xLea",
    "xSchool",
    "xCalendar",
    "xCourse",
    "xStaff",
    "xStudent",
    "xContact",
    "xRoster",
    "xIndividualizedEducationPlan",
    "xTransferIep",
)

CLASSICS = (
    "LEAInfo",
    "SchoolInfo",
    "CalendarSummary",
    "CalendarDate",
    "TermInfo",
    "RoomInfo",
    "SchoolCourseInfo",
    "SectionInfo",
    "StudentPersonal",
    "StudentLEARelationship",
    "StudentSchoolEnrollment",
    "StudentSectionEnrollment",
    "StudentContactPersonal",
    "StudentContactRelationship",
    "StaffPersonal",
    "StaffAssignment",
    "EmploymentRecord",
    "StaffSectionAssignment",
    "StudentParticipation",
    "StudentSpecialEducationSummary",
    "StudentMeal",
    "AttendanceCodeInfo",
    "StudentDailyAttendance",
    "StudentPeriodAttendance",
    "StudentAttendanceSummary",
    "Assessment",
    "AssessmentForm",
    "AssessmentSubTest",
    "AssessmentAdministration",
    "AssessmentRegistration",
    "StudentScoreSet",
    "BusInfo",
    "BusRouteInfo",
    "BusRouteDetail",
    "BusStopInfo",
    "StudentTransportInfo",
    "DisciplineIncident",
    "MarkValueInfo",
    "MarkInfo",
    "SectionMarkInfo",
    "StudentSectionMarks",
)

OBJECTS = XPRESS + CLASSICS
_BY_COLLECTION = {f"{name}s": name for name in OBJECTS}


def object_of(collection: str) -> str | None:
    """The object of one of these collections, else None; names are case-sensitive."""
    return _BY_COLLECTION.get(collection)


def key_of(object_type: str) -> str:
    """The key attribute: `refId` on lower-camel objects (xStudent, k12School), else `RefId`."""
    return "refId" if object_type[:1].islower() else "RefId"


# Prose and schema spell two of them differently (contradictions C-06 to C-08); both are taken.
UTILITIES = ("zones", "providers", "namespaces", "codeSets", "xquerys", "alerts", "pods")
_SPELLINGS = {name: name for name in UTILITIES} | {
    "nameSpaces": "namespaces",
    "xQueryTemplates": "xquerys",
}


def utility_of(collection: str) -> str | None:
    """The utility service of this name as the schema spells it, None for an object service."""
    return _SPELLINGS.get(collection)
