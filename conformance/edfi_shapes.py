"""Ed-Fi resources as far as the suite sends them: names and keys by data standard.

Source: Ed-Fi data standards 4 and 5, resources and their identifying members.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Body = dict[str, Any]
_SESSION = ("schoolId", "schoolYear", "sessionName")
_OFFERING = ("localCourseCode", *_SESSION)
# The parts of the natural key, wherever in the body they stand.
KEYS: Mapping[str, tuple[str, ...]] = {
    "students": ("studentUniqueId",),
    "contacts": ("contactUniqueId",),
    "parents": ("parentUniqueId",),
    "studentSchoolAssociations": ("entryDate", "schoolId", "studentUniqueId"),
    "studentEducationOrganizationAssociations": ("educationOrganizationId", "studentUniqueId"),
    "studentContactAssociations": ("contactUniqueId", "studentUniqueId"),
    "studentParentAssociations": ("parentUniqueId", "studentUniqueId"),
    "courses": ("courseCode", "educationOrganizationId"),
    "sessions": _SESSION,
    "courseOfferings": _OFFERING,
    "sections": ("sectionIdentifier", *_OFFERING),
    "studentSectionAssociations": (
        "beginDate", "sectionIdentifier", *_OFFERING, "studentUniqueId",
    ),
}  # fmt: skip
STUDENTS, STAYS = "students", "studentSchoolAssociations"
KNOWN = "studentEducationOrganizationAssociations"
# The words of data standard 4 for the races that have other ones in 5.
OLDER_RACES = {
    "American Indian or Alaska Native": "American Indian - Alaska Native",
    "Black or African American": "Black - African American",
    "Native Hawaiian or Pacific Islander": "Native Hawaiian - Pacific Islander",
}


def people_at_home(standard: str) -> tuple[str, str, str]:
    """Contacts as a data standard calls them: resource, ties to students, and the noun."""
    if standard == "4":
        return "parents", "studentParentAssociations", "parent"
    return "contacts", "studentContactAssociations", "contact"


def key_query(name: str, body: Mapping[str, Any]) -> dict[str, object]:
    """The query that finds the document of this body by its natural key."""
    flat: dict[str, object] = {}
    for member, value in body.items():
        flat |= value if isinstance(value, Mapping) else {member: value}
    return {part: flat[part] for part in KEYS.get(name, ()) if part in flat}


def uri(kind: str, code: str) -> str:
    """A descriptor of the standard's own namespace: `uri("Term", "Semester")`."""
    return f"uri://ed-fi.org/{kind}Descriptor#{code}"
