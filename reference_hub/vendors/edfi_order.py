"""In which order resources are loaded: as the host says, else as the data standard's references do.

Deletes run backwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reference_hub.vendors.edfi_session import Session, document

# By the references of Data Standards 4 to 6: what a resource points to comes before it.
FALLBACK = (
    "schoolYearTypes",
    "localEducationAgencies",
    "schools",
    "students",
    "contacts",
    "parents",
    "staffs",
    "gradingPeriods",
    "calendars",
    "locations",
    "classPeriods",
    "sessions",
    "calendarDates",
    "bellSchedules",
    "courses",
    "programs",
    "courseOfferings",
    "sections",
    "studentSchoolAssociations",
    "studentEducationOrganizationAssociations",
    "studentEducationOrganizationResponsibilityAssociations",
    "studentDemographics",
    "studentDirectories",
    "studentIdentificationCodes",
    "educationOrganizationIdentificationCodes",
    "staffDemographics",
    "staffDirectories",
    "staffIdentificationCodes",
    "studentTransportations",
    "studentContactAssociations",
    "studentParentAssociations",
    "studentSectionAssociations",
    "staffEducationOrganizationEmploymentAssociations",
    "staffEducationOrganizationAssignmentAssociations",
    "staffSchoolAssociations",
    "staffSectionAssociations",
    "studentProgramAssociations",
    "studentSpecialEducationProgramAssociations",
    "studentLanguageInstructionProgramAssociations",
    "studentSchoolFoodServiceProgramAssociations",
    "studentSchoolAttendanceEvents",
    "studentSectionAttendanceEvents",
    "grades",
    "assessments",
    "objectiveAssessments",
    "studentAssessments",
    "gradebookEntries",
    "studentGradebookEntries",
)


@dataclass(frozen=True, slots=True)
class Order:
    """Group numbers of resources for the first insert and for updates; `remark` if guessed."""

    create: Mapping[str, int]
    update: Mapping[str, int]
    remark: str = ""

    def of(self, collection: str, is_known: bool) -> int:
        """The group of a resource; what nobody listed goes last."""
        groups = self.update if is_known else self.create
        return groups.get(collection, self.create.get(collection, len(FALLBACK) * 10))


def ask(session: Session) -> Order:
    """Read the host's dependencies; without them the order of the data standard, with a remark."""
    answer = session.ask("GET", session.root.dependencies)
    found = document(answer)
    order = _read(found) if answer.status == 200 and isinstance(found, list) else None
    if order:
        return order
    groups = {name: number for number, name in enumerate(FALLBACK, 1)}
    remark = (
        f"The host told no load order ({answer.status}); the order of the data standard is used."
    )
    return Order(groups, groups, remark)


def _read(found: Iterable[object]) -> Order | None:
    create: dict[str, int] = {}
    update: dict[str, int] = {}
    for entry in found:
        if not isinstance(entry, dict) or not isinstance(entry.get("order"), int):
            continue
        path, _, name = str(entry.get("resource", "")).strip("/").rpartition("/")
        if path != "ed-fi":
            continue
        operations = entry.get("operations") or ["Create", "Update"]
        for groups, operation in ((create, "Create"), (update, "Update")):
            if operation in operations:
                groups[name] = entry["order"]
    return Order(create, update) if create else None
