"""Ninth layer: reading students (Base Architecture 5.4)."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from math import ceil
from typing import Any

from lxml import etree

from conformance.simulators.documents import NA4
from conformance.simulators.message import Request, Response
from conformance.simulators.objects import Objects
from conformance.simulators.problems import Refusal
from conformance.simulators.students import STUDENTS

_DEFAULT: Any = {None: NA4}


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a result is wanted; pages count from 1."""

    number: int
    size: int


class Queries(Objects):
    """By id, all at once, and page by page."""

    largest_page = 1000
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
        students = self.all_students()
        if page is not None:
            return self.page(students, page)
        if len(students) > self.largest_result:
            raise Refusal(413, "The result is too large; ask for pages.")
        return self.unpaged(students)

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
        if request.parameter("navigationId"):
            raise Refusal(404, "No result set is kept under this navigationId.")
        if size is None and number is None:
            return None
        if size is None:
            raise Refusal(400, "navigationPage needs navigationPageSize.")
        if size > self.largest_page:
            raise self.page_too_large()
        return Page(number or 1, size)

    def page_parameter(self, request: Request, name: str, least: int) -> int | None:
        """A number of the paging parameters."""
        text = request.parameter(name)
        if text is None:
            return None
        # Seven digits are enough for any page and keep int() from being abused.
        if not (text.isascii() and text.isdecimal() and len(text) < 8) or int(text) < least:
            raise Refusal(400, f"{name} is not a whole number from {least}.")
        return int(text)

    def page_too_large(self) -> Refusal:
        """The refusal for a page beyond what is supplied."""
        return Refusal(413, f"Pages hold {self.largest_page} objects at most.")

    def page_start(self, page: Page) -> int:
        """Index of the first object of a page."""
        return (page.number - 1) * page.size

    def page(self, students: list[etree._Element], page: Page) -> Response:
        """One page; 204 when it holds nothing."""
        start = self.page_start(page)
        part = students[start : start + page.size]
        answer = self.document(200, self.collection(part)) if part else self.no_result()
        return answer.adding(*self.page_headers(page, len(part), len(students)))

    def page_headers(self, page: Page, shown: int, count: int) -> tuple[tuple[str, str], ...]:
        """Paging headers; the size is the number of objects really on the page."""
        headers = (
            ("navigationPage", str(page.number)),
            ("navigationPageSize", str(shown)),
            ("navigationCount", str(count)),
        )
        return (*headers, *self.last_page_header(page, count))

    def last_page_header(self, page: Page, count: int) -> tuple[tuple[str, str], ...]:
        """navigationLastPage, which a page size of zero leaves without meaning."""
        return (("navigationLastPage", str(ceil(count / page.size))),) if page.size else ()
