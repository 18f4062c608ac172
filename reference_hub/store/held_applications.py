"""Applications of the settings whose vendor nobody has decided about yet, or has refused."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

# With the policy `console` the flow of the console asks, so whom nobody takes on there is free.
_HELD = """
    SELECT a.key, a.vendor_id, v.name AS vendor, a.zone_id AS zone, d.verdict IS NOT NULL AS refused
    FROM application a JOIN vendor v ON v.id = a.vendor_id
    LEFT JOIN LATERAL (
      SELECT verdict FROM console_decision WHERE vendor_id = v.id ORDER BY id DESC LIMIT 1
    ) d ON true
    WHERE a.decision <> '' AND (d.verdict = 'refused' OR d.verdict IS NULL AND (
      a.decision = 'required' OR a.decision = 'console' AND EXISTS (
        SELECT FROM console_onboarding o WHERE o.vendor_id = v.id AND o.state = 'open')))
"""
_ALL = text(f"{_HELD} ORDER BY a.key")
_ONE = text(f"{_HELD} AND a.key = :key")
_OF_VENDOR = text(f"{_HELD} AND a.vendor_id = :vendor ORDER BY a.key")


@dataclass(frozen=True, slots=True)
class Held:
    """An application that gets no data; `refused`: somebody decided so, else nobody decided."""

    key: str
    vendor_id: int
    vendor: str
    zone: str
    refused: bool


def is_held(connection: Connection, key: str) -> bool:
    """Whether that application gets no data now."""
    return connection.execute(_ONE, {"key": key}).first() is not None


def every(connection: Connection) -> list[Held]:
    """All that are held, by key."""
    return [Held(**row._mapping) for row in connection.execute(_ALL)]


def of_vendor(connection: Connection, vendor_id: int) -> list[Held]:
    """Those of one vendor, by key."""
    return [Held(**row._mapping) for row in connection.execute(_OF_VENDOR, {"vendor": vendor_id})]
