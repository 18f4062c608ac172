"""The namespaces registry: the data models this hub judges by (INF-NSP)."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from pathlib import Path

from flask import Response
from lxml.etree import _Element

from fixtures import standards
from reference_hub import schemas
from reference_hub.codec.xml import fold
from reference_hub.web import answers, utility
from reference_hub.web.call import COLLECTION, INSTANCE, Call
from reference_hub.web.services import services


def listing(call: Call) -> Response:
    """One entry per namespace."""
    utility.refuse_extras(call)
    return utility.listing(call, _namespaces())


def instance(call: Call) -> Response:
    """One namespace by its id."""
    utility.refuse_extras(call)
    for entry in _namespaces():
        if fold(entry.get("id", "")) == fold(call.refid):
            return answers.xml(entry)
    raise utility.missing(call)


def id_of(uri: str) -> str:
    """The same UUID for the same namespace on every hub, in the form of version 4."""
    return str(uuid.UUID(bytes=hashlib.sha256(uri.encode()).digest()[:16], version=4))


def _namespaces() -> Iterator[_Element]:
    for uri in _uris():
        entry = answers.infrastructure("namespace", id=id_of(uri))
        answers.leaf(entry, "zone", services().settings.utility_zone)
        answers.leaf(entry, "uri", uri)
        # Empty: the hub does not hand out the schema files that its operator registered.
        answers.leaf(entry, "url", "")
        yield entry


def _uris() -> list[str]:
    registered = schemas.read(Path(services().settings.schemas.registry))
    found = [entry.namespace for entry in registered]
    found += [model.namespace for model in standards.MODELS.values()]
    return sorted(set(found))


HANDLERS = {
    (method, form): handler
    for form, handler in ((COLLECTION, listing), (INSTANCE, instance))
    for method in ("GET", "HEAD")
}
