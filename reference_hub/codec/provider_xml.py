"""The `provider` element of the registry, read leniently and written in schema order (INF-PRG)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml.etree import _Element

from reference_hub.codec import releases, tree
from reference_hub.codec.numbers import whole
from reference_hub.codec.xml import children, local_name
from reference_hub.model.provider import Provider
from reference_hub.model.rights import SERVICE_TYPES
from reference_hub.model.scope import Scope
from reference_hub.problems import Refusal

SCOPE = "Create provider"
XML = "application/xml"
_FLAGS = ("dynamicQuery", "queryByExample", "changesSinceMarker", "paged", "totalCount")
_PRODUCTS = ("applicationProduct", "adapterProduct")
_PRODUCT = ("vendorName", "productName", "productVersion", "iconURI")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Draft:
    """What a registration says."""

    scope: Scope
    service_type: str
    service_name: str
    name: str
    endpoint: str
    query_support: Mapping[str, Any]
    media_types: tuple[str, ...]


def read_provider(root: _Element) -> Draft:
    """What the element says. Raises Refusal 400 for what is missing or not understood."""
    if local_name(root) != "provider":
        raise Refusal(400, SCOPE, "The body must be a provider.", "400-01")
    support = _child(root, "querySupport")
    return Draft(
        scope=Scope(_needed(root, "zoneId"), _needed(root, "contextId")),
        service_type=_service_type(_needed(root, "serviceType")),
        service_name=_needed(root, "serviceName"),
        name=_needed(root, "providerName"),
        endpoint=_location(root),
        query_support=_support(root if support is None else support) | _products(root, support),
        media_types=_media_types(root),
    )


def write_provider(entry: Provider, namespace: str) -> _Element:
    """The element without the end point, which nobody may see (INF-PRG-004)."""
    root = tree.root("provider", namespace, id=entry.id)
    tree.leaf(root, "serviceType", entry.service_type)
    tree.leaf(root, "serviceName", entry.service_name)
    tree.leaf(root, "contextId", entry.scope.context_id)
    tree.leaf(root, "zoneId", entry.scope.zone_id)
    tree.leaf(root, "providerName", entry.name)
    _write_support(tree.branch(root, "querySupport"), entry.query_support)
    media = tree.branch(root, "mimeTypes")
    for each in entry.media_types or (XML,):
        tree.leaf(media, "mediaType", each)
    return releases.fitted(root)


def _write_support(support: _Element, given: Mapping[str, Any]) -> None:
    for name in (*_FLAGS[:-1], "maxPageSize", _FLAGS[-1]):
        if name in given:
            value = given[name]
            tree.leaf(support, name, str(value).lower())
    for name in _PRODUCTS:
        if product := given.get(name):
            texts = ((each, str(product.get(each, ""))) for each in _PRODUCT)
            tree.leaves(tree.branch(support, name), texts)


def _support(support: _Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _FLAGS:
        if text := _text(support, name):
            if text not in _TRUTH:
                raise Refusal(400, SCOPE, f"{name} is true or false.", "400-01")
            found[name] = _TRUTH[text]
    # The prose says pageSize, the schema maxPageSize (contradiction C-07).
    if size := _text(support, "maxPageSize") or _text(support, "pageSize"):
        found["maxPageSize"] = whole(size)
        if found["maxPageSize"] is None:
            raise Refusal(400, SCOPE, "maxPageSize is a whole number.", "400-01")
    return found


def _products(root: _Element, support: _Element | None) -> dict[str, Any]:
    # They stand inside querySupport in the schema, beside it in the sample.
    found: dict[str, Any] = {}
    for name in _PRODUCTS:
        product = None if support is None else _child(support, name)
        product = _child(root, name) if product is None else product
        texts = {each: _text(product, each) for each in _PRODUCT} if product is not None else {}
        if texts.get("productName"):
            found[name] = {each: text for each, text in texts.items() if text}
    return found


def _media_types(root: _Element) -> tuple[str, ...]:
    listed = _child(root, "mimeTypes")
    if listed is None:
        return (XML,)
    named = [_collapsed(each) for each in children(listed)] or _collapsed(listed).split()
    return tuple(dict.fromkeys(each for each in named if each)) or (XML,)


def _location(root: _Element) -> str:
    end_point = _child(root, "endPoint")
    if end_point is None:
        raise Refusal(400, SCOPE, "The provider has no endPoint; name where it listens.", "400-01")
    # The schema has an element location, the sample the bare text (contradiction C-07).
    inner = _child(end_point, "location")
    return _collapsed(end_point if inner is None else inner)


def _service_type(name: str) -> str:
    kind = "FUNCTIONAL" if name == "FUNCTION" else name
    if kind not in SERVICE_TYPES:
        text = f"serviceType must be one of {', '.join(SERVICE_TYPES)}."
        raise Refusal(400, SCOPE, text, "400-01")
    return kind


def _needed(root: _Element, name: str) -> str:
    text = _text(root, name)
    if not text or len(text) > _LONGEST:
        raise Refusal(400, SCOPE, f"{name} is missing, or longer than {_LONGEST}.", "400-01")
    return text


def _text(parent: _Element, name: str) -> str:
    found = _child(parent, name)
    return "" if found is None else _collapsed(found)


def _collapsed(element: _Element) -> str:
    return " ".join(tree.text_of(element).split())


def _child(parent: _Element, name: str) -> _Element | None:
    return next((each for each in children(parent) if local_name(each) == name), None)
