"""Attempts to sign in that failed, by name and by address: whoever guesses must wait.

An attempt is counted before the password is looked at, so that many at the same time count as many.
Names are kept as hashes: somebody may type a password there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

NAME, ADDRESS = "name", "address"
LONGEST = timedelta(hours=1)

# While it is locked nothing is counted; what is an hour old counts no more.
_CHARGE = text(
    """
    INSERT INTO console_attempt AS a (kind, key, failed, last) VALUES (:kind, :key, 1, :now)
    ON CONFLICT (kind, key) DO UPDATE SET
      failed = CASE WHEN a.locked_until > :now THEN a.failed
                    WHEN a.last < :stale THEN 1 ELSE a.failed + 1 END,
      last = CASE WHEN a.locked_until > :now THEN a.last ELSE :now END
    RETURNING failed, locked_until
    """
)
_LOCK = text("UPDATE console_attempt SET locked_until = :until WHERE kind = :kind AND key = :key")
_CLEAR = text("DELETE FROM console_attempt WHERE kind = :kind AND key = :key")
_GIVE_BACK = text(
    """
    UPDATE console_attempt SET failed = greatest(failed - 1, 0), locked_until = NULL
    WHERE kind = :kind AND key = :key
    """
)
_FORGET = text("DELETE FROM console_attempt WHERE last < :before")


def charge(
    connection: Connection, kind: str, key: str, most: int, first: timedelta, now: datetime
) -> datetime | None:
    """Count an attempt; until when it is locked, None where this one may be looked at.

    The attempt that makes it `most` is looked at, and locks those that follow.
    """
    values = {"kind": kind, "key": key, "now": now, "stale": now - LONGEST}
    row = connection.execute(_CHARGE, values).one()
    if row.locked_until is not None and row.locked_until > now:
        until: datetime = row.locked_until
        return until
    if row.failed >= most:
        # Doubled a few times it is longer than the longest anyway.
        wait = min(first * 2 ** min(row.failed - most, 12), LONGEST)
        connection.execute(_LOCK, {"kind": kind, "key": key, "until": now + wait})
    return None


def clear(connection: Connection, kind: str, key: str) -> None:
    """It was the right password: begin to count anew."""
    connection.execute(_CLEAR, {"kind": kind, "key": key})


def give_back(connection: Connection, kind: str, key: str) -> None:
    """This attempt was none; the others stay counted."""
    connection.execute(_GIVE_BACK, {"kind": kind, "key": key})


def forget(connection: Connection, before: datetime) -> None:
    """Delete what was last counted before that."""
    connection.execute(_FORGET, {"before": before})
