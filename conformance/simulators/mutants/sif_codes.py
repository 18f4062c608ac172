"""Vendors that keep a student and show other days and codes when it is read as SIF."""

# An override may ignore what it is given.

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from lxml import etree

from conformance.simulators.documents import NA4
from conformance.simulators.message import Request
from conformance.simulators.mutants import breaks
from conformance.simulators.mutants.sif_values import ChangesTexts, ReadsOtherwise
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.students import all_at, token_at

DATES = ("birthDate", "entryDate", "exitDate")


@breaks(
    "TRN-DT-01-S", also=("DAT-FID-002", "INF-CRE-009", "TRN-LC-11-S", "TRN-LR-05-S", "TRN-MV-10-S")
)
class EndsADayLater(ChangesTexts):
    """Takes the exclusive end of another standard for its own."""

    elements = ("exitDate",)

    def _text(self, text: str) -> str:
        return str(date.fromisoformat(text[:10]) + timedelta(days=1))


@breaks("TRN-DT-03-S", also=("INF-CRE-009",))
class ReadsDatesThroughUtc(ChangesTexts):
    """Takes a date with an offset for an instant and shows its day in UTC."""

    elements = DATES

    def _text(self, text: str) -> str:
        return str(date.fromisoformat(text[:10]) - timedelta(days="+" in text))


@breaks("TRN-DT-11-S")
class EntersTheFutureToday(ChangesTexts):
    """Has no enrolments of a far future: they begin today."""

    elements = ("entryDate",)

    def _text(self, text: str) -> str:
        today = datetime.now(UTC).date()
        return today.isoformat() if int(text[:4]) > today.year + 2 else text


@breaks(
    "TRN-DT-12-S",
    also=(
        "DAT-FID-002",
        "INF-CRE-009",
        "INF-QRY-001",
        "INF-TRN-015",
        "INF-UPD-003",
        "TRN-DT-03-S",
        "TRN-LR-05-S",
        "TRN-LR-08-S",
    ),
)
class ReadsDayBeforeMonth(ChangesTexts):
    """Swaps day and month wherever that gives a date."""

    elements = ("birthDate",)

    def _text(self, text: str) -> str:
        return f"{text[:4]}-{text[8:10]}-{text[5:7]}" if text[8:10] <= "12" else text


@breaks("TRN-CS-03-S")
class ReadsUnstatedAsMale(ReadsOtherwise):
    """Shows male where no sex was stated."""

    def _change(self, student: etree._Element) -> None:
        for part in all_at(student, "demographics"):
            if part.find(f"{{{NA4}}}sex") is None:
                made = etree.SubElement(part, f"{{{NA4}}}sex")
                made.text = "Male"


@breaks("TRN-CS-05-S", also=("DAT-FID-002", "TRN-LC-08-S", "TRN-LR-05-S", "TRN-MV-08-S"))
class ReadsOneRace(ReadsOtherwise):
    """Has one column for race."""

    def _change(self, student: etree._Element) -> None:
        for one in list(all_at(student, "demographics/races/race"))[1:]:
            one.getparent().remove(one)  # type: ignore[union-attr]


@breaks("TRN-CS-05-S")
class ReadsUnknownAsFalse(ReadsOtherwise):
    """Shows false where nobody answered the question on ethnicity."""

    def _change(self, student: etree._Element) -> None:
        for part in all_at(student, "demographics"):
            if not token_at(part, "hispanicLatinoEthnicity"):
                made = etree.SubElement(part, f"{{{NA4}}}hispanicLatinoEthnicity")
                made.text = "false"


@breaks("TRN-CS-06-S", also=("INF-CRE-009",))
class ReadsTwoOrMoreAsWhite(ChangesTexts):
    """Guesses a single race where only two or more is known."""

    elements = ("race",)

    def _text(self, text: str) -> str:
        return "White" if text == "DemographicRaceTwoOrMoreRaces" else text


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
        "TRN-MV-10-S",
    ),
)
class ReadsGradesAsNumbers(ChangesTexts):
    """Shows 9 for 09."""

    elements = ("gradeLevel",)

    def _text(self, text: str) -> str:
        return text.lstrip("0")


@breaks("TRN-CS-01-S", also=("TRN-GU-04-S", "TRN-MV-04-S"))
class ReadsRareCodesAsOther(ChangesTexts):
    """Knows a handful of relationships and calls all others Other."""

    elements = ("relationshipCode",)

    def _text(self, text: str) -> str:
        return text if text in ("Mother", "Father", "CourtAppointedGuardian") else "Other"


@breaks("TRN-LR-02-S", also=("TRN-LC-08-S",))
class ReadsWithADefaultCountry(ReadsOtherwise):
    """Gives everybody an address in its own country."""

    def _change(self, student: etree._Element) -> None:
        if student.find(f"{{{NA4}}}address") is None:
            address = etree.SubElement(student, f"{{{NA4}}}address")
            made = etree.SubElement(address, f"{{{NA4}}}countryCode")
            made.text = "US"


@breaks("TRN-LR-07-S", also=("INF-CRE-008",))
class KeepsWhatPrecedesAnExtension(Receiver):
    """Stops reading at an element it does not know, and calls that success."""

    def read_student(self, request: Request) -> etree._Element:
        student = super().read_student(request)
        extra = student.find(f"{{{NA4}}}SIF_ExtendedElements")
        if extra is not None:
            place = student.index(extra)
            for one in list(student)[place:]:
                student.remove(one)
        return student


@breaks("TRN-LR-07-S", also=("INF-CRE-008",))
class RefusesExtensionsAsItsOwnFault(Receiver):
    """Answers an element it does not know with 500."""

    def read_student(self, request: Request) -> etree._Element:
        student = super().read_student(request)
        if student.find(f"{{{NA4}}}SIF_ExtendedElements") is not None:
            raise Refusal(500, "Something went wrong.")
        return student


@breaks("TRN-CS-01-S")
class MapsStrangeCodesToOther(Receiver):
    """Files a relationship it does not know under Other."""

    def read_student(self, request: Request) -> etree._Element:
        student = super().read_student(request)
        known = {"SecondCousin": "Other"}
        for code in student.iter(f"{{{NA4}}}relationshipCode"):
            code.text = known.get(code.text or "", code.text)
        return student


@breaks("TRN-CS-03-S")
class GuessesTheSex(Receiver):
    """Turns a sex it does not know into one of two."""

    def read_student(self, request: Request) -> etree._Element:
        student = super().read_student(request)
        for sex in student.iter(f"{{{NA4}}}sex"):
            sex.text = "Male" if sex.text == "X" else sex.text
        return student
