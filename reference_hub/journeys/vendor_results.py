"""What a vendor wrote about a delivery: kept as it came, for whoever reads it as receipts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from reference_hub.model.message import ResultFile
from reference_hub.model.party import Subscriber
from reference_hub.store import audits, target_sending
from reference_hub.store import vendor_results as store
from reference_hub.translate.result_file import REJECTED, ResultError, answers

if TYPE_CHECKING:
    from sqlalchemy import Connection

ACTOR = "delivery"


def receive(
    connection: Connection, to: Subscriber, files: Sequence[ResultFile], now: datetime
) -> int:
    """Keep the files that are new to the hub, by name and content; how many those are."""
    new = [each for each in files if store.insert(connection, to, each, now)]
    for each in new:
        _note(connection, to, each, now)
    if new:
        entry = audits.Entry(ACTOR, "fetched result", "", len(new), {"connection": to.name})
        audits.add(connection, to.scope, now, entry)
    return len(new)


def _note(connection: Connection, to: Subscriber, file: ResultFile, now: datetime) -> None:
    """Write each record's answer beside its row, where the district sees it."""
    try:
        found = answers(file.content)
    except ResultError as error:
        entry = audits.Entry(
            ACTOR, "unread result", "", 1, {"connection": to.name, "why": str(error)}
        )
        audits.add(connection, to.scope, now, entry)
        return
    known = target_sending.note_answers(
        connection, to, [(x.collection, x.key, x.state, x.reason) for x in found]
    )
    rejected = sum(each.state == REJECTED for each in found)
    counts: dict[str, object] = {"rejected": rejected, "unknown": len(found) - known}
    entry = audits.Entry(ACTOR, "noted result", "", len(found), {"connection": to.name} | counts)
    audits.add(connection, to.scope, now, entry)
