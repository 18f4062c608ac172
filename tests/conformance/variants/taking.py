"""Simulated receivers that take the students of another data model and no others."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from typing import Any

from lxml import etree

from conformance import trees
from conformance.data_models import MODELS, DataModel
from conformance.simulators.agreements import Pod
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from fixtures.standards import schema_path
from fixtures.writers.models import MODELS as WRITERS
from fixtures.writers.shapes import Kind, shapes

_ID = re.compile("[0-9A-Fa-f-]{32,36}")


def taking(model: str, product: type[Receiver] = Receiver) -> type[Receiver]:
    """A receiver of this class for a model; inside it keys are called refId."""
    own, schema = MODELS[model], schema_of(model)
    kind = shapes(WRITERS[model].schema)[own.student].kind

    class Takes(product):  # type: ignore[misc, valid-type]
        """Judges by the kit's schema, and merges updates element by element."""

        def check_data_model(self, namespace: str) -> None:
            if namespace not in ("", own.namespace):
                raise Refusal(400, "The data model is not supported.")

        def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
            names = {own.students: "xStudents", own.student: "xStudent"}
            if path[:1] == ("xStudents",) and own.students != "xStudents":
                raise self.no_provider()
            inside = tuple(names.get(part, part) for part in path)
            answer: Response = super().route_connector(request, inside)
            return answer

        def read_student(self, request: Request) -> etree._Element:
            return lowered(self.of_the_model(request, own.student))

        def read_students(self, request: Request) -> list[etree._Element]:
            return [lowered(one) for one in self.of_the_model(request, own.students)]

        def of_the_model(self, request: Request, name: str) -> etree._Element:
            element: etree._Element = self.read_xml(request)
            if element.tag != f"{{{own.namespace}}}{name}":
                raise Refusal(400, "The body is not of the data model.")
            return element

        def validate(self, student: etree._Element, *, partial: bool = False) -> None:
            if student.tag != f"{{{own.namespace}}}{own.student}":
                raise Refusal(400, "The object is not a student of the data model.")
            if student.get("refId") is not None and not _ID.fullmatch(student.get("refId", "")):
                raise Refusal(400, "The id is malformed.")
            whole = raised(student, own)
            if not partial and not schema.validate(whole):
                raise Refusal(400, "The student is not valid.")

        def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
            return merged(deepcopy(stored), partial, kind)

        def keep_only_granted(self, pod: Pod) -> None:
            """What is granted is whole students."""

        def finish(self, request: Request, response: Response) -> Response:
            body = response.body.replace(b'name="xStudents"', b'name="%s"' % own.students.encode())
            if own.student != "xStudent":
                body = body.replace(b' refId="', b' RefId="')
                body = re.sub(rb'<xStudents xmlns="[^"]*"', b'<%s xmlns="%s"' % (
                    own.students.encode(), own.namespace.encode()), body)  # fmt: skip
                body = body.replace(b"</xStudents>", b"</%s>" % own.students.encode())
            else:
                body = body.replace(b"datamodel/na/4.x", b"datamodel/na/3.3")
            answer: Response = super().finish(request, replace(response, body=body))
            return answer

    return Takes


def schema_of(model: str) -> etree.XMLSchema:
    """The kit's schema of a model."""
    return etree.XMLSchema(etree.fromstring(schema_path(WRITERS[model].schema).read_bytes()))


def lowered(student: etree._Element) -> etree._Element:
    """The student with its key called refId."""
    if key := student.get("RefId"):
        del student.attrib["RefId"]
        student.set("refId", key)
    return student


def raised(student: etree._Element, model: DataModel) -> etree._Element:
    """A copy with the key as the schema names it; one that is made up where there is none."""
    copy = deepcopy(student)
    key = trees.refid(copy) or "00000000-0000-4000-8000-000000000000"
    copy.attrib.pop("refId", "")
    copy.set("refId" if model.student == "xStudent" else "RefId", key)
    return etree.fromstring(etree.tostring(copy))


def merged(target: etree._Element, source: etree._Element, kind: Kind) -> etree._Element:
    """What the source names is as it says: single elements one by one, lists as a whole."""
    for part in source:
        there: Any = target.find(part.tag)
        is_list = str(part.tag).endswith(("List", "s")) and len({one.tag for one in part}) == 1
        if there is not None and len(part) and len(there) and not is_list:
            merged(there, part, kind.parts[trees.local(part)].kind)
        elif there is not None:
            target.replace(there, deepcopy(part))
        else:
            target.append(deepcopy(part))
    order = list(kind.parts)
    target[:] = sorted(target, key=lambda one: order.index(trees.local(one)))
    return target
