"""The namespaces registry: the data models this hub judges by (INF-NSP)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flask import Response
from lxml.etree import _Element

from fixtures import standards
from reference_hub import schemas
from reference_hub.codec.tree import leaf
from reference_hub.codec.xml import fold
from reference_hub.model.uuids import derived
from reference_hub.web import answers
from reference_hub.web.call import COLLECTION, INSTANCE, Call, Table, reading
from reference_hub.web.services import services
from reference_hub.web.utilities import utility


def listing(call: Call) -> Response:
    """One entry per namespace."""
    utility.refuse_extras(call)
    return utility.listing(call, _namespaces())


def instance(call: Call) -> Response:
    """One namespace by its id."""
    return utility.one(call, _namespaces(), spelled=fold)


def _namespaces() -> Iterator[_Element]:
    for uri in _uris():
        entry = answers.infrastructure("namespace", id=derived(uri))
        leaf(entry, "zone", services().settings.utility_zone)
        leaf(entry, "uri", uri)
        # Empty: the hub does not hand out the schema files that its operator registered.
        leaf(entry, "url", "")
        yield entry


def _uris() -> list[str]:
    registered = schemas.read(Path(services().settings.schemas.registry))
    found = [entry.namespace for entry in registered]
    found += [model.namespace for model in standards.MODELS.values()]
    return sorted(set(found))


HANDLERS: Table = {**reading(COLLECTION, listing), **reading(INSTANCE, instance)}
