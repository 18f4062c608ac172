"""A POD is made, changed or ended: an event for the sessions of its own vendor (POD-DEL-004)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.codec.pod_xml import with_status
from reference_hub.codec.xml import read
from reference_hub.journeys.announce import announce
from reference_hub.model.pod import DRAFT, Pod
from reference_hub.store import environments

if TYPE_CHECKING:
    from sqlalchemy import Connection


def announce_pod(connection: Connection, pod: Pod, action: str, clock: Clock) -> None:
    """Queue an event with the whole document for each subscribed session; none for a draft.

    Others may be subscribed to `pods` too, so each event names the one session it is for.
    """
    if pod.status == DRAFT:
        return
    entry = read(with_status(pod.document, pod.status))
    prints = environments.fingerprints_of(connection, pod.vendor_id, pod.scope, pod.app_id)
    for fingerprint in prints:
        announce(
            connection, clock, pod.scope, "UTILITY", "pods", action, entry, fingerprint=fingerprint
        )
