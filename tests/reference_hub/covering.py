"""The POD that the gate would find in force, as the hub itself looks it up."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from reference_hub.model.caller import Caller
from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope
from reference_hub.store import pods


def in_force(connection: Connection, vendor_id: int, scope: Scope, today: date) -> Pod | None:
    """The vendor's POD under which data may flow on that day."""
    looked = pods.for_gate(connection, Caller(vendor_id, scope), None, today)
    return looked.live if looked else None
