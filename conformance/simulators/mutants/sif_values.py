"""Vendors that keep a student and show other values when it is read as SIF."""

# An override may ignore what it is given.

from __future__ import annotations

import html
import re
import unicodedata
from copy import deepcopy
from decimal import Decimal

from lxml import etree

from conformance.simulators.documents import NA4
from conformance.simulators.message import Response
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.students import all_at, token_at


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


@breaks(
    "TRN-LR-05-S",
    also=(
        "DAT-FID-002",
        "DAT-REP-001",
        "DAT-UNI-001",
        "DAT-UNI-002",
        "INF-CRE-001",
        "INF-CRE-003",
        "INF-CRE-009",
        "INF-FMT-006",
        "INF-FMT-016",
        "INF-QRY-001",
        "INF-TRN-006",
        "INF-TRN-015",
        "INF-UPD-001",
        "INF-UPD-002",
        "INF-UPD-003",
        "INF-UPD-004",
        "INF-UPD-007",
        "NEG-035",
        "TRN-ID-01-S",
        "TRN-ID-05-S",
        "TRN-LC-08-S",
        "TRN-LR-02-S",
        "TRN-PR-07-S",
        "TRN-PR-16",
        "TRN-TX-01-S",
        "TRN-TX-02",
        "TRN-TX-02-S",
        "TRN-TX-03-S",
        "TRN-TX-04-S",
        "TRN-TX-05-S",
        "TRN-TX-08-S",
        "TRN-TX-11-S",
    ),
)
class ReadsNamesSwapped(ReadsOtherwise):
    """Shows the given name as family name and the other way round."""

    def _change(self, student: etree._Element) -> None:
        family, given = token_at(student, "name/familyName"), token_at(student, "name/givenName")
        for path, text in (("name/familyName", given), ("name/givenName", family)):
            for one in all_at(student, path):
                one.text = text


@breaks("TRN-LR-05-S", also=("DAT-FID-002",))
class ReadsWithoutSuffix(ReadsOtherwise):
    """Has no column for what stands before and behind a name."""

    def _change(self, student: etree._Element) -> None:
        drop(student, "name/prefix", "name/suffix")


@breaks(
    "TRN-LR-05-S",
    also=(
        "DAT-FID-002",
        "INF-CRE-009",
        "INF-QRY-001",
        "TRN-ID-01-S",
        "TRN-ID-05-S",
        "TRN-LC-08-S",
        "TRN-TX-01-S",
        "TRN-TX-11-S",
    ),
)
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


@breaks(
    "TRN-TX-01-S",
    also=(
        "DAT-FID-002",
        "INF-CRE-001",
        "INF-QRY-001",
        "INF-TRN-006",
        "INF-TRN-015",
        "INF-UPD-003",
        "NEG-035",
        "TRN-LC-08-S",
        "TRN-LR-05-S",
        "TRN-PR-07-S",
        "TRN-TX-05-S",
    ),
)
class ReadsAsciiNames(ChangesTexts):
    """Strips marks from letters and drops foreign ones."""

    def _text(self, text: str) -> str:
        return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


@breaks(
    "TRN-TX-01-S",
    also=(
        "DAT-FID-002",
        "INF-CRE-001",
        "INF-QRY-001",
        "INF-TRN-006",
        "INF-TRN-015",
        "INF-UPD-003",
        "NEG-035",
        "TRN-LC-08-S",
        "TRN-LR-05-S",
        "TRN-PR-07-S",
        "TRN-TX-05-S",
    ),
)
class ReadsMojibake(ChangesTexts):
    """Sends UTF-8 through a Latin-1 column."""

    def _text(self, text: str) -> str:
        # Latin-1 has control signs that XML cannot hold; a real product shows blanks for them.
        return re.sub(r"[\x80-\x9f]", " ", text.encode().decode("latin-1"))


@breaks(
    "TRN-TX-02-S", also=("INF-CRE-001", "INF-TRN-015", "TRN-TX-01-S", "TRN-TX-02", "TRN-TX-03-S")
)
class EscapesForHtmlTwice(ChangesTexts):
    """Escapes names for a web page before it writes them into XML."""

    def _text(self, text: str) -> str:
        return html.escape(text)


@breaks("TRN-TX-04-S", also=("INF-TRN-006", "TRN-TX-01-S"))
class TrimsInnerBlanks(ChangesTexts):
    """Makes two blanks one."""

    def _text(self, text: str) -> str:
        return " ".join(text.split())


@breaks(
    "TRN-TX-06-S",
    also=(
        "DAT-FID-002",
        "INF-CRE-009",
        "INF-QRY-001",
        "TRN-ID-05-S",
        "TRN-ID-09-S",
        "TRN-LC-07-S",
        "TRN-LC-08-S",
        "TRN-LR-02-S",
        "TRN-LR-05-S",
        "TRN-MV-02-S",
        "TRN-PR-07-S",
        "TRN-TX-08-S",
    ),
)
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


@breaks(
    "TRN-TX-11-S", also=("DAT-FID-002", "TRN-LR-02-S", "TRN-PR-07-S", "TRN-TX-01-S", "TRN-TX-04-S")
)
class ReadsNullForNothing(ReadsOtherwise):
    """Writes the word null where there is no middle name."""

    def _change(self, student: etree._Element) -> None:
        for name in all_at(student, "name"):
            if name.find(f"{{{NA4}}}middleName") is None:
                part = etree.SubElement(name, f"{{{NA4}}}middleName")
                part.text = "null"
