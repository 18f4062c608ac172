"""What a simulated host holds: documents by resource and id, their keys, and what needs them."""

from __future__ import annotations

import copy
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.simulators.edfi_receiver.resources import (
    ORGANIZATION,
    Body,
    Resource,
    folded,
    kinds,
    of_standard,
    references,
    singular,
)

YEARS = range(1991, 2051)
_PLACES = {"schools": "schoolId", "localEducationAgencies": "localEducationAgencyId"}


@dataclass(slots=True)
class Stored:
    """One document; `version` counts its changes."""

    body: Body
    version: int = 1


class Store:
    """Documents of one data standard. `held` by resource, then by id, in the order of arrival."""

    standard = "5"
    district = 255901
    schools = (255901001, 255901107)

    def __init__(self) -> None:
        self.keys: dict[tuple[str, frozenset[tuple[str, str]]], str] = {}
        self.held: dict[str, dict[str, Stored]] = {}
        self.lock = threading.RLock()
        self.resources = of_standard(self.standard)
        self.settle_places()

    def settle_places(self) -> None:
        """The district and two schools that are there before anybody comes."""
        agency = {"localEducationAgencyId": self.district, "nameOfInstitution": "Grand Example"}
        self.keep("localEducationAgencies", self.new_id(), agency)
        for number in self.schools:
            body = {"schoolId": number, "nameOfInstitution": "Example School"}
            self.keep("schools", self.new_id(), body)

    def new_id(self) -> str:
        """An id that tells nothing: 32 hex digits."""
        return uuid.uuid4().hex

    def resource(self, name: str) -> Resource:
        """The facts of a resource."""
        return self.resources[name]

    def natural(self, name: str, body: Body) -> frozenset[tuple[str, str]]:
        """The natural key of a body."""
        return folded(self.resource(name).identity(body))

    def find(self, name: str, body: Body) -> str:
        """The id of the document with the key of this body; empty if there is none."""
        return self.keys.get((name, self.natural(name, body)), "")

    def keep(self, name: str, number: str, body: Body) -> Stored:
        """Store a body under an id, in place of what was there."""
        kept = self.recorded(name, copy.deepcopy(body))
        before = self.held.get(name, {}).get(number)
        if before is not None:
            self.keys.pop((name, self.natural(name, before.body)), None)
        self.keys[name, self.natural(name, kept)] = number
        made = Stored(kept, before.version + 1 if before else 1)
        self.held.setdefault(name, {})[number] = made
        return made

    def recorded(self, name: str, body: Body) -> Body:
        """The members of a body that this host knows; null says nothing."""
        known = kinds().get(name)
        return {
            member: value
            for member, value in body.items()
            if value is not None and (known is None or member in known)
        }

    def forget(self, name: str, number: str) -> None:
        """Take a document away."""
        gone = self.held[name].pop(number, None)
        if gone is not None:
            self.keys.pop((name, self.natural(name, gone.body)), None)

    def needed_by(self, name: str, number: str) -> Iterator[tuple[str, str]]:
        """What points to a document: resource and id."""
        for other, documents in self.held.items():
            for each, one in documents.items():
                if any(self.target(*pair) == (name, number) for pair in references(one.body)):
                    yield other, each

    def target(self, reference: str, parts: Body) -> tuple[str, str] | None:
        """The document that a reference means; None if there is none."""
        if reference.lower().endswith("schoolyeartypereference"):
            return ("schoolYearTypes", "") if parts.get("schoolYear") in YEARS else None
        noun = reference.removesuffix("Reference")
        for name in self.resources:
            one = singular(name)
            fits = noun == one or noun.endswith(one[0].upper() + one[1:])
            if fits and (found := self.by_parts(name, parts)):
                return name, found
        if ORGANIZATION in parts:
            for name, own in _PLACES.items():
                if found := self.by_parts(name, {own: parts[ORGANIZATION]}):
                    return name, found
        return None

    def by_parts(self, name: str, parts: Body) -> str:
        """The id of the document whose key has exactly these parts; empty if there is none."""
        return self.keys.get((name, folded(parts)), "")
