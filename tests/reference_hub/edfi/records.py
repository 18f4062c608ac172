"""What a simulated host holds, and its rules: keys, references, limits, dependents, cascades."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.reference_hub.edfi.sheet import Resource

Body = dict[str, Any]
YEARS = range(2015, 2051)
ORGANIZATION = "educationOrganizationId"
_OWN = {"schools": "schoolId", "localEducationAgencies": "localEducationAgencyId"}
_BAD = "urn:ed-fi:api:bad-request"
_CONFLICT = "urn:ed-fi:api:data-conflict"


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, kind: str, **more: Any) -> None:
        super().__init__(kind)
        self.status = status
        self.body = {"type": kind, "title": kind.rpartition(":")[2], "status": status, **more}


@dataclass
class Records:
    """The documents by resource and id. `drops`: members silently ignored, by resource."""

    resources: dict[str, Resource]
    descriptors: set[str]
    knows: Callable[[str, str], bool] = lambda _resource, _member: True
    drops: dict[str, set[str]] = field(default_factory=dict)
    cascading: set[str] = field(default_factory=set)
    bodies: dict[str, dict[str, Body]] = field(default_factory=dict)
    keys: dict[tuple[str, frozenset[tuple[str, str]]], str] = field(default_factory=dict)
    needed_by: dict[tuple[str, str], set[tuple[str, str]]] = field(default_factory=dict)

    def post(self, name: str, body: Body) -> tuple[int, str]:
        """Upsert by natural key: 201 or 200, and the id."""
        if "id" in body:
            raise Refused(400, f"{_BAD}:data", detail="Resource identifiers cannot be assigned.")
        self.judge(name, body)
        known = self.keys.get(self.key(name, body))
        self.keep(name, known or uuid.uuid4().hex, body)
        return (200 if known else 201), known or self.keys[self.key(name, body)]

    def put(self, name: str, number: str, body: Body) -> int:
        """Replace a document."""
        old = self.bodies.get(name, {}).get(number)
        if old is None:
            raise Refused(404, "urn:ed-fi:api:not-found")
        body = {member: value for member, value in body.items() if member != "id"}
        if self.key(name, old) != self.key(name, body):
            if name not in self.cascading:
                kind = f"{_BAD}:data-validation-failed:key-change-not-supported"
                raise Refused(400, kind, detail="Identifying values cannot be changed.")
            self.judge(name, body)
            self.rekey(name, number, body)
            return 204
        self.judge(name, body)
        self.keep(name, number, body)
        return 204

    def delete(self, name: str, number: str) -> int:
        """Take a document away unless another needs it."""
        body = self.bodies.get(name, {}).get(number)
        if body is None:
            raise Refused(404, "urn:ed-fi:api:not-found")
        if self.needed_by.get((name, number)):
            raise Refused(409, f"{_CONFLICT}:dependent-item-exists", detail="A dependent exists.")
        self.forget(name, number)
        return 204

    def judge(self, name: str, body: Body) -> None:
        """Refuse a body that breaks a rule; the faults are by place."""
        faults: dict[str, list[str]] = {}
        resource = self.resources[name]
        for member in resource.required:
            if body.get(member) in (None, "", []):
                faults[f"$.{member}"] = [f"{member} is required."]
        for path, member, value in leaves(body):
            if (fault := self.fault(resource, path, member, value)) is not None:
                faults[path] = [fault]
        if faults:
            raise Refused(400, f"{_BAD}:data-validation-failed", validationErrors=faults)
        self.unified(name, body)
        self.resolved(body)

    def fault(self, resource: Resource, path: str, member: str, value: Any) -> str | None:
        """What is wrong with one value."""
        limit = resource.limits.get(member) if path.count(".") == 1 else None
        if limit and isinstance(value, str) and len(value) > limit:
            return f"{member} must be {limit} characters or less."
        if member in resource.scalars and isinstance(value, str) and value != value.strip():
            return f"{member} must not begin or end with blanks."
        # The two days of a sitting are moments in Ed-Fi.
        is_day = member.endswith("Date") and not member.startswith("administration")
        if is_day and not (isinstance(value, str) and len(value) == 10):
            return f"{member} is no date."
        if member.endswith("Descriptor") and value not in self.descriptors:
            return f"{member} value '{value}' does not exist."
        if member in (ORGANIZATION, "schoolId", "localEducationAgencyId", "schoolYear"):
            return None if type(value) is int else f"{member} must be a number."
        return None

    def unified(self, name: str, body: Body) -> None:
        """Equal names in several references must have equal values."""
        seen: dict[str, Any] = {}
        for reference in self.resources[name].references:
            if name == "schools" or reference.startswith(("location", "parent", "class")):
                continue
            for part, value in body.get(reference, {}).items():
                if part in ("schoolId", "schoolYear") and seen.setdefault(part, value) != value:
                    raise Refused(400, f"{_BAD}:data-validation-failed", detail=f"{part} differs.")

    def resolved(self, body: Body) -> Iterator[tuple[str, str]]:
        """Find what a body points to; an unresolved reference is a 409."""
        found = []
        for reference, parts in references(body):
            if reference.endswith("choolYearTypeReference"):
                target = ("schoolYearTypes", "") if parts["schoolYear"] in YEARS else None
            else:
                target = self.target(reference, parts)
            if target is None:
                kind = f"{_CONFLICT}:unresolved-reference"
                raise Refused(409, kind, detail=f"The referenced '{reference}' does not exist.")
            found.append(target)
        return iter(found)

    def target(self, reference: str, parts: Body) -> tuple[str, str] | None:
        """The document that a reference means."""
        noun = reference.removesuffix("Reference")
        for name in self.resources:
            one = singular(name)
            if noun != one and not noun.endswith(one[0].upper() + one[1:]):
                continue
            found = self.keys.get((name, folded(parts)))
            if found:
                return name, found
        if ORGANIZATION in parts:
            for name, own in _OWN.items():
                found = self.keys.get((name, folded({own: parts[ORGANIZATION]})))
                if found:
                    return name, found
        return None

    def key(self, name: str, body: Body) -> tuple[str, frozenset[tuple[str, str]]]:
        """The natural key; letters count without their case."""
        return name, folded(self.resources[name].identity(body))

    def keep(self, name: str, number: str, body: Body) -> None:
        """Store a body, without what the host ignores."""
        if number in self.bodies.get(name, {}):
            self.forget(name, number)
        ignored = self.drops.get(name, set())
        known = {
            member: value
            for member, value in body.items()
            if member not in ignored and self.knows(name, member)
        }
        self.bodies.setdefault(name, {})[number] = copy.deepcopy(known)
        self.keys[self.key(name, body)] = number
        for target in self.resolved(known):
            self.needed_by.setdefault(target, set()).add((name, number))

    def forget(self, name: str, number: str) -> None:
        """Take a body and its links away."""
        body = self.bodies[name].pop(number)
        self.keys.pop(self.key(name, body), None)
        for needing in self.needed_by.values():
            needing.discard((name, number))

    def rekey(self, name: str, number: str, body: Body) -> None:
        """Give a document another key, and all that point to it, and all that point to those."""
        old = self.resources[name].identity(self.bodies[name][number])
        new = self.resources[name].identity(body)
        dependents = sorted(self.needed_by.get((name, number), ()))
        changed = [(one, each, copy.deepcopy(self.bodies[one][each])) for one, each in dependents]
        self.needed_by[name, number] = set()
        self.keep(name, number, body)
        for one, each, content in changed:
            for _, parts in references(content):
                if all(parts.get(part) == value for part, value in old.items()):
                    parts.update(new)
            self.rekey(one, each, content)


def leaves(body: Any, path: str = "$", member: str = "") -> Iterator[tuple[str, str, Any]]:
    """Each value with its place and name."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from leaves(value, f"{path}.{name}", name)
    elif isinstance(body, list):
        for value in body:
            yield from leaves(value, path, member)
    else:
        yield path, member, body


def references(body: Any, name: str = "") -> Iterator[tuple[str, Body]]:
    """Each reference with its parts."""
    if isinstance(body, dict):
        if name.endswith("Reference"):
            yield name, body
        for member, value in body.items():
            yield from references(value, member)
    elif isinstance(body, list):
        for value in body:
            yield from references(value)


def folded(parts: Body) -> frozenset[tuple[str, str]]:
    """A key to compare by."""
    return frozenset((name, str(value).lower()) for name, value in parts.items())


def singular(name: str) -> str:
    """The noun of a resource."""
    return name[:-3] + "y" if name.endswith("ies") else name[:-1]
