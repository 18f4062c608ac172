"""Fifth layer: what is offered, to whom, in which zone and in which notation."""

from __future__ import annotations

from lxml import etree

from conformance.simulators import json_form
from conformance.simulators.documents import node, serialise
from conformance.simulators.environments import Environments
from conformance.simulators.json_form import JSON
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.district import Held, Item, Items, load, wrapped
from fixtures.writers.models import MODELS

_RIGHTS = ("CREATE", "UPDATE", "DELETE", "SUBSCRIBE", "PROVIDE")


class Offers(Environments):
    """Two applications, one zone, a synthetic district, XML and one JSON notation."""

    # A model of fixtures.writers.models: what the objects look like.
    model = "xpress-4.3"
    seed = 7
    size = 24
    # Collections that exist and may not be read, and a path that may.
    denied = ("xContacts",)
    paths: tuple[str, ...] = ("xSchools/{}/xStudents", "xSchools/{}/xRosters")
    # What application/json means without a word, and which words are understood.
    notations: tuple[str, ...] = ("pesc", "goessner")

    def __init__(self, **wishes: str | None) -> None:
        super().__init__(secret=wishes.get("secret"))
        self.second_zone = self.zone
        self.held: Held = load(self.seed, self.size, MODELS[self.model])

    def provisioned_zones(self) -> etree._Element:
        """The element provisionedZones: reading, and nothing else."""
        services = [
            self.service("OBJECT", name, "REJECTED" if name in self.denied else "APPROVED")
            for name in self.held.objects
        ]
        services += [self.service("SERVICEPATH", path, "APPROVED") for path in self.paths]
        zone = node("provisionedZone", node("services", *services), id=self.zone)
        return node("provisionedZones", zone)

    def service(self, kind: str, name: str, query: str) -> etree._Element:
        """One service with its rights; what cannot be done at all is UNSUPPORTED."""
        rows = [node("right", query, type="QUERY")]
        rows += [node("right", "UNSUPPORTED", type=right) for right in self.other_rights(kind)]
        return node("service", node("rights", *rows), type=kind, name=name, contextId="DEFAULT")

    def other_rights(self, kind: str) -> tuple[str, ...]:
        """The rights beside QUERY that are listed; a service path knows none."""
        return _RIGHTS if kind == "OBJECT" else ()

    def error_scope(self, request: Request) -> str:
        """The operation attempted, without ids."""
        known = (*self.held.objects, "environments")
        service = next((part for part in request.segments if part in known), "request")
        return f"{self.response_action(request).capitalize()} {service}"

    def check_place(self, request: Request) -> None:
        """Refuse zones and contexts that are not served, told twice, or told at the wrong place."""
        told = list(request.matrix)
        for name in ("zoneId", "contextId"):
            self.refuse_second_statement(request, name)
            told += [(name, value)] if (value := request.header(name)) else []
            values = {value for key, value in told if key == name}
            if len(values) > 1:
                raise Refusal(400, f"{name} is given twice with different values.")
            if values - {self.zone if name == "zoneId" else "DEFAULT"}:
                raise self.no_provider()
            if name in request.query:
                raise Refusal(400, f"{name} is a matrix parameter of the last path segment.")

    def no_provider(self) -> Refusal:
        """The refusal for a zone, context or service that nobody serves."""
        return Refusal(404, "No provider serves this zone, context and service.")

    def check_right(self, collection: str) -> None:
        """Refuse what exists and may not be read."""
        if collection in self.denied:
            raise Refusal(403, "The application has no right to read this service.")

    @classmethod
    def accepts(cls, notation: str) -> str:
        """The Accept header for a JSON notation, empty where it is not offered."""
        return json_form.media_of(notation, cls.notations)

    def notation_of(self, request: Request) -> str:
        """The notation of the answer, empty for XML; refuses callers that can read none of ours."""
        return json_form.wanted(request.header("Accept"), self.notations)

    def rendered(self, request: Request, collection: str, items: Items) -> Response:
        """Objects below their collection, in the notation that was asked for."""
        notation = self.notation_of(request)
        if not notation:
            return Response(200, serialise(self.gathered(collection, items)))
        return Response(200, self.listed(notation, collection, items), JSON)

    def gathered(self, collection: str, items: Items) -> etree._Element:
        """Objects below their collection, in XML."""
        elements = [one.element for one in items]
        return wrapped(collection, elements, MODELS[self.model].namespace)

    def listed(self, notation: str, collection: str, items: Items) -> bytes:
        """A collection in JSON."""
        nodes = [one.node for one in items]
        return json_form.listed(collection, nodes, notation, self.model)

    def rendered_one(self, request: Request, item: Item) -> Response:
        """One object, under its own element."""
        notation = self.notation_of(request)
        if not notation:
            return Response(200, serialise(item.element))
        return Response(200, json_form.alone(item.node, notation, self.model), JSON)
