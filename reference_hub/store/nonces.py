"""Nonces of signed OneRoster requests: each is good once while its timestamp would be accepted."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

_FORGET = text("DELETE FROM oauth_nonce WHERE signed < :before")
_INSERT = text(
    """
    INSERT INTO oauth_nonce (application_key, signed, nonce) VALUES (:key, :signed, :nonce)
    ON CONFLICT DO NOTHING
    """
)


def use(
    connection: Connection, key: str, nonce: str, signed: datetime, now: datetime, window: timedelta
) -> bool:
    """Remember a nonce; False where the application has used it with this timestamp before. Those
    too old to be accepted again are forgotten."""
    connection.execute(_FORGET, {"before": now - window})
    given = {"key": key, "signed": signed, "nonce": nonce}
    return connection.execute(_INSERT, given).rowcount > 0
