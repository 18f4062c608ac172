"""What OneRoster leaves to be concluded and SIF wants said: each conclusion is marked as inferred.

A session names no school: it is that of the classes in it. A course of the district is kept at the
school that teaches it. Somebody of one school has it as home school. 1.1 has no dates of roles: the
year's first day stands for the first day at school.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from reference_hub.translate.canonical import Record, key
from reference_hub.translate.functions_oneroster_school import text_of
from reference_hub.translate.functions_plain import as_day
from reference_hub.translate.identity import minted
from reference_hub.translate.intake import Intake
from reference_hub.translate.ledger import INFERRED, NARROWED


def complete(found: Intake, today: date) -> None:
    """Add what follows from the rows taken together."""
    _Work(found, today).done()


@dataclass(slots=True)
class _Work:
    found: Intake
    today: date
    schools: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    first_days: dict[str, str] = field(default_factory=dict)

    def done(self) -> None:
        by_entity: dict[str, list[Record]] = defaultdict(list)
        for entity, record in self.found.graph.all():
            by_entity[entity].append(record)
        sessions = {key(each): each for each in by_entity["Session"]}
        self._sessions(sessions, by_entity["Section"], by_entity["School"])
        for section in by_entity["Section"]:
            self._section(section, sessions)
        self._courses(by_entity["Course"], by_entity["Section"])
        for entity, owner in (("SchoolEnrollment", "student"), ("StaffAssignment", "staff")):
            self._stays(entity, owner, by_entity[entity])

    def _add(self, entity: str, at: str, path: str, note: str, **told: str) -> None:
        self.found.graph.add(entity, {"refId": at, **told})
        for name in told:
            self.found.lose(entity, at, path, INFERRED, note, f"{entity}.{name}")

    def _sessions(
        self, sessions: Mapping[str, Record], sections: list[Record], schools: list[Record]
    ) -> None:
        for each in sections:
            held = each.get("sessions")
            for at in held if isinstance(held, list) else []:
                self.schools[str(at)].add(text_of(each, "school"))
        self._spread(sessions)
        only = [key(each) for each in schools]
        for at, session in sessions.items():
            of = sorted(filter(None, self.schools[at])) or (only if len(only) == 1 else [])
            self._place(session, of)

    def _spread(self, sessions: Mapping[str, Record]) -> None:
        """A session is of the schools of those above and below it; three levels are enough."""
        for _ in range(3):
            for at, session in sessions.items():
                above = text_of(session, "parent")
                if above in sessions:
                    own, higher = set(self.schools[at]), set(self.schools[above])
                    self.schools[above] |= own
                    if not own:
                        self.schools[at] |= higher

    def _place(self, session: Record, schools: list[str]) -> None:
        at, year, path = key(session), text_of(session, "schoolYear"), "academicSessions"
        if not schools:
            text = "no class tells of which school the session is"
            self.found.lose("Session", at, path, NARROWED, text)
            return
        if len(schools) > 1:
            text = "a session of several schools; it is kept at the first"
            self.found.lose("Session", at, path, NARROWED, text)
        school, start = schools[0], text_of(session, "startDate")
        for each in schools:
            self.first_days[each] = min(filter(None, (self.first_days.get(each), start)))
        calendar = minted("SchoolYear", school, year)
        told: Record = {"refId": calendar, "school": school, "schoolYear": year}
        self.found.graph.add("SchoolYear", told)
        text = "the school is that of the classes in it"
        self._add("Session", at, path, text, school=school, year=calendar)
        if "code" not in session:
            text = "OneRoster has no code of a session; its id stands for one"
            code = self.found.ids.get((path, at), at)
            self._add("Session", at, f"{path}/sourcedId", text, code=code)

    def _section(self, section: Record, sessions: Mapping[str, Record]) -> None:
        held = section.get("sessions")
        told = [sessions.get(str(each)) for each in held] if isinstance(held, list) else []
        years = {text_of(each, "schoolYear") for each in told if each}
        if len(years) == 1:
            text = "the school year is that of its terms"
            path = "classes/termSourcedIds"
            self._add("Section", key(section), path, text, schoolYear=years.pop())
        self._meetings(key(section), [key(each) for each in told if each])

    def _meetings(self, at: str, sessions: list[str]) -> None:
        record = self.found.graph.get("Section", at)
        held = record.get("meetings") if record else None
        if record is None or not isinstance(held, list) or not sessions:
            return
        record["meetings"] = [
            {"session": session, **each}
            for session in sessions
            for each in held
            if isinstance(each, dict)
        ]
        text = "each period is held in each term of the class"
        path, target = "classes/termSourcedIds", "Section.meetings.session"
        self.found.lose("Section", at, path, INFERRED, text, target)

    def _courses(self, courses: list[Record], sections: list[Record]) -> None:
        taught: dict[str, set[str]] = defaultdict(set)
        for each in sections:
            taught[text_of(each, "course")].add(text_of(each, "school"))
        for course in courses:
            at = key(course)
            if "school" in course or not taught[at]:
                continue
            text = "a course of the district is kept at the school that teaches it"
            self._add("Course", at, "courses/orgSourcedId", text, school=min(taught[at]))
            if len(taught[at]) > 1:
                text = "several schools teach the course; it is kept at one"
                self.found.lose("Course", at, "courses/orgSourcedId", NARROWED, text)

    def _stays(self, entity: str, owner: str, records: list[Record]) -> None:
        by_owner: dict[str, list[Record]] = defaultdict(list)
        for each in records:
            by_owner[text_of(each, owner)].append(each)
        leas = {key(x): text_of(x, "lea") for e, x in self.found.graph.all() if e == "School"}
        for held in by_owner.values():
            for each in held:
                self._stay(entity, each, only=len(held) == 1, leas=leas)

    def _stay(self, entity: str, stay: Record, *, only: bool, leas: Mapping[str, str]) -> None:
        at, school = key(stay), text_of(stay, "school")
        lea = leas.get(school, "")
        if lea and "lea" not in stay:
            self._add(entity, at, "orgs", "the district is that of the school", lea=lea)
        if entity == "StaffAssignment":
            if only and "primary" not in stay:
                self._add(entity, at, "roles", "the only post is the main one", primary="true")
            return
        if only and "membership" not in stay:
            text = "the only school is the home school"
            self._add(entity, at, "roles", text, membership="Home")
        if "entryDate" not in stay and school in self.first_days:
            text = "the first day of the year stands for the first day at school"
            self._add(entity, at, "roles/beginDate", text, entryDate=self.first_days[school])
        self._time_frame(stay, self.first_days.get(school, ""))

    def _time_frame(self, stay: Record, first: str) -> None:
        entry = as_day(text_of(stay, "entryDate") or first)
        end = text_of(stay, "exitDate")
        last = as_day(end) if end else None
        if entry is None:
            return
        past = last is not None and last < self.today
        frame = "Historical" if past else "Future" if entry > self.today else "Current"
        self._add("SchoolEnrollment", key(stay), "roles", "follows from the dates", timeFrame=frame)
