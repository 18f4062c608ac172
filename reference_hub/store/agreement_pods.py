"""PODs that agreements of a registry brought about, as the synchronisation looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from reference_hub.model.scope import Scope

# Held until the transaction ends, so that two workers do not publish the same POD.
_HOLD = text("SELECT id FROM vendor WHERE id = :vendor FOR NO KEY UPDATE")
_KNOWN = text(
    """
    SELECT id, agreement_id, app_id, version, status, content, coalesce(ended, '') AS ended
    FROM pod
    WHERE vendor_id = :vendor AND zone_id = :zone AND context_id = :context AND agreement_id <> ''
    ORDER BY created, id
    """
)
_DISCARD = text("DELETE FROM pod WHERE id = CAST(:id AS uuid) AND status = 'Draft'")


@dataclass(frozen=True, slots=True)
class AgreementPod:
    """A POD without its document; `ended` says in words how it came to be Expired."""

    id: str
    agreement_id: str
    app_id: str
    version: str
    status: str
    content: str
    ended: str


def hold(connection: Connection, vendor_id: int) -> None:
    """Keep others who publish or synchronise away from this vendor until the transaction ends."""
    connection.execute(_HOLD, {"vendor": vendor_id})


def known(connection: Connection, vendor_id: int, scope: Scope) -> list[AgreementPod]:
    """The vendor's PODs of any agreement, drafts among them, oldest first."""
    asked = {"vendor": vendor_id, "zone": scope.zone_id, "context": scope.context_id}
    return [
        AgreementPod(
            str(row.id),
            row.agreement_id,
            row.app_id,
            row.version,
            row.status,
            row.content,
            row.ended,
        )
        for row in connection.execute(_KNOWN, asked)
    ]


def discard(connection: Connection, pod_id: str) -> None:
    """Remove a draft, which nobody has seen; any other POD stays."""
    connection.execute(_DISCARD, {"id": pod_id})


_NEWEST = text(
    """
    SELECT DISTINCT ON (p.agreement_id, p.app_id, p.vendor_id)
           p.agreement_id, p.app_id, v.name, p.version, p.status, p.acknowledged
    FROM pod p JOIN vendor v ON v.id = p.vendor_id
    WHERE p.agreement_id <> ''
    ORDER BY p.agreement_id, p.app_id, p.vendor_id, p.created DESC, p.id
    """
)


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest POD of an agreement for one application of a vendor of the hub."""

    agreement_id: str
    app_id: str
    vendor: str
    version: str
    status: str
    acknowledged: datetime | None


def standings(connection: Connection) -> list[Standing]:
    """How every agreement stands, ordered by its id."""
    return [Standing(*row) for row in connection.execute(_NEWEST)]
