"""What the layers of a file receiver hand to each other: lines with their place, and complaints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Row = dict[str, str]
ONEROSTER_11, ONEROSTER_12 = "oneroster-1.1", "oneroster-1.2"
CLEVER, SDS, FLAT = "clever", "sds-2.1", "flat"
MANIFEST = "manifest.csv"


class Unfit(Exception):
    """A file that is refused as a whole: its name, the row (0: all of it) and why, no value."""

    def __init__(self, file: str, row: int, reason: str) -> None:
        super().__init__(reason)
        self.complaint = Complaint(file, row, reason)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A row that cannot be taken; row 1 is the header, row 0 the file as a whole."""

    file: str
    row: int
    reason: str


@dataclass(slots=True)
class Line:
    """One row of a table with the place where it stood."""

    file: str
    number: int
    cells: Row


@dataclass(slots=True)
class Batch:
    """What one delivery says: lines by table of OneRoster, and whether it holds all or changes."""

    tables: dict[str, list[Line]]
    delta: bool
    complaints: list[Complaint] = field(default_factory=list)


# Columns that must be filled, by table; those of OneRoster 1.1 that 1.2 has no more stand below.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "orgs": ("sourcedId", "name", "type"),
    "academicSessions": ("sourcedId", "title", "type", "startDate", "endDate", "schoolYear"),
    "courses": ("sourcedId", "title", "orgSourcedId"),
    "users": ("sourcedId", "enabledUser", "username", "givenName", "familyName"),
    "roles": ("sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId"),
    "demographics": ("sourcedId",),
    "classes": (
        "sourcedId", "title", "courseSourcedId", "classType", "schoolSourcedId", "termSourcedIds",
    ),
    "enrollments": ("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
}  # fmt: skip
REFERENCES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "courses": (("orgSourcedId", "orgs"),),
    "roles": (("userSourcedId", "users"), ("orgSourcedId", "orgs")),
    "demographics": (("sourcedId", "users"),),
    "classes": (
        ("courseSourcedId", "courses"), ("schoolSourcedId", "orgs"),
        ("termSourcedIds", "academicSessions"),
    ),
    "enrollments": (
        ("classSourcedId", "classes"), ("schoolSourcedId", "orgs"), ("userSourcedId", "users"),
    ),
}  # fmt: skip
DATES = ("startDate", "endDate", "beginDate", "birthDate")
_ROLES = {
    "aide", "counselor", "districtAdministrator", "guardian", "parent", "principal", "proctor",
    "relative", "siteAdministrator", "student", "systemAdministrator", "teacher",
    "administrator",
}  # fmt: skip
WORDS: Mapping[tuple[str, str], set[str]] = {
    ("users", "enabledUser"): {"true", "false"},
    ("users", "role"): _ROLES,
    ("roles", "role"): _ROLES,
    ("roles", "roleType"): {"primary", "secondary"},
    ("enrollments", "role"): {"administrator", "proctor", "student", "teacher"},
    ("orgs", "type"): {"department", "school", "district", "local", "state", "national"},
    ("academicSessions", "type"): {"gradingPeriod", "semester", "schoolYear", "term"},
    ("classes", "classType"): {"homeroom", "scheduled"},
}  # fmt: skip
