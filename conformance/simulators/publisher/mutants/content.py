"""Publishers that say something else of their data than was entered."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from copy import deepcopy
from uuid import uuid4

from lxml import etree

from conformance.simulators.publisher.mutants import breaks
from conformance.simulators.publisher.records import KNOWN, NEW, Record
from conformance.simulators.publisher.system import Publisher


def written(element: etree._Element, path: str, value: str) -> etree._Element:
    """The element with another value below these names."""
    for one in element.findall("/".join(f"{{*}}{step}" for step in path.split("/"))):
        one.text = value
    return element


@breaks("DAT-PUB-010")
class InventsAGrade(Publisher):
    """Sends a grade that is in no code set."""

    def shown(self, record: Record) -> etree._Element:
        return written(super().shown(record), "enrollment/gradeLevel", "Seventh")


@breaks("DAT-PUB-010")
class WritesDatesTheAmericanWay(Publisher):
    """Sends the day of entry as month, day and year."""

    def shown(self, record: Record) -> etree._Element:
        return written(super().shown(record), "enrollment/entryDate", "08/31/2026")


@breaks("DAT-PUB-010")
class SendsChildrenInAnotherOrder(Publisher):
    """Writes the address of a student in front of the name."""

    def shown(self, record: Record) -> etree._Element:
        made = super().shown(record)
        for one in made.findall("{*}address"):
            made.insert(0, one)
        return made


@breaks("DAT-PUB-011", also=("INF-EVT-005",))
class ShoutsNames(Publisher):
    """Writes family names in capital letters."""

    def enrolled(self, like: Record, facts: Mapping[str, str]) -> Record:
        name = facts["family_name"]
        loud = name.upper() if name.isascii() else name
        return super().enrolled(like, {**facts, "family_name": loud})


@breaks("DAT-PUB-011")
class ShiftsBirthDates(Publisher):
    """Keeps birth dates as midnight in its own time, and sends the day before."""

    def shown(self, record: Record) -> etree._Element:
        made = super().shown(record)
        if record.service != "xStudents":
            return made
        year, month, day = record.value("birth_date").split("-")
        return written(made, "demographics/birthDate", f"{year}-{month}-{max(1, int(day) - 1):02d}")


@breaks("DAT-PUB-012")
class LosesAccents(Publisher):
    """Writes letters without their accents."""

    def enrolled(self, like: Record, facts: Mapping[str, str]) -> Record:
        apart = unicodedata.normalize("NFD", facts["given_name"])
        plain = "".join(one for one in apart if not unicodedata.combining(one))
        return super().enrolled(like, {**facts, "given_name": plain})


@breaks("DAT-PUB-012")
class KnowsTwoByteSigns(Publisher):
    """Writes a question mark for every sign that is rarer than the usual ones."""

    def enrolled(self, like: Record, facts: Mapping[str, str]) -> Record:
        name = "".join(one if ord(one) < 0x10000 else "?" for one in facts["family_name"])
        return super().enrolled(like, {**facts, "family_name": name})


@breaks("DAT-PUB-013")
class KeepsLocalIdsAsNumbers(Publisher):
    """Sends the local id of a student as a number."""

    def shown(self, record: Record) -> etree._Element:
        made = super().shown(record)
        return written(made, "localId", record.value("local_id").lstrip("0"))


@breaks("DAT-PUB-013")
class PadsLocalIds(Publisher):
    """Sends the local id of a student with twelve figures."""

    def shown(self, record: Record) -> etree._Element:
        made = super().shown(record)
        return written(made, "localId", record.value("local_id").zfill(12))


@breaks("DAT-PUB-014")
class PointsToNothing(Publisher):
    """Names a school that it never sends."""

    def shown(self, record: Record) -> etree._Element:
        made = super().shown(record)
        return written(made, "enrollment/schoolRefId", "5D4967E6-A83F-4ABB-9CB8-505529C3C634")


@breaks("DAT-PUB-014")
class PointsByLocalId(Publisher):
    """Points to the school by an id made of its number."""

    def shown(self, record: Record) -> etree._Element:
        made = super().shown(record)
        return written(made, "enrollment/schoolRefId", "00000000-0000-4000-8000-000000000005")


@breaks("DAT-PUB-015")
class SendsStudentsFirst(Publisher):
    """Sends students before the schools that they go to."""

    def order(self) -> Sequence[str]:
        return list(reversed(super().order()))


@breaks("DAT-PUB-016")
class MakesIdsAtEachStart(Publisher):
    """Gives each student a new id when it starts, and sends all as new."""

    def remember(self) -> None:
        for zone, held in self.held.items():
            for one in held:
                if self.may(zone, one.service, "CREATE") and one.service == "xStudents":
                    one.refid, one.state = str(uuid4()).upper(), NEW


@breaks("DAT-PUB-016")
class ForgetsWhatWasAdded(Publisher):
    """Knows after a restart only half of its ids, and makes the others anew."""

    def remember(self) -> None:
        for zone, held in self.held.items():
            if self.may(zone, "xStudents", "CREATE"):
                mine = [one for one in held if one.service == "xStudents" and one.state == KNOWN]
                for one in mine[::2]:
                    one.refid, one.state = str(uuid4()).upper(), NEW


@breaks("DAT-PUB-020", also=("DAT-PUB-022",))
class SendsTheOldName(Publisher):
    """Sends an update that holds the given name of before."""

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.names: dict[str, str] = {}

    def enrolled(self, like: Record, facts: Mapping[str, str]) -> Record:
        self.names[facts["local_id"]] = facts["given_name"]
        return super().enrolled(like, facts)

    def difference(self, record: Record) -> etree._Element:
        before = self.names.get(record.value("local_id"), record.value("given_name"))
        return written(super().difference(record), "name/givenName", before)


@breaks("DAT-PUB-020", also=("DAT-PUB-022",))
class SendsOnlyThatSomethingChanged(Publisher):
    """Sends an update with the id and the local id."""

    def difference(self, record: Record) -> etree._Element:
        part = super().difference(record)
        for one in part.findall("{*}name"):
            part.remove(one)
        whole = record.element.find("{*}localId")
        if whole is not None:
            part.append(deepcopy(whole))
        return part


@breaks("DAT-PUB-021")
class SendsTheWholeClass(Publisher):
    """Sends every student again when one of them changed."""

    def on_change(self, facts: Mapping[str, str]) -> None:
        for zone, held in self.held.items():
            for one in held:
                if one.service == "xStudents" and self.may(zone, one.service, "CREATE"):
                    one.dirty.add("name")
        super().on_change(facts)


@breaks("DAT-PUB-022")
class SendsEverythingAsAPart(Publisher):
    """Calls an update partial that holds the whole object."""

    def difference(self, record: Record) -> etree._Element:
        return self.shown(record)


@breaks("DAT-PUB-023", "INF-EVT-008")
class NeverDeletes(Publisher):
    """Marks a student as gone in its own data only; the hub is told nothing."""

    def on_delete(self, facts: Mapping[str, str]) -> None:  # noqa: ARG002
        self.look()


@breaks("DAT-PUB-023")
class DeletesTheNeighbour(Publisher):
    """Deletes another student along with the one that left."""

    def on_delete(self, facts: Mapping[str, str]) -> None:
        for zone, held in self.held.items():
            others = [one for one in held if one.service == "xStudents" and one.state == KNOWN
                      and one.value("local_id") != facts["local_id"]]  # fmt: skip
            if others and self.may(zone, "xStudents", "CREATE"):
                others[0].gone = True
        super().on_delete(facts)


@breaks("DAT-PUB-024", also=("DAT-PUB-016",))
class MakesOneMoreEachTime(Publisher):
    """Sends the first student as a new one, under a new id, each time it publishes everything."""

    def besides(self) -> None:
        for zone, held in self.held.items():
            if self.may(zone, "xStudents", "CREATE"):
                first = next(one for one in held if one.service == "xStudents")
                twin = Record(first.service, self.shown(first))
                twin.refid = str(uuid4()).upper()
                self.create(zone, twin.service, [twin])


@breaks("DAT-PUB-024")
class DeletesAndSendsAnew(Publisher):
    """Deletes the first student and sends it again each time it publishes everything."""

    def besides(self) -> None:
        for zone, held in self.held.items():
            if self.may(zone, "xStudents", "CREATE"):
                first = next(one for one in held if one.service == "xStudents")
                self.deliver(self.deletion(zone, first))
                first.state = NEW
                self.create(zone, first.service, [first])
