"""What a vendor wrote about a delivery: kept as it came, for whoever reads it as receipts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from reference_hub.model.message import ResultFile
from reference_hub.model.party import Subscriber
from reference_hub.store import audits
from reference_hub.store import vendor_results as store

if TYPE_CHECKING:
    from sqlalchemy import Connection

ACTOR = "delivery"


def receive(
    connection: Connection, to: Subscriber, files: Sequence[ResultFile], now: datetime
) -> int:
    """Keep the files that are new to the hub, by name and content; how many those are."""
    new = [each for each in files if store.insert(connection, to, each, now)]
    if new:
        entry = audits.Entry(ACTOR, "fetched result", "", len(new), {"connection": to.name})
        audits.add(connection, to.scope, now, entry)
    return len(new)
