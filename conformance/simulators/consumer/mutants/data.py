"""Mistakes with the data: more than was granted is asked for, less than all is not enough."""

from __future__ import annotations

from lxml import etree

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.mutants import breaks


@breaks("POD-MIN-008")
class StopsAtAMissingField(Consumer):
    """Cannot work with a student without enrolment."""

    def take(self, student: etree._Element) -> bool:
        return super().take(student) and student.find("{*}enrollment") is not None


@breaks("DAT-POD-002")
class AsksForOtherObjects(Consumer):
    """Asks for parents too, in case it is given them."""

    def read_pages(self, zone: str) -> list[str]:
        found = super().read_pages(zone)
        if found:
            self.covered(zone, f"{self.at('requestsConnector')}/xContacts", {})
        return found


@breaks("DAT-POD-002")
class SortsByWhatIsKeptBack(Consumer):
    """Has the hub sort by a field that it may not see."""

    def read_pages(self, zone: str) -> list[str]:
        found = super().read_pages(zone)
        if found:
            self.covered(zone, f"{self.students()}?order=xStudent/demographics/sex", {})
        return found


@breaks("DAT-POD-002")
class SearchesInWhatIsKeptBack(Consumer):
    """Learns a field that it may not see from the number of answers."""

    def read_pages(self, zone: str) -> list[str]:
        found = super().read_pages(zone)
        if found:
            where = "where=xStudent/demographics/sex='Female'"
            self.covered(zone, f"{self.students()}?{where}", {})
        return found
