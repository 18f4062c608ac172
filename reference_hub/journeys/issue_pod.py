"""Issue a POD: an agreement becomes a Pending document, and the vendor is told."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from reference_hub.model.party import Vendor
from reference_hub.model.pod import PENDING, Pod
from reference_hub.model.pod_document import Obligations, write_pod
from reference_hub.store import outbox, pods

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reference_hub.clock import Clock


def issue_pod(
    connection: Connection,
    vendor: Vendor,
    version: str,
    granted: Sequence[str],
    terms: Obligations,
    clock: Clock,
) -> Pod:
    """Store a new Pending POD with a fresh random token and queue it to the vendor.

    Earlier PODs of the vendor in this zone expire at once: their tokens answer 410 from now on.
    """
    pod_id, token = clock.new_uuid(), secrets.token_urlsafe(24)
    document = write_pod(pod_id, token, version, vendor.party_id, vendor.scope, granted, terms)
    pod = Pod(
        id=pod_id,
        vendor_id=vendor.id,
        scope=vendor.scope,
        version=version,
        token=token,
        status=PENDING,
        starts=terms.starts,
        ends=terms.ends,
        granted=tuple(granted),
        document=document,
        acknowledged=None,
    )
    pods.expire_all(connection, vendor.id, vendor.scope)
    pods.insert(connection, pod)
    outbox.queue_pod(connection, pod)
    return pod
