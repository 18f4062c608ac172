"""An application is taken away, with all that it opened or registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.enrol import leave
from reference_hub.journeys.provide import remove, withdraw_all
from reference_hub.model.party import Application
from reference_hub.store import audits, environments, providers, vendors

if TYPE_CHECKING:
    from sqlalchemy import Connection


def dismiss(
    connection: Connection, application: Application, clock: Clock, utility_zone: str
) -> int:
    """End its sessions with their queues, its access tokens and its entries as a provider, then
    forget it; how many sessions it had."""
    ended = _end_sessions(connection, application.key, clock, utility_zone)
    # From here on no session can be opened; one that was just being opened is ended too.
    vendors.hold_application(connection, application.key)
    ended += _end_sessions(connection, application.key, clock, utility_zone)
    for each in providers.everywhere(connection):
        if each.application_key == application.key:
            remove(connection, each, clock, utility_zone)
    vendors.delete_application(connection, application.key)
    entry = audits.Entry("operator", "removed application", detail={"key": application.key})
    audits.add(connection, application.scope, clock.now(), entry)
    return ended


def _end_sessions(connection: Connection, key: str, clock: Clock, utility_zone: str) -> int:
    found = environments.of_application(connection, key)
    for session in found:
        withdraw_all(connection, session.id, clock, utility_zone)
        leave(connection, session, clock)
    return len(found)
