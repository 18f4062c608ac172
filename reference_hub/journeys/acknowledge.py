"""A vendor acknowledges its POD: from here on data may flow. Or it rejects it, and none does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.alert import raise_alert
from reference_hub.journeys.announce_pod import announce_pod
from reference_hub.model.change import UPDATE
from reference_hub.model.pod import EXPIRED, LIVE, PENDING, Pod
from reference_hub.store import audits, endings, outbox, pods, receipts
from reference_hub.store.receipts import ACKNOWLEDGED, REJECTED, Receipt

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection


TURNED_DOWN = "A vendor turned its POD down; nothing is sent under it."


def acknowledge(
    connection: Connection,
    vendor_id: int,
    token: str,
    how: str,
    clock: Clock,
    *,
    pod_hash: str = "",
    given_by: Mapping[str, str] | None = None,
) -> bool:
    """Acknowledge the vendor's Pending or Live POD with this token; False when there is none.

    `how`: marker (the vendor sent it), push (it answered with it), receipt, reply, form, or
    operator for a person's word. Within its dates the POD becomes Live and held messages are
    released; repeating it changes nothing.
    """
    pod = pods.lock(connection, vendor_id, token)
    today = clock.today(pod.scope.zone_id) if pod else None
    if pod is None or today is None or not _may(pod, today):
        return False
    news = pod.acknowledged is None
    if news:
        pods.set_acknowledged(connection, pod.id, how, clock.now())
        _keep(connection, pod, ACKNOWLEDGED, how, clock, pod_hash=pod_hash, given_by=given_by)
    if pod.starts <= today and (news or pod.status == PENDING):
        _go_live(connection, pod, clock)
    return True


def reject(
    connection: Connection,
    vendor_id: int,
    token: str,
    how: str,
    reason: str,
    clock: Clock,
    *,
    given_by: Mapping[str, str] | None = None,
) -> bool:
    """End the vendor's Pending POD with this token at its own wish; False where it is not
    Pending, or was acknowledged before."""
    pod = pods.lock(connection, vendor_id, token)
    if pod is None or pod.acknowledged is not None:
        return False
    if not pods.set_rejected(connection, pod.id, clock.now()):
        return False
    _keep(connection, pod, REJECTED, how, clock, reason=reason, given_by=given_by)
    announce_pod(connection, replace(pod, status=EXPIRED), UPDATE, clock)
    told = (pod.scope, "hub", "WARNING", TURNED_DOWN)
    raise_alert(connection, clock, *told, cause=pod.id, for_district=True)
    return True


def _may(pod: Pod, today: date) -> bool:
    return pod.status in (PENDING, LIVE) and (pod.ends is None or pod.ends >= today)


def _go_live(connection: Connection, pod: Pod, clock: Clock) -> None:
    # Before the update: the store allows one Live POD per vendor, scope and application.
    pods.expire_other_live(connection, pod)
    pods.set_status(connection, pod.id, LIVE)
    endings.begin_afresh(connection, pod)
    outbox.release(connection, pod.vendor_id, pod.scope)
    outbox.renew_files(connection, pod.vendor_id, pod.scope)
    outbox.notify(connection)
    announce_pod(connection, replace(pod, status=LIVE), UPDATE, clock)


def _keep(
    connection: Connection,
    pod: Pod,
    decision: str,
    how: str,
    clock: Clock,
    *,
    pod_hash: str = "",
    reason: str = "",
    given_by: Mapping[str, str] | None = None,
) -> None:
    told = Receipt(
        id=clock.new_uuid(),
        pod_id=pod.id,
        decision=decision,
        channel=how,
        pod_version=pod.version,
        at=clock.now(),
        pod_hash=pod_hash,
        reason=reason,
        given_by=given_by or {},
    )
    receipts.insert(connection, told)
    detail = {"pod": pod.id, "version": pod.version, "how": how, "hash": pod_hash}
    action = "acknowledged POD" if decision == ACKNOWLEDGED else "rejected POD"
    entry = audits.Entry(f"vendor {pod.vendor_id}", action, detail=detail)
    audits.add(connection, pod.scope, clock.now(), entry)
