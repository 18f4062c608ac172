"""Simulated vendors: one that conforms, and mutants that each make one mistake.

They share no code with the hub nor with the judge: what both know, both learned from the
specification. A mutant of `mutants/` overrides one method of `receiver.Receiver`.
"""

from __future__ import annotations

from typing import Any

from conformance.simulators.receiver import Receiver
from conformance.simulators.server import Handle, serve

__all__ = ["Handle", "Receiver", "pod_claims", "serve"]


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
