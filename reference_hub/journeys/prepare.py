"""From a claimed message to what may leave: gate again, filter, check provenance.

The POD live now decides, not the one that was live when the message was queued.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.clock import Clock
from reference_hub.codec.cleared import say_cleared
from reference_hub.codec.pod_xml import with_status
from reference_hub.codec.shape import shape_of
from reference_hub.codec.xml import namespace_of, read, refid_of, tostring
from reference_hub.model.caller import Caller
from reference_hub.model.change import DELETE
from reference_hub.model.message import Claimed, Outgoing
from reference_hub.model.party import Subscriber
from reference_hub.model.pod import EXPIRED, Pod
from reference_hub.privacy import gate
from reference_hub.privacy.filter import compiled
from reference_hub.privacy.grants import shown_id
from reference_hub.privacy.tally import fields_of
from reference_hub.privacy.unbound import all_but, shown_part
from reference_hub.store import held_applications, pods
from reference_hub.translate import record
from reference_hub.translate.provenance import ungranted

if TYPE_CHECKING:
    from sqlalchemy import Connection

UNACKNOWLEDGED = "POD not acknowledged"
UNDECIDED = "the district has not decided that the application may have data"
REFUSED = "the district decided that the vendor gets no data"
ENDED = "agreement ended"
NOT_BEGUN = "agreement not begun"
DOUBTFUL = "the clocks of hub and store disagree"
BEHIND = "waits behind a held message of the same object"
SUPERSEDED = "a newer POD was issued"
NEVER_SHARED = "never to be shared"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Either a POD (None: the district asks for none) under which data may go, or a reason."""

    pod: Pod | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stopped:
    """A message that does not leave now: held | dead | purged, and why."""

    state: str
    reason: str


def may_go(connection: Connection, caller: Caller, object_type: str, clock: Clock) -> Verdict:
    """Ask the gate for one object type under the POD live today."""
    return may_go_each(connection, caller, [object_type], clock)[object_type]


def may_go_each(
    connection: Connection, caller: Caller, object_types: Iterable[str], clock: Clock
) -> dict[str, Verdict]:
    """The same for several object types, by one look at the PODs."""
    today = clock.today(caller.scope.zone_id)
    key = caller.undecided_key
    if key and held_applications.is_held(connection, key):
        return dict.fromkeys(object_types, Verdict(reason=UNDECIDED))
    looked = pods.for_gate(connection, caller, None, today)
    if looked is None:
        return dict.fromkeys(object_types, Verdict(reason=UNACKNOWLEDGED))
    if looked.refused:
        return dict.fromkeys(object_types, Verdict(reason=REFUSED))
    if clock.is_doubtful(looked.moment):
        return dict.fromkeys(object_types, Verdict(reason=DOUBTFUL))
    return {each: _judged(connection, caller, looked, today, each) for each in object_types}


def _judged(
    connection: Connection, caller: Caller, looked: pods.Looked, today: date, object_type: str
) -> Verdict:
    live = looked.live
    marker = live.token if live else None
    answer = gate.decide(caller, live, live or looked.latest, today, marker, object_type)
    if isinstance(answer, gate.Allowed):
        unbound = all_but(caller, object_type, looked.excluded, looked.key)
        return Verdict(answer.pod or unbound)
    if live:
        return Verdict(reason=f"the POD grants nothing of {object_type}")
    return Verdict(reason=_why_not_live(connection, caller, today))


def _why_not_live(connection: Connection, caller: Caller, today: date) -> str:
    current = pods.current(connection, caller.vendor_id, caller.scope, caller.app_id)
    if current is None:
        known = pods.visible(connection, caller.vendor_id, caller.scope)
        return ENDED if any(pod.acknowledged for pod in known) else UNACKNOWLEDGED
    if current.ends is not None and current.ends < today:
        return ENDED
    if current.acknowledged is not None and current.starts > today:
        return NOT_BEGUN
    return UNACKNOWLEDGED


def data(
    message: Claimed, pod: Pod | None, known_as: str = "", before: bytes | None = None
) -> Outgoing | Stopped:
    """Filter an event to the grant; `known_as` is the object's id at the subscriber, if known.

    `before`: the document that an update changed; what it granted and is gone is said to be nil.
    """
    is_barred = pod is not None and message.refid in pod.excluded
    if is_barred and not (message.action == DELETE and known_as):
        return Stopped("purged", NEVER_SHARED)
    if message.body is None or message.action == DELETE:
        return _deletion(message, pod, known_as)
    element = granted_part(read(message.body), pod)
    if element is None or not refid_of(element):
        return Stopped("held", "the POD grants nothing of this object")
    found = strange(element, pod)
    if found:
        return Stopped("dead", f"not granted but present: {', '.join(found[:3])}")
    fields = tuple(fields_of(element, compiled(pod))) if pod else ()
    known = granted_part(read(before), pod) if before else None
    if known is not None:
        shape = shape_of(namespace_of(element), message.object_type)
        say_cleared(element, known, shape)
    return replace(_outgoing(message, refid_of(element), tostring(element)), fields=fields)


def _deletion(message: Claimed, pod: Pod | None, known_as: str) -> Outgoing | Stopped:
    grants = compiled(pod) if pod else None
    # What was never sent may be just what the vendor must not hear of.
    if not known_as and grants is not None and grants.may_drop(message.object_type):
        return Stopped("purged", "it was never sent")
    shown = shown_id(grants, message.object_type, spelled(message.refid))
    return _outgoing(message, known_as or shown, None)


def granted_part(element: _Element, pod: Pod | None) -> _Element | None:
    """What of an object the POD grants; all of it where the district asks for no POD."""
    return shown_part(element, pod)


def strange(element: _Element, pod: Pod | None) -> list[str]:
    """The last look, which shares no code with the filter: paths that no grant covers."""
    if pod is None or not pod.id:
        return []
    leaves = record.read(element).leaves
    return ungranted(((leaf.path, leaf.path) for leaf in leaves), compiled(pod).shown)


def document(
    connection: Connection, to: Subscriber, message: Claimed
) -> tuple[Pod, bytes] | Stopped:
    """The POD of a message of kind pod and the document to send for it."""
    pod = pods.by_id(connection, message.pod_id) if message.pod_id else None
    if pod is None:
        return Stopped("dead", "its POD does not exist")
    newer = pods.current(connection, to.vendor_id, to.scope, pod.app_id)
    if newer is not None and newer.id != pod.id:
        return Stopped("purged", SUPERSEDED)
    if pod.status != EXPIRED:
        return pod, pod.document
    if pod.acknowledged is None:
        return Stopped("purged", ENDED)
    return pod, with_status(pod.document, EXPIRED)


def spelled(refid: str) -> str:
    """A folded RefId in the common form, upper case with hyphens, where no other is known."""
    if len(refid) != 32:
        return refid
    parts = (refid[:8], refid[8:12], refid[12:16], refid[16:20], refid[20:])
    return "-".join(parts).upper()


def _outgoing(message: Claimed, refid: str, body: bytes | None) -> Outgoing:
    return Outgoing(
        id=message.id,
        message_id=message.message_id,
        kind=message.kind,
        action=message.action,
        object_type=message.object_type,
        refid=refid,
        body=body,
        attempts=message.attempts,
    )


def whole(message: Claimed, body: bytes) -> Outgoing:
    """A message whose body is ready: a POD document or a file."""
    return _outgoing(message, message.pod_id or "", body)
