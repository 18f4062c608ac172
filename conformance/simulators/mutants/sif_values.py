"""Vendors that keep a student and show other values when it is read as SIF."""

# An override may ignore what it is given.

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from lxml import etree

from conformance.simulators.documents import NA4
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.students import all_at, token_at

DATES = ("birthDate", "entryDate", "exitDate")


class ReadsOtherwise(Receiver):
    """Changes a copy of the student on its way out of a query by id."""

    def found(self, student: etree._Element) -> Response:
        copy = deepcopy(student)
        self._change(copy)
        return super().found(copy)

    def _change(self, student: etree._Element) -> None:
        """What is done to the copy."""
        raise NotImplementedError


class ChangesTexts(ReadsOtherwise):
    """Changes the texts of some elements."""

    elements: tuple[str, ...] = ("familyName", "givenName", "middleName")

    def _change(self, student: etree._Element) -> None:
        for part in student.iter(*(f"{{{NA4}}}{name}" for name in self.elements)):
            if part.text:
                part.text = self._text(part.text)

    def _text(self, text: str) -> str:
        """What becomes of a text."""
        raise NotImplementedError


def drop(student: etree._Element, *paths: str) -> None:
    """Remove what stands at these paths."""
    for path in paths:
        for one in list(all_at(student, path)):
            one.getparent().remove(one)  # type: ignore[union-attr]


def _texts(student: etree._Element, path: str) -> Iterator[etree._Element]:
    return all_at(student, path)


@breaks("TRN-LR-05-S", also=("DAT-FID-002", "DAT-REP-001", "DAT-UNI-001", "DAT-UNI-002", "INF-CRE-001", "INF-CRE-003", "INF-CRE-009", "INF-FMT-006", "INF-FMT-016", "INF-QRY-001", "INF-TRN-006", "INF-TRN-015", "INF-UPD-001", "INF-UPD-002", "INF-UPD-003", "INF-UPD-004", "INF-UPD-007", "NEG-035", "TRN-ID-01-S", "TRN-ID-05-S", "TRN-LC-08-S", "TRN-LR-02-S", "TRN-PR-07-S", "TRN-PR-16", "TRN-TX-01-S", "TRN-TX-02", "TRN-TX-02-S", "TRN-TX-03-S", "TRN-TX-04-S", "TRN-TX-05-S", "TRN-TX-08-S", "TRN-TX-11-S"))
class ReadsNamesSwapped(ReadsOtherwise):
    """Shows the given name as family name and the other way round."""

    def _change(self, student: etree._Element) -> None:
        family, given = token_at(student, "name/familyName"), token_at(student, "name/givenName")
        for path, text in (("name/familyName", given), ("name/givenName", family)):
            for one in _texts(student, path):
                one.text = text


@breaks("TRN-LR-05-S", also=("DAT-FID-002",))
class ReadsWithoutSuffix(ReadsOtherwise):
    """Has no column for what stands before and behind a name."""

    def _change(self, student: etree._Element) -> None:
        drop(student, "name/prefix", "name/suffix")


@breaks("TRN-LR-05-S", also=("DAT-FID-002", "INF-CRE-009", "INF-QRY-001", "TRN-ID-01-S", "TRN-ID-05-S", "TRN-LC-08-S", "TRN-TX-01-S", "TRN-TX-11-S"))
class ReadsWithoutMiddleName(ReadsOtherwise):
    """Has no column for middle names."""

    def _change(self, student: etree._Element) -> None:
        drop(student, "name/middleName")


@breaks("TRN-TX-05-S", also=("INF-CRE-001", "TRN-TX-01-S", "TRN-TX-02"))
class ReadsTextOf32Letters(ChangesTexts):
    """Cuts names and streets at 32 characters."""

    elements = ("familyName", "line1")

    def _text(self, text: str) -> str:
        return text[:32]


@breaks("TRN-TX-01-S", also=("DAT-FID-002", "INF-CRE-001", "INF-QRY-001", "INF-TRN-006", "INF-TRN-015", "INF-UPD-003", "NEG-035", "TRN-LC-08-S", "TRN-LR-05-S", "TRN-PR-07-S", "TRN-TX-05-S"))
class ReadsAsciiNames(ChangesTexts):
    """Strips marks from letters and drops foreign ones."""

    def _text(self, text: str) -> str:
        return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


@breaks("TRN-TX-01-S", also=("DAT-FID-002", "INF-CRE-001", "INF-QRY-001", "INF-TRN-006", "INF-TRN-015", "INF-UPD-003", "NEG-035", "TRN-LC-08-S", "TRN-LR-05-S", "TRN-PR-07-S", "TRN-TX-05-S"))
class ReadsMojibake(ChangesTexts):
    """Sends UTF-8 through a Latin-1 column."""

    def _text(self, text: str) -> str:
        # Latin-1 has control signs that XML cannot hold; a real product shows blanks for them.
        return re.sub(r"[\x80-\x9f]", " ", text.encode().decode("latin-1"))


@breaks("TRN-TX-02-S", also=("INF-CRE-001", "INF-TRN-015", "TRN-TX-01-S", "TRN-TX-02", "TRN-TX-03-S"))
class EscapesForHtmlTwice(ChangesTexts):
    """Escapes names for a web page before it writes them into XML."""

    def _text(self, text: str) -> str:
        return html.escape(text)


@breaks("TRN-TX-04-S", also=("INF-TRN-006", "TRN-TX-01-S"))
class TrimsInnerBlanks(ChangesTexts):
    """Makes two blanks one."""

    def _text(self, text: str) -> str:
        return " ".join(text.split())


@breaks("TRN-TX-06-S", also=("DAT-FID-002", "INF-CRE-009", "INF-QRY-001", "TRN-ID-05-S", "TRN-ID-09-S", "TRN-LC-07-S", "TRN-LC-08-S", "TRN-LR-02-S", "TRN-LR-05-S", "TRN-MV-02-S", "TRN-PR-07-S", "TRN-TX-08-S"))
class ReadsNumbersWithoutZeros(ChangesTexts):
    """Keeps numbers, postal codes and telephones in integer columns."""

    elements = ("localId", "stateProvinceId", "postalCode", "number", "homeRoomNumber")

    def _text(self, text: str) -> str:
        return text.lstrip("0")


@breaks("TRN-TX-09-S", also=("DAT-FID-002", "TRN-LR-05-S", "TRN-PR-07-S"))
class RoundsAverages(ChangesTexts):
    """Keeps one digit of an average."""

    elements = ("cumulativeWeightedGpa", "termWeightedGpa")

    def _text(self, text: str) -> str:
        return str(round(Decimal(text), 1))


@breaks("TRN-TX-03-S", also=("INF-TRN-015", "NEG-017", "TRN-TX-03"))
class ReadsOnlyTheFirstPiece(Receiver):
    """Reads a text up to the first comment and forgets what follows."""

    def parse(self, body: bytes) -> etree._Element:
        return super().parse(re.sub(rb"(?s)<!--.*?-->[^<]*", b"", body))


@breaks("TRN-TX-08-S", also=("INF-FMT-016",))
class StumblesOverTheByteOrderMark(Receiver):
    """Takes a byte order mark for text before the document."""

    def parse(self, body: bytes) -> etree._Element:
        if body.startswith(b"\xef\xbb\xbf"):
            raise Refusal(400, "The body does not begin with a tag.")
        return super().parse(body)


@breaks("TRN-TX-11-S", also=("DAT-FID-002", "TRN-LR-02-S", "TRN-PR-07-S", "TRN-TX-01-S", "TRN-TX-04-S"))
class ReadsNullForNothing(ReadsOtherwise):
    """Writes the word null where there is no middle name."""

    def _change(self, student: etree._Element) -> None:
        for name in _texts(student, "name"):
            if name.find(f"{{{NA4}}}middleName") is None:
                part = etree.SubElement(name, f"{{{NA4}}}middleName")
                part.text = "null"


@breaks("TRN-DT-01-S", also=("DAT-FID-002", "INF-CRE-009", "TRN-LC-11-S", "TRN-LR-05-S", "TRN-MV-10-S"))
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


@breaks("TRN-DT-12-S", also=("DAT-FID-002", "INF-CRE-009", "INF-QRY-001", "INF-TRN-015", "INF-UPD-003", "TRN-DT-03-S", "TRN-LR-05-S", "TRN-LR-08-S"))
class ReadsDayBeforeMonth(ChangesTexts):
    """Swaps day and month wherever that gives a date."""

    elements = ("birthDate",)

    def _text(self, text: str) -> str:
        return f"{text[:4]}-{text[8:10]}-{text[5:7]}" if text[8:10] <= "12" else text


@breaks("TRN-CS-03-S")
class ReadsUnstatedAsMale(ReadsOtherwise):
    """Shows male where no sex was stated."""

    def _change(self, student: etree._Element) -> None:
        for part in _texts(student, "demographics"):
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
        for part in _texts(student, "demographics"):
            if not token_at(part, "hispanicLatinoEthnicity"):
                made = etree.SubElement(part, f"{{{NA4}}}hispanicLatinoEthnicity")
                made.text = "false"


@breaks("TRN-CS-06-S", also=("INF-CRE-009",))
class ReadsTwoOrMoreAsWhite(ChangesTexts):
    """Guesses a single race where only two or more is known."""

    elements = ("race",)

    def _text(self, text: str) -> str:
        return "White" if text == "DemographicRaceTwoOrMoreRaces" else text


@breaks("TRN-CS-07-S", also=("DAT-FID-002", "INF-CRE-009", "INF-QRY-001", "INF-TRN-015", "TRN-LC-06-S", "TRN-LC-08-S", "TRN-LC-12-S", "TRN-LR-05-S", "TRN-MV-10-S"))
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
