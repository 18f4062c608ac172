"""From the rows of a OneRoster bundle to canonical records.

OneRoster spreads over rows what the records hold together, and says some of it elsewhere: what a
user is stands in roles.csv (1.2) or in the user's role (1.1), the grade of an enrollment at the
user, the link to a contact at both users, the school of a session only at the classes that use it.
Ids become keys: a UUID stays, anything else is minted from itself, the same each time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reference_hub.translate.canonical import KEY, UNKNOWN_CODE, Record, key
from reference_hub.translate.columns import MANY, columns
from reference_hub.translate.csv_reading import Bundle
from reference_hub.translate.functions_oneroster_roles import PARENTS
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.identity import as_uuid, minted
from reference_hub.translate.intake import Intake
from reference_hub.translate.ledger import NARROWED, NO_SLOT
from reference_hub.translate.oneroster_completing import complete
from reference_hub.translate.places import Node
from reference_hub.translate.reading import TableReader
from reference_hub.translate.tables import load

_ORGS = {"district": "LEA", "school": "School"}
_SEATS = {"student": "SectionEnrollment", "teacher": "StaffSection", "ext:aide": "StaffSection"}
_PEOPLE = ("Student", "Staff", "Contact")
_ROLE_OF = {"Student": "SchoolEnrollment", "Staff": "StaffAssignment"}


def take_in(bundle: Bundle, today: date) -> Intake:
    """Read all rows of a bundle, in the order of references; `today` tells present from past."""
    return _Work(bundle).done(today)


def take_in_delta(bundle: Bundle, today: date, base: MemoryGraph) -> Intake:
    """Read a delta onto what is there. A row is a whole record: what it does not say is gone, as
    far as its file could say it. The graph holds all afterwards, without what was deleted."""
    work = _Work(bundle, base=base)
    work.found.base = base
    for entity, record in base.all():
        work.found.graph.add(entity, record)
        if entity in _PEOPLE:
            work.kinds[key(record)].add(entity)
    return work.done(today)


@dataclass(slots=True)
class _Work:
    bundle: Bundle
    found: Intake = field(default_factory=Intake)
    reader: TableReader = field(default_factory=lambda: TableReader(load("oneroster-1.2")))
    kinds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    users: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, tuple[str, int]] = field(default_factory=dict)
    kinship: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    agents: dict[str, list[str]] = field(default_factory=dict)
    marks: dict[str, tuple[str, str]] = field(default_factory=dict)
    at: tuple[str, int] = ("", 0)
    base: MemoryGraph | None = None

    def done(self, today: date) -> Intake:
        for file in ("orgs", "academicSessions", "courses", "classes"):
            for row in self._rows(file):
                self._plain(file, row)
        roles = [(row, self.at) for row in self._roles()]
        for row, _ in roles:
            self._note_role(row)
        for row in self._rows("users"):
            self._user(row)
        for row, self.at in roles:
            self._role(row)
        for file in ("demographics", "enrollments", "categories", "lineItems", "results"):
            for row in self._rows(file):
                self._plain(file, row)
        self._links()
        if self.base is None:
            complete(self.found, today)
        else:
            self._delta(today)
        self._unused()
        return self.found

    def _rows(self, file: str) -> Iterator[Node]:
        """The rows of a file with ids as keys and the names that columns have in 1.2."""
        listed = columns(self.bundle.version).get(file, ())
        pointing = {each.name: each.target or file for each in listed if each.form in _IDS}
        many = {each.name for each in listed if each.form in MANY}
        for number, row in self.bundle.rows(file):
            self.at = (f"{file}.csv", number)
            for name, target in pointing.items():
                if name in row:
                    told = [self._key(target, each) for each in _list(row[name])]
                    row[name] = told if name in many else told[0]
            if "gradingPeriodSourcedId" in row:
                row["academicSessionSourcedId"] = row.pop("gradingPeriodSourcedId")
            yield row

    def _key(self, file: str, told: str) -> str:
        made = as_uuid(told) or minted("sourcedId", file, told)
        if made != told:
            self.found.ids[file, made] = told
        return made

    def _roles(self) -> Iterator[Node]:
        if self.bundle.version != "1.1":
            yield from self._rows("roles")
            return
        for row in self._rows("users"):
            orgs = _list(row.get("orgSourcedIds", []))
            for org in orgs:
                made = minted("role", str(row["sourcedId"]), org)
                told = {"sourcedId": made, "userSourcedId": row["sourcedId"]}
                told |= {"roleType": "primary", "role": row["role"], "orgSourcedId": org}
                yield {**told, "status": row.get("status", "active")}

    def _note_role(self, row: Node) -> None:
        user, role = str(row["userSourcedId"]), str(row["role"])
        self.kinds[user].add(_person(role))
        if role in PARENTS:
            self.kinship[user].add(role)

    def _user(self, row: Node) -> None:
        user = str(row["sourcedId"])
        if row.get("status") in _GONE:
            self.found.deleted += [(kind, user) for kind in self.kinds.get(user, ())]
            return
        row.pop("orgSourcedIds", None)
        if self.bundle.version == "1.1":
            row.pop("role", None)
        self.users[user], self.lines[user] = row, self.at
        self.agents[user] = _list(row.get("agentSourcedIds", []))
        kinds = [each for each in _PEOPLE if each in self.kinds.get(user, ())]
        if not kinds:
            text = "no role tells whether a student, a staff member or a contact"
            self.found.lose("Student", user, "users", NARROWED, text)
        # The fields that the roles and links take over are no loss of the user.
        told = {name: row[name] for name in row if name not in _ELSEWHERE_READ}
        for kind in kinds:
            self._read("users", told, kind)

    def _role(self, row: Node) -> None:
        user = self.users.get(str(row["userSourcedId"]), {})
        for name in ("grades", "primaryOrgSourcedId"):
            if name in user:
                row[name] = user[name]
        entity = _ROLE_OF.get(_person(str(row["role"])))
        if entity:
            if entity == "StaffAssignment":
                row.pop("grades", None)
            self._read("roles", row, entity)

    def _plain(self, file: str, row: Node) -> None:
        if self._own_row(file, row):
            return
        entity = self._entity(file, row)
        if entity:
            self._read(file, row, entity)
            return
        text = "SIF has no place for a row of this kind"
        self.found.lose(file, str(row["sourcedId"]), file, NO_SLOT, text)

    def _own_row(self, file: str, row: Node) -> bool:
        """Whether it is a row that the hub itself made beside another, which says it all."""
        at = str(row["sourcedId"])
        if file == "academicSessions":
            above = str(row.get("parentSourcedId", ""))
            if above and at == minted("gradingPeriod", above):
                both: Record = {"refId": above, "markingTerm": "true", "schedulingTerm": "true"}
                self.found.graph.add("Session", both)
                return True
        elif file == "classes":
            self.marks[minted("marks", at)] = (at, "")
        elif file == "categories":
            return at in self.marks
        elif file == "lineItems":
            told = str(row["classSourcedId"]), str(row["academicSessionSourcedId"])
            if at == minted("marks", *told):
                self.marks[at] = told
                return True
        return False

    def _entity(self, file: str, row: Node) -> str:
        if file == "orgs":
            return _ORGS.get(str(row["type"]), "")
        if file == "enrollments":
            return _SEATS.get(str(row["role"]), "")
        if file == "demographics":
            kinds = self.kinds.get(str(row["sourcedId"]), ())
            return next((each for each in ("Student", "Staff") if each in kinds), "")
        if file == "academicSessions":
            return "Session"
        if file == "results" and str(row["lineItemSourcedId"]) in self.marks:
            row["classSourcedId"], row["academicSessionSourcedId"] = self.marks[
                str(row.pop("lineItemSourcedId"))
            ]
            return "SectionMark"
        return {
            "courses": "Course",
            "classes": "Section",
            "categories": "Category",
            "lineItems": "Assignment",
            "results": "Score",
        }[file]

    def _read(self, file: str, row: Node, entity: str) -> None:
        told = {name: row[name] for name in row if name not in ("status", "dateLastModified")}
        if row.get("status") in _GONE:
            at = str(row["sourcedId"])
            if file == "demographics":
                # The person stays.
                self.found.graph.replace(entity, {KEY: at}, self._told(file, entity, told))
                self.found.places.setdefault((entity, at), self.at)
            else:
                self.found.deleted.append((entity, at))
            return
        reading = self.reader.read(told, file, only=entity, graph=self.found.graph)
        for kind, record in reading.records:
            if self.base is not None:
                self.found.graph.replace(kind, record, self._told(file, kind, told))
            else:
                self.found.graph.add(kind, record)
            self.found.places.setdefault((kind, key(record)), self.at)
        self.found.losses.update(dict.fromkeys(reading.losses))

    def _told(self, file: str, entity: str, row: Node) -> set[str]:
        """The fields that a row of a file speaks of; the grade of a stay stands at its user."""
        lines = (x for each in self.reader.table.of_collection(file) if each.entity == entity
                 for x in each.lines if x.function.read)  # fmt: skip
        fields = {path.field for line in lines for path in line.fields if path.own}
        alone = file == "roles" and str(row.get("userSourcedId")) not in self.users
        return fields - {"refId"} - ({"gradeLevel", "membership", "primary"} if alone else set())

    def _delta(self, today: date) -> None:
        """Take away what is gone, and conclude only what the rows of the delta leave open."""
        graph, base = self.found.graph, self.base or MemoryGraph()
        for user in self.users:
            self.found.deleted += self._dropped(user, base)
            self._grade(user, base)
        for entity, at in self.found.deleted:
            graph.remove(entity, at)
        whole = Intake(MemoryGraph(graph.all()), ids=self.found.ids)
        complete(whole, today)
        touched = set(self.found.places)
        for entity, record in whole.graph.all():
            if (entity, key(record)) in touched or base.get(entity, key(record)) is None:
                graph.replace(entity, record, record)
        # What is concluded for others was so before.
        keys = {name for _, name in touched}
        self.found.losses.update({x: None for x in whole.losses if x.refid in keys})

    def _dropped(self, user: str, base: MemoryGraph) -> Iterator[tuple[str, str]]:
        """Links, and in 1.1 places, that the whole record of a user does not name any more."""
        for side, other in (("student", "contact"), ("contact", "student")):
            for link in base.referring("ContactLink", side, user):
                end = str(link.get(other))
                if end not in self.agents[user] and user not in self.agents.get(end, ()):
                    yield "ContactLink", key(link)
        if self.bundle.version == "1.1":
            for owner, entity in (("student", "SchoolEnrollment"), ("staff", "StaffAssignment")):
                for stay in base.referring(entity, owner, user):
                    if (entity, key(stay)) not in self.found.places:
                        yield entity, key(stay)

    def _grade(self, user: str, base: MemoryGraph) -> None:
        """The grade of a user whose roles are not in the delta is that of its stays there."""
        for stay in base.referring("SchoolEnrollment", "student", user):
            if ("SchoolEnrollment", key(stay)) not in self.found.places:
                row = {"sourcedId": key(stay), "grades": self.users[user].get("grades", [])}
                reading = self.reader.read(row, "roles", only="SchoolEnrollment")
                for entity, record in reading.records:
                    self.found.graph.replace(entity, record, {"gradeLevel"})
                    self.found.places[entity, key(record)] = self.lines[user]

    def _links(self) -> None:
        """Links between students and contacts, told at either side or both."""
        for user, others in self.agents.items():
            for other in others:
                for student, contact in ((user, other), (other, user)):
                    if "Student" in self.kinds[student] and "Contact" in self.kinds[contact]:
                        self._link(student, contact)

    def _link(self, student: str, contact: str) -> None:
        words = self.kinship[contact]
        if self.base is not None and not words and self._linked(student, contact):
            return
        link: Record = {"refId": minted("ContactLink", student, contact)}
        link |= {"student": student, "contact": contact}
        if len(words) == 1:
            link["relationship"] = UNKNOWN_CODE + next(iter(words))
        else:
            text = "which of several roles the contact has for this student is not told"
            self.found.lose("ContactLink", str(link["refId"]), "roles/role", NARROWED, text)
        self.found.graph.add("ContactLink", link)
        self.found.places.setdefault(("ContactLink", key(link)), self.lines[student])

    def _linked(self, student: str, contact: str) -> bool:
        links = self.found.graph.referring("ContactLink", "student", student)
        return any(each.get("contact") == contact for each in links)

    def _unused(self) -> None:
        for file in self.bundle.kinds:
            if file not in self.reader.table.collections:
                self.found.lose(file, "", file, NO_SLOT, "SIF has no place for these rows")


_IDS = ("id", "ref", "refs")
# The old word means the same.
_GONE = ("tobedeleted", "inactive")
_ELSEWHERE_READ = ("agentSourcedIds", "grades", "primaryOrgSourcedId")


def _list(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _person(role: str) -> str:
    return "Student" if role == "student" else "Contact" if role in PARENTS else "Staff"
