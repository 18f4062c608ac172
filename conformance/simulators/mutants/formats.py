"""Vendors that answer in the wrong form or understand only one form."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid
from dataclasses import replace

from lxml import etree

from conformance.simulators.documents import INF
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.students import STUDENT


@breaks("INF-FMT-001", also=("INF-ERR-004", "POD-GATE-007"))
class UnversionedNamespace(Receiver):
    """Writes infrastructure elements into a namespace without a version."""

    def document(self, status: int, element: etree._Element) -> Response:
        answer = super().document(status, element)
        plain = INF.rpartition("/")[0].encode()
        return replace(answer, body=answer.body.replace(INF.encode(), plain))


@breaks("INF-FMT-002")
class WantsItsOwnNamespace(Receiver):
    """Understands infrastructure bodies of one version only."""

    def understands(self, element: etree._Element, name: str) -> bool:
        return element.tag == f"{{{INF}}}{name}"


@breaks("INF-FMT-003")
class AnswersInAnotherModel(Receiver):
    """Shows students in the namespace of its own database export."""

    def shown(self, student: etree._Element) -> bytes:
        return super().shown(student).replace(b"/datamodel/na/4.x", b"/datamodel/na/3.3")


@breaks("INF-FMT-004", also=("INF-ERR-006", "INF-HDR-003"))
class IdsOfTheWrongVersion(Receiver):
    """Makes UUIDs of version 5."""

    def new_id(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, super().new_id()))


@breaks("INF-FMT-007", also=("INF-CRE-001", "INF-QRY-010"))
class PutsStudentsIntoEnvelopes(Receiver):
    """Wraps each student it shows into a message element."""

    def shown(self, student: etree._Element) -> bytes:
        body = super().shown(student).partition(b"?>")[2]
        return b"<message>" + body + b"</message>"


@breaks("INF-FMT-008")
class NeedsAContentType(Receiver):
    """Refuses a body that does not say it is XML."""

    def check_content_type(self, request: Request, *allowed: str) -> None:
        if request.header("Content-Type") is None:
            raise Refusal(415, "The Content-Type is missing.")
        super().check_content_type(request, *allowed)


@breaks("INF-FMT-010")
class ForgetsTheContentType(Receiver):
    """Sends bodies without saying what they are."""

    def finish(self, request: Request, response: Response) -> Response:
        return replace(super().finish(request, response), content_type="")


@breaks("INF-FMT-012")
class TakesAnythingForXml(Receiver):
    """Reads every body as XML, whatever it is labelled."""

    def check_content_type(self, request: Request, *allowed: str) -> None:
        return None


@breaks("INF-FMT-017", also=("INF-HDR-003",))
class LocalTimeWithoutZone(Receiver):
    """Stamps answers with a local time in its own notation."""

    def timestamp_header(self) -> str:
        return f"{self.now():%m/%d/%Y %H:%M:%S}"


@breaks("INF-CRE-001", also=("INF-FMT-007", "INF-QRY-001", "INF-QRY-010", "INF-TRN-006"))
class AnswersInLatin1(Receiver):
    """Writes students in Latin-1."""

    def shown(self, student: etree._Element) -> bytes:
        text = etree.tostring(student, encoding="unicode")
        return text.encode("latin-1", "xmlcharrefreplace")


@breaks("INF-TRN-008", also=("NEG-037",))
class AlwaysPacks(Receiver):
    """Sends gzip to callers who never asked for it."""

    def may_pack(self, request: Request) -> bool:
        return True


@breaks("NEG-038", also=("INF-CRE-008",))
class SwallowsForeignNamespaces(Receiver):
    """Answers 201 to a student of another namespace and stores nothing."""

    def create_student(self, request: Request) -> Response:
        if self.read_xml(request).tag != STUDENT:
            return Response(201, request.body)
        return super().create_student(request)


@breaks("TRN-PR-16")
class NeedsADefaultNamespace(Receiver):
    """Refuses students whose elements carry a prefix."""

    def read_student(self, request: Request) -> etree._Element:
        student = super().read_student(request)
        if student.prefix:
            raise Refusal(400, "The element xStudent is missing.")
        return student


@breaks("TRN-TX-03", also=("INF-TRN-015", "TRN-TX-03-S"))
class TextStopsAtComments(Receiver):
    """Loses the text behind a comment."""

    def parse(self, body: bytes) -> etree._Element:
        whole = super().parse(body)
        if b"<!--" not in body:
            return whole
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False))
        for comment in list(root.iter(etree.Comment)):
            parent = comment.getparent()
            if parent is not None:
                parent.remove(comment)
        return root


@breaks(
    "NEG-057", also=("INF-ERR-001", "INF-FMT-010", "POD-GATE-002", "POD-GATE-003", "POD-GATE-007")
)
class ErrorsAreOneLineOfText(Receiver):
    """Answers refusals with a line of plain text."""

    def error_body(self, refusal: Refusal, scope: str) -> Response:
        status = self.error_status(refusal)
        return Response(status, f"{status} {refusal.message}".encode(), "text/plain")


@breaks("INF-STA-001", also=("INF-CRE-008",))
class BadContentIs422(Receiver):
    """Answers invalid students with a status that SIF does not know."""

    def validate(self, student: etree._Element, *, partial: bool = False) -> None:
        try:
            super().validate(student, partial=partial)
        except Refusal as refusal:
            raise Refusal(422, refusal.message) from refusal


@breaks("NEG-041", also=("INF-ENV-027",))
class EnvironmentOutOfOrder(Receiver):
    """Writes the parts of the environment in the order of its database columns."""

    def environment_element(self, *given: object) -> etree._Element:
        element = super().environment_element(*given)  # type: ignore[arg-type]
        element[:] = reversed(list(element))
        return element


@breaks("POD-SCH-009")
class PodsMayHaveADoctype(Receiver):
    """Lets document types through where it expects no attack: in PODs."""

    def refuse_doctype(self, body: bytes) -> None:
        if b"<podToken" not in body:
            super().refuse_doctype(body)


@breaks("INF-TRN-003")
class ClosesEveryConnection(Receiver):
    """Hangs up after each answer."""

    def response_headers(self, request: Request, response: Response) -> tuple[tuple[str, str], ...]:
        return (*super().response_headers(request, response), ("Connection", "close"))
