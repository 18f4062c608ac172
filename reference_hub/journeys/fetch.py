"""A consumer reads its queue; for a vendor the gate and the filter stand before each message.

What the grant does not give is settled and told in the audit trail, and the next message is looked
at. A missing or outdated marker is refused instead, and everything stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lxml import etree
from lxml.etree import _Element

from reference_hub.clock import Clock
from reference_hub.codec.pesc_shape_infrastructure import infrastructure_shapes
from reference_hub.codec.xml import (
    MalformedDocument,
    fold,
    local_name,
    members,
    namespace_of,
    read,
    refid_of,
    tostring,
)
from reference_hub.journeys.admit import admit
from reference_hub.journeys.broker import told
from reference_hub.journeys.prepare import granted_part, spelled
from reference_hub.model.caller import asking
from reference_hub.model.change import CREATE, DELETE
from reference_hub.model.environment import Environment
from reference_hub.model.infrastructure import version_of
from reference_hub.model.party import Vendor
from reference_hub.model.pod import GENERALISE, HASH, ROW_FILTER, Pod
from reference_hub.model.queue import Pulled, Queue
from reference_hub.model.rights import APPROVED, SUPPORTED
from reference_hub.model.served import key_of
from reference_hub.privacy import rows
from reference_hub.privacy.filter import compiled
from reference_hub.privacy.gate import NothingGranted, outdated
from reference_hub.privacy.pseudonyms import Pseudonyms
from reference_hub.privacy.references import KINDS
from reference_hub.store import audits, pulls, queues, vendors

if TYPE_CHECKING:
    from sqlalchemy import Connection

ELSEWHERE = "not registered in this zone and context"
UNGRANTED = "the POD grants nothing of it"
UNREADABLE = "its format cannot be filtered"
UNSUBSCRIBED = "no right to subscribe any more"
_MARKER = "dataPrivacyMarker"
# A second time they would hash a hash, or look for what is not shown any more.
_ONCE = (GENERALISE, HASH, ROW_FILTER)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: an environment on one of the connections of its queue, with its marker."""

    environment: Environment
    queue: Queue
    connection_id: int
    marker: str | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message and what of its content the reader may have: objects, to be put into `collection`
    where it has a name, or where `objects` is None the payload as it came. `pod` is what they were
    filtered by."""

    message: Pulled
    objects: tuple[bytes, ...] | None = None
    collection: str = ""
    pod: Pod | None = None


@dataclass(frozen=True, slots=True)
class _Withheld:
    reason: str


def fetch(connection: Connection, reader: Reader, clock: Clock) -> Fetched | None:
    """The message the reader is at, else the next that it may have; None when there is none.

    Raises Refusal 403 or 410 when the gate refuses the marker; roll back, the message stays.
    """
    while message := pulls.take(connection, reader.queue.id, reader.connection_id):
        found = _opened(connection, reader, message, clock)
        if isinstance(found, Fetched):
            _record(connection, reader, found, clock)
            return found
        purge(connection, reader, message, found.reason, clock)
    return None


def purge(
    connection: Connection, reader: Reader, message: Pulled, reason: str, clock: Clock
) -> None:
    """Settle a message that its reader may not have, and say so in the audit trail."""
    pulls.purge(connection, message, reason, clock.now())
    queues.modified(connection, reader.queue.id, message.created)
    key, count = reader.environment.application.key, len(message.versions) or 1
    detail = {"message": message.message_id, "reason": reason}
    entry = audits.Entry(key, "purged from queue", message.object_type, count, detail)
    audits.add(connection, message.scope, clock.now(), entry)


def _opened(
    connection: Connection, reader: Reader, message: Pulled, clock: Clock
) -> Fetched | _Withheld:
    if message.kind == "event" and not _may_hear(reader.environment, message):
        return _Withheld(UNSUBSCRIBED)
    if message.payload is None:
        whole = Fetched(message, _own(connection, message), f"{message.object_type}s")
        return _filtered(connection, reader, whole, clock)
    if not reader.environment.is_vendor or not message.payload.body:
        return Fetched(message)
    try:
        root = read(message.payload.body)
    except MalformedDocument:
        return _Withheld(UNREADABLE)
    if _is_infrastructure(message.kind, message.payload.headers, root):
        return Fetched(message)
    _, found, is_collection = members(root)
    collection = local_name(root) if is_collection else ""
    whole = Fetched(message, tuple(map(tostring, found)), collection)
    return _filtered(connection, reader, whole, clock)


def _may_hear(environment: Environment, message: Pulled) -> bool:
    # The right was asked for when the subscription was made, and may have been taken back since.
    headers = message.payload.headers if message.payload else {}
    kind = headers.get("serviceType", "OBJECT")
    name = headers.get("serviceName", f"{message.object_type}s")
    # The right to what all zones share lies in the own zone.
    place = environment.scope if kind == "UTILITY" else message.scope
    return environment.rights.value(place, kind, name, "SUBSCRIBE") in (APPROVED, SUPPORTED)


def _is_infrastructure(kind: str, headers: Mapping[str, str], root: _Element) -> bool:
    # Whoever wrote it chose the namespaces, so they alone do not make it a message without data.
    if kind == "event" and headers.get("serviceType") == "OBJECT":
        return False
    known = local_name(root) in infrastructure_shapes().roots
    return known and all(version_of(namespace_of(each)) for each in root.iter())


def _own(connection: Connection, message: Pulled) -> tuple[bytes, ...]:
    versions = pulls.bodies(connection, message.versions)
    if message.action == DELETE:
        found = (_deleted(message.object_type, refid, body) for refid, body in versions)
        return tuple(tostring(each) for each in found)
    return tuple(body for _, body in versions if body is not None)


def _deleted(object_type: str, refid: str, before: bytes | None) -> _Element:
    """What an object was before it was deleted: who may not have seen it hears nothing of it."""
    element = etree.Element(object_type) if before is None else read(before)
    if not refid_of(element):
        element.set(key_of(object_type), spelled(refid))
    return element


def _only_id(whole: _Element) -> _Element:
    element = etree.Element(whole.tag, nsmap=whole.nsmap)  # type: ignore[arg-type]  # stubs lack None
    element.set(key_of(local_name(whole)), refid_of(whole))
    etree.cleanup_namespaces(element)
    return element


def _filtered(
    connection: Connection, reader: Reader, whole: Fetched, clock: Clock
) -> Fetched | _Withheld:
    if not whole.objects:
        return whole
    if not reader.environment.is_vendor:
        return _bare(whole)
    vendor, message = _vendor(connection, reader), whole.message
    if vendor is None or vendor.scope != message.scope:
        return _Withheld(ELSEWHERE)
    found = [read(body) for body in whole.objects]
    pod: Pod | None = None
    try:
        for kind in sorted({local_name(each) for each in found}):
            caller = asking(reader.environment, vendor)
            pod = admit(connection, caller, reader.marker, kind, clock)
    except NothingGranted:
        return _Withheld(UNGRANTED)
    if pod is not None and _is_part(message):
        found = [each for each in found if _is_decided(each, pod)]
    kept = tuple(_granted(found, _still_to_apply(message, pod)))
    if not kept:
        return _Withheld(UNGRANTED)
    return _bare(replace(whole, objects=kept, pod=pod))


def _is_part(message: Pulled) -> bool:
    """Whether a provider's event may hold less than the whole objects: all but a create, and an
    update that says FULL."""
    if message.kind != "event" or message.payload is None or message.action == CREATE:
        return False
    given = {name.lower(): value for name, value in message.payload.headers.items()}
    return given.get("replacement") != "FULL"


def _is_decided(part: _Element, pod: Pod) -> bool:
    # Nobody but the provider knows the rest, so what a row filter asks for must be in it.
    return rows.decides(part, compiled(pod).rows(local_name(part)))


def _bare(found: Fetched) -> Fetched:
    """Of what was deleted in the hub's own store only the id is told."""
    if found.message.action != DELETE or found.message.payload is not None:
        return found
    ids = tuple(tostring(_only_id(read(body))) for body in found.objects or ())
    return replace(found, objects=ids)


def _still_to_apply(message: Pulled, pod: Pod | None) -> Pod | None:
    """The POD for what waited; a delayed answer that was made under it met its conditions then."""
    headers = message.payload.headers if message.payload else {}
    if pod is None or message.kind != "response":
        return pod
    # It may name people as the vendor knows them, and some were excluded since.
    known_as = {
        fold(Pseudonyms(pod.key).shown(kind, id_)) for kind in KINDS for id_ in pod.excluded
    }
    pod = replace(pod, excluded=pod.excluded | known_as)
    if headers.get(_MARKER) != pod.token:
        return pod
    left = tuple(one for one in pod.conditions if one.kind not in _ONCE)
    return replace(pod, conditions=left)


def _granted(found: Iterable[_Element], pod: Pod | None) -> Iterable[bytes]:
    for element in found:
        part = granted_part(element, pod)
        if part is not None and refid_of(part):
            yield tostring(part)


def _vendor(connection: Connection, reader: Reader) -> Vendor | None:
    vendor_id = reader.environment.application.vendor_id
    return None if vendor_id is None else vendors.vendor_by_id(connection, vendor_id)


def _record(connection: Connection, reader: Reader, found: Fetched, clock: Clock) -> None:
    """Write down what is read. Raises Refusal 410 where the POD has ended since the gate was
    asked: nothing leaves then."""
    if reader.environment.is_vendor and found.objects is not None:
        message, key, pod = found.message, reader.environment.application.key, found.pod
        detail: dict[str, object] = {}
        if pod is not None:
            fields = dict(told(found.objects, pod))
            detail = {"pod": pod.id, "version": pod.version, "fields": fields}
        entry = audits.Entry(key, "read", message.object_type, len(found.objects), detail)
        pod_id, excluded = (pod.id or None, pod.excluded) if pod else (None, ())
        now = clock.now()
        if not audits.add_under(connection, message.scope, now, pod_id, entry, excluded):
            raise outdated()
