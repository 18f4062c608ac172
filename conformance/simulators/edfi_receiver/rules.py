"""Which bodies a simulated host refuses: what is missing, of a wrong kind, too long, unknown.

Ed-Fi ODS/API 7: 400 with the faults by place (`$.firstName`), 409 for an unresolved reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from conformance.simulators.edfi_receiver.answers import BAD, UNRESOLVED, Refused
from conformance.simulators.edfi_receiver.codes import usual
from conformance.simulators.edfi_receiver.resources import Body, kinds, leaves, references
from conformance.simulators.edfi_receiver.store import Store

INT32, INT64 = 2**31 - 1, 2**63 - 1
_WHOLE = ("schoolId", "localEducationAgencyId", "educationOrganizationId", "schoolYear")


class Rules(Store):
    """A body is read, then judged by itself, then by what it points to."""

    descriptors: frozenset[str] = usual()

    def read_body(self, data: bytes) -> Body:
        """The JSON object of a request."""
        if not data.strip():
            raise Refused(400, "bad-request", "The request needs a body.")
        try:
            found = json.loads(data)
        except ValueError:
            raise Refused(400, BAD, "The body cannot be read as JSON.") from None
        if not isinstance(found, dict):
            raise Refused(400, BAD, "The body is no JSON object.")
        return found

    def judge(self, name: str, body: Body) -> None:
        """Refuse a body that breaks a rule."""
        places: dict[str, list[str]] = {}
        for place, fault in self.faults(name, body):
            places.setdefault(place, []).append(fault)
        if places:
            raise Refused(400, BAD, "The data is not valid; see validationErrors.", places)
        self.unify(name, body)
        self.resolve(body)

    def faults(self, name: str, body: Body) -> Iterator[tuple[str, str]]:
        """Each fault with its place."""
        yield from self.missing(name, body)
        for member, value in body.items():
            kind = kinds().get(name, {}).get(member, "")
            if kind and value is not None and not self.is_kind(kind, value):
                yield f"$.{member}", f"{member} is not of its type."
            elif kind == "date" and not self.is_day(value):
                yield f"$.{member}", f"{member} is not a date."
        for path, member, value in leaves(body):
            if fault := self.fault(name, path, member, value):
                yield path, fault

    def missing(self, name: str, body: Body) -> Iterator[tuple[str, str]]:
        """Members that must be there and are not."""
        for member in self.resource(name).required:
            if body.get(member) in (None, "", []):
                yield f"$.{member}", f"{member} is required."
        for member, (_, parts) in self.resource(name).references.items():
            told = body.get(member)
            held = told if isinstance(told, dict) else {}
            for part in parts if held else ():
                if held.get(part) in (None, ""):
                    yield f"$.{member}.{part}", f"{part} is required."

    def is_kind(self, kind: str, value: Any) -> bool:
        """Whether a value is of the kind of its member; a number is taken for a text."""
        match kind:
            case "text" | "date" | "code":
                return isinstance(value, str | int | float) and not isinstance(value, bool)
            case "flag":
                return isinstance(value, bool)
            case "whole":
                return isinstance(value, int) and not isinstance(value, bool)
            case "decimal":
                return isinstance(value, int | float) and not isinstance(value, bool)
            case "list":
                return isinstance(value, list)
        return isinstance(value, dict)

    def is_day(self, value: Any) -> bool:
        """Whether a value is a calendar day and nothing more."""
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return value is None
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
        return True

    def fault(self, name: str, path: str, member: str, value: Any) -> str:
        """What is wrong with one value; empty if nothing is."""
        top = path.count(".") == 1
        limit = self.resource(name).limits.get(member) if top else None
        if limit and isinstance(value, str) and self.is_too_long(value, limit):
            return f"{member} has more than {limit} characters."
        if member in self.resource(name).scalars and self.has_blanks(value):
            return f"{member} begins or ends with a blank."
        if member.endswith("Descriptor") and not self.knows_code(value):
            return f"{member} is no code of this host."
        if member in _WHOLE and not self.is_number(member, value):
            return f"{member} is no number of its range."
        return ""

    def is_too_long(self, value: str, limit: int) -> bool:
        """Whether a text has more characters than its member takes."""
        return len(value) > limit

    def has_blanks(self, value: Any) -> bool:
        """Whether a part of a key begins or ends with a blank."""
        return isinstance(value, str) and value != value.strip()

    def knows_code(self, value: Any) -> bool:
        """Whether the host has this descriptor, letter by letter."""
        return value in self.descriptors

    def is_number(self, member: str, value: Any) -> bool:
        """Whether a value fits the number that the member is."""
        most = INT32 if member == "schoolYear" else INT64
        return type(value) is int and 0 <= value <= most

    def unify(self, name: str, body: Body) -> None:
        """Parts of one name in several references must agree."""
        seen: dict[str, Any] = {}
        for reference in self.resource(name).references:
            held = body.get(reference)
            if name == "schools" or reference.startswith(("location", "parent", "class", "next")):
                continue
            for part, value in held.items() if isinstance(held, dict) else ():
                if part in ("schoolId", "schoolYear") and seen.setdefault(part, value) != value:
                    raise Refused(400, BAD, f"{part} differs between references.")

    def resolve(self, body: Body) -> None:
        """Everything that is pointed to must be there."""
        for reference, parts in references(body):
            if self.target(reference, parts) is None:
                noun = reference.removesuffix("Reference")
                raise Refused(409, UNRESOLVED, f"The referenced {noun} does not exist.")
