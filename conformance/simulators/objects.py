"""Eighth layer: creating, updating and deleting students (Base Architecture 5.11 to 5.14)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lxml import etree

from conformance.simulators import students
from conformance.simulators.documents import node, serialise
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Malformed, Refusal
from conformance.simulators.students import STUDENT, STUDENTS, folded
from conformance.simulators.translation import Translation


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one item: its ids, its status and, if refused, why."""

    status: int
    id: str = ""
    advisory: str | None = None
    refusal: Refusal | None = None


class Objects(Translation):
    """Changes to xStudents, one at a time and many at once."""

    largest_batch = 1000
    grammar = students.GRAMMAR

    def create_student(self, request: Request) -> Response:
        """POST xStudents/xStudent."""
        student = self.read_student(request)
        return self.created(self.add_student(student, self.must_use_advisory(request)))

    def created(self, student: etree._Element) -> Response:
        """The answer to a single create: the whole object with its id."""
        return Response(201, self.shown(student))

    def shown(self, student: etree._Element) -> bytes:
        """A student as it leaves this vendor."""
        return serialise(student)

    def update_student(self, request: Request, refid: str) -> Response:
        """PUT xStudents/{id}."""
        partial = self.read_student(request)
        self.check_same_id(refid, partial.get("refId"))
        if not self.seen_before(request):
            self.change_student(refid, partial)
        return self.updated()

    def seen_before(self, request: Request) -> bool:
        """Whether a message of this id was taken already; then it changes nothing."""
        message_id = (request.header("messageId") or "").lower()
        seen = message_id in self.state.message_ids
        if message_id:
            self.state.message_ids.add(message_id)
        return seen

    def updated(self) -> Response:
        """The answer to a single update."""
        return self.empty()

    def delete_student(self, request: Request, refid: str) -> Response:
        """DELETE xStudents/{id}."""
        if request.body:
            raise Refusal(405, "DELETE takes no body; delete many with PUT and methodOverride.")
        self.drop_student(refid)
        return self.deleted()

    def deleted(self) -> Response:
        """The answer to a single delete."""
        return self.empty()

    def read_student(self, request: Request) -> etree._Element:
        """The one object of a body."""
        element = self.read_xml(request)
        if element.tag != STUDENT:
            raise Refusal(400, "The body is not an xStudent of the Unity 4 namespace.")
        return element

    def must_use_advisory(self, request: Request) -> bool:
        """Whether the suggested id must be kept; header or query parameter."""
        return (request.parameter("mustUseAdvisory") or "").strip().lower() == "true"

    def check_same_id(self, refid: str, inner: str | None) -> None:
        """The id in the path and the one in the body are the same."""
        if inner is not None and folded(inner) != folded(refid):
            raise Refusal(400, "The id in the body differs from the one in the path.")

    def create_students(self, request: Request) -> Response:
        """POST xStudents."""
        must = self.must_use_advisory(request)

        def create(item: etree._Element) -> Done:
            student = self.add_student(item, must)
            return Done(
                self.item_status("create"), student.get("refId", ""), item.get("refId") or ""
            )

        return self.each("create", self.read_students(request), create)

    def update_students(self, request: Request) -> Response:
        """PUT xStudents."""

        def update(item: etree._Element) -> Done:
            self.change_student(item.get("refId", ""), item)
            return Done(self.item_status("update"), item.get("refId", ""))

        return self.each("update", self.read_students(request), update)

    def delete_students(self, request: Request) -> Response:
        """PUT xStudents with methodOverride DELETE."""
        element = self.read_xml(request)
        if not self.understands(element, "deleteRequest"):
            raise Refusal(400, "The body is not a deleteRequest of infrastructure 3.x.")
        items = [item for item in element.iter("{*}delete") if item.get("id")]

        def delete(item: etree._Element) -> Done:
            self.drop_student(item.get("id", ""))
            return Done(self.item_status("delete"), item.get("id", ""))

        return self.each("delete", items, delete)

    def read_students(self, request: Request) -> list[etree._Element]:
        """The items of a collection."""
        element = self.read_xml(request)
        if element.tag != STUDENTS:
            raise Refusal(400, "The body is not an xStudents collection of the Unity 4 namespace.")
        return list(element)

    def item_status(self, verb: str) -> int:
        """Status of an item that went well."""
        return {"create": 201, "update": 200, "delete": 204}[verb]

    def many_status(self, verb: str) -> int:  # noqa: ARG002
        """Status of a multiple request, whatever became of its items."""
        return 200

    def create_many_status(self) -> int:
        """Status of a multiple create."""
        return self.many_status("create")

    def each(
        self, verb: str, items: list[etree._Element], act: Callable[[etree._Element], Done]
    ) -> Response:
        """Do each item on its own and report on each."""
        if len(items) > self.largest_batch:
            raise Refusal(413, f"More than {self.largest_batch} objects; send them in parts.")
        if not items:
            raise Refusal(400, "The request holds no object.")
        done = self.do_items(verb, items, act)
        status = self.create_many_status() if verb == "create" else self.many_status(verb)
        return self.document(status, self.many_response(verb, done))

    def do_items(
        self, verb: str, items: list[etree._Element], act: Callable[[etree._Element], Done]
    ) -> list[Done]:
        """Results in the order of the items."""
        return [self.do_item(verb, item, act) for item in items]

    def do_item(
        self, verb: str, item: etree._Element, act: Callable[[etree._Element], Done]
    ) -> Done:
        """One item: done or refused, never in the way of the others."""
        try:
            return act(item)
        except Refusal as refusal:
            if verb == "create":
                return Done(refusal.status, advisory=item.get("refId") or "", refusal=refusal)
            return Done(refusal.status, item.get("refId") or item.get("id") or "", None, refusal)

    def many_response(self, verb: str, done: Iterable[Done]) -> etree._Element:
        """createResponse, updateResponse or deleteResponse."""
        rows = [self.item_result(verb, each) for each in done]
        return node(f"{verb}Response", node(f"{verb}s", *rows))

    def item_result(self, verb: str, done: Done) -> etree._Element:
        """The element for one item: ids, status and error, nothing else of the object."""
        attributes = {"id": done.id} if done.id else {}
        if done.advisory is not None:
            attributes["advisoryId"] = done.advisory
        attributes["statusCode"] = str(done.status)
        content = [self.item_error(verb, done.refusal)] if done.refusal else []
        return node(verb, *content, **attributes)

    def item_error(self, verb: str, refusal: Refusal) -> etree._Element:
        """The error inside the result of an item."""
        return self.error_element(refusal, f"{verb.capitalize()} xStudent")

    def validate(self, student: etree._Element, *, partial: bool = False) -> None:
        """Refuse what the schema of the standard would not accept."""
        try:
            students.judge(student, partial=partial, grammar=self.grammar)
        except Malformed as error:
            raise Refusal(400, f"The student is not valid: {error}.") from error

    def add_student(self, student: etree._Element, must: bool) -> etree._Element:
        """Validate and store a new student; gives it as stored."""
        self.validate(student)
        advisory = (student.get("refId") or "").strip()
        if must and not advisory:
            raise Refusal(404, "mustUseAdvisory is set and no id is suggested.")
        if advisory and self.find_student(advisory) is not None:
            raise Refusal(409, "A student with this id is already stored.")
        stored = self.without_placeholders(student)
        stored.set("refId", self.assign_id(advisory, must))
        self.store_student(stored)
        return stored

    def assign_id(self, advisory: str, must: bool) -> str:  # noqa: ARG002
        """The id of a new student: the suggested one, else a new one."""
        return advisory or self.new_id().upper()

    def change_student(self, refid: str, partial: etree._Element) -> None:
        """Validate and merge an update; nothing changes unless the result is valid."""
        self.validate(partial, partial=True)
        stored = self.find_student(refid)
        if stored is None:
            raise self.not_found()
        result = self.without_placeholders(self.merge(stored, partial))
        self.validate(result)
        self.store_student(result)

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        """Apply what was sent and leave the rest."""
        return students.merged(stored, partial)

    def drop_student(self, refid: str) -> None:
        """Remove a student or refuse."""
        if self.find_student(refid) is None:
            raise self.not_found()
        self.remove_student(refid)

    def student_key(self, refid: str) -> str:
        """Under what a student is filed: case and hyphens of an id do not count."""
        return folded(refid)

    def find_student(self, refid: str) -> etree._Element | None:
        """The student of an id."""
        return self.state.students.get(self.student_key(refid))

    def store_student(self, student: etree._Element) -> None:
        """File a student."""
        self.state.students[self.student_key(student.get("refId", ""))] = student

    def remove_student(self, refid: str) -> None:
        """Forget a student."""
        del self.state.students[self.student_key(refid)]

    def not_found(self) -> Refusal:
        """The refusal for an unknown id."""
        return Refusal(404, "There is no student with this id.")
