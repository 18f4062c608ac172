"""One document, or a page of those that meet the conditions of a query (Ed-Fi ODS/API)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.simulators.edfi_receiver.answers import Refused
from conformance.simulators.edfi_receiver.codes import resource_of
from conformance.simulators.edfi_receiver.resources import Body
from conformance.simulators.edfi_receiver.writes import Writes
from conformance.simulators.message import Request, Response

PARAMETER = "bad-request:parameter"
_OURS = ("limit", "offset", "totalcount")


class Reads(Writes):
    """What shows the data."""

    largest_page = 500
    usual_page = 25

    def read_one(self, name: str, number: str) -> Response:
        """The document of an id."""
        one = self.stored(name, number)
        return self.answer(200, self.shown(name, number), ("ETag", f'"{self.etag(one)}"'))

    def shown(self, name: str, number: str) -> Body:
        """A document as it is shown, with its id and the tag of its state."""
        one = self.held[name][number]
        more = {"_etag": self.etag(one), "_lastModifiedDate": "2026-11-26T00:00:00Z"}
        return {"id": number, **self.values(name, one.body), **more}

    def values(self, name: str, body: Body) -> Body:
        """The members as they are shown."""
        del name
        return body

    def read_many(self, request: Request, name: str) -> Response:
        """A page of the documents that meet all conditions."""
        limit, offset = self.window(request)
        wanted = {key: value for key, value in request.query.items() if key.lower() not in _OURS}
        found = [one for one in self.listed(name) if self.meets(name, one, wanted)]
        page = [self.shown(name, number) for number in self.cut(found, limit, offset)]
        return self.answer(200, page, *self.total(request, len(found), len(page)))

    def listed(self, name: str) -> list[str]:
        """The ids of all documents, in the order in which pages go."""
        return list(self.held.get(name, {}))

    def cut(self, found: list[str], limit: int, offset: int) -> list[str]:
        """A page."""
        return found[offset : offset + limit]

    def window(self, request: Request) -> tuple[int, int]:
        """Limit and offset; numbers only, within bounds."""
        limit = self.number(request, "limit", self.usual_page)
        if limit > self.largest_page:
            raise Refused(400, PARAMETER, f"limit is more than {self.largest_page}.")
        return limit, self.number(request, "offset", 0)

    def number(self, request: Request, name: str, usual: int) -> int:
        """A parameter that is a whole number from 0."""
        told = request.query.get(name)
        if told is None:
            return usual
        if not told.isdecimal():
            raise Refused(400, PARAMETER, f"{name} is no whole number from 0.")
        return int(told)

    def total(self, request: Request, count: int, page: int) -> tuple[tuple[str, str], ...]:
        """How many there are in all, if that is asked for."""
        asked = request.query.get("totalCount", "").lower() == "true"
        return (("Total-Count", str(self.counted(count, page))),) if asked else ()

    def counted(self, count: int, page: int) -> int:
        """The number that is told: of all, not of the page."""
        del page
        return count

    def meets(self, name: str, number: str, wanted: Mapping[str, str]) -> bool:
        """Whether a document meets every condition."""
        held = dict(self.flat(self.held[name][number].body))
        return all(self.same(held.get(key), value) for key, value in wanted.items())

    def same(self, held: object, asked: str) -> bool:
        """Whether a value is the one that was asked for."""
        told = str(held).lower() if isinstance(held, bool) else str(held)
        return held is not None and told == asked

    def flat(self, body: Body) -> Iterator[tuple[str, Any]]:
        """Members that can be asked for: values, and the parts of references."""
        for member, value in body.items():
            if isinstance(value, dict):
                yield from value.items()
            elif not isinstance(value, list):
                yield member, value

    def read_codes(self, request: Request, name: str) -> Response:
        """A page of the codes of one descriptor."""
        limit, offset = self.window(request)
        found = sorted(uri for uri in self.descriptors if resource_of(uri) == name)
        page = [self.code(uri) for uri in found[offset : offset + limit]]
        return self.answer(200, page, *self.total(request, len(found), len(page)))

    def code(self, uri: str) -> Body:
        """One code as it is shown."""
        namespace, _, value = uri.partition("#")
        number = f"{abs(hash(uri)):032x}"[-32:]
        return {
            "id": number,
            "namespace": namespace,
            "codeValue": value,
            "shortDescription": value,
        }
