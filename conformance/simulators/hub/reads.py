"""Fourth layer: reading objects through the filter; no condition sees what is not granted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from conformance.simulators.documents import NA4, serialise
from conformance.simulators.gate import MARKER
from conformance.simulators.hub import pruning
from conformance.simulators.hub.access import Gatekeeping, Pass, id_of
from conformance.simulators.hub.notation import objects_document
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal

_WHERE = re.compile(r"\[(?P<path>[\w/@]+)\s*(?P<op>!?=)\s*[\"'](?P<value>[^\"']*)[\"']\]")
_ORDER = re.compile(r"\[(?P<path>[\w/@]+)=(?P<way>ascending|descending)\]")
Objects = list[etree._Element]


class Reads(Gatekeeping):
    """List, one object, example, service path, pages, changes, HEAD."""

    def read_list(self, request: Request, vendor: str, collection: str) -> Response:
        """GET or HEAD of a collection."""
        through = self.admit(request, vendor, self.door_of(request))
        since = request.query.get("changesSinceMarker")
        found = self.seen(through, collection, self.number_of(since))
        chosen = self.ordered(request, through, self.chosen(request, through, found))
        return self.answer_list(request, through, collection, chosen)

    def door_of(self, request: Request) -> str:
        """Which way into a collection a request takes."""
        if request.method == "HEAD":
            return "head"
        if "changesSinceMarker" in request.query:
            return "since"
        if {"where", "order"} & set(request.query):
            return "where"
        return "page" if (request.header("navigationPage") or "1") != "1" else "list"

    def number_of(self, since: str | None) -> int:
        """The change after which changes are wanted."""
        digits = (since or "since-0").removeprefix("since-")
        if not digits.isdecimal():
            raise Refusal(400, "The changesSinceMarker is not one of ours.")
        return int(digits)

    def seen(self, through: Pass, collection: str, since: int = 0) -> Objects:
        """The objects of a collection as the vendor may see them."""
        stored = self.held.objects.get(collection)
        if stored is None:
            raise no_provider()
        views = (
            self.filtered(one.element, through) for one in stored.values() if one.number > since
        )
        return [one for one in views if one is not None]

    def chosen(self, request: Request, through: Pass, found: Objects) -> Objects:
        """Those that meet the condition `where`."""
        where = request.query.get("where")
        if where is None:
            return found
        told = _WHERE.fullmatch(where)
        if told is None:
            raise Refusal(400, "The condition is not understood.", "400-02")
        wanted = (told["op"] == "=", told["value"])
        values = self.value_reader(through)
        return [one for one in found if (wanted[1] in values(one, told["path"])) == wanted[0]]

    def value_reader(self, through: Pass) -> Callable[[etree._Element, str], list[str]]:  # noqa: ARG002
        """How conditions read: from the filtered object."""
        return lambda element, path: pruning.values(element, f"{pruning.name_of(element)}/{path}")

    def ordered(self, request: Request, through: Pass, found: Objects) -> Objects:
        """Sorted as `order` says."""
        order = request.query.get("order")
        if order is None:
            return found
        told = _ORDER.fullmatch(order)
        if told is None:
            raise Refusal(400, "The order is not understood.", "400-03")
        read = self.value_reader(through)
        return sorted(
            found, key=lambda one: read(one, told["path"]), reverse=told["way"] == "descending"
        )

    def answer_list(
        self, request: Request, through: Pass, collection: str, found: Objects
    ) -> Response:
        """A page of the objects, with the marker, counts and the place of the latest change."""
        size = int(request.header("navigationPageSize") or 0) or len(found) or 1
        page = int(request.header("navigationPage") or 1)
        part = found[(page - 1) * size : page * size]
        answer = self.collected(request, collection, part)
        return answer.adding(
            (MARKER, through.paper.token),
            ("navigationPage", str(page)),
            ("navigationPageSize", str(len(part))),
            ("navigationCount", str(len(found))),
            ("changesSinceMarker", f"since-{self.held.changes}"),
        )

    def collected(self, request: Request, collection: str, part: Objects) -> Response:
        """Objects below their collection, as XML or JSON; 204 for none."""
        if not part:
            return Response(204)
        if "json" in (request.header("Accept") or ""):
            return Response(200, objects_document(collection, part), "application/json")
        return Response(200, serialise(wrapped(collection, part)))

    def read_example(self, request: Request, vendor: str, collection: str) -> Response:
        """POST with methodOverride GET: objects that have all that the example has."""
        through = self.admit(request, vendor, "example")
        example = self.read_xml(request)
        wanted = leaves(example)
        found = [
            one for one in self.seen(through, collection) if wanted <= self.traits(one, through)
        ]
        return self.answer_list(request, through, collection, found)

    def traits(self, element: etree._Element, through: Pass) -> set[tuple[str, str]]:  # noqa: ARG002
        """What an example is compared with."""
        return leaves(element)

    def read_one(self, request: Request, vendor: str, collection: str, refid: str) -> Response:
        """GET of one object, by the id that this vendor knows."""
        through = self.admit(request, vendor, "one")
        return self.shown(through, self.find(through, collection, refid))

    def find(self, through: Pass, collection: str, refid: str) -> etree._Element:
        """The filtered object of an id; 404 if the vendor may see none."""
        for one in self.seen(through, collection):
            if folded(id_of(one)) == folded(refid):
                return one
        raise Refusal(404, "There is no object with this id.")

    def shown(self, through: Pass, element: etree._Element) -> Response:
        """One object with the marker."""
        return self.document(200, element).adding((MARKER, through.paper.token))

    def read_path(self, request: Request, vendor: str, path: tuple[str, str, str]) -> Response:
        """GET collection/id/collection: objects that point to the first one."""
        through = self.admit(request, vendor, "path")
        _, refid, collection = path
        found = [
            one
            for one in self.seen(through, collection)
            if any(folded(value) == folded(refid) for _, value in leaves(one))
        ]
        return self.answer_list(request, through, collection, found)


def no_provider() -> Refusal:
    """The refusal for a service that nobody offers."""
    return Refusal(404, "No provider serves this zone, context and service.")


def wrapped(collection: str, members: Objects) -> etree._Element:
    """The collection element around its members."""
    nsmap: Any = {None: NA4}
    root = etree.Element(f"{{{NA4}}}{collection}", nsmap=nsmap)
    root.extend(members)
    return root


def folded(refid: str) -> str:
    """An id for comparing: case and hyphens do not count."""
    return refid.replace("-", "").casefold()


def leaves(element: etree._Element, around: str = "") -> set[tuple[str, str]]:
    """Paths and values of all texts and attributes."""
    path = f"{around}/{pruning.name_of(element)}"
    found = {(f"{path}/@{name!s}", str(value)) for name, value in element.items()}
    if not len(element) and (element.text or "").strip():
        found.add((path, (element.text or "").strip()))
    for child in element:
        found |= leaves(child, path)
    return found
