"""What a vendor said of a POD, once and for all: acknowledged or rejected, when, how, by whom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, text

ACKNOWLEDGED, REJECTED = "ACKNOWLEDGED", "REJECTED"

# A POD has one receipt: the first decision stands.
_INSERT = text(
    """
    INSERT INTO receipt (id, pod_id, decision, channel, pod_version, pod_hash, reason, given_by, at)
    VALUES (CAST(:id AS uuid), CAST(:pod_id AS uuid), :decision, :channel, :pod_version, :pod_hash,
            :reason, CAST(:given_by AS jsonb), :at)
    ON CONFLICT (pod_id) DO NOTHING
    """
)
_OF = text(
    """
    SELECT id, pod_id, decision, channel, pod_version, pod_hash, reason, given_by, at
    FROM receipt WHERE pod_id = CAST(:pod_id AS uuid)
    """
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """`channel`: marker, push, receipt, reply, form, operator or calendar. `given_by`: application
    key, system, contact, as far as told; no personal data of students can be in it."""

    id: str
    pod_id: str
    decision: str
    channel: str
    pod_version: str
    at: datetime
    pod_hash: str = ""
    reason: str = ""
    given_by: Mapping[str, str] = field(default_factory=dict, hash=False)


def insert(connection: Connection, receipt: Receipt) -> bool:
    """Keep it; False when the POD has one already, which stays."""
    values = {
        "id": receipt.id,
        "pod_id": receipt.pod_id,
        "decision": receipt.decision,
        "channel": receipt.channel,
        "pod_version": receipt.pod_version,
        "pod_hash": receipt.pod_hash,
        "reason": receipt.reason,
        "given_by": json.dumps(dict(receipt.given_by)),
        "at": receipt.at,
    }
    return connection.execute(_INSERT, values).rowcount > 0


def of(connection: Connection, pod_id: str) -> Receipt | None:
    """The receipt of a POD."""
    row = connection.execute(_OF, {"pod_id": pod_id}).first()
    if row is None:
        return None
    return Receipt(
        str(row.id),
        str(row.pod_id),
        row.decision,
        row.channel,
        row.pod_version,
        row.at,
        row.pod_hash,
        row.reason,
        row.given_by,
    )
