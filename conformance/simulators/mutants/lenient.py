"""Vendors that take what they should refuse, because they guess what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

from lxml import etree

from conformance.simulators.grammar import SIMPLE, Check, Child, Grammar
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.receiver import Receiver
from conformance.simulators.students import GRAMMAR


def _grammar(change: Callable[[Child], Check | None]) -> Grammar:
    """The grammar of students with another check of text where `change` gives one."""
    return Grammar(
        {
            name: tuple(replace(child, check=change(child) or child.check) for child in rule)
            for name, rule in GRAMMAR.rules.items()
        }
    )


def _any_code(child: Child) -> Check | None:
    listed = child.check is not None and child.kind not in SIMPLE
    return SIMPLE["text"] if listed else None


def _any_day(child: Child) -> Check | None:
    shape = re.compile(r"\d{4}-\d\d-\d\d([Z+-].*)?")
    return (lambda text: bool(shape.fullmatch(text))) if child.kind == "date" else None


@breaks("INF-CRE-008")
class TakesAnyCode(Receiver):
    """Stores whatever stands in an enumerated field."""

    grammar = _grammar(_any_code)


@breaks("INF-CRE-008", also=("TRN-LC-03-S",))
class TakesDaysThatDoNotExist(Receiver):
    """Checks the shape of a date and not the calendar."""

    grammar = _grammar(_any_day)


@breaks("INF-CRE-008")
class TidiesIds(Receiver):
    """Finds the id in whatever stands around it."""

    def read_student(self, request: Request) -> etree._Element:
        student = super().read_student(request)
        found = re.search(r"[0-9A-Fa-f-]{32,36}", student.get("refId", ""))
        if found:
            student.set("refId", found[0])
        return student


@breaks("INF-CRE-008")
class CutsCodesToFit(Receiver):
    """Keeps the first two letters of a grade, as its column does."""

    def validate(self, student: etree._Element, *, partial: bool = False) -> None:
        for grade in student.iter("{*}gradeLevel"):
            code = (grade.text or "").strip()
            grade.text = code[:2] if len(code) > 5 else code
        super().validate(student, partial=partial)


@breaks("INF-CRE-008")
class TakesTheLastOfTwo(Receiver):
    """Reads parts into a map, so that of two with one name the last one stays."""

    def validate(self, student: etree._Element, *, partial: bool = False) -> None:
        for name in ("birthDate", "gradeLevel", "schoolRefId"):
            for part in student.findall(f".//{{*}}{name}"):
                before = part.getprevious()
                if before is not None and before.tag == part.tag:
                    part.getparent().remove(before)  # type: ignore[union-attr]
        super().validate(student, partial=partial)


@breaks("INF-CRE-008", also=("INF-BLK-002", "INF-BLK-007", "NEG-012", "NEG-013"))
class SkipsUnknownElements(Receiver):
    """Leaves out what it does not know and stores the rest."""

    def validate(self, student: etree._Element, *, partial: bool = False) -> None:
        known = {child.name for child in GRAMMAR.rules["Student"]}
        for part in list(student):
            if etree.QName(part).localname not in known:
                student.remove(part)
        super().validate(student, partial=partial)


@breaks("DAT-UNI-001", also=("DAT-UNI-002",))
class TakesDoublesInAList(Receiver):
    """Looks for taken ids before it goes through a list, and not while it does."""

    def create_students(self, request: Request) -> Response:
        self.known = set(self.state.students)
        try:
            return super().create_students(request)
        finally:
            del self.known

    def add_student(self, student: etree._Element, must: bool) -> etree._Element:
        key = self.student_key(student.get("refId", ""))
        if key not in getattr(self, "known", {key}):
            self.state.students.pop(key, None)
        return super().add_student(student, must)


@breaks("DAT-UNI-002", also=("TRN-ID-01", "TRN-ID-01-S"))
class HyphensMakeAnotherId(Receiver):
    """Compares ids with their hyphens."""

    def student_key(self, refid: str) -> str:
        return refid.strip().lower()


@breaks("INF-CRE-009", also=("INF-CRE-008",))
class CorrectsAnOldSlip(Receiver):
    """Spells a relationship correctly, which the published list does not."""

    def validate(self, student: etree._Element, *, partial: bool = False) -> None:
        corrected = deepcopy(student)
        swap = {"BrotherInLaw": "BrotherInlaw", "BrotherInlaw": "BrotherInLaw"}
        for code in corrected.iter("{*}relationshipCode"):
            code.text = swap.get(code.text or "", code.text)
        super().validate(corrected, partial=partial)
