"""Twelfth layer: the students in JSON too, where a reader asks for it (Base Architecture 4.3.4)."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from conformance.simulators import json_form
from conformance.simulators.json_form import JSON
from conformance.simulators.message import Request, Response
from conformance.simulators.windows import Windows


class Notations(Windows):
    """XML inside; what is read leaves in the notation that was asked for."""

    # What application/json means without a word, and which words are understood.
    notations: tuple[str, ...] = ("pesc", "goessner")
    model = "xpress-4.3"

    @classmethod
    def accepts(cls, notation: str) -> str:
        """The Accept header for a JSON notation, empty where it is not offered."""
        return json_form.media_of(notation, cls.notations)

    def check_accept(self, request: Request) -> None:
        """Readers may ask for any of the notations; what answers a change is XML."""
        if self.is_reading(request):
            self.notation_of(request)
        else:
            super().check_accept(request)

    def is_reading(self, request: Request) -> bool:
        """Whether nothing is changed."""
        return request.method in ("GET", "HEAD")

    def notation_of(self, request: Request) -> str:
        """The notation of the answer, empty for XML."""
        return json_form.wanted(request.header("Accept"), self.notations)

    def in_notation(self, request: Request, answer: Response) -> Response:
        """What was read, in the notation that was asked for."""
        if not self.is_reading(request) or answer.status != 200 or "xml" not in answer.content_type:
            return answer
        notation = self.notation_of(request)
        if not notation:
            return answer
        body = self.written(etree.fromstring(answer.body), notation)
        return replace(answer, body=body, content_type=JSON)

    def written(self, element: etree._Element, notation: str) -> bytes:
        """A student, or students below their collection, in JSON."""
        many = etree.QName(element).localname == "xStudents"
        return json_form.written(element, notation, self.model, many=many)
