"""The hub's own events about what it keeps itself: jobs, alerts, providers, code sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.clock import Clock, iso
from reference_hub.codec import tree
from reference_hub.codec.xml import tostring
from reference_hub.model.change import UPDATE
from reference_hub.model.queue import Payload
from reference_hub.model.scope import Scope
from reference_hub.store import mailbox

if TYPE_CHECKING:
    from sqlalchemy import Connection


def announce(
    connection: Connection,
    clock: Clock,
    scope: Scope,
    service_type: str,
    service_name: str,
    action: str,
    entry: _Element,
    *,
    collection: str = "",
    fingerprint: str = "",
    for_district: bool = False,
) -> None:
    """Queue an event with one entry for every subscriber to the service in `scope`.

    `collection` is the root of its body, the service's name unless it is called otherwise; with
    `fingerprint` only that environment hears of it, `for_district` no vendor does.
    """
    event = tree.root(collection or service_name)
    event.append(entry)
    headers = {
        "messageType": "EVENT",
        "messageId": clock.new_uuid(),
        "timestamp": iso(clock.now()),
        "eventAction": action,
        "serviceType": service_type,
        "serviceName": service_name,
        "zoneId": scope.zone_id,
        "contextId": scope.context_id,
    }
    if action == UPDATE:
        headers["replacement"] = "FULL"
    if fingerprint:
        headers["fingerprint"] = fingerprint
    payload = Payload(headers, "application/xml", tostring(event))
    place = (scope, service_type, service_name)
    mailbox.publish(
        connection, *place, action, payload, fingerprint=fingerprint, for_district=for_district
    )
