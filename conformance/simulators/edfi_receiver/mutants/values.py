"""Ed-Fi hosts that show other values than they were sent."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from conformance.simulators.edfi_receiver.answers import Refused
from conformance.simulators.edfi_receiver.host import EdfiHost
from conformance.simulators.edfi_receiver.mutants import breaks
from conformance.simulators.edfi_receiver.resources import Body
from conformance.simulators.edfi_receiver.store import Stored

STUDENTS, STAYS = "students", "studentSchoolAssociations"
KNOWN = "studentEducationOrganizationAssociations"
TIES, SEATS = "studentContactAssociations", "studentSectionAssociations"
Change = Callable[[str], str]
RACE = "uri://ed-fi.org/RaceDescriptor#"


def without(body: Body, *members: str) -> Body:
    """A body without these members."""
    return {name: one for name, one in body.items() if name not in members}


@breaks("EDF-VLE-001")
class DropsPreferredNames(EdfiHost):
    """Takes the name that a student prefers and does not keep it."""

    def recorded(self, name: str, body: Body) -> Body:
        return without(super().recorded(name, body), "preferredFirstName")


@breaks("EDF-VLE-001")
class BirthdayIsADayEarly(EdfiHost):
    """Reads a day at midnight of another time zone."""

    def values(self, name: str, body: Body) -> Body:
        if name != STUDENTS:
            return body
        day = date.fromisoformat(body["birthDate"]) - timedelta(days=1)
        return body | {"birthDate": day.isoformat()}


@breaks("TRN-LR-02")
class FillsInAnAnswer(EdfiHost):
    """Shows that a student is no twin, which nobody said."""

    def values(self, name: str, body: Body) -> Body:
        return {"multipleBirthStatus": False, **body} if name == STUDENTS else body


@breaks("TRN-LR-02")
class FillsInASchoolYear(EdfiHost):
    """Shows a school year with each enrolment, which nobody sent."""

    def values(self, name: str, body: Body) -> Body:
        year = {"schoolYearTypeReference": {"schoolYear": 2026}}
        return year | body if name == STAYS else body


@breaks("TRN-TX-01")
class ComposesLetters(EdfiHost):
    """Stores text in another form of Unicode."""

    def recorded(self, name: str, body: Body) -> Body:
        return _each_text(super().recorded(name, body), lambda x: unicodedata.normalize("NFC", x))


@breaks("TRN-TX-01")
class LosesTheUpperPlanes(EdfiHost):
    """A letter beyond the first plane becomes a question mark."""

    def recorded(self, name: str, body: Body) -> Body:
        def narrow(text: str) -> str:
            return "".join(one if ord(one) < 0x10000 else "?" for one in text)

        return _each_text(super().recorded(name, body), narrow)


@breaks("TRN-TX-04")
class CollapsesBlanks(EdfiHost):
    """Two blanks become one."""

    def recorded(self, name: str, body: Body) -> Body:
        return _each_text(super().recorded(name, body), lambda x: x.replace("  ", " "))


@breaks("TRN-TX-04")
class ClosesUpHyphens(EdfiHost):
    """A blank before a hyphen is taken away."""

    def recorded(self, name: str, body: Body) -> Body:
        return _each_text(super().recorded(name, body), lambda x: x.replace(" -", "-"))


def _each_text(body: Body, change: Change) -> Body:
    return {name: _changed(one, change) for name, one in body.items()}


def _changed(value: Any, change: Change) -> Any:
    if isinstance(value, dict):
        return _each_text(value, change)
    if isinstance(value, list):
        return [_changed(one, change) for one in value]
    return change(value) if isinstance(value, str) else value


def _items(body: Body, name: str, change: Callable[[Body], Body]) -> Body:
    return body | {name: [change(one) for one in body[name]]} if name in body else body


@breaks("TRN-TX-06", also=("TRN-LR-05",))
class IdentifiersAreNumbers(EdfiHost):
    """An identifier loses the zeros in front."""

    def recorded(self, name: str, body: Body) -> Body:
        def short(one: Body) -> Body:
            return one | {"identificationCode": one["identificationCode"].lstrip("0")}

        return _items(super().recorded(name, body), "studentIdentificationCodes", short)


@breaks("TRN-TX-06", also=("TRN-LR-05",))
class PostalCodesAreNumbers(EdfiHost):
    """A postal code loses the zeros in front."""

    def recorded(self, name: str, body: Body) -> Body:
        def short(one: Body) -> Body:
            return one | {"postalCode": one["postalCode"].lstrip("0")}

        return _items(super().recorded(name, body), "addresses", short)


@breaks("TRN-CS-05", also=("TRN-LC-07", "TRN-MV-08", "TRN-LR-05"))
class KeepsOneRace(EdfiHost):
    """Of several races the first one stays."""

    def recorded(self, name: str, body: Body) -> Body:
        kept = super().recorded(name, body)
        return kept | ({"races": kept["races"][:1]} if "races" in kept else {})


@breaks("TRN-CS-05", also=("TRN-LR-02",))
class NoRaceIsWhite(EdfiHost):
    """Who names no race is given one."""

    def recorded(self, name: str, body: Body) -> Body:
        kept = super().recorded(name, body)
        given = [{"raceDescriptor": f"{RACE}White"}]
        return {"races": given, **kept} if name == KNOWN else kept


@breaks("TRN-CS-03")
class NobodyIsWithoutASex(EdfiHost):
    """Who names no sex is given one."""

    def recorded(self, name: str, body: Body) -> Body:
        kept = super().recorded(name, body)
        given = {"sexDescriptor": "uri://ed-fi.org/SexDescriptor#Male"}
        return given | kept if name == KNOWN else kept


@breaks("TRN-CS-03")
class NotSelectedIsASex(EdfiHost):
    """Who names no sex is shown as not selected."""

    def values(self, name: str, body: Body) -> Body:
        given = {"sexDescriptor": "uri://ed-fi.org/SexDescriptor#Not Selected"}
        return given | body if name == KNOWN else body


@breaks("EDF-VLE-002")
class KeepsOneTelephone(EdfiHost):
    """Of several telephones the first one stays."""

    def recorded(self, name: str, body: Body) -> Body:
        kept = super().recorded(name, body)
        return kept | ({"telephones": kept["telephones"][:1]} if "telephones" in kept else {})


@breaks("EDF-VLE-002")
class DropsTheKindOfMail(EdfiHost):
    """All mail addresses are of one kind."""

    def recorded(self, name: str, body: Body) -> Body:
        def plain(one: Body) -> Body:
            kind = "uri://ed-fi.org/ElectronicMailTypeDescriptor#Other"
            return one | {"electronicMailTypeDescriptor": kind}

        return _items(super().recorded(name, body), "electronicMails", plain)


@breaks("EDF-VLE-003", also=("TRN-LR-05",))
class NoIsNotSaid(EdfiHost):
    """What is false is not kept."""

    def recorded(self, name: str, body: Body) -> Body:
        kept = super().recorded(name, body)
        return {member: one for member, one in kept.items() if one is not False}


@breaks("EDF-VLE-003", also=("TRN-LR-02",))
class NotSaidIsNo(EdfiHost):
    """What nobody said is shown as false."""

    def values(self, name: str, body: Body) -> Body:
        return {"hispanicLatinoEthnicity": False, **body} if name == KNOWN else body


@breaks("EDF-VLE-004")
class RoundsCredits(EdfiHost):
    """Credits have one decimal."""

    def recorded(self, name: str, body: Body) -> Body:
        kept = super().recorded(name, body)
        return {key: round(one, 1) if type(one) is float else one for key, one in kept.items()}


@breaks("EDF-VLE-004")
class CreditsAreText(EdfiHost):
    """Credits are shown in quotation marks."""

    def values(self, name: str, body: Body) -> Body:
        return {key: str(one) if type(one) is float else one for key, one in body.items()}


LAST = "exitWithdrawDate"


@breaks("EDF-VLE-005")
class LastDayIsExclusive(EdfiHost):
    """The last day is shown as the day after it."""

    def values(self, name: str, body: Body) -> Body:
        if LAST not in body:
            return body
        day = date.fromisoformat(body[LAST]) + timedelta(days=1)
        return body | {LAST: day.isoformat()}


@breaks("EDF-VLE-005")
class LastDayHasATime(EdfiHost):
    """The last day is shown with midnight."""

    def values(self, name: str, body: Body) -> Body:
        return body | ({LAST: f"{body[LAST]}T00:00:00"} if LAST in body else {})


@breaks("EDF-VLE-006", also=("EDF-GET-004", "EDF-PAG-001", "EDF-PAG-002"))
class ForgetsEndedEnrolments(EdfiHost):
    """A new enrolment takes those away that have ended."""

    def keep(self, name: str, number: str, body: Body) -> Stored:
        if name == STAYS and number not in self.held.get(name, {}):
            for each, one in list(self.held.get(name, {}).items()):
                if LAST in one.body and one.body["studentReference"] == body["studentReference"]:
                    self.forget(name, each)
        return super().keep(name, number, body)


@breaks("EDF-VLE-006")
class ReturnsToTheFirstDay(EdfiHost):
    """A later enrolment at the same school is shown with the first day of the earlier."""

    def values(self, name: str, body: Body) -> Body:
        if name != STAYS or LAST in body:
            return body
        ended = [
            one.body["entryDate"]
            for one in self.held[STAYS].values()
            if LAST in one.body and one.body["studentReference"] == body["studentReference"]
        ]
        return body | ({"entryDate": ended[0]} if ended else {})


@breaks("TRN-LC-11")
class WithdrawalForgets(EdfiHost):
    """With the last day goes what the district knows."""

    def keep(self, name: str, number: str, body: Body) -> Stored:
        if name == STAYS and LAST in body:
            for each, one in list(self.held.get(KNOWN, {}).items()):
                if one.body["studentReference"] == body["studentReference"]:
                    self.forget(KNOWN, each)
        return super().keep(name, number, body)


@breaks("TRN-LC-11")
class WithdrawnIsNotThere(EdfiHost):
    """A student whose enrolments have ended cannot be read."""

    def stored(self, name: str, number: str) -> Stored:
        found = super().stored(name, number)
        if name != STUDENTS:
            return found
        stays = [
            one.body
            for one in self.held.get(STAYS, {}).values()
            if one.body["studentReference"]["studentUniqueId"] == found.body["studentUniqueId"]
        ]
        if stays and all(LAST in one for one in stays):
            raise Refused(404, "not-found", "There is no such item.")
        return found


@breaks("EDF-VLE-007")
class KeepsFiveContacts(EdfiHost):
    """A sixth contact is taken and forgotten."""

    def listed(self, name: str) -> list[str]:
        found = super().listed(name)
        if name != TIES:
            return found
        return [one for one in found if self.held[name][one].body.get("contactPriority", 1) <= 5]


@breaks("EDF-VLE-007")
class EveryContactIsFirst(EdfiHost):
    """Each contact has the first priority."""

    def values(self, name: str, body: Body) -> Body:
        return body | ({"contactPriority": 1} if "contactPriority" in body else {})


@breaks("TRN-GU-04")
class RelationIsThatOfTheContact(EdfiHost):
    """The relation that was told last counts for all children of a contact."""

    def values(self, name: str, body: Body) -> Body:
        if name != TIES:
            return body
        last = [
            one.body["relationDescriptor"]
            for one in self.held[TIES].values()
            if one.body["contactReference"] == body["contactReference"]
        ][-1]
        return body | {"relationDescriptor": last}


@breaks("TRN-GU-04")
class DropsTheRelation(EdfiHost):
    """A tie is shown without the relation."""

    def values(self, name: str, body: Body) -> Body:
        return without(body, "relationDescriptor")


@breaks("EDF-VLE-008", also=("EDF-VLE-009",))
class OneSeatPerCourse(EdfiHost):
    """A seat in a section ends all others in the same course."""

    def keep(self, name: str, number: str, body: Body) -> Stored:
        for each, one in list(self.held.get(name, {}).items()) if name == SEATS else ():
            same = one.body["studentReference"] == body["studentReference"]
            code = one.body["sectionReference"]["localCourseCode"]
            if same and each != number and code == body["sectionReference"]["localCourseCode"]:
                self.forget(name, each)
        return super().keep(name, number, body)


@breaks("EDF-VLE-008")
class SeatsAreOfOneTerm(EdfiHost):
    """Each seat of a student is shown in the first term."""

    def values(self, name: str, body: Body) -> Body:
        if name != SEATS:
            return body
        first = next(
            one.body["sectionReference"]["sessionName"]
            for one in self.held[SEATS].values()
            if one.body["studentReference"] == body["studentReference"]
        )
        return body | {"sectionReference": body["sectionReference"] | {"sessionName": first}}


@breaks("EDF-VLE-009")
class SeatHasNoFirstDay(EdfiHost):
    """The first day is no part of the key of a seat."""

    def natural(self, name: str, body: Body) -> frozenset[tuple[str, str]]:
        found = super().natural(name, body)
        return frozenset(one for one in found if name != SEATS or one[0] != "beginDate")


@breaks("TRN-LR-05")
class DropsTheLogin(EdfiHost):
    """The login name is taken and not kept."""

    def recorded(self, name: str, body: Body) -> Body:
        return without(super().recorded(name, body), "loginId")
