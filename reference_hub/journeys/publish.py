"""A provider's event is copied into the queue of every subscriber (INF-EVT)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.alert import raise_alert
from reference_hub.journeys.provide import is_own
from reference_hub.model.environment import Environment
from reference_hub.model.queue import Payload
from reference_hub.model.scope import Scope
from reference_hub.problems import Refusal
from reference_hub.store import audits, mailbox, providers

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCOPE = "Events connector"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to which objects; with a `fingerprint` only that environment hears of it."""

    scope: Scope
    service_type: str
    service_name: str
    action: str
    payload: Payload
    fingerprint: str = ""


def publish(connection: Connection, environment: Environment, event: Event) -> int:
    """Queue the event; how many queues got it. Raises Refusal 403 when somebody else, who may be
    the hub itself, is the provider of the service, or the publisher may not be."""
    place = (event.scope, event.service_type, event.service_name)
    known = providers.find(connection, *place)
    own = known is not None and known.application_key == environment.application.key
    stranger = not own and (known is not None or is_own(connection, *place))
    if stranger or not environment.rights.covers(*place, "PROVIDE"):
        text = "You do not provide this service in this zone and context; the event is dropped."
        raise Refusal(403, SCOPE, text)
    return mailbox.publish(
        connection, *place, event.action, event.payload, fingerprint=event.fingerprint
    )


def report(connection: Connection, environment: Environment, scope: Scope, clock: Clock) -> None:
    """Tell the zone that somebody published what it does not provide (INF-EVT-002)."""
    key = environment.application.key
    entry = audits.Entry(key, "refused event")
    audits.add(connection, scope, clock.now(), entry)
    raise_alert(
        connection,
        clock,
        scope,
        "Reference hub",
        "ERROR",
        "An event was refused: its publisher is not the provider of the service.",
        cause=key,
        exchange="EVENT",
        category=1,
        code=403,
    )
