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


def look(
    connection: Connection, vendor: Vendor, marker: str | None, object_type: str, clock: Clock
) -> tuple[Pod | None, bool]:
    """The POD to filter by, None where the district asks for none, and whether the request
    acknowledges it, which `admit` would write down. Raises Refusal otherwise."""
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
    pod = decision.pod
    is_news = pod is not None and (pod.acknowledged is None or pod.status != "Live")
    return pod, bool(marker) and is_news


def admit(
    connection: Connection, vendor: Vendor, marker: str | None, object_type: str, clock: Clock
) -> Pod | None:
    """The POD to filter by; None where the district asks for none. Raises Refusal otherwise."""
    pod, acknowledges = look(connection, vendor, marker, object_type, clock)
    if pod is not None and acknowledges:
        acknowledge(connection, pod.vendor_id, pod.token, "marker", clock)
    return pod
