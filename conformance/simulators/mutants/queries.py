"""Vendors that read out the wrong thing, and ones whose answers are malformed."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from lxml import etree

from conformance.simulators.documents import node
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.pages import Page
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver


@breaks("INF-QRY-010", also=("INF-FMT-007",))
class WrapsTheStudent(Receiver):
    """Answers a query by id with a collection of one."""

    def found(self, student: etree._Element) -> Response:
        return self.document(200, self.collection([student]))


@breaks("INF-QRY-002", also=("INF-URL-004", "NEG-014"))
class MissingIsNoContent(Receiver):
    """Answers an unknown id with 204."""

    def read_one(self, request: Request, refid: str) -> Response:
        try:
            return super().read_one(request, refid)
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            return self.empty()


@breaks("INF-QRY-003")
class ListsOnlyTheFirst(Receiver):
    """Cuts the unpaged list after its first student."""

    def unpaged(self, students: list[etree._Element]) -> Response:
        return super().unpaged(students[:1])


@breaks("INF-QRY-004")
class PagesASingleStudent(Receiver):
    """Overlooks paging parameters on a single object."""

    def check_unpaged(self, request: Request) -> None:
        return None


@breaks("INF-WHR-005", also=("INF-CHG-002", "INF-ORD-002", "NEG-062", "NEG-063"))
class IgnoresConditions(Receiver):
    """Answers a query with a condition as if it had none."""

    def check_query_parameters(self, request: Request) -> None:
        return None


@breaks(
    "INF-PAG-002",
    also=(
        "INF-FMT-007",
        "INF-HDR-002",
        "INF-PAG-001",
        "INF-PAG-007",
        "INF-PAG-008",
        "INF-PAG-015",
        "INF-QRY-010",
    ),
)
class CountsPagesFromZero(Receiver):
    """Gives the second page when asked for the first."""

    def page_start(self, page: Page) -> int:
        return page.number * page.size


@breaks("INF-PAG-003", also=("NEG-019",))
class PageBehindTheEndIs404(Receiver):
    """Calls a page behind the last one not found."""

    def page(self, students: list[etree._Element], page: Page) -> Response:
        if page.size and self.page_start(page) >= len(students):
            raise Refusal(404, "There is no such page.")
        return super().page(students, page)


@breaks("INF-PAG-004")
class RepeatsTheAskedPageSize(Receiver):
    """Tells the page size that was asked for instead of the number on the page."""

    def page_headers(self, page: Page, shown: int, count: int) -> tuple[tuple[str, str], ...]:
        return super().page_headers(page, page.size, count)


@breaks("INF-PAG-008")
class MiscountsTheLastPage(Receiver):
    """Rounds the number of pages down."""

    def last_page_header(self, page: Page, count: int) -> tuple[tuple[str, str], ...]:
        return (("navigationLastPage", str(count // page.size)),) if page.size else ()


@breaks("INF-PAG-012", also=("NEG-018",))
class ForgivesBadPages(Receiver):
    """Takes a page that is no number for the first one."""

    def page_parameter(self, request: Request, name: str, least: int) -> int | None:
        try:
            return super().page_parameter(request, name, least)
        except Refusal:
            return 1


@breaks("INF-PAG-015", also=("TRN-PR-01",))
class ShufflesBetweenPages(Receiver):
    """Sorts anew for each query, so that pages overlap."""

    turn = 0

    def all_students(self) -> list[etree._Element]:
        students = super().all_students()
        self.turn += 1
        return students[::-1] if self.turn % 2 else students


@breaks("NEG-061", also=("DAT-UNI-001", "DAT-UNI-002", "INF-FMT-005", "TRN-ID-01", "TRN-ID-01-S"))
class CaseOfIdsMatters(Receiver):
    """Looks ids up letter by letter."""

    def student_key(self, refid: str) -> str:
        return refid


@breaks("INF-HDR-003")
class ForgetsTheTimestamp(Receiver):
    """Leaves the timestamp out of its answers."""

    def response_headers(self, request: Request, response: Response) -> tuple[tuple[str, str], ...]:
        return super().response_headers(request, response)[1:]


@breaks("INF-HDR-003")
class SameMessageIdAlways(Receiver):
    """Gives all answers the same message id."""

    def response_headers(self, request: Request, response: Response) -> tuple[tuple[str, str], ...]:
        fixed = ("messageId", "5b0f1c52-6a0c-4a5e-9c0b-0d6a3f3f1a01")
        headers = super().response_headers(request, response)
        return tuple(fixed if name == "messageId" else (name, text) for name, text in headers)


@breaks("INF-HDR-004", also=("INF-HED-003", "NEG-030"))
class ActionIsAlwaysQuery(Receiver):
    """Calls every answer the answer to a query."""

    def response_headers(self, request: Request, response: Response) -> tuple[tuple[str, str], ...]:
        fixed = ("responseAction", "QUERY")
        headers = super().response_headers(request, response)
        return tuple(fixed if name == "responseAction" else (name, text) for name, text in headers)


@breaks("INF-HDR-005")
class ForgetsTheRequestId(Receiver):
    """Does not give request id and generator id back."""

    def echoed_headers(self, request: Request) -> tuple[tuple[str, str], ...]:
        return ()


@breaks("INF-ERR-001")
class ErrorsSayResponse(Receiver):
    """Marks errors as ordinary responses."""

    def message_type(self, response: Response) -> str:
        return "RESPONSE"


@breaks("INF-ERR-001", also=("NEG-057", "POD-GATE-002", "POD-GATE-003", "POD-GATE-007"))
class BareStatus(Receiver):
    """Refuses without an error object."""

    def error_body(self, refusal: Refusal, scope: str) -> Response:
        return Response(self.error_status(refusal))


@breaks("INF-ERR-002", also=("INF-BLK-007", "NEG-012", "POD-GATE-007"))
class ErrorCodeIsInternal(Receiver):
    """Puts a number of its own into the error instead of the status."""

    def error_code(self, status: int) -> int:
        return 9000 + status


@breaks("INF-ERR-003", also=("INF-BLK-007", "NEG-012", "POD-GATE-007"))
class ErrorWithoutMessage(Receiver):
    """Leaves the message of an error empty."""

    def error_message(self, refusal: Refusal) -> str:
        return ""


@breaks("INF-ERR-004", also=("POD-GATE-007",))
class ErrorWithoutNamespace(Receiver):
    """Writes errors into no namespace."""

    def error_body(self, refusal: Refusal, scope: str) -> Response:
        answer = super().error_body(refusal, scope)
        return Response(answer.status, answer.body.replace(b" xmlns=", b" was="))


@breaks("INF-ERR-005", also=("DAT-POD-007",))
class ErrorQuotesTheStudent(Receiver):
    """Quotes the family name in the error about the student."""

    def create_student(self, request: Request) -> Response:
        try:
            return super().create_student(request)
        except Refusal as refusal:
            student = self.read_xml(request)
            raise Refusal(refusal.status, _quote(student)) from refusal


def _quote(student: etree._Element) -> str:
    name = student.findtext("{*}name/{*}familyName") or ""
    return f"The student {name} cannot be stored."


@breaks("INF-ERR-006")
class ErrorWithoutId(Receiver):
    """Gives errors no id."""

    def error_element(self, refusal: Refusal, scope: str) -> etree._Element:
        return node("error", *super().error_element(refusal, scope))


@breaks(
    "INF-PAG-001",
    also=("INF-HDR-002", "INF-PAG-002", "INF-PAG-003", "INF-PAG-004", "INF-PAG-005", "NEG-019"),
)
class IgnoresPaging(Receiver):
    """Answers every page with the whole list."""

    def page(self, students: list[etree._Element], page: Page) -> Response:
        return self.unpaged(students)


@breaks("INF-PAG-005")
class ZeroMeansAll(Receiver):
    """Takes a page size of zero for no limit."""

    def page(self, students: list[etree._Element], page: Page) -> Response:
        return super().page(students, page) if page.size else self.unpaged(students)
