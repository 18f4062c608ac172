"""The header fields under which a queued message is handed out (Infrastructure Services 9.3.1)."""

from __future__ import annotations

from reference_hub.clock import iso
from reference_hub.model.change import UPDATE
from reference_hub.model.headers import CREDENTIALS, HOP_BY_HOP, SIF, without
from reference_hub.model.queue import Payload, Pulled

_TYPES = {"event": "EVENT", "response": "RESPONSE", "error": "ERROR"}
# They belong to the exchange in which the message came, or are the hub's own to say.
_NOT_KEPT = frozenset({"connectionid", "content-type", "dataprivacymarker", "queueid"})
# Who stands behind an event may be a person, and no POD grants that person's name.
_PEOPLE = frozenset({"authenticateduser", "generatorid", "sourcename"})


def of(message: Pulled, *, is_vendor: bool) -> dict[str, str]:
    """What the writer said, completed; `messageId` is the one to acknowledge the message by.

    A vendor gets the fields of SIF only, as nobody knows what another one may hold; and of an event
    not those that name its author.
    """
    headers = {
        "messageType": _TYPES.get(message.kind, "RESPONSE"),
        "timestamp": iso(message.created),
        "zoneId": message.scope.zone_id,
        "contextId": message.scope.context_id,
    }
    if message.payload is None:
        headers |= _own_event(message)
    else:
        headers |= _written(message.payload, message.kind, is_vendor=is_vendor)
    return headers | {"messageId": message.message_id}


def _own_event(message: Pulled) -> dict[str, str]:
    full = {"replacement": "FULL"} if message.action == UPDATE else {}
    return {
        "serviceType": "OBJECT",
        "serviceName": f"{message.object_type}s",
        "eventAction": message.action,
    } | full


def _written(payload: Payload, kind: str, *, is_vendor: bool) -> dict[str, str]:
    people = _PEOPLE if is_vendor and kind == "event" else frozenset()
    kept = without(payload.headers.items(), HOP_BY_HOP, CREDENTIALS, _NOT_KEPT, people)
    return {name: value for name, value in kept.items() if name in SIF or not is_vendor}
