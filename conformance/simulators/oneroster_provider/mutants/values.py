"""Providers whose objects hold wrong values."""

# An override may ignore what it is given.

from __future__ import annotations

import re
from typing import Any

from conformance.simulators.oneroster_provider.district import Bodies, Body
from conformance.simulators.oneroster_provider.mutants import breaks
from conformance.simulators.oneroster_provider.provider import RosterProvider
from conformance.simulators.oneroster_provider.reads import KINDS, Call


class Retold(RosterProvider):
    """Tells each object of one kind in another way."""

    kind = ""

    def shown(self, call: Call, name: str, body: Body) -> Body:
        told = super().shown(call, name, body)
        return self.changed(dict(told)) if KINDS[name][1] == self.kind else told

    def changed(self, told: Body) -> Body:
        """The object as it is told."""
        return told


def plain(text: str) -> str:
    """The letters and digits of a text that an id may hold."""
    return re.sub(r"[^A-Za-z0-9.-]", "", text)


def left_out(told: Body, name: str) -> Body:
    """The object without a member."""
    return {key: value for key, value in told.items() if key != name}


@breaks("ORS-VAL-001")
class OrgsHaveNoIdentifier(Retold):
    """Leaves out the identifier of orgs, as CSV may."""

    kind = "org"

    def changed(self, told: Body) -> Body:
        return left_out(told, "identifier")


@breaks("ORS-VAL-001")
class CoursesHaveNoCode(Retold):
    """Tells an empty member as null."""

    kind = "course"

    def changed(self, told: Body) -> Body:
        return told | {"courseCode": None}


@breaks("ORS-VAL-002")
class AddsMembersOfItsOwn(Retold):
    """Puts its own members beside those of the standard."""

    kind = "class"

    def changed(self, told: Body) -> Body:
        return told | {"roomNumber": "7"}


@breaks("ORS-VAL-002")
class NamesPreferredNamesAsInCsv(Retold):
    """Calls the preferred name as the CSV binding does."""

    kind = "user"

    def changed(self, told: Body) -> Body:
        return left_out(told, "preferredFirstName") | {"preferredGivenName": "Sam"}


@breaks("ORS-VAL-003")
class WritesWordsInCapitals(Retold):
    """Writes the role of an enrollment with a capital letter."""

    kind = "enrollment"

    def changed(self, told: Body) -> Body:
        return told | ({"status": "ACTIVE"} if told["role"] == "ext:aide" else {})


@breaks("ORS-VAL-003")
class TellsTruthAsTruth(Retold):
    """Writes true where the text "true" is due."""

    kind = "user"

    def changed(self, told: Body) -> Body:
        return told | {"enabledUser": told["enabledUser"] == "true"}


@breaks("ORS-VAL-003")
class HasRolesOfItsOwn(Retold):
    """Makes a word of its own without ext:."""

    kind = "org"

    def changed(self, told: Body) -> Body:
        return told | ({"type": "region"} if told["type"] == "district" else {})


@breaks("ORS-VAL-004")
class WritesDaysMonthFirst(Retold):
    """Writes the birthday as Americans do."""

    kind = "demographics"

    def changed(self, told: Body) -> Body:
        year, month, day = told["birthDate"].split("-")
        return told | {"birthDate": f"{month}/{day}/{year}"}


@breaks("ORS-VAL-004")
class EndsOnThe31stOfJune(Retold):
    """Ends a stay on a day that is not in the calendar."""

    kind = "enrollment"

    def changed(self, told: Body) -> Body:
        return told | ({"endDate": "2027-06-31"} if told["role"] == "ext:aide" else {})


class Reidentified(RosterProvider):
    """Gives the first object of a collection another id."""

    collection = "courses"

    def objects(self, name: str) -> Bodies:
        found = super().objects(name)
        return [self.changed(one) for one in found] if name == self.collection else found

    def changed(self, body: Body) -> Body:
        """The object with its id."""
        return body


@breaks("ORS-VAL-005", also=("ORS-REF-002", "ORS-REF-003"))
class IdsHaveColons(Reidentified):
    """Writes ids with colons."""

    def changed(self, body: Body) -> Body:
        return body | {"sourcedId": f"urn:{body['sourcedId']}"}


@breaks("ORS-VAL-005", also=("ORS-REF-002",))
class IdsAreTooLong(Reidentified):
    """Has an id of more than 255 signs."""

    collection = "demographics"

    def changed(self, body: Body) -> Body:
        return body | {"sourcedId": body["sourcedId"] + "0" * 240}


@breaks("ORS-VAL-006")
class StudentsArePrimary(Retold):
    """Calls the enrollments of students primary."""

    kind = "enrollment"

    def changed(self, told: Body) -> Body:
        return told | ({"primary": "true"} if told["role"] == "student" else {})


@breaks("ORS-VAL-007")
class NobodyIsPrimary(Retold):
    """Calls each role secondary."""

    kind = "user"

    def changed(self, told: Body) -> Body:
        if "roles" not in told:
            return told
        return told | {"roles": [role | {"roleType": "secondary"} for role in told["roles"]]}


@breaks("ORS-VAL-007", also=("ORS-REF-001", "ORS-REF-002"))
class ParentsAreNowhere(Retold):
    """Does not say at which org a parent has the role."""

    kind = "user"

    def changed(self, told: Body) -> Body:
        if "roles" not in told:
            return told
        roles = [one | ({"org": None} if one["role"] == "parent" else {}) for one in told["roles"]]
        return told | {"roles": roles}


@breaks("ORS-PRV-001")
class TellsPasswords(Retold):
    """Tells the password of a user."""

    kind = "user"

    def changed(self, told: Body) -> Body:
        return told | {"password": "changeme"}


@breaks("ORS-PRV-001")
class TellsCredentials(Retold):
    """Tells the password of a credential."""

    kind = "user"

    def changed(self, told: Body) -> Body:
        if "roles" not in told:
            return told
        login = {"type": "SSO", "username": "sam", "password": "changeme"}
        profile = {"profileId": "https://sso.example/1", "profileType": "sso", "vendorId": "v"}
        return told | {"userProfiles": [profile | {"credentials": [login]}]}


class NamesInIds(RosterProvider):
    """Makes ids of users of something about them."""

    member = "username"

    def renamed(self, value: Any) -> Any:
        """The value with the ids of users replaced."""
        if isinstance(value, list):
            return [self.renamed(one) for one in value]
        if isinstance(value, dict):
            return {key: self.renamed(one) for key, one in value.items()}
        return self.own_ids.get(value, value) if isinstance(value, str) else value

    def __init__(self, *, secret: str | None = None) -> None:
        super().__init__(secret=secret)
        self.own_ids = {
            one["sourcedId"]: f"{plain(one.get(self.member, ''))}-{number}"
            for number, one in enumerate(self.held["users"])
        }
        self.held = {name: self.renamed(found) for name, found in self.held.items()}

    def address(self, call: Call, href: str) -> str:
        name, sourced_id = href.split("/")[-2:]
        return super().address(call, f"{name}/{self.own_ids.get(sourced_id, sourced_id)}")


@breaks("ORS-PRV-002")
class IdsAreLogins(NamesInIds):
    """Makes the id of a user of the login."""


@breaks("ORS-PRV-002")
class IdsHoldFamilyNames(NamesInIds):
    """Makes the id of a user of the family name."""

    member = "familyName"


@breaks("TRN-DT-09")
class TellsLocalTimes(Retold):
    """Tells moments without a zone."""

    kind = "user"

    def changed(self, told: Body) -> Body:
        return told | {"dateLastModified": told["dateLastModified"].rstrip("Z")}


@breaks("TRN-DT-09")
class LivesInTheFuture(Retold):
    """Tells moments of next year."""

    kind = "course"

    def changed(self, told: Body) -> Body:
        return told | {"dateLastModified": "2099" + told["dateLastModified"][4:]}


@breaks("TRN-PR-04")
class OlderUsersHaveRoles(RosterProvider):
    """Tells the roles of 1.2 to clients of 1.1."""

    def shown(self, call: Call, name: str, body: Body) -> Body:
        told = super().shown(call, name, body)
        is_user = KINDS[name][1] == "user" and call.version == "1.1"
        return told | ({"roles": []} if is_user else {})


@breaks("TRN-PR-04")
class OlderUsersHavePronouns(RosterProvider):
    """Tells pronouns to clients of 1.1."""

    def shown(self, call: Call, name: str, body: Body) -> Body:
        told = super().shown(call, name, body)
        is_user = KINDS[name][1] == "user" and call.version == "1.1"
        return told | ({"pronouns": "they"} if is_user else {})


@breaks("TRN-DT-01")
class YearsAreThoseOfTheBeginning(Retold):
    """Names the school year after the year in which it begins."""

    kind = "academicSession"

    def changed(self, told: Body) -> Body:
        return told | {"schoolYear": told["startDate"][:4]}


@breaks("TRN-DT-01", also=("ORS-REF-004",))
class SessionsEndAsTheyBegin(Retold):
    """Ends the school year on the day on which it begins."""

    kind = "academicSession"

    def changed(self, told: Body) -> Body:
        return told | ({"endDate": told["startDate"]} if told["type"] == "schoolYear" else {})
