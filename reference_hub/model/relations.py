"""Which objects relate to which, as data: the service paths that the hub can answer.

An edge says where two objects name each other: a path on either side, '' for the object's own id.
Where one object knows nothing of the other, a third one between them leads there. All edges and
ways are walked in both directions. Unity writes references of the classics as attributes, the
Australian model as elements, so both are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reference_hub.model.query import OWN_ID, Path, read_path


@dataclass(frozen=True, slots=True)
class Edge:
    """`left` and `right` relate where one of the ids at the left path is one at the right path."""

    left: str
    left_path: str
    right: str
    right_path: str


@dataclass(frozen=True, slots=True)
class Step:
    """An edge seen from one side: from the ids at `near` of one object to those at `far` of the
    other."""

    near: Path
    far: Path


_STAYS = ("enrollment", "otherEnrollments/enrollment")
_POSTS = ("primaryAssignment", "otherAssignments/staffPersonAssignment")
_DUTIES = ("primaryStaff/staffPersonReference", "otherStaffs/otherStaff/staffPersonReference")

_XPRESS = (
    Edge("xLea", "", "xSchool", "leaRefId"),
    *(Edge("xLea", "", "xStudent", f"{stay}/leaRefId") for stay in _STAYS),
    *(Edge("xSchool", "", "xStudent", f"{stay}/schoolRefId") for stay in _STAYS),
    *(Edge("xLea", "", "xStaff", f"{post}/leaRefId") for post in _POSTS),
    *(Edge("xSchool", "", "xStaff", f"{post}/schoolRefId") for post in _POSTS),
    *(Edge("xSchool", "", each, "schoolRefId") for each in ("xCalendar", "xCourse", "xRoster")),
    Edge("xCourse", "", "xRoster", "courseRefId"),
    Edge("xCalendar", "", "xRoster", "meetingTimes/meetingTime/schoolCalendarRefId"),
    Edge("xRoster", "students/studentReference/refId", "xStudent", ""),
    *(Edge("xRoster", f"{duty}/refId", "xStaff", "") for duty in _DUTIES),
    Edge("xStudent", "studentContacts/contactPersonRefId", "xContact", ""),
    Edge("xStudent", "studentContacts/xContact/@refId", "xContact", ""),
    Edge("xStudent", "", "xContact", "relationships/relationship/studentRefId"),
    Edge("xStudent", "", "xIndividualizedEducationPlan", "iepAdministrativeData/studentRefId"),
    Edge("xStudent", "", "xTransferIep", "referenceObjects/student/@refId"),
)

# Parent of the classics -> what names it in an attribute or element called after the parent.
_NAMED_AFTER = {
    "LEAInfo": ("SchoolInfo",),
    "SchoolInfo": (
        "TermInfo",
        "SchoolCourseInfo",
        "StudentSchoolEnrollment",
        "StaffAssignment",
        "StudentDailyAttendance",
        "StudentPeriodAttendance",
        "TeachingGroup",
    ),
    "SchoolCourseInfo": ("SectionInfo", "TeachingGroup"),
    "TermInfo": ("SectionInfo",),
    "SectionInfo": (
        "StudentSectionEnrollment",
        "StaffSectionAssignment",
        "StudentPeriodAttendance",
    ),
    "StudentPersonal": (
        "StudentSchoolEnrollment",
        "StudentSectionEnrollment",
        "StudentContactRelationship",
        "StudentDailyAttendance",
        "StudentPeriodAttendance",
    ),
    "StudentContactPersonal": ("StudentContactRelationship",),
    "StaffPersonal": ("StaffAssignment", "StaffSectionAssignment"),
}

_CLASSICS = (
    *(
        Edge(parent, "", child, f"{at}{parent}RefId")
        for parent, named in _NAMED_AFTER.items()
        for child in named
        for at in ("@", "")
    ),
    Edge("TermInfo", "", "SectionInfo", "ScheduleInfoList/ScheduleInfo/@TermInfoRefId"),
    Edge(
        "StaffPersonal",
        "",
        "SectionInfo",
        "ScheduleInfoList/ScheduleInfo/TeacherList/StaffPersonalRefId",
    ),
    Edge(
        "TeachingGroup",
        "StudentList/TeachingGroupStudent/StudentPersonalRefId",
        "StudentPersonal",
        "",
    ),
    Edge(
        "TeachingGroup",
        "TeacherList/TeachingGroupTeacher/StaffPersonalRefId",
        "StaffPersonal",
        "",
    ),
    Edge("StudentPersonal", "", "DisciplineIncident", "OffenderList/Offender/SIF_RefId"),
    Edge("StudentPersonal", "", "DisciplineIncident", "VictimList/Victim/SIF_RefId"),
)

_EDGES = (*_XPRESS, *_CLASSICS)

# One end, what stands between, the other end.
_WAYS = (
    ("xLea", "xSchool", "xCalendar"),
    ("xLea", "xSchool", "xCourse"),
    ("xLea", "xSchool", "xRoster"),
    ("xLea", "xStudent", "xContact"),
    ("xSchool", "xStudent", "xContact"),
    ("xStudent", "xRoster", "xCourse"),
    ("xStudent", "xRoster", "xStaff"),
    ("xStaff", "xRoster", "xCourse"),
    ("LEAInfo", "SchoolInfo", "SchoolCourseInfo"),
    ("SchoolInfo", "SchoolCourseInfo", "SectionInfo"),
    ("SchoolInfo", "StaffAssignment", "StaffPersonal"),
    ("SchoolInfo", "StudentSchoolEnrollment", "StudentPersonal"),
    ("SectionInfo", "StaffSectionAssignment", "StaffPersonal"),
    ("SectionInfo", "StudentSectionEnrollment", "StudentPersonal"),
    ("StudentPersonal", "StudentContactRelationship", "StudentContactPersonal"),
)


def steps(origin: str, target: str) -> tuple[Step, ...]:
    """The edges that lead straight from one object to the other."""
    return tuple(_steps(origin, target))


def between(origin: str, target: str) -> tuple[str, ...]:
    """The objects over which a way leads from one to the other."""
    return tuple(middle for left, middle, right in _WAYS if {left, right} == {origin, target})


def related(origin: str, target: str) -> bool:
    """Whether the hub can tell which `target` belongs to an `origin`."""
    return bool(steps(origin, target) or between(origin, target))


def _steps(origin: str, target: str) -> Iterator[Step]:
    for edge in _EDGES:
        if (edge.left, edge.right) == (origin, target):
            yield Step(_path(edge.left_path), _path(edge.right_path))
        if (edge.right, edge.left) == (origin, target):
            yield Step(_path(edge.right_path), _path(edge.left_path))


def _path(text: str) -> Path:
    return read_path(text) if text else OWN_ID
