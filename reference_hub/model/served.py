"""The objects the hub serves. A collection is named after its object plus `s`, always."""

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
    "TermInfo",
    "SchoolCourseInfo",
    "SectionInfo",
    "StudentPersonal",
    "StudentSchoolEnrollment",
    "StudentSectionEnrollment",
    "StudentContactPersonal",
    "StudentContactRelationship",
    "StaffPersonal",
    "StaffAssignment",
    "StaffSectionAssignment",
    "StudentDailyAttendance",
    "StudentPeriodAttendance",
    "DisciplineIncident",
)

OBJECTS = XPRESS + CLASSICS
_BY_COLLECTION = {f"{name}s": name for name in OBJECTS}


def object_of(collection: str) -> str | None:
    """The object of a collection, None when the hub does not serve it; names are case-sensitive."""
    return _BY_COLLECTION.get(collection)


def key_of(object_type: str) -> str:
    """The key attribute: `refId` on x objects, `RefId` on the others."""
    return "refId" if object_type in XPRESS else "RefId"
