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
    """The object of one of these collections, else None; names are case-sensitive."""
    return _BY_COLLECTION.get(collection)


def key_of(object_type: str) -> str:
    """The key attribute: `refId` on lower-camel objects (xStudent, k12School), else `RefId`."""
    return "refId" if object_type[:1].islower() else "RefId"
