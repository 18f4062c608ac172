"""A vendor asks for data: the gate decides, and the first right marker acknowledges the POD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.model.party import Vendor
from reference_hub.model.pod import Pod
from reference_hub.privacy.gate import decide
from reference_hub.problems import Refusal
from reference_hub.store import pods

if TYPE_CHECKING:
    from sqlalchemy import Connection


def admit(
    connection: Connection, vendor: Vendor, marker: str | None, object_type: str, clock: Clock
) -> Pod | None:
    """The POD to filter by; None where the district asks for none. Raises Refusal otherwise."""
    shown, latest = pods.for_gate(connection, vendor.id, vendor.scope, marker or None)
    decision = decide(
        vendor.pod_policy,
        shown,
        latest,
        vendor.id,
        vendor.scope,
        clock.now().date(),
        marker,
        object_type,
    )
    if isinstance(decision, Refusal):
        raise decision
    if marker and decision.pod is not None:
        _acknowledge(connection, decision.pod, clock)
    return decision.pod


def _acknowledge(connection: Connection, pod: Pod, clock: Clock) -> None:
    if pod.acknowledged is None or pod.status != "Live":
        acknowledge(connection, pod.vendor_id, pod.token, "marker", clock)
