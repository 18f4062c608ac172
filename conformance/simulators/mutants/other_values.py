"""Vendors that give SIF back otherwise than it came, in another way than the first mutant."""

from __future__ import annotations

import uuid
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta

from lxml import etree

from conformance.simulators.documents import NA4
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.mutants.sif_values import ChangesTexts, ReadsOtherwise
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.students import all_at, token_at

CONTACTS = "studentContacts/xContact"
COVERED = ("DAT-FID-002", "TRN-LR-05-S")


@breaks("TRN-CS-06-S", also=("INF-CRE-009",))
class ReadsTwoOrMoreAsAsian(ChangesTexts):
    """Has no word for two or more races and takes the first of its list."""

    elements = ("race",)

    def _text(self, text: str) -> str:
        return "Asian" if text == "DemographicRaceTwoOrMoreRaces" else text


@breaks(
    "TRN-CS-07-S",
    also=(
        "DAT-FID-002",
        "INF-CRE-009",
        "INF-QRY-001",
        "INF-TRN-015",
        "TRN-LC-06-S",
        "TRN-LC-08-S",
        "TRN-LC-12-S",
        "TRN-LR-05-S",
        "TRN-MV-07-S",
        "TRN-MV-10-S",
        "TRN-PR-07-S",
    ),
)
class ReadsGradesAsOrdinals(ChangesTexts):
    """Shows 9th for 09."""

    elements = ("gradeLevel",)

    def _text(self, text: str) -> str:
        return f"{int(text)}th" if text.isdecimal() else text


@breaks(
    "TRN-DT-01-S",
    also=(
        "DAT-FID-002",
        "INF-CRE-009",
        "TRN-LC-11-S",
        "TRN-LR-05-S",
        "TRN-MV-10-S",
    ),
)
class EndsADayEarlier(ChangesTexts):
    """Takes the last day for an exclusive end and shows the day before."""

    elements = ("exitDate",)

    def _text(self, text: str) -> str:
        return str(date.fromisoformat(text[:10]) - timedelta(days=1))


@breaks("TRN-DT-11-S")
class EntersNextYearAtTheLatest(ChangesTexts):
    """Has no enrolments years ahead: they begin next year."""

    elements = ("entryDate",)

    def _text(self, text: str) -> str:
        latest = datetime.now(UTC).year + 1
        return f"{latest}{text[4:]}" if int(text[:4]) > latest else text


@breaks(
    "TRN-DT-12-S",
    also=(
        "DAT-FID-002",
        "INF-QRY-001",
        "INF-UPD-003",
    ),
)
class ReadsTheSmallerFirst(ChangesTexts):
    """Puts the smaller of day and month of birth first."""

    elements = ("birthDate",)

    def _text(self, text: str) -> str:
        first, last = sorted((text[5:7], text[8:10]))
        return f"{text[:4]}-{first}-{last}" if last <= "12" else text


@breaks(
    "TRN-GU-01-S",
    also=(
        "DAT-FID-002",
        "TRN-GU-02-S",
        "TRN-LR-05-S",
        "TRN-MV-04-S",
    ),
)
class ReadsOneContact(ReadsOtherwise):
    """Has room for one contact."""

    def _change(self, student: etree._Element) -> None:
        for one in list(all_at(student, CONTACTS))[1:]:
            one.getparent().remove(one)  # type: ignore[union-attr]


@breaks("TRN-GU-02-S", also=("TRN-GU-03-S",))
class EverybodyHasCustody(ChangesTexts):
    """Says of every contact that it has custody."""

    elements = ("custodialIndicator",)

    def _text(self, text: str) -> str:  # noqa: ARG002
        return "true"


@breaks("TRN-GU-03-S", also=("TRN-GU-03",))
class KeepsTheFirstRelationships(Receiver):
    """Takes new contacts and never a change of what a known one may."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        result = super().merge(stored, partial)
        known = {one.get("refId"): one for one in all_at(stored, CONTACTS)}
        path = f"{{{NA4}}}relationships"
        for one in all_at(result, CONTACTS):
            before = known[one.get("refId")].find(path) if one.get("refId") in known else None
            now = one.find(path)
            if before is not None and now is not None:
                one.replace(now, deepcopy(before))
        return result


@breaks("TRN-GU-05-S")
class NewEmailNewId(Receiver):
    """Gives a contact with a new e-mail address a new id."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        result, path = super().merge(stored, partial), "email/emailAddress"
        known = {one.get("refId"): token_at(one, path) for one in all_at(stored, CONTACTS)}
        for one in all_at(result, CONTACTS):
            mail = token_at(one, path)
            if mail and known.get(one.get("refId"), mail) != mail:
                one.set("refId", str(uuid.uuid5(uuid.NAMESPACE_URL, mail)))
        return result


@breaks("TRN-ID-11-S")
class TeachersTakeTheIdOfTheContact(ReadsOtherwise):
    """Shows a teacher under the id of the contact of the same name."""

    def _change(self, student: etree._Element) -> None:
        for teacher in all_at(student, "enrollment/homeRoomTeacher"):
            name = token_at(teacher, "familyName")
            for contact in all_at(student, CONTACTS):
                ids = list(all_at(teacher, "refId"))
                if name and ids and token_at(contact, "name/familyName") == name:
                    ids[0].text = contact.get("refId")


@breaks(
    "TRN-ID-12-S",
    also=(
        "TRN-ID-10-S",
        "TRN-MV-07-S",
    ),
)
class AllEnrolmentsAreAtHome(ReadsOtherwise):
    """Shows every enrolment at the first school."""

    def _change(self, student: etree._Element) -> None:
        home = token_at(student, "enrollment/schoolRefId")
        for one in all_at(student, "otherEnrollments/enrollment/schoolRefId"):
            one.text = home or one.text


@breaks(
    "TRN-MV-01-S",
    also=(
        "DAT-FID-002",
        "INF-QRY-001",
        "TRN-LC-08-S",
        "TRN-LR-05-S",
        "TRN-PR-07-S",
    ),
)
class EveryEmailIsOfHome(ChangesTexts):
    """Calls every e-mail address one of home."""

    elements = ("emailType",)

    def _text(self, text: str) -> str:  # noqa: ARG002
        return "Home"


@breaks("TRN-TX-06-S")
class ReadsStateNumbersWithoutZeros(ChangesTexts):
    """Keeps numbers of the state in an integer column."""

    elements = ("stateProvinceId",)

    def _text(self, text: str) -> str:
        return text.lstrip("0")


@breaks(
    "TRN-TX-09-S",
    also=(
        "DAT-FID-002",
        "INF-CRE-009",
        "TRN-LR-05-S",
        "TRN-PR-07-S",
    ),
)
class AveragesAreWhole(ChangesTexts):
    """Keeps averages in an integer column."""

    elements = ("cumulativeWeightedGpa", "termWeightedGpa")

    def _text(self, text: str) -> str:
        return text.partition(".")[0]


@breaks(
    "POD-ACK-003",
    also=(
        "POD-ACK-005",
        "POD-ACK-007",
        "POD-ACK-008",
        "POD-VER-003",
    ),
)
class SendsTheMarkerTwice(Receiver):
    """Answers data with two lines of the same marker."""

    def response_marker(self, request: Request) -> tuple[tuple[str, str], ...]:
        return super().response_marker(request) * 2


@breaks("POD-ACK-011")
class SaysYesToWhatItRefuses(Receiver):
    """Acknowledges a POD with a changed text and keeps the old one."""

    def receive_pod(self, request: Request) -> Response:
        try:
            return super().receive_pod(request)
        except Refusal as refusal:
            if refusal.status == 409:
                return Response(201, request.body)
            raise


@breaks("POD-GATE-010", also=("INF-DEL-001",))
class DeleteWithoutMarkerIsOutdated(Receiver):
    """Says to a single delete without a marker that its POD is outdated."""

    def delete_student(self, request: Request, refid: str) -> Response:
        if request.header("dataPrivacyMarker") is None:
            raise Refusal(410, "The privacy marker is outdated.", "410-20")
        return super().delete_student(request, refid)
