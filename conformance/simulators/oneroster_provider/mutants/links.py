"""Providers whose objects point to the wrong place, or do not fit together."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from conformance.simulators.oneroster_provider.district import Bodies, Body
from conformance.simulators.oneroster_provider.mutants import breaks
from conformance.simulators.oneroster_provider.mutants.values import (
    Reidentified,
    Retold,
    left_out,
)
from conformance.simulators.oneroster_provider.provider import RosterProvider
from conformance.simulators.oneroster_provider.reads import KINDS, Call


@breaks("ORS-REF-001", also=("ORS-REF-003",))
class ReferencesHaveNoAddress(Retold):
    """Leaves the address of references out."""

    kind = "class"

    def changed(self, told: Body) -> Body:
        return told | {"course": left_out(told["course"], "href") | {"href": None}}


@breaks("ORS-REF-001")
class ReferencesHaveOtherTypes(Retold):
    """Calls the school of an enrollment a school, where the kind is org."""

    kind = "enrollment"

    def changed(self, told: Body) -> Body:
        return told | {"school": told["school"] | {"type": "school"}}


@breaks("ORS-REF-002")
class LosesACourse(RosterProvider):
    """Does not show the first course, which classes name."""

    def objects(self, name: str) -> Bodies:
        found = super().objects(name)
        return found[1:] if name == "courses" else found


@breaks("ORS-REF-002")
class DemographicsOfNobody(Reidentified):
    """Shows demographics under ids of their own."""

    collection = "demographics"

    def changed(self, body: Body) -> Body:
        return body | {"sourcedId": f"d-{body['sourcedId']}"}


@breaks("ORS-REF-003")
class AddressesAreOfTheFile(RosterProvider):
    """Tells addresses of the machine that the data came from."""

    def address(self, call: Call, href: str) -> str:
        return f"https://sis.example/{href}"


@breaks("ORS-REF-003")
class AddressesLeadNowhere(RosterProvider):
    """Writes addresses of kinds in the singular."""

    def address(self, call: Call, href: str) -> str:
        return super().address(call, href.replace("orgs/", "org/"))


@breaks("ORS-REF-004", also=("ORS-PRT-001", "ORS-PRT-002"))
class SeatsAreAtAnotherSchool(RosterProvider):
    """Names the other school in the enrollments."""

    def shown(self, call: Call, name: str, body: Body) -> Body:
        told = super().shown(call, name, body)
        if KINDS[name][1] != "enrollment":
            return told
        other = next(
            one["sourcedId"]
            for one in self.objects("schools")
            if one["sourcedId"] != told["school"]["sourcedId"]
        )
        href = self.address(call, f"orgs/{other}")
        return told | {"school": told["school"] | {"sourcedId": other, "href": href}}


@breaks("ORS-REF-004")
class EndsBeforeItBegins(Retold):
    """Ends stays before they begin."""

    kind = "enrollment"

    def changed(self, told: Body) -> Body:
        return told | ({"endDate": "2026-08-01"} if told["role"] == "ext:aide" else {})


@breaks("ORS-REF-004")
class SessionsLeaveTheirParent(Retold):
    """Lets grading periods run into the summer."""

    kind = "academicSession"

    def changed(self, told: Body) -> Body:
        return told | ({"endDate": "2027-08-15"} if told["type"] == "gradingPeriod" else {})


@breaks("ORS-REF-004")
class OrgsStandInACircle(Retold):
    """Puts the district below itself."""

    kind = "org"

    def changed(self, told: Body) -> Body:
        if told["type"] != "district":
            return told
        above = {"href": "", "sourcedId": told["sourcedId"], "type": "org"}
        return told | {"parent": above}


@breaks("ORS-REF-004", also=("ORS-OBJ-006",))
class StudentsAreLearners(RosterProvider):
    """Loses a student from the view of students."""

    def objects(self, name: str) -> Bodies:
        found = super().objects(name)
        return found[1:] if name == "students" else found
