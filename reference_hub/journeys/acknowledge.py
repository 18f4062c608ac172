"""A vendor uses its POD's token for the first time: from here on data may flow."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.model.pod import LIVE, PENDING, Pod
from reference_hub.store import audits, outbox, pods

if TYPE_CHECKING:
    from sqlalchemy import Connection


def acknowledge(connection: Connection, vendor_id: int, token: str, how: str, clock: Clock) -> bool:
    """Acknowledge the vendor's Pending or Live POD with this token; False when there is none.

    `how`: marker (the vendor sent it), push (it answered with it), or a person's word. Within its
    dates the POD becomes Live and held messages are released; repeating it changes nothing.
    """
    pod = pods.lock(connection, vendor_id, token)
    today = clock.now().date()
    if pod is None or not _may(pod, today):
        return False
    news = pod.acknowledged is None
    if news:
        pods.set_acknowledged(connection, pod.id, how, clock.now())
        _record(connection, pod, how, clock)
    if pod.starts <= today and (news or pod.status == PENDING):
        _go_live(connection, pod)
    return True


def _may(pod: Pod, today: date) -> bool:
    return pod.status in (PENDING, LIVE) and (pod.ends is None or pod.ends >= today)


def _go_live(connection: Connection, pod: Pod) -> None:
    # Before the update: the store allows one Live POD per vendor and scope (uq_pod_live).
    pods.expire_other_live(connection, pod)
    pods.set_status(connection, pod.id, LIVE)
    outbox.release(connection, pod.vendor_id, pod.scope)
    outbox.renew_files(connection, pod.vendor_id, pod.scope)
    outbox.notify(connection)


def _record(connection: Connection, pod: Pod, how: str, clock: Clock) -> None:
    detail = {"pod": pod.id, "version": pod.version, "how": how}
    entry = audits.Entry(f"vendor {pod.vendor_id}", "acknowledged POD", detail=detail)
    audits.add(connection, pod.scope, clock.now(), entry)
