"""Ninth layer: reading students (Base Architecture 5.4)."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from lxml import etree

from conformance.simulators.documents import NA4
from conformance.simulators.later import MARKER, Later
from conformance.simulators.message import Request, Response
from conformance.simulators.pages import Page
from conformance.simulators.problems import Refusal
from conformance.simulators.students import STUDENTS

_DEFAULT: Any = {None: NA4}


class Queries(Later):
    """By id, all at once, and page by page."""

    largest_result = 10_000

    def read_one(self, request: Request, refid: str) -> Response:
        """GET xStudents/{id}."""
        self.check_unpaged(request)
        student = self.find_student(refid)
        if student is None:
            raise self.not_found()
        return self.found(student)

    def found(self, student: etree._Element) -> Response:
        """The answer to a query by id."""
        return Response(200, self.shown(student))

    def check_unpaged(self, request: Request) -> None:
        """One object has no pages."""
        if request.parameter("navigationPage") or request.parameter("navigationPageSize"):
            raise Refusal(405, "A single object cannot be paged.")

    def read_all(self, request: Request) -> Response:
        """GET xStudents."""
        page = self.read_page(request)
        if self.is_unchanged(request):
            return self.unchanged()
        headers = [("ETag", self.tag())]
        students = self.all_students()
        if request.method == "HEAD":
            headers += self.head_headers()
        elif request.query.get(MARKER) in self.state.marks:
            students = self.changed_since(request.query[MARKER], students)
            headers += self.new_marker()
        if page is not None:
            kept, students = self.kept_set(request, students)
            return self.page(students, page).adding(*headers, *kept)
        if len(students) > self.largest_result:
            raise Refusal(413, "The result is too large; ask for pages.")
        return self.unpaged(students).adding(*headers)

    def all_students(self) -> list[etree._Element]:
        """All students, in an order that stays the same between pages."""
        return list(self.state.students.values())

    def unpaged(self, students: list[etree._Element]) -> Response:
        """The answer without paging: everything, or 204."""
        return self.document(200, self.collection(students)) if students else self.no_result()

    def no_result(self) -> Response:
        """The answer to a query that finds nothing."""
        return self.empty()

    def collection(self, students: Iterable[etree._Element]) -> etree._Element:
        """The plural element around copies of the students."""
        root = etree.Element(STUDENTS, nsmap=_DEFAULT)
        root.extend(deepcopy(student) for student in students)
        return root

    def read_page(self, request: Request) -> Page | None:
        """Paging wishes, from headers or query; None without any."""
        number = self.page_parameter(request, "navigationPage", 1)
        size = self.page_parameter(request, "navigationPageSize", 0)
        if size is None and number is None:
            return None
        if size is None:
            raise Refusal(400, "navigationPage needs navigationPageSize.")
        if size > self.largest_page:
            raise self.page_too_large()
        return Page(number or 1, size)

    def page(self, students: list[etree._Element], page: Page) -> Response:
        """One page; 204 when it holds nothing."""
        start = self.page_start(page)
        part = students[start : start + page.size]
        answer = self.document(200, self.collection(part)) if part else self.no_result()
        return answer.adding(*self.page_headers(page, len(part), len(students)))
