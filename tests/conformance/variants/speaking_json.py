"""Simulated receivers that are spoken to in JSON; they read and write it by the hub's own codec."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lxml import etree

from conformance.simulators.documents import INF, NA4, serialise
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from reference_hub.codec import json_goessner, json_pesc
from reference_hub.codec.json_text import dumps, loads
from reference_hub.codec.shape_book import ShapeBook
from reference_hub.codec.xml import MalformedDocument

JSON = "application/json"
_BOOK = ShapeBook()


def speaking_json(notation: str, product: type[Receiver] = Receiver) -> type[Receiver]:
    """A receiver of this class that takes and answers JSON too, and counts how often."""

    class Speaks(product):  # type: ignore[misc, valid-type]
        """XML inside, JSON at the door of the requests connector."""

        heard = 0
        notations = (notation,)

        def written(self, element: etree._Element, notation: str) -> bytes:
            return json_of(element, notation)

        def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
            if request.header("Content-Type") == JSON and path[:1] != ("pods",):
                body = serialise(element_of(request.body, notation))
                type(self).heard += 1
                headers = {**request.headers, "content-type": "application/xml"}
                request = replace(request, body=body, headers=headers)
            answer: Response = super().route_connector(request, path)
            return answer

        def check_accept(self, request: Request) -> None:
            if request.header("Accept") != JSON:
                super().check_accept(request)

        def finish(self, request: Request, response: Response) -> Response:
            is_xml = response.content_type == "application/xml"
            if request.header("Accept") == JSON and response.body and is_xml:
                body = json_of(etree.fromstring(response.body), notation)
                response = replace(response, body=body, content_type=JSON)
            answer: Response = super().finish(request, response)
            return answer

    return Speaks


def json_of(element: etree._Element, notation: str) -> bytes:
    """The element in JSON."""
    if notation == "goessner":
        return dumps(json_goessner.write(element))
    space = etree.QName(element).namespace or ""
    return dumps(json_pesc.write(element, _BOOK.of(space)))


def element_of(body: bytes, notation: str) -> etree._Element:
    """The element of a body; infrastructure by its name, everything else a student."""
    try:
        told: Any = loads(body)
        space = INF if next(iter(told)) == "deleteRequest" else NA4
        read = json_goessner.read if notation == "goessner" else json_pesc.read
        return read(told, space, _BOOK.of(space))
    except MalformedDocument as error:
        raise Refusal(400, "The body is not JSON of this notation.") from error
