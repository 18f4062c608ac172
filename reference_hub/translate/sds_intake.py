"""From the files of Microsoft School Data Sync 2.1 to canonical records.

What a user is stands in roles.csv, or in relationships.csv for the contacts of students. Ids become
keys as those of OneRoster do, so a district that changes from one form to the other keeps them; a
role, a seat and a link have no id there, and theirs is minted from the ids of their ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from reference_hub.translate.canonical import KEY, UNKNOWN_CODE, Record, key
from reference_hub.translate.functions_oneroster_roles import PARENTS
from reference_hub.translate.identity import as_uuid, minted
from reference_hub.translate.intake import Intake
from reference_hub.translate.ledger import NARROWED, NO_SLOT
from reference_hub.translate.oneroster_completing import complete
from reference_hub.translate.places import Node
from reference_hub.translate.reading import TableReader
from reference_hub.translate.sds_files import POINTS_TO, SdsFiles
from reference_hub.translate.tables import load

_PLAIN = {"academicSessions": "Session", "courses": "Course", "classes": "Section"}
_ORGS = {"district": "LEA", "school": "School"}
_ROLE_OF = {"Student": "SchoolEnrollment", "Staff": "StaffAssignment"}
_FLAGS = {"iep": "idea", "504": "section504"}
# Never taken over.
_SECRET = ("password",)


def take_in_sds(found: SdsFiles, today: date) -> Intake:
    """Read all rows, in the order of references; `today` tells present from past."""
    return _Work(found).done(today)


@dataclass(slots=True)
class _Work:
    files: SdsFiles
    found: Intake = field(default_factory=Intake)
    reader: TableReader = field(default_factory=lambda: TableReader(load("sds-2.1")))
    kinds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    at: tuple[str, int] = ("", 0)

    def done(self, today: date) -> Intake:
        for row in self._rows("orgs"):
            self._org(row)
        for file, entity in _PLAIN.items():
            for row in self._rows(file):
                self._read(file, row, entity)
        for row in self._rows("roles"):
            self.kinds[str(row["userSourcedId"])].add(_person(str(row["role"])))
        for row in self._rows("relationships"):
            self.kinds[str(row["relationshipUserSourcedId"])].add("Contact")
        for row in self._rows("users"):
            self._user(row)
        for row in self._rows("roles"):
            self._role(row)
        for row in self._rows("enrollments"):
            self._seat(row)
        for file in ("relationships", "userFlags", "demographics"):
            for row in self._rows(file):
                self._of_person(file, row)
        complete(self.found, today)
        return self.found

    def _rows(self, file: str) -> Iterator[Node]:
        """The rows of a file with ids as keys."""
        for number, row in self.files.rows(file):
            self.at = (f"{file}.csv", number)
            for name in (*POINTS_TO, "sourcedId"):
                if name in row:
                    of = POINTS_TO.get(name, file)
                    held = row[name]
                    many = isinstance(held, list)
                    row[name] = [self._key(of, x) for x in held] if many else self._key(of, held)
            for name in _SECRET:
                row.pop(name, None)
            yield row

    def _key(self, file: str, told: str) -> str:
        made = as_uuid(told) or minted("sourcedId", file, told)
        if made != told:
            self.found.ids[file, made] = told
        return made

    def _org(self, row: Node) -> None:
        entity = _ORGS.get(str(row["type"]))
        if entity:
            self._read("orgs", row, entity)
        else:
            text = "SIF has no place for an organisation of this kind"
            self.found.lose("School", str(row["sourcedId"]), "orgs", NO_SLOT, text)

    def _user(self, row: Node) -> None:
        at = str(row["sourcedId"])
        kinds = [each for each in ("Student", "Staff", "Contact") if each in self.kinds[at]]
        if not kinds:
            text = "no role tells whether a student, a staff member or a contact"
            self.found.lose("Student", at, "users", NARROWED, text)
        for kind in kinds:
            self._read("users", row, kind)

    def _role(self, row: Node) -> None:
        entity = _ROLE_OF.get(_person(str(row["role"])))
        ends = [str(row["userSourcedId"]), str(row["orgSourcedId"])]
        if entity:
            more = [str(row.get(name, "")) for name in ("role", "roleStartDate")]
            self._read("roles", row, entity, minted("role", *ends, *more))

    def _seat(self, row: Node) -> None:
        entity = "SectionEnrollment" if row["role"] == "student" else "StaffSection"
        ends = str(row["classSourcedId"]), str(row["userSourcedId"])
        if row["role"] != "student":
            row["role"] = "teacher"
        self._read("enrollments", row, entity, minted("seat", *ends))

    def _of_person(self, file: str, row: Node) -> None:
        at = str(row["userSourcedId"])
        if file == "relationships":
            self._link(at, row)
        elif file == "userFlags":
            self._flag(at, row)
        else:
            kind = next((each for each in ("Student", "Staff") if each in self.kinds[at]), "")
            if kind:
                self._read(file, row, kind)

    def _link(self, student: str, row: Node) -> None:
        contact = str(row["relationshipUserSourcedId"])
        link: Record = {KEY: minted("ContactLink", student, contact)}
        link |= {"student": student, "contact": contact}
        link["relationship"] = UNKNOWN_CODE + str(row["relationshipRole"])
        self._add("ContactLink", link)

    def _flag(self, student: str, row: Node) -> None:
        name = _FLAGS.get(str(row["flag"]))
        if name:
            self._add("Student", {KEY: student, name: "true"})
        else:
            text = "SIF has no place for a flag of this kind"
            self.found.lose("Student", student, "userFlags/flag", NO_SLOT, text)

    def _read(self, file: str, row: Node, entity: str, at: str = "") -> None:
        reading = self.reader.read(row, file, only=entity, graph=self.found.graph)
        for kind, record in reading.records:
            self._add(kind, {KEY: at, **record} if at else record)
        for loss in reading.losses:
            self.found.losses[replace(loss, refid=loss.refid or at)] = None

    def _add(self, entity: str, record: Record) -> None:
        self.found.graph.add(entity, record)
        self.found.places.setdefault((entity, key(record)), self.at)


def _person(role: str) -> str:
    return "Student" if role == "student" else "Contact" if role in PARENTS else "Staff"
