"""What the PESC notation must know of infrastructure objects: which names are attributes, which
repeat, and which hold a number (SIF Infrastructure 3.3, XML schema)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from fixtures.writers.shapes import Kind, Part, Parts, spell_number


def spell_text(text: str) -> str:
    """A text as JSON spells it."""
    return json.dumps(text, ensure_ascii=False)


def _leaf() -> Kind:
    return Kind(spell_text)


def _kind(
    attributes: tuple[str, ...] = (), many: Mapping[str, Kind] = {}, one: Mapping[str, Kind] = {}
) -> Kind:
    kind = Kind(spell_text)
    parts = [(name, inner, True) for name, inner in many.items()]
    parts += [(name, inner, False) for name, inner in one.items()]
    for name, inner, repeats in parts:
        kind.parts[name] = Part(f'"{name}":', repeats, inner)
    for name in attributes:
        kind.attributes[name] = (f'"{name}":', spell_text)
    return kind


def _leaves(names: str) -> dict[str, Kind]:
    return {name: _leaf() for name in names.split()}


def _error() -> Kind:
    """`code` is the one number in it."""
    texts = _leaves("scope message description type subCode")
    return _kind(("id",), one={"code": Kind(spell_number), **texts})


def _of_many(error: Kind) -> dict[str, Kind]:
    """What is said of many objects."""
    found = {}
    for verb, attributes in (
        ("create", ("id", "advisoryId", "statusCode")),
        ("update", ("id", "statusCode")),
        ("delete", ("id", "statusCode")),
    ):
        inner = _kind(attributes, one={"error": error})
        found[f"{verb}Response"] = _kind(one={f"{verb}s": _kind(many={verb: inner})})
    found["deleteRequest"] = _kind(one={"deletes": _kind(many={"delete": _kind(("id",))})})
    return found


def _environment() -> Kind:
    right = _kind(many={"right": _kind(("type",))})
    service = _kind(("name", "type", "contextId"), one={"rights": right})
    zone = _kind(("id",), one={"services": _kind(many={"service": service})})
    prop = _kind(many={"property": _kind(("name",))})
    about = _leaves("applicationKey supportedInfrastructureVersion dataModelNamespace transport")
    product = _kind(one=_leaves("vendorName productName productVersion iconURI"))
    about |= {"adapterProduct": product, "applicationProduct": product}
    named = _kind(many={"infrastructureService": _kind(("name",))})
    return _kind(("id", "type"), one={
        **_leaves("fingerprint sessionToken solutionId authenticationMethod instanceId userToken"),
        **_leaves("consumerName"),
        "defaultZone": _kind(("id",), one={"description": _leaf(), "properties": prop}),
        "applicationInfo": _kind(one=about),
        "infrastructureServices": named,
        "provisionedZones": _kind(many={"provisionedZone": zone}),
    })  # fmt: skip


def _queue() -> Kind:
    counted = "idleTimeout minWaitTime maxConcurrentConnections messageCount"
    numbers = {name: Kind(spell_number) for name in counted.split()}
    texts = _leaves("polling name queueUri ownerUri created lastAccessed lastModified")
    return _kind(("id",), one=texts | numbers)


def _alert() -> Kind:
    texts = "reporter cause exchange level description messageID body category code error"
    return _kind(("id",), one=_leaves(texts))


def _shapes() -> Parts:
    error = _error()
    subscription = _leaves("zoneId contextId serviceType serviceName queueId")
    roots = {
        "error": error,
        **_of_many(error),
        "environment": _environment(),
        "queue": _queue(),
        "subscription": _kind(("id",), one=subscription),
        "alert": _alert(),
    }
    return Parts({name: Part(f'"{name}":', False, kind) for name, kind in roots.items()})


SHAPES = _shapes()
