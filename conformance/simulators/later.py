"""Between objects and queries: what outlives one answer (Base Architecture 5.4 and 5.10).

Results that are kept while they are read page by page, tags of a state, and changes since then.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from lxml import etree

from conformance.simulators.message import Request, Response
from conformance.simulators.objects import Objects
from conformance.simulators.pages import Pages
from conformance.simulators.problems import Refusal
from conformance.simulators.students import STUDENT

MARKER = "changesSinceMarker"
Lines = tuple[tuple[str, str], ...]
Students = list[etree._Element]


class Later(Pages, Objects):
    """Nothing here looks at what a message did: a state is known by what is stored."""

    def digests(self) -> dict[str, str]:
        """A short mark of each student by its key: another one after every change."""
        return {
            key: hashlib.sha256(etree.tostring(one)).hexdigest()
            for key, one in self.state.students.items()
        }

    # -- tags ----------------------------------------------------------------------------------

    def tag(self) -> str:
        """The ETag of the collection as it stands."""
        return f'"{hashlib.sha256(repr(sorted(self.digests().items())).encode()).hexdigest()}"'

    def is_unchanged(self, request: Request) -> bool:
        """Whether the reader has the state that there is (5.4: header ETag)."""
        told = request.header("ETag") or request.header("If-None-Match")
        return told is not None and told == self.tag()

    def unchanged(self) -> Response:
        """The answer to a reader who has it all."""
        return Response(304)

    # -- kept results --------------------------------------------------------------------------

    def kept_set(self, request: Request, students: Students) -> tuple[Lines, Students]:
        """The result under its navigationId, or under a new one for whoever wants all of it."""
        known = request.parameter("navigationId")
        if known:
            if known not in self.state.sets:
                raise Refusal(404, "No result set is kept under this navigationId.")
            return (("navigationId", known),), self.state.sets[known]
        if request.says("queryIntention") != "ALL":
            return (), students
        fresh = self.new_id()
        self.state.sets[fresh] = list(students)
        return (("navigationId", fresh),), students

    # -- changes -------------------------------------------------------------------------------

    def new_marker(self) -> Lines:
        """Where the changes after this answer begin."""
        marker = self.new_id()
        self.state.marks[marker] = self.digests()
        return ((MARKER, marker),)

    def head_headers(self) -> Lines:
        """What HEAD of the collection tells beyond GET."""
        return self.new_marker()

    def check_query_parameters(self, request: Request) -> None:
        """A marker of ours may stand in the query; nothing else of that kind."""
        query = {name: told for name, told in request.query.items() if name != MARKER}
        if request.query.get(MARKER, "") not in {"", *self.state.marks}:
            raise Refusal(400, "The changesSinceMarker is not one of ours.")
        if request.query.get(MARKER) == "" or (MARKER in request.query and request.method != "GET"):
            raise Refusal(400, "Changes are read with GET and a marker.")
        super().check_query_parameters(replace(request, query=query))

    def changed_since(self, marker: str, students: Students) -> Students:
        """New and changed students, and the ids of those that are gone."""
        before, now = self.state.marks[marker], self.digests()
        found = [one for one in students if self.is_new(one, before, now)]
        return found + [etree.Element(STUDENT, refId=key) for key in before if key not in now]

    def is_new(self, student: etree._Element, before: dict[str, str], now: dict[str, str]) -> bool:
        """Whether a student is not as it was."""
        key = self.student_key(student.get("refId", ""))
        return before.get(key) != now.get(key)
