"""Issue a POD: an agreement becomes a document, and the vendor is told."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from reference_hub.codec.pod_document import Obligations, write_pod
from reference_hub.journeys.announce_pod import announce_pod
from reference_hub.model.change import CREATE, UPDATE
from reference_hub.model.party import Vendor
from reference_hub.model.pod import DRAFT, EXPIRED, PENDING, Pod, Terms
from reference_hub.registry.plan import raised
from reference_hub.store import agreement_pods, outbox, pods

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from reference_hub.clock import Clock

# Makes the document for a new id and token, and tells its entries.
Build = Callable[[str, str], tuple[bytes, tuple[Terms, ...]]]


def issue_pod(
    connection: Connection,
    vendor: Vendor,
    version: str,
    granted: Sequence[str],
    terms: Obligations,
    clock: Clock,
) -> Pod:
    """Publish a POD that grants these paths to the vendor in its zone and context."""

    def build(pod_id: str, token: str) -> tuple[bytes, tuple[Terms, ...]]:
        parts = (pod_id, token, version, vendor.party_id, vendor.scope, granted, terms)
        entry = Terms(granted=tuple(granted), starts=terms.starts, ends=terms.ends)
        return write_pod(*parts), (entry,)

    return publish(connection, vendor, build, clock, version=version)


def publish(
    connection: Connection,
    vendor: Vendor,
    build: Build,
    clock: Clock,
    *,
    version: str,
    app_id: str = "",
    agreement_id: str = "",
    content: str = "",
    draft: bool = False,
) -> Pod:
    """Store a new Pending POD with a fresh random token and queue it to the vendor; or a draft,
    which nobody hears of.

    Earlier PODs of the vendor for the same application expire at once: their tokens answer 410
    from now on.
    """
    pod_id, token = clock.new_uuid(), secrets.token_urlsafe(24)
    document, entries = build(pod_id, token)
    pod = Pod(
        id=pod_id,
        vendor_id=vendor.id,
        scope=vendor.scope,
        version=version,
        token=token,
        status=DRAFT if draft else PENDING,
        starts=min(entry.starts or clock.today(vendor.scope.zone_id) for entry in entries),
        ends=_last_day(entries),
        document=document,
        acknowledged=None,
        entries=entries,
        app_id=app_id,
        agreement_id=agreement_id,
        content=content,
    )
    pods.insert(connection, pod)
    if not draft:
        _replace(connection, pod, clock)
    return pod


def publish_draft(connection: Connection, pod: Pod, clock: Clock) -> bool:
    """Make a draft Pending, in place of what came before it; False where it is no draft."""
    if pod.status != DRAFT or not pods.set_status(connection, pod.id, PENDING):
        return False
    _replace(connection, replace(pod, status=PENDING), clock)
    return True


def free_version(connection: Connection, vendor: Vendor, wanted: str) -> str:
    """The version wanted, raised until no POD of the vendor has it: whatever changes in a POD, it
    gets another version (POD-VER-001)."""
    agreement_pods.hold(connection, vendor.id)
    here = pods.in_scope(connection, vendor.scope)
    taken = {each.version for each in here if each.vendor_id == vendor.id}
    while wanted in taken:
        wanted = raised(wanted)
    return wanted


def _replace(connection: Connection, pod: Pod, clock: Clock) -> None:
    # Of two that are published at once the later must see the earlier, or both stay.
    agreement_pods.hold(connection, pod.vendor_id)
    for old in pods.expire_others(connection, pod):
        whole = pods.by_id(connection, old.id)
        if whole is not None:
            announce_pod(connection, replace(whole, status=EXPIRED), UPDATE, clock)
    outbox.queue_pod(connection, pod)
    announce_pod(connection, pod, CREATE, clock)


def _last_day(entries: Sequence[Terms]) -> date | None:
    days = [entry.ends for entry in entries]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None
