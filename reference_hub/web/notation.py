"""What a request says of notations, JSON bodies read by it, and what the answer must know of it."""

from __future__ import annotations

from flask import Request, g
from lxml.etree import _Element

from reference_hub.codec import json_goessner, json_pesc, negotiate
from reference_hub.codec.json_evidence import evidence
from reference_hub.codec.json_text import Json, loads
from reference_hub.codec.json_tree import declared, root_of
from reference_hub.codec.negotiate import Asked
from reference_hub.codec.pesc_shape import Shapes
from reference_hub.codec.pesc_shape_infrastructure import infrastructure_shapes
from reference_hub.codec.xml import MalformedDocument
from reference_hub.model.environment import Environment
from reference_hub.model.infrastructure import INFRASTRUCTURE, namespace_for
from reference_hub.model.party import Application
from reference_hub.web.services import services
from reference_hub.web.target import SUFFIXES


def remember(application: Application, environment: Environment | None = None) -> None:
    """Keep who calls, and in which session, for the time of the request."""
    g.party, g.environment = application, environment


def asked(request: Request, suffix: str = "") -> Asked:
    """What headers and path say; a Content-Type without a body says nothing."""
    headers = request.headers
    party: Application | None = g.get("party")
    written = bool(request.content_length) or "Transfer-Encoding" in headers
    return Asked(
        request.mimetype.lower() if written else "",
        headers.get("Accept", ""),
        suffix or _suffix(request),
        negotiate.profiles(headers.get("Content-Profile", "")),
        negotiate.profiles(headers.get("Accept-Profile", "")),
        party.notation if party else "",
    )


def read_json(said: Asked, body: bytes) -> _Element:
    """The element that a JSON body writes. Raises MalformedDocument."""
    g.read = negotiate.body_notation(said, "")
    value = loads(body)
    name, content = root_of(value)
    namespace = declared(content) or _namespace(said, name)
    shapes = shapes_of(namespace)
    g.read = negotiate.body_notation(said, evidence(value, shapes))
    try:
        return _element(value, namespace, shapes)
    except ValueError:
        # What lxml refuses beyond our own rules, such as a namespace that is no URI.
        raise MalformedDocument(0, "a name cannot stand in XML") from None


def infrastructure_asked(request: Request) -> str:
    """The infrastructure namespace that a caller whom nobody knows names in its profiles."""
    return _infrastructure(asked(request))


def shapes_of(namespace: str) -> Shapes:
    """The shapes of a namespace in the caller's zone."""
    return services().shapes.of(namespace, _model())


def _element(value: Json, namespace: str, shapes: Shapes) -> _Element:
    if g.read == negotiate.PESC:
        return json_pesc.read(value, namespace, shapes)
    return json_goessner.read(value, namespace, shapes)


def _namespace(said: Asked, name: str) -> str:
    if name in infrastructure_shapes().roots:
        return _infrastructure(said)
    book, environment = services().shapes, _environment()
    own = environment.data_model_namespace if environment else ""
    known = [each for each in (own, book.namespace_of(_model())) if each]
    for profile in said.content_profiles:
        if profile.kind == negotiate.DATA:
            return negotiate.model_namespace(profile, (*known, *book.namespaces()))
    return (*known, book.kit)[0]


def _infrastructure(said: Asked) -> str:
    if "namespace" in g:
        return str(g.namespace)
    for profile in (*said.content_profiles, *said.accept_profiles):
        if profile.kind == negotiate.INFRASTRUCTURE and namespace_for(profile.version):
            return namespace_for(profile.version)
    return INFRASTRUCTURE


def _model() -> str:
    environment = _environment()
    zone = services().settings.zones.get(environment.scope.zone_id) if environment else None
    return zone.model if zone else ""


def _environment() -> Environment | None:
    found: Environment | None = g.get("environment")
    return found


def _suffix(request: Request) -> str:
    # Matrix parameters stand behind the suffix (Base Architecture 4.3.4).
    last = request.path.rpartition("/")[2].partition(";")[0]
    return next((each for each in SUFFIXES if last.endswith(each)), "")
