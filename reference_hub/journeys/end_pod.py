"""The end of an agreement: nothing more is sent, the vendor is told and asked to delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.codec.pod_terms import days_to_confirm
from reference_hub.journeys.announce_pod import announce_pod
from reference_hub.model.change import UPDATE
from reference_hub.model.pod import EXPIRED, Pod
from reference_hub.store import audits, deletions, endings, outbox, pods
from reference_hub.store.deletions import Deletion

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reference_hub.model.party import Vendor


def end_pods(
    connection: Connection, vendor: Vendor, reason: str, clock: Clock, *,
    app_id: str | None = None, got_data: bool = True,
) -> list[Pod]:  # fmt: skip
    """End every Pending and Live POD of the vendor, with `app_id` those for that application only;
    which these were. `got_data`: as for `wind_up`."""
    ended = pods.expire_all(connection, vendor.id, vendor.scope, app_id, reason)
    for pod in ended:
        wind_up(connection, pod, reason, clock, got_data=got_data)
    return ended


def wind_up(
    connection: Connection, pod: Pod, reason: str, clock: Clock, *, got_data: bool = True
) -> None:
    """After a POD has expired without a successor: purge what waits, end subscriptions, tell the
    vendor, and where data could have flowed ask it to delete. `got_data` False: it is known that
    none did."""
    whole = pods.by_id(connection, pod.id)
    if whole is None:
        return
    purged = endings.stop(connection, whole)
    detail = {"pod": pod.id, "version": pod.version, "reason": reason, "purged": purged}
    entry = audits.Entry("hub", "ended POD", detail=detail)
    audits.add(connection, pod.scope, clock.now(), entry)
    announce_pod(connection, replace(whole, status=EXPIRED), UPDATE, clock)
    if whole.acknowledged is not None:
        outbox.queue_pod(connection, whole)
        if got_data:
            _ask_to_delete(connection, whole, reason, clock)


def _ask_to_delete(connection: Connection, pod: Pod, reason: str, clock: Clock) -> None:
    days = days_to_confirm(pod.document)
    if days is None:
        return
    today = clock.today(pod.scope.zone_id)
    # A term beyond all calendars must not keep the POD from ending.
    due = today + timedelta(days=max(0, min(days, (date.max - today).days)))
    asked = Deletion(clock.new_uuid(), pod.vendor_id, pod.id, pod.scope, reason, clock.now(), due)
    if deletions.insert(connection, asked):
        detail = {"pod": pod.id, "deletion": asked.id, "due": due.isoformat()}
        entry = audits.Entry("hub", "asked to delete", detail=detail)
        audits.add(connection, pod.scope, clock.now(), entry)
