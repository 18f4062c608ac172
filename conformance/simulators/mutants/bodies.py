"""Vendors that read bodies the wrong way."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from lxml import etree

from conformance.simulators.documents import parse
from conformance.simulators.message import Request
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver


@breaks("NEG-060", also=("INF-FMT-016", "POD-SCH-009"))
class ExpandsEntities(Receiver):
    """Parses with a parser that resolves entities."""

    def refuse_doctype(self, body: bytes) -> None:
        return None

    def parse(self, body: bytes) -> etree._Element:
        if b"<!DOCTYPE" not in body:
            return parse(body)
        parser = etree.XMLParser(resolve_entities=True, remove_comments=True, remove_pis=True)
        return etree.fromstring(body, parser)


@breaks("NEG-017", also=("INF-CRE-008",))
class BreaksOnMalformedXml(Receiver):
    """Answers malformed XML with 500."""

    def parse(self, body: bytes) -> etree._Element:
        try:
            return super().parse(body)
        except Refusal as refusal:
            raise Refusal(500, refusal.message) from refusal


@breaks("NEG-036", also=("INF-TRN-006",))
class GuessesTheEncoding(Receiver):
    """Reads what is not UTF-8 as Latin-1."""

    def read_xml(self, request: Request) -> etree._Element:
        try:
            request.body.decode()
        except UnicodeDecodeError:
            return self.parse(request.body.decode("latin-1").encode())
        return super().read_xml(request)


@breaks("NEG-035")
class RefusesCharsetParameter(Receiver):
    """Compares the Content-Type as a whole and trips over its charset."""

    def check_content_type(self, request: Request, *allowed: str) -> None:
        if ";" in (request.header("Content-Type") or ""):
            raise Refusal(415, "Send application/xml.")
        super().check_content_type(request, *allowed)
