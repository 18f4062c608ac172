"""POST is an upsert by natural key, PUT replaces by id, DELETE takes away (Ed-Fi ODS/API)."""

from __future__ import annotations

from conformance.simulators.edfi_receiver.answers import (
    BAD,
    DEPENDENT,
    KEY_CHANGE,
    STALE,
    Answers,
    Refused,
)
from conformance.simulators.edfi_receiver.resources import Body
from conformance.simulators.edfi_receiver.rules import Rules
from conformance.simulators.edfi_receiver.store import Stored
from conformance.simulators.message import Request, Response


class Writes(Answers, Rules):
    """What changes the data."""

    cascading: frozenset[str] = frozenset()

    def post(self, request: Request, name: str) -> Response:
        """Create, or replace what has the same key."""
        body = self.read_body(request.body)
        self.refuse_own_id(body)
        self.judge(name, body)
        known = self.find(name, body)
        number = self.upsert(name, known, body)
        headers = (("Location", self.location(request, name, number)), self.tag(name, number))
        return self.posted(bool(known), headers)

    def upsert(self, name: str, known: str, body: Body) -> str:
        """Store the body under the id it has, or a new one; give the id."""
        number = known or self.new_id()
        self.keep(name, number, body)
        return number

    def posted(self, known: bool, headers: tuple[tuple[str, str], ...]) -> Response:
        """201 for a new document, 200 for one that was replaced."""
        return self.answer(self.status_for(known), None, *headers)

    def status_for(self, known: bool) -> int:
        """The status of a POST."""
        return 200 if known else 201

    def location(self, request: Request, name: str, number: str) -> str:
        """Where a document stands."""
        return f"{request.origin}/api/data/v3/ed-fi/{name}/{number}"

    def refuse_own_id(self, body: Body) -> None:
        """Ids are the host's."""
        if "id" in body:
            raise Refused(400, BAD, "An id cannot be chosen by the client.")

    def put(self, request: Request, name: str, number: str) -> Response:
        """Replace a document."""
        body = self.read_body(request.body)
        old = self.stored(name, number)
        self.match(request, old)
        self.refuse_other_id(body, number)
        body = {member: value for member, value in body.items() if member != "id"}
        self.judge(name, body)
        if self.natural(name, old.body) != self.natural(name, body):
            self.rekey(name, number, body)
        else:
            self.replace(name, number, body)
        return self.answer(204, None, self.tag(name, number))

    def replace(self, name: str, number: str, body: Body) -> None:
        """The body in the place of the old one."""
        self.keep(name, number, body)

    def refuse_other_id(self, body: Body, number: str) -> None:
        """An id in the body is that of the address."""
        if body.get("id", number) != number:
            raise Refused(400, BAD, "The id of the body is not that of the address.")

    def rekey(self, name: str, number: str, body: Body) -> None:
        """Only some resources take another key."""
        if name not in self.cascading:
            raise Refused(400, KEY_CHANGE, "Identifying values cannot be changed.")
        if self.find(name, body):
            kind = "data-conflict:non-unique-identity"
            raise Refused(409, kind, "The identifying values are those of another item.")
        self.keep(name, number, body)

    def delete(self, request: Request, name: str, number: str) -> Response:
        """Take a document away unless another needs it."""
        self.match(request, self.stored(name, number))
        self.refuse_needed(name, number)
        self.forget(name, number)
        return self.answer(204)

    def refuse_needed(self, name: str, number: str) -> None:
        """What others point to stays."""
        if next(self.needed_by(name, number), None):
            raise Refused(409, DEPENDENT, "Another item depends on this one.")

    def stored(self, name: str, number: str) -> Stored:
        """The document of an id."""
        found = self.held.get(name, {}).get(number)
        if found is None:
            raise Refused(404, "not-found", "There is no such item.")
        return found

    def match(self, request: Request, one: Stored) -> None:
        """If-Match names the state that the client knows."""
        told = request.header("If-Match")
        if told is not None and told.strip().strip('"') not in ("*", self.etag(one)):
            raise Refused(412, STALE, "The item was changed by another client.")

    def etag(self, one: Stored) -> str:
        """The tag of the state of a document."""
        return str(5_249_000_000 + one.version)

    def tag(self, name: str, number: str) -> tuple[str, str]:
        """The header ETag of a document."""
        return "ETag", f'"{self.etag(self.held[name][number])}"'
