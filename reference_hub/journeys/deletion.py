"""A vendor confirms that it deleted what it had; the hub chases what is overdue (profile)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.alert import raise_alert
from reference_hub.model.environment import Environment
from reference_hub.model.scope import Scope
from reference_hub.model.uuids import canonical
from reference_hub.problems import Refusal
from reference_hub.settings import Settings
from reference_hub.store import audits, deletions
from reference_hub.store.deletions import Deletion

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

SCOPE = "POD deletion"
OVERDUE = "A vendor has not confirmed in time that it deleted the data of an ended agreement."
# A vendor's clock may run ahead of ours, and its day begin before ours.
_AHEAD = timedelta(days=1)
_EVERY = timedelta(minutes=10)


def asked_of(connection: Connection, environment: Environment) -> list[Deletion]:
    """What the caller's vendor was asked to delete. Raises Refusal 403 for other callers."""
    return deletions.of_vendor(connection, _vendor_of(environment))


def confirm(
    connection: Connection,
    environment: Environment,
    deletion_id: str,
    answer: Mapping[str, str],
    deleted: datetime | date,
    clock: Clock,
) -> tuple[Deletion, bool]:
    """Keep the vendor's word and whether it is new; the first one stands.

    Raises Refusal 403 for callers who are no vendor, 404 for an id that is not theirs, 409 for
    another answer than the first, 422 for a day to come.
    """
    vendor_id, known = _vendor_of(environment), canonical(deletion_id)
    found = deletions.hold(connection, known) if known else None
    if found is None or found.vendor_id != vendor_id:
        raise Refusal(404, SCOPE, "You were asked for no deletion with this id.")
    if found.confirmed is not None:
        if dict(found.answer) != dict(answer):
            raise Refusal(409, SCOPE, "It was confirmed in other words; the first ones stand.")
        return found, False
    _refuse_future(deleted, clock)
    deletions.confirm(connection, found.id, answer, clock.now())
    detail = {"pod": found.pod_id, "deletion": found.id, "deletedAt": answer["deletedAt"]}
    entry = audits.Entry(f"vendor {vendor_id}", "confirmed deletion", detail=detail)
    audits.add(connection, found.scope, clock.now(), entry)
    return deletions.hold(connection, found.id) or found, True


def chase(connection: Connection, scope: Scope, clock: Clock) -> int:
    """Raise an alert for each deletion that is overdue and had none today; how many there were.

    The alert names no vendor, as others may hear it; the audit trail does.
    """
    today, raised = clock.today(scope.zone_id), 0
    for each in deletions.in_scope(connection, scope):
        if each.confirmed is not None or each.due >= today:
            continue
        told = (scope, "hub", "WARNING", OVERDUE)
        if raise_alert(connection, clock, *told, cause=each.id, for_district=True):
            raised += 1
            detail = {"deletion": each.id, "pod": each.pod_id, "due": each.due.isoformat()}
            actor = f"vendor {each.vendor_id}"
            entry = audits.Entry(actor, "deletion overdue", detail=detail)
            audits.add(connection, scope, clock.now(), entry)
    return raised


def chasing(settings: Settings, clock: Clock | None = None) -> Callable[[Engine], bool]:
    """An errand for a worker: look for overdue deletions now and then."""
    clock = clock or Clock()
    due = [clock.now()]
    places = [
        Scope(zone_id, context_id)
        for zone_id, zone in settings.zones.items()
        for context_id in zone.contexts
    ]

    def errand(engine: Engine) -> bool:
        if clock.now() >= due[0]:
            due[0] = clock.now() + _EVERY
            for scope in places:
                with engine.begin() as connection:
                    chase(connection, scope, clock)
        return False

    return errand


def _vendor_of(environment: Environment) -> int:
    vendor_id = environment.application.vendor_id
    if vendor_id is None:
        raise Refusal(403, SCOPE, "Only a vendor is asked to delete.")
    return vendor_id


def _refuse_future(deleted: datetime | date, clock: Clock) -> None:
    latest = clock.now() + _AHEAD
    # A moment is a day as well, so it is asked for first.
    if deleted > latest if isinstance(deleted, datetime) else deleted > latest.date():
        raise Refusal(422, SCOPE, "deletedAt lies in the future; confirm what has been done.")
