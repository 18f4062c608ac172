"""Providers whose notation is wrong, or whose data is not worth reading."""

# An override may ignore what it is given.

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from lxml import etree

from conformance.simulators.message import Request, Response
from conformance.simulators.provider.district import Item, Items
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider
from fixtures.writers.tree import Node

Alter = Callable[[etree._Element], None]


def rewritten(response: Response, change: Callable[[Any], Any]) -> Response:
    """The same answer with other JSON, if it is JSON."""
    if response.content_type != "application/json":
        return response
    told = change(json.loads(response.body))
    return replace(response, body=json.dumps(told, ensure_ascii=False).encode())


@breaks("INF-FMT-022", "NEG-032", "NEG-033")
class CollapsesLists(Provider):
    """Writes a PESC list of one as a single object."""

    def listed(self, notation: str, collection: str, items: Items) -> bytes:
        text = super().listed(notation, collection, items)
        if notation != "pesc" or len(items) != 1:
            return text
        ((name, inner),) = json.loads(text).items()
        return json.dumps({name: {key: many[0] for key, many in inner.items()}}).encode()


@breaks("INF-FMT-014", "INF-FMT-022", "NEG-034")
class TakesDigitsForNumbers(Provider):
    """Writes every text of digits as a number."""

    def finish(self, request: Request, response: Response) -> Response:
        asked = request.header("Accept") == "application/json"
        answer = rewritten(response, numbered) if asked else response
        return super().finish(request, answer)


def numbered(told: Any) -> Any:
    """The JSON with numbers for all texts of digits."""
    if isinstance(told, dict):
        return {key: numbered(inner) for key, inner in told.items()}
    if isinstance(told, list):
        return [numbered(inner) for inner in told]
    return int(told) if isinstance(told, str) and told.isdecimal() else told


@breaks(
    "INF-FMT-022",
    also=(
        "INF-FMT-014",
        "NEG-034",
    ),
)
class MarksPescNames(Provider):
    """Marks attributes in PESC notation as Goessner would."""

    def rendered_one(self, request: Request, item: Item) -> Response:
        answer = super().rendered_one(request, item)
        if self.notation_of(request) != "pesc":
            return answer
        return replace(answer, body=answer.body.replace(b'"refId":', b'"@refId":', 1))


@breaks("INF-FMT-013", "INF-FMT-021", "NEG-032")
class ForgetsTheAtSign(Provider):
    """Writes attributes in Goessner notation without their mark."""

    def rendered_one(self, request: Request, item: Item) -> Response:
        answer = super().rendered_one(request, item)
        if self.notation_of(request) != "goessner":
            return answer
        return replace(answer, body=answer.body.replace(b'"@refId":', b'"refId":', 1))


@breaks(
    "INF-FMT-021",
    also=(
        "INF-FMT-013",
        "NEG-032",
    ),
)
class MakesArraysOfOne(Provider):
    """Writes a Goessner list of one as an array."""

    def listed(self, notation: str, collection: str, items: Items) -> bytes:
        text = super().listed(notation, collection, items)
        if notation != "goessner" or len(items) != 1:
            return text
        ((name, inner),) = json.loads(text).items()
        return json.dumps({name: {key: [one] for key, one in inner.items()}}).encode()


@breaks("INF-FMT-009", "INF-URL-005")
class KnowsNoSuffix(Provider):
    """Takes the suffix for a part of the id."""

    def without_suffix(self, request: Request) -> Request:
        return request


@breaks("INF-FMT-009", also=("INF-URL-005",))
class BelievesTheSuffix(Provider):
    """Prefers the suffix of the path to the header."""

    def without_suffix(self, request: Request) -> Request:
        headers = {name: told for name, told in request.headers.items() if name != "accept"}
        last = request.segments[-1] if request.segments else ""
        bare = replace(request, headers=headers) if last.endswith(".json") else request
        return super().without_suffix(bare)


# -- the data itself -------------------------------------------------------------------------


class Spoilt(Provider):
    """A provider whose students are altered once when it starts."""

    def __init__(self, **wishes: str | None) -> None:
        super().__init__(**wishes)
        found = self.held.objects["xStudents"]
        self.held.objects["xStudents"] = [self.spoilt(number, one)
                                          for number, one in enumerate(found)]  # fmt: skip

    def spoilt(self, number: int, item: Item) -> Item:
        """The student as it is shown."""
        if number != 1:
            return item
        element = deepcopy(item.element)
        self.alter(element)
        return replace(item, element=element, node=node_of(element))

    def alter(self, student: etree._Element) -> None:
        """What is wrong with the second student."""


def node_of(element: etree._Element) -> Node:
    """The tree of an element without notation."""
    name = etree.QName(element).localname
    attributes = {str(key): str(value) for key, value in element.items()}
    if len(element):
        return name, attributes, tuple(node_of(one) for one in element)
    return name, attributes, element.text or ""


def put(student: etree._Element, name: str, text: str) -> None:
    """Another text for the first element of a name."""
    place = student.find(f".//{{*}}{name}")
    if place is not None:
        place.text = text


@breaks("DAT-OFR-001")
class InventsAnElement(Spoilt):
    """Adds an element that no schema knows."""

    def alter(self, student: etree._Element) -> None:
        etree.SubElement(student, student.tag.replace("xStudent", "hatSize")).text = "37"


@breaks("DAT-OFR-001")
class LeavesTheOrder(Spoilt):
    """Puts the name of a student last."""

    def alter(self, student: etree._Element) -> None:
        student.append(student[0])


@breaks("DAT-OFR-002")
class OffersATeacherTwice(Provider):
    """Offers a member of staff once more at the end of the list."""

    def __init__(self, **wishes: str | None) -> None:
        super().__init__(**wishes)
        self.held.objects["xStaffs"].append(self.held.objects["xStaffs"][0])


@breaks(
    "DAT-OFR-003",
    also=(
        "INF-CHG-001",
        "INF-CHG-007",
        "NEG-025",
    ),
)
class ListsLessThanItHas(Provider):
    """Leaves the email out of lists."""

    def rendered(self, request: Request, collection: str, items: Items) -> Response:
        if collection == "xStudents":
            items = [short(one) for one in items]
        return super().rendered(request, collection, items)


def short(item: Item) -> Item:
    """The object without its email."""
    element = deepcopy(item.element)
    for one in element.findall("{*}email"):
        element.remove(one)
    return replace(item, element=element, node=node_of(element))


@breaks("DAT-OFR-004")
class RefersToNoSchool(Spoilt):
    """Enrols a student at a school that nobody has."""

    def alter(self, student: etree._Element) -> None:
        put(student, "schoolRefId", "00000000-0000-4000-8000-000000000000")


@breaks("DAT-OFR-005")
class BirthInTheFuture(Spoilt):
    """Has a student who is not born yet."""

    def alter(self, student: etree._Element) -> None:
        put(student, "birthDate", "2099-02-03")


@breaks("DAT-OFR-006", also=("DAT-OFR-001",))
class WritesGradesInWords(Spoilt):
    """Writes the grade in words."""

    def alter(self, student: etree._Element) -> None:
        put(student, "gradeLevel", "fifth grade")


@breaks("DAT-OFR-007")
class BreaksLetters(Spoilt):
    """Converts a name twice, so that its letters break."""

    def alter(self, student: etree._Element) -> None:
        put(student, "givenName", "Zo\u00c3\u00ab")


@breaks("DAT-OFR-007")
class OffersEmptyElements(Spoilt):
    """Writes an element that says nothing."""

    def alter(self, student: etree._Element) -> None:
        put(student, "middleName", "")
