"""Vendors that change names they should keep, or refuse what they find suspicious."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

from lxml import etree

from conformance.simulators.mutants import breaks
from conformance.simulators.oneroster import Row
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.students import all_at, token_at


class _ChangesNames(Receiver):
    """Changes the texts of names before they are stored."""

    def store_student(self, student: etree._Element) -> None:
        for part in student.iter("{*}familyName", "{*}givenName", "{*}middleName"):
            part.text = self._changed(part.text) if part.text else part.text
        super().store_student(student)

    def _changed(self, text: str) -> str:
        """What becomes of a text."""
        raise NotImplementedError


class _Suspicious(Receiver):
    """Refuses a valid student that it does not like."""

    def validate(self, student: etree._Element, *, partial: bool = False) -> None:
        super().validate(student, partial=partial)
        if self._dislikes(student):
            raise Refusal(400, "The student looks suspicious.")

    def _dislikes(self, student: etree._Element) -> bool:
        """Whether to refuse."""
        raise NotImplementedError


@breaks("INF-CRE-001", also=("TRN-TX-05", "TRN-TX-05-S"))
class StoresNamesOf64Letters(_ChangesNames):
    """Cuts names to the width of a column."""

    def _changed(self, text: str) -> str:
        return text[:64]


@breaks("INF-TRN-006", also=("TRN-TX-01", "TRN-TX-01-S"))
class NormalisesLetters(_ChangesNames):
    """Folds joined and wide letters into plain ones."""

    def _changed(self, text: str) -> str:
        return unicodedata.normalize("NFKC", text)


@breaks("INF-CRE-001", also=("INF-TRN-015", "TRN-TX-01", "TRN-TX-02-S"))
class StripsMarkup(_ChangesNames):
    """Removes what looks like a tag, to be safe from scripts."""

    def _changed(self, text: str) -> str:
        return re.sub(r"<[^>]*>", "", text)


@breaks("INF-CRE-001", also=("TRN-TX-01", "TRN-TX-02-S"))
class DecodesEntitiesTwice(_ChangesNames):
    """Takes text for HTML once it has been read as XML."""

    def _changed(self, text: str) -> str:
        return unescape(text)


@breaks("INF-CRE-001")
class RefusesWordsOfSql(_Suspicious):
    """Has a filter in front that refuses students who look like an attack."""

    def _dislikes(self, student: etree._Element) -> bool:
        names = (part.text or "" for part in student.iter("{*}familyName", "{*}givenName"))
        return any(re.search(r"DROP TABLE|<script|\$\{jndi|\.\./", name) for name in names)


@breaks("INF-CRE-009")
class WantsReferencesInCapitals(_Suspicious):
    """Compares references with its own spelling before it looks at what they mean."""

    def _dislikes(self, student: etree._Element) -> bool:
        schools = (token_at(student, "enrollment/schoolRefId"),)
        return any(
            school != school.upper() or school.count("-") == 0 for school in schools if school
        )


@breaks("INF-CRE-009")
class AllowsOneNickname(_Suspicious):
    """Has a key over kinds of names that the data model does not have."""

    def _dislikes(self, student: etree._Element) -> bool:
        kinds = [token_at(name, "type") for name in all_at(student, "otherNames/name")]
        return kinds.count("Nickname") > 1


@breaks("INF-CRE-009")
class HasRoomForTwentyEnrollments(_Suspicious):
    """Refuses students who moved too often."""

    def _dislikes(self, student: etree._Element) -> bool:
        return len(list(all_at(student, "otherEnrollments/enrollment"))) > 20


@breaks("INF-CRE-003")
class TakesTwinsForDoubles(_Suspicious):
    """Refuses a student whose name and birth date it has already."""

    def _dislikes(self, student: etree._Element) -> bool:
        paths = ("name/familyName", "name/givenName", "demographics/birthDate")
        own = [token_at(student, path) for path in paths]
        return all(own) and any(
            own == [token_at(other, path) for path in paths]
            for other in self.all_students()
            if self.student_key(other.get("refId", ""))
            != self.student_key(student.get("refId", ""))
        )


@breaks("TRN-TX-02")
class ComputesFormulas(Receiver):
    """Drops the equals sign in front of a name on its way through a spreadsheet."""

    def names(self, student: etree._Element) -> Row:
        return {column: text.lstrip("=") for column, text in super().names(student).items()}


@breaks("TRN-TX-02")
class GuardsAgainstFormulas(Receiver):
    """Puts an apostrophe in front of what a spreadsheet might compute."""

    def names(self, student: etree._Element) -> Row:
        found = super().names(student)
        return {
            column: f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
            for column, text in found.items()
        }
