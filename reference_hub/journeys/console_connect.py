"""Register how a vendor gets its data, for each kind of vendor: a connection, or a key of its own.

What is registered asks for the objects that it is told: none at first, so that a vendor that is
only being looked at gets the document of its agreement and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reference_hub.clock import Clock
from reference_hub.journeys import console_agreement
from reference_hub.journeys.console_agreement import Parts
from reference_hub.journeys.console_target import is_sftp
from reference_hub.journeys.dismiss import dismiss
from reference_hub.journeys.enrol import leave
from reference_hub.journeys.register import refuse_unusable_key
from reference_hub.model.console_run import Way
from reference_hub.model.rights import waiting_grants
from reference_hub.model.scope import Scope
from reference_hub.model.vendor_kind import EDFI, FILES, KINDS, PULL, PUSH, ROSTER, kind_of
from reference_hub.store import console_agreements, environments, outbox, vendors

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TRANSPORTS = {PUSH: "sif_push", EDFI: "edfi", ROSTER: "pull"}


def objects_of(way: Way, given: Parts) -> tuple[str, ...]:
    """The objects that such a vendor gets once it may: for other formats than SIF all that the
    agreement opens anything of, as rows are made of several."""
    if way.kind in (PUSH, PULL):
        return console_agreement.OBJECTS
    return console_agreement.types(given)


def register(
    connection: Connection,
    vendor_id: int,
    name: str,
    scope: Scope,
    way: Way,
    objects: Sequence[str],
    app_id: str,
    secret: str,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Register a connection, and a key for vendors that come. `more`: settings of the connection
    besides those of the way. Raises SetupError, also where somebody else has that key."""
    if way.kind != PULL:
        key = {} if way.kind == ROSTER else {"key": way.key, "secret": way.secret}
        vendors.add_subscriber(
            connection,
            vendor_id,
            name,
            scope,
            format=way.format,
            transport=transport_of(way),
            url="" if way.kind == ROSTER else address_of(way),
            objects=objects,
            credentials=key | ({"method": way.method} if key else {}),
            app_id=app_id,
            delivery=delivery_of(way) | dict(more or {}),
        )
    if KINDS[way.kind].comes:
        refuse_unusable_key(way.key)
        let_in(connection, vendor_id, way.key, secret, scope, objects, app_id)


def let_in(
    connection: Connection, vendor_id: int, key: str, secret: str, scope: Scope,
    objects: Sequence[str], app_id: str,
) -> None:  # fmt: skip
    """Register the key of a vendor that comes; without objects it may read documents only."""
    vendors.add_application(
        connection,
        key,
        secret,
        scope,
        vendor_id=vendor_id,
        grants=() if objects else waiting_grants(scope),
        app_id=app_id or None,
    )


def open_up(
    connection: Connection, vendor_id: int, scope: Scope, way: Way, given: Parts, clock: Clock
) -> None:
    """Have a vendor get the objects of its agreement from now on. The sessions of one that comes
    end: only a new one tells a client its rights and lets it subscribe."""
    objects = objects_of(way, given)
    for each in vendors.subscribers_of(connection, vendor_id):
        vendors.want(connection, each, objects)
    known = vendors.find_application(connection, way.key) if KINDS[way.kind].comes else None
    if known is not None:
        let_in(connection, vendor_id, way.key, known.secret, scope, objects, known.app_id)
        for session in environments.of_application(connection, way.key):
            leave(connection, session, clock)
    outbox.release(connection, vendor_id, scope)
    outbox.notify(connection)


def take_back(connection: Connection, way: Way, clock: Clock, utility_zone: str) -> None:
    """Take the key of a vendor that comes away again, with its sessions."""
    known = vendors.find_application(connection, way.key) if KINDS[way.kind].comes else None
    if known is not None:
        dismiss(connection, known, clock, utility_zone)


def transport_of(way: Way) -> str:
    """The transport of such a connection."""
    files = "sftp" if is_sftp(way) else "http_put"
    return files if way.kind == FILES else _TRANSPORTS[way.kind]


def address_of(way: Way) -> str:
    """Where the hub delivers to: for files the folder below the address."""
    folder = way.more.get("folder", "") if way.kind == FILES else ""
    return f"{way.url}/{folder}" if folder else way.url


def delivery_of(way: Way) -> dict[str, Any]:
    """What the hub is to know of the connection besides."""
    if way.kind == FILES and is_sftp(way):
        return {"host_keys": [way.more.get("host_key", "")]}
    if way.kind == EDFI:
        return {"organizations": numbers(way.more.get("organizations", ""))}
    return {}


def numbers(text: str) -> dict[str, int]:
    """`local id = number`, one in a line. Raises ValueError."""
    pairs = [line.rpartition("=") for line in text.splitlines() if line.strip()]
    found = {name.strip(): int(number) for name, _, number in pairs}
    if "" in found:
        raise ValueError("a line names no organisation")
    return found


def way_of(connection: Connection, vendor_id: int) -> Way | None:
    """What the hub knows of a vendor that was connected otherwise, as far as the suite has a role
    for it: its first connection, else its first key. None where there is nothing to go by."""
    keys = console_agreements.keys(connection, vendor_id)
    for to in vendors.subscribers_of(connection, vendor_id):
        kind = kind_of(to.format, to.transport)
        if kind is None:
            continue
        told = to.credentials
        key = told.get("key", "") or (keys[0].key if keys else "")
        method = told.get("method", "SIF_HMACSHA256")
        more = _more(kind.name, to.url, to.delivery)
        url = _base(to.url) if kind.name == FILES else to.url
        return Way(url, key, told.get("secret", ""), method, to.format, kind=kind.name, more=more)
    return Way("", keys[0].key, "", kind=PULL) if keys else None


def _base(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _more(kind: str, url: str, delivery: Mapping[str, Any]) -> dict[str, str]:
    if kind == FILES:
        keys = delivery.get("host_keys") or [""]
        return {"folder": urlsplit(url).path[1:].rstrip("/"), "host_key": str(keys[0])}
    if kind == EDFI:
        told = delivery.get("organizations", {})
        return {"organizations": "\n".join(f"{name} = {number}" for name, number in told.items())}
    return {}
