"""An application becomes the provider of a service, or ceases to be it (INF-PRG)."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reference_hub.clock import Clock
from reference_hub.codec import tree
from reference_hub.codec.provider_xml import SCOPE, Draft, write_provider
from reference_hub.journeys.announce import announce
from reference_hub.journeys.job_work import SERVICES
from reference_hub.model.change import CREATE, DELETE
from reference_hub.model.environment import Environment
from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.model.provider import Provider
from reference_hub.model.scope import Scope
from reference_hub.model.served import utility_of
from reference_hub.problems import Refusal
from reference_hub.store import objects, providers

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
        # The session's own words on its products stand above those of the registration.
        query_support={**draft.query_support, **environment.products},
        media_types=draft.media_types,
    )
    add(connection, entry, clock, utility_zone)
    return entry


def add(connection: Connection, entry: Provider, clock: Clock, utility_zone: str) -> None:
    """Put an entry into the registry and tell the subscribers. Raises Refusal 409."""
    place = (entry.scope, entry.service_type, entry.service_name)
    if is_own(connection, *place) or not providers.insert(connection, entry):
        text = "This service has a provider in this zone and context already."
        raise Refusal(409, SCOPE, text, "409-01")
    _announce(connection, entry, CREATE, clock, utility_zone)


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
    _announce(connection, entry, DELETE, clock, utility_zone)


def withdraw_all(
    connection: Connection, environment_id: str, clock: Clock, utility_zone: str
) -> None:
    """What a session registered goes with it."""
    for entry in providers.of(connection, environment_id):
        remove(connection, entry, clock, utility_zone)


def is_own(connection: Connection, scope: Scope, service_type: str, service_name: str) -> bool:
    """Whether the hub itself provides the service, as it does what its store holds."""
    if service_type == "UTILITY":
        return utility_of(service_name) is not None
    if service_type == "FUNCTIONAL":
        return service_name in SERVICES
    if service_type not in ("OBJECT", "SERVICEPATH"):
        return False
    object_type = service_name.rpartition("/")[2].removesuffix("s")
    return objects.tally(connection, scope, object_type).present > 0


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
    # Whoever connects decodes a percent sign, and takes a backslash for the end of the host.
    odd = any(sign in parts.netloc for sign in "@%\\")
    plain = not (parts.query or parts.fragment or odd or ";" in parts.path)
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
        number = ipaddress.ip_address(name)
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


def _announce(
    connection: Connection, entry: Provider, action: str, clock: Clock, utility_zone: str
) -> None:
    # Whoever subscribed for the utility zone hears of every zone.
    for zone_id in dict.fromkeys((entry.scope.zone_id, utility_zone)):
        told = (
            tree.root("provider", id=entry.id)
            if action == DELETE
            else write_provider(entry, INFRASTRUCTURE)
        )
        announce(connection, clock, Scope(zone_id), "UTILITY", "providers", action, told)
