"""An application becomes the provider of a service, or ceases to be it (INF-PRG)."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reference_hub.clock import Clock, iso
from reference_hub.codec import tree
from reference_hub.codec.provider_xml import SCOPE, Draft, write_provider
from reference_hub.codec.xml import tostring
from reference_hub.journeys.job_work import SERVICES
from reference_hub.model.environment import Environment
from reference_hub.model.pod_document import INFRASTRUCTURE
from reference_hub.model.provider import Provider
from reference_hub.model.queue import Payload
from reference_hub.model.scope import Scope
from reference_hub.model.served import utility_of
from reference_hub.problems import Refusal
from reference_hub.store import mailbox, objects, providers

if TYPE_CHECKING:
    from sqlalchemy import Connection


def provide(
    connection: Connection,
    environment: Environment,
    draft: Draft,
    clock: Clock,
    utility_zone: str,
    *,
    local_endpoints: bool = False,
) -> Provider:
    """Register a session as the provider of a service; requests go there at once.

    Raises Refusal 400 for an address that cannot be used, 403 without the right PROVIDE, 409 where
    the service has a provider, which may be the hub's own store.
    """
    _refuse_right(environment, draft)
    refuse_address(draft.endpoint, local=local_endpoints)
    entry = Provider(
        id=clock.new_uuid(),
        application_key=environment.application.key,
        environment_id=environment.id,
        scope=draft.scope,
        service_type=draft.service_type,
        service_name=draft.service_name,
        name=draft.name,
        endpoint=draft.endpoint,
        query_support=draft.query_support,
        media_types=draft.media_types,
    )
    add(connection, entry, clock, utility_zone)
    return entry


def add(connection: Connection, entry: Provider, clock: Clock, utility_zone: str) -> None:
    """Put an entry into the registry and tell the subscribers. Raises Refusal 409."""
    if _is_own(connection, entry) or not providers.insert(connection, entry):
        text = "This service has a provider in this zone and context already."
        raise Refusal(409, SCOPE, text, "409-01")
    _announce(connection, entry, "CREATE", clock, utility_zone)


def withdraw(
    connection: Connection,
    environment: Environment,
    provider_id: str,
    clock: Clock,
    utility_zone: str,
) -> None:
    """Delete the entry; only its creator may. Raises Refusal 403 or 404."""
    entry = providers.get(connection, provider_id)
    if entry is None:
        raise Refusal(404, "Delete provider", "There is no provider with this id.")
    if entry.environment_id != environment.id:
        raise Refusal(403, "Delete provider", "Only who registered a provider may delete it.")
    remove(connection, entry, clock, utility_zone)


def remove(connection: Connection, entry: Provider, clock: Clock, utility_zone: str) -> None:
    """Take an entry out of the registry and tell the subscribers."""
    providers.delete(connection, entry.id)
    _announce(connection, entry, "DELETE", clock, utility_zone)


def withdraw_all(
    connection: Connection, environment_id: str, clock: Clock, utility_zone: str
) -> None:
    """What a session registered goes with it."""
    for entry in providers.of(connection, environment_id):
        remove(connection, entry, clock, utility_zone)


def refuse_address(address: str, *, local: bool) -> None:
    """Raise Refusal 400 for what is no http or https address, and unless `local` for one that leads
    to the hub's own machine or link.

    Names are not resolved: which hosts the hub may reach is for the firewall to say.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    plain = not (parts.query or parts.fragment or "@" in parts.netloc or ";" in parts.path)
    if parts.scheme not in ("http", "https") or not host or not plain or not address.isascii():
        text = "endPoint must be an http or https address without user, query and fragment."
        raise Refusal(400, SCOPE, text)
    if not local and _is_local(host):
        text = "endPoint may not be an address of the hub's own machine or link."
        raise Refusal(400, SCOPE, text)


def _is_local(host: str) -> bool:
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        number = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return _is_local_number(name)
    number = getattr(number, "ipv4_mapped", None) or number
    return (
        number.is_loopback or number.is_link_local or number.is_unspecified or number.is_multicast
    )


def _is_local_number(name: str) -> bool:
    # 127.1, 2130706433 and 0x7f000001 are addresses too, to whoever connects.
    try:
        return _is_local(socket.inet_ntoa(socket.inet_aton(name)))
    except OSError:
        return False


def _refuse_right(environment: Environment, draft: Draft) -> None:
    place = (draft.scope, draft.service_type, draft.service_name)
    if not environment.rights.covers(*place, "PROVIDE"):
        text = "You have no right PROVIDE for this service in this zone and context."
        raise Refusal(403, SCOPE, text)


def _is_own(connection: Connection, entry: Provider) -> bool:
    if entry.service_type == "UTILITY":
        return utility_of(entry.service_name) is not None
    if entry.service_type == "FUNCTIONAL":
        return entry.service_name in SERVICES
    if entry.service_type not in ("OBJECT", "SERVICEPATH"):
        return False
    object_type = entry.service_name.rpartition("/")[2].removesuffix("s")
    return objects.tally(connection, entry.scope, object_type).present > 0


def _announce(
    connection: Connection, entry: Provider, action: str, clock: Clock, utility_zone: str
) -> None:
    event = tree.root("providers")
    if action == "DELETE":
        tree.branch(event, "provider", id=entry.id)
    else:
        event.append(write_provider(entry, INFRASTRUCTURE))
    # Whoever subscribed for the utility zone hears of every zone.
    for zone_id in dict.fromkeys((entry.scope.zone_id, utility_zone)):
        scope = Scope(zone_id)
        headers = {
            "messageType": "EVENT",
            "messageId": clock.new_uuid(),
            "timestamp": iso(clock.now()),
            "eventAction": action,
            "serviceType": "UTILITY",
            "serviceName": "providers",
            "zoneId": scope.zone_id,
            "contextId": scope.context_id,
        }
        payload = Payload(headers, "application/xml", tostring(event))
        mailbox.publish(connection, scope, "UTILITY", "providers", action, payload)
