"""The agreement of one vendor as the console shows it: the POD, its receipt, fields in counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from reference_hub.model.pod import Pod
from reference_hub.store import pods

_IDS = text(
    """
    SELECT p.id FROM pod p WHERE p.vendor_id = :vendor
    ORDER BY (p.status = 'Draft'), (p.status = 'Expired'),
             (p.acknowledged IS NULL OR p.starts > :today), p.created DESC, p.id
    LIMIT :limit
    """
)
_EXTRA = text(
    "SELECT acknowledged_how, rejected, ended, created FROM pod WHERE id = CAST(:id AS uuid)"
)
# No more than the last weeks are read: a granted path that went out at all mostly did so then.
_SENT = text(
    """
    SELECT sent.path, sum(sent.number::bigint) AS number
    FROM audit a CROSS JOIN LATERAL jsonb_each_text(a.detail -> 'fields') AS sent(path, number)
    WHERE a.at >= :since AND a.zone_id = :zone AND a.context_id = :context
      AND a.detail ->> 'pod' = :pod AND (a.action = 'read' OR a.action LIKE 'delivered %')
    GROUP BY sent.path
    """
)
_APPS = text(
    """
    SELECT a.key, a.app_id, a.environment_type, max(e.last_used) AS seen
    FROM application a LEFT JOIN environment e ON e.application_key = a.key
    WHERE a.vendor_id = :vendor GROUP BY a.key, a.app_id, a.environment_type ORDER BY a.key
    """
)


@dataclass(frozen=True, slots=True)
class Version:
    """A POD with what stands beside it: how it was acknowledged in one word, when it was rejected,
    how it ended in words, when it was made."""

    pod: Pod
    how: str
    rejected: datetime | None
    ended: str
    made: datetime


@dataclass(frozen=True, slots=True)
class Key:
    """An application key with which the vendor comes for its data, and when it last did."""

    key: str
    app_id: str
    environment: str
    seen: datetime | None


def versions(connection: Connection, vendor_id: int, today: date, limit: int = 10) -> list[Version]:
    """PODs of a vendor: the one that counts first, drafts last."""
    asked = {"vendor": vendor_id, "today": today, "limit": limit}
    found = []
    for pod_id in connection.execute(_IDS, asked).scalars():
        pod = pods.by_id(connection, str(pod_id))
        row = connection.execute(_EXTRA, {"id": pod_id}).one()
        if pod is not None:
            how = row.acknowledged_how or ""
            found.append(Version(pod, how, row.rejected, row.ended, row.created))
    return found


def sent(connection: Connection, pod: Pod, since: datetime) -> dict[str, int]:
    """How often each granted path left under the POD since then."""
    asked = {
        "pod": pod.id,
        "zone": pod.scope.zone_id,
        "context": pod.scope.context_id,
        "since": since,
    }
    return {row.path: int(row.number) for row in connection.execute(_SENT, asked)}


def keys(connection: Connection, vendor_id: int) -> list[Key]:
    """The application keys of a vendor."""
    rows = connection.execute(_APPS, {"vendor": vendor_id})
    return [Key(row.key, row.app_id, row.environment_type, row.seen) for row in rows]
