"""Vendors that take every change well, and lose track over a school year."""

from __future__ import annotations

from copy import deepcopy
from functools import cached_property

from lxml import etree

from conformance.simulators.mutants import breaks
from conformance.simulators.receiver import Receiver
from conformance.simulators.students import token_at


def school(student: etree._Element) -> str:
    """The school of the present stay."""
    return token_at(student, "enrollment/schoolRefId")


@breaks("INF-UPD-003")
class ForgetsANameGivenAfterATransfer(Receiver):
    """Keeps the name of a student as the former school wrote it, whatever is sent later."""

    @cached_property
    def moved(self) -> set[str]:
        return set()

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        refid, update = stored.get("refId", ""), deepcopy(partial)
        if refid in self.moved:
            for name in update.findall("{*}name"):
                update.remove(name)
        if school(partial) not in ("", school(stored)):
            self.moved.add(refid)
        return super().merge(stored, update)


@breaks("INF-DEL-001")
class BringsTheDeletedBack(Receiver):
    """Restores whoever was deleted last when somebody else comes back to school."""

    @cached_property
    def archive(self) -> list[etree._Element]:
        return []

    def remove_student(self, refid: str) -> None:
        student = self.find_student(refid)
        self.archive.extend([] if student is None else [student])
        super().remove_student(refid)

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        if self.archive and partial.find("{*}otherEnrollments") is not None:
            self.store_student(self.archive.pop())
        return super().merge(stored, partial)


@breaks("INF-UPD-003")
class NewStayOldGrade(Receiver):
    """Adds a new stay to the list of stays and shows the first day of the first one for ever."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        result = super().merge(stored, partial)
        entry = stored.find("{*}enrollment/{*}entryDate")
        shown = result.find("{*}enrollment/{*}entryDate")
        if partial.find("{*}otherEnrollments") is not None and entry is not None:
            assert shown is not None
            shown.text = entry.text
        return result
