"""An accepted change is stored, audited and queued for each subscriber, in one transaction.

The number of statements does not grow with the number of changes.

HubError
└── AlreadyThere         a create lost against another one of the same object
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.event_runs import runs
from reference_hub.journeys.persons import keep_wishes
from reference_hub.model.change import Change
from reference_hub.model.party import FILE_TRANSPORTS
from reference_hub.model.scope import Scope
from reference_hub.model.windows import next_delivery
from reference_hub.problems import HubError
from reference_hub.store import audits, mailbox, objects, outbox
from reference_hub.store.objects import Versioned
from reference_hub.store.outbox import Destination, Route

if TYPE_CHECKING:
    from sqlalchemy import Connection

UNACKNOWLEDGED = "POD not acknowledged"
WHOLE_ROSTER = ""


@dataclass(eq=False)
class AlreadyThere(HubError):
    """`refids` (folded) were created by somebody else meanwhile; roll back and judge anew."""

    refids: tuple[str, ...]

    def __str__(self) -> str:
        return f"{len(self.refids)} of the objects to create exist already; send them as updates."


def accept(
    connection: Connection,
    scope: Scope,
    source_key: str,
    changes: Sequence[Change],
    clock: Clock,
    *,
    file_delay_seconds: float = 2.0,
    event_objects: int = 100,
) -> None:
    """Store `changes` in order and enqueue them, for queues as events of up to `event_objects`.

    Raises AlreadyThere when a CREATE meets an object that is not a tombstone; the caller's
    transaction must then be rolled back.
    """
    if not changes:
        return
    added, late = objects.store(connection, scope, source_key, changes)
    # Only the key tells for certain: another transaction may have committed since `existing`.
    if late:
        raise AlreadyThere(tuple(sorted(late)))
    # First, as what follows is queued under the wishes of these very changes.
    keep_wishes(connection, scope, changes, clock)
    is_heard = _enqueue(connection, scope, added, clock, file_delay_seconds)
    if is_heard:
        mailbox.enqueue(connection, scope, runs(_shown(added, changes), event_objects))
    entries = _entries(source_key, changes)
    objects.conclude(connection, scope, clock.now(), entries, changes)


def existing(
    connection: Connection, scope: Scope, object_type: str, refids: Iterable[str]
) -> set[str]:
    """Those of the folded refids that are present and no tombstones."""
    return objects.existing(connection, scope, object_type, refids)


def _enqueue(
    connection: Connection,
    scope: Scope,
    added: Sequence[Versioned],
    clock: Clock,
    file_delay_seconds: float,
) -> bool:
    now = clock.now()
    types = sorted({version.object_type for version in added})
    routes, is_heard = outbox.routes(connection, scope, types, clock.today(scope.zone_id))
    events = [found for route in routes if not _is_file(route) for found in _events(route, types)]
    zone = clock.zones.get(scope.zone_id, UTC)
    files = [
        replace(found, due=next_delivery(route.delivery, now, zone, file_delay_seconds))
        for route in routes
        if _is_file(route)
        for found in _file(route, types)
    ]
    if events:
        outbox.queue_events(connection, scope, added, events, now)
    if files:
        outbox.queue_files(connection, scope, files, now)
    if events or files:
        outbox.notify(connection)
    return is_heard


def _shown(added: Sequence[Versioned], changes: Sequence[Change]) -> Iterator[Versioned]:
    # The event of a delete tells the id as the last version wrote it, in its namespace.
    for version, change in zip(added, changes, strict=True):
        yield replace(version, version_id=change.previous or version.version_id)


def _is_file(route: Route) -> bool:
    return route.transport in FILE_TRANSPORTS


def _events(route: Route, types: Sequence[str]) -> list[Destination]:
    return [_destination(route, kind, [kind]) for kind in types if kind in route.objects]


def _file(route: Route, types: Sequence[str]) -> list[Destination]:
    wanted = [kind for kind in types if kind in route.objects]
    return [_destination(route, WHOLE_ROSTER, wanted)] if wanted else []


def _destination(route: Route, object_type: str, wanted: Sequence[str]) -> Destination:
    granted = any(kind in route.granted for kind in wanted)
    if route.pod_policy == "required" and not granted:
        return Destination(route.subscriber_id, object_type, "held", UNACKNOWLEDGED)
    return Destination(route.subscriber_id, object_type, "waiting")


def _entries(source_key: str, changes: Sequence[Change]) -> list[audits.Entry]:
    tally = Counter((change.action, change.object_type) for change in changes)
    return [
        audits.Entry(source_key, f"accepted {action}", object_type, number)
        for (action, object_type), number in tally.items()
    ]
