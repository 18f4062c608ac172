"""Seventh layer: the vendor's own form of a student, OneRoster 1.2 rows."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import quote

from lxml import etree

from conformance.simulators.duties import Duties
from conformance.simulators.oneroster import Row
from conformance.simulators.students import all_at, folded, line_at, token_at

_FLAGS = {
    "AmericanIndianOrAlaskaNative": "americanIndianOrAlaskaNative",
    "Asian": "asian",
    "BlackOrAfricanAmerican": "blackOrAfricanAmerican",
    "NativeHawaiianOrOtherPacificIslander": "nativeHawaiianOrOtherPacificIslander",
    "White": "white",
}
_TWO_OR_MORE = "DemographicRaceTwoOrMoreRaces"
_EMAIL_ORDER = ("Organizational", "Work", "Home")
_MOBILE = ("Mobile", "Text")
# Other kinds of ids have no business in a roster; SSN and the like are never passed on.
_CARRIED_IDS = ("District", "School", "State", "Other")
_ROLE_IDS = uuid.UUID("6a1f2d5e-3c47-5b0a-9d6e-2f8b41c7e950")

_HEX = re.compile("[0-9a-f]{32}", re.IGNORECASE)


class Translation(Duties):
    """One method per group of fields; blank says that nothing is known."""

    def translate_student(self, student: etree._Element) -> tuple[Row, list[Row], Row]:
        """The row of users, the rows of roles, the row of demographics."""
        user = {
            "sourcedId": self.sourced_id(student.get("refId", "")),
            **self.row_state(),
            "enabledUser": "true",
            **self.username(student),
            **self.identifiers(student),
            **self.names(student),
            **self.email(student),
            **self.phone(student),
            **self.agents(student),
            **self.grades(student),
            **self.organisation(student),
        }
        return user, self.roles(student), self.demographics(student)

    def sourced_id(self, refid: str) -> str:
        """Lower case with hyphens, however the refId was written."""
        plain = folded(refid)
        return str(uuid.UUID(plain)) if _HEX.fullmatch(plain) else plain

    def row_state(self) -> Row:
        """Both blank: the export is a bulk file."""
        return {"status": "", "dateLastModified": ""}

    def username(self, student: etree._Element) -> Row:
        """The login, else the e-mail, else the local id."""
        login = token_at(student, "loginId") or self.email(student)["email"]
        return {"username": login or token_at(student, "localId")}

    def identifiers(self, student: etree._Element) -> Row:
        """Local and state ids with their leading zeros."""
        local, state = token_at(student, "localId"), token_at(student, "stateProvinceId")
        pairs = [("local", local), ("state", state), *self.other_ids(student)]
        # These characters would end an id inside the cell.
        cell = ",".join(
            f"{{{kind}:{quote(value, safe=' !#$&()*+-./;=?@[]^_|~')}}}"
            for kind, value in pairs
            if value
        )
        return {"userIds": cell, "identifier": local}

    def other_ids(self, student: etree._Element) -> list[tuple[str, str]]:
        """Further ids of the kinds that may travel."""
        found = (
            (token_at(other, "type"), token_at(other, "id"))
            for other in all_at(student, "otherIds/otherId")
        )
        return [(kind, value) for kind, value in found if kind in _CARRIED_IDS]

    def names(self, student: etree._Element) -> Row:
        """Legal name as sent; preferred names in their own columns."""
        return {
            "givenName": line_at(student, "name/givenName"),
            "familyName": line_at(student, "name/familyName"),
            "middleName": line_at(student, "name/middleName"),
            "preferredGivenName": _preferred(student, "PreferredGivenName", "givenName"),
            "preferredFamilyName": _preferred(student, "PreferredFamilyName", "familyName"),
        }

    def email(self, student: etree._Element) -> Row:
        """The school's address before work and home, else the first."""
        found = [
            (token_at(mail, "emailType"), token_at(mail, "emailAddress"))
            for path in ("email", "otherEmails/email")
            for mail in all_at(student, path)
        ]
        chosen = (address for wanted in _EMAIL_ORDER for kind, address in found if kind == wanted)
        return {"email": next(chosen, found[0][1] if found else "")}

    def phone(self, student: etree._Element) -> Row:
        """Mobile numbers go to sms, the primary or first of the others to phone."""
        found = [
            (
                token_at(phone, "phoneNumberType") in _MOBILE,
                not _true(phone, "primaryIndicator"),
                token_at(phone, "number"),
            )
            for path in ("phoneNumber", "otherPhoneNumbers/phoneNumber")
            for phone in all_at(student, path)
        ]
        ranked = sorted(found, key=lambda entry: entry[1])
        return {
            "sms": next((number for mobile, _, number in ranked if mobile), ""),
            "phone": next((number for mobile, _, number in ranked if not mobile), ""),
        }

    def agents(self, student: etree._Element) -> Row:
        """Linked contacts; those of whom it is told that they may not be linked are left out."""
        barred = {
            folded(one.get("refId", ""))
            for one in all_at(student, "studentContacts/xContact")
            if self.is_barred(one)
        }
        links = (link.text or "" for link in all_at(student, "studentContacts/contactPersonRefId"))
        ids = [self.sourced_id(link) for link in links if folded(link) not in barred]
        return {"agentSourcedIds": ",".join(ids)}

    def is_barred(self, contact: etree._Element) -> bool:
        """Whether a contact has no custody and is under restrictions, by every relationship."""
        relations = list(all_at(contact, "relationships/relationship"))
        return bool(relations) and all(
            token_at(one, "custodialIndicator") in ("false", "0") and token_at(one, "restrictions")
            for one in relations
        )

    def enrollments(self, student: etree._Element) -> list[etree._Element]:
        """All enrollments, the one at the home school first."""
        paths = ("enrollment", "otherEnrollments/enrollment")
        found = [enrollment for path in paths for enrollment in all_at(student, path)]
        return sorted(found, key=lambda each: token_at(each, "membershipType") != "Home")

    def grades(self, student: etree._Element) -> Row:
        """Grades of all enrollments, two digits kept."""
        found = (token_at(enrollment, "gradeLevel") for enrollment in self.enrollments(student))
        return {"grades": ",".join(dict.fromkeys(grade for grade in found if grade))}

    def organisation(self, student: etree._Element) -> Row:
        """The home school."""
        first = next(iter(self.enrollments(student)), None)
        school = "" if first is None else self.sourced_id(token_at(first, "schoolRefId"))
        return {"primaryOrgSourcedId": school}

    def roles(self, student: etree._Element) -> list[Row]:
        """One student role for each enrollment."""
        return [self.role(student, enrollment) for enrollment in self.enrollments(student)]

    def role(self, student: etree._Element, enrollment: etree._Element) -> Row:
        """OneRoster ends the day after the last day (exclusive), SIF on it."""
        user = self.sourced_id(student.get("refId", ""))
        school = self.sourced_id(token_at(enrollment, "schoolRefId"))
        begin = self.day(token_at(enrollment, "entryDate"))
        own = token_at(enrollment, "studentSchoolAssociationRefId")
        minted = str(uuid.uuid5(_ROLE_IDS, f"{user} {school} student {begin}"))
        secondary = token_at(enrollment, "membershipType") in ("Concurrent", "Summer")
        return {
            "sourcedId": self.sourced_id(own) if own else minted,
            "userSourcedId": user,
            "roleType": "secondary" if secondary else "primary",
            "role": "student",
            "beginDate": begin,
            "endDate": self.end_date(self.day(token_at(enrollment, "exitDate"))),
            "orgSourcedId": school,
        }

    def end_date(self, last: str) -> str:
        """The day after the last day."""
        return last and str(date.fromisoformat(last) + timedelta(days=1))

    def day(self, text: str) -> str:
        """A date without its zone suffix: a calendar day is never shifted."""
        return text[:10]

    def demographics(self, student: etree._Element) -> Row:
        """The row of demographics; it has the sourcedId of the user."""
        return {
            "sourcedId": self.sourced_id(student.get("refId", "")),
            **self.row_state(),
            **self.birth_date(student),
            **self.sex(student),
            **self.race_flags(student),
            **self.ethnicity(student),
            "countryOfBirthCode": token_at(student, "demographics/countryOfBirth"),
        }

    def birth_date(self, student: etree._Element) -> Row:
        """Day of birth."""
        return {"birthDate": self.day(token_at(student, "demographics/birthDate"))}

    def sex(self, student: etree._Element) -> Row:
        """Sex in OneRoster's words, blank when not told."""
        return {"sex": token_at(student, "demographics/sex").lower()}

    def races(self, student: etree._Element) -> list[str]:
        """Races that were told."""
        return [token_at(race, "race") for race in all_at(student, "demographics/races/race")]

    def race_flags(self, student: etree._Element) -> Row:
        """All flags or none; with only 'two or more' the parts stay unknown."""
        told = set(self.races(student))
        parts = told - {_TWO_OR_MORE}
        flags = {column: _flag(race in parts) for race, column in _FLAGS.items()} if parts else {}
        several = _flag(len(parts) > 1 or _TWO_OR_MORE in told) if told else ""
        return {**flags, "demographicRaceTwoOrMoreRaces": several}

    def ethnicity(self, student: etree._Element) -> Row:
        """Three values: true, false, blank."""
        told = token_at(student, "demographics/hispanicLatinoEthnicity")
        return {"hispanicOrLatinoEthnicity": told and _flag(told in ("true", "1"))}


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _true(element: etree._Element, path: str) -> bool:
    return token_at(element, path) in ("true", "1")


def _preferred(student: etree._Element, kind: str, part: str) -> str:
    names: Iterator[etree._Element] = all_at(student, "otherNames/name")
    return next((line_at(name, part) for name in names if token_at(name, "type") == kind), "")
