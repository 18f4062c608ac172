"""Simulated vendors: one that conforms, and mutants that each make one mistake.

They share no code with the hub nor with the judge: what both know, both learned from the
specification. A mutant of `mutants/` overrides one method of `receiver.Receiver`.
"""

from __future__ import annotations

from typing import Any

from conformance.simulators.access import OTHER_KEY, OTHER_SECRET
from conformance.simulators.receiver import Receiver
from conformance.simulators.server import Handle, serve

__all__ = ["Handle", "Receiver", "offer_claims", "pod_claims", "serve"]


def pod_claims() -> dict[str, Any]:
    """The table `[pod]` of a target file that claims for the simulator all that it does."""
    return {
        "json": True,
        "receipt": True,
        "time_zone": "UTC",
        "acknowledge_within_seconds": 0.6,
        "second_zone": "second-district",
        "restart_url": "operator/restart",
        "delete_within_seconds": 0.0,
        "deletion_url": "operator/deletions",
        "policy_url": "privacy",
    }


def offer_claims(product: type[Receiver] = Receiver) -> dict[str, Any]:
    """The tables `[offer]` and `[second]` of a target file: what can be asked of the simulator."""
    offer = {"denied": product.denied[0], "largest_page": product.largest_page}
    forms = {name: product.accepts(name) for name in ("pesc", "goessner")}
    return {"offer": offer | forms, "second": {"key": OTHER_KEY, "secret": OTHER_SECRET}}
