"""What changed since a marker, as this caller would have seen it (Base Architecture 5.10)."""

from __future__ import annotations

from itertools import pairwise

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.xml import key_in, refid_of, tostring
from reference_hub.journeys.view import View
from reference_hub.problems import Refusal
from reference_hub.store import changes
from reference_hub.store.changes import Changed
from reference_hub.store.listings import Version


def since(view: View, object_type: str, moment: str) -> list[int]:
    """The current versions of what changed, deletions included. Raises Refusal 413.

    For a vendor only what changed within its grant counts: otherwise the answer would tell whose
    other data was touched, and when.
    """
    limit = view.largest_scan
    found = changes.since(view.connection, view.scope, object_type, moment, limit=limit + 1)
    if len(found) > limit:
        text = f"More than {limit} objects changed since the marker; read the collection in pages."
        raise Refusal(413, f"Query {object_type}", text)
    if not view.is_whole:
        found = _visibly(view, object_type, moment, found)
    return [each.version_id for each in found]


def written(view: View, version: Version) -> bytes | None:
    """The object as the caller may see it, with its id only where it was deleted."""
    if version.body is not None:
        return view.outgoing(version.body)
    last = view.element(version.last) if version.last is not None else None
    return None if last is None or not refid_of(last) else tostring(_only_id(last))


def _visibly(view: View, object_type: str, moment: str, found: list[Changed]) -> list[Changed]:
    every = changes.histories(view.connection, view.scope, object_type, moment, found)
    return [each for each, bodies in every if _shows(view, bodies)]


def _shows(view: View, bodies: list[bytes | None]) -> bool:
    seen = [None if body is None else view.body(body) for body in bodies]
    if all(one == other for one, other in pairwise(seen)):
        return False
    return any(seen) if bodies[-1] is None else seen[-1] is not None


def _only_id(element: _Element) -> _Element:
    key = key_in(element)
    bare = etree.Element(element.tag, {key: element.get(key, "")}, nsmap=element.nsmap)  # type: ignore[arg-type]
    etree.cleanup_namespaces(bare)
    return bare
