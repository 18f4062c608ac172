"""Sessions of the console, what each is to be told once, and forms that came too late.

A session that ran out stays for some days: it tells whose form came after its end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from reference_hub.model.console import Session
from reference_hub.store.console_accounts import COLUMNS, account_from

_ADD = text(
    """
    INSERT INTO console_session (key, account_id, csrf, created, seen, expires)
    VALUES (:key, :account, :csrf, :now, :now, :expires)
    """
)
_FIND = text(
    f"""
    SELECT s.key, s.csrf, s.created AS begun, s.seen, s.expires, {COLUMNS}
    FROM console_session s JOIN console_account a ON a.id = s.account_id WHERE s.key = :key
    """  # noqa: S608 constants only
)
_SEEN = text("UPDATE console_session SET seen = :now WHERE key = :key AND seen < :now")
_END = text("DELETE FROM console_session WHERE key = :key")
_END_ALL = text(
    "DELETE FROM console_session WHERE account_id = :account AND key IS DISTINCT FROM :keep"
)
_FORGET = text("DELETE FROM console_session WHERE expires < :before OR seen < :before")
_IS_OWN = text(
    "SELECT EXISTS (SELECT FROM console_session WHERE account_id = :account AND csrf = :csrf)"
)
_NOTE = text(
    "UPDATE console_session SET notices = notices || CAST(:notice AS jsonb) WHERE key = :key"
)
_TAKE_NOTICES = text(
    """
    WITH told AS (
      SELECT key, notices FROM console_session
      WHERE key = :key AND notices <> '[]'::jsonb FOR UPDATE
    )
    UPDATE console_session s SET notices = '[]'::jsonb FROM told WHERE s.key = told.key
    RETURNING told.notices
    """
)
_KEEP = text(
    """
    INSERT INTO console_draft (account_id, path, fields, kept)
    VALUES (:account, :path, CAST(:fields AS jsonb), :now)
    ON CONFLICT (account_id, path) DO UPDATE SET fields = excluded.fields, kept = excluded.kept
    """
)
_DRAFT = text(
    """
    SELECT fields FROM console_draft
    WHERE account_id = :account AND path = :path AND kept >= :since
    """
)
_DROP_DRAFT = text("DELETE FROM console_draft WHERE account_id = :account AND path = :path")
_FORGET_DRAFTS = text("DELETE FROM console_draft WHERE kept < :before")
Notice = Mapping[str, Any]
Fields = dict[str, list[str]]


def add(
    connection: Connection,
    key: str,
    account_id: int,
    csrf: str,
    now: datetime,
    expires: datetime,
) -> None:
    """Begin a session; `key` is the hash of a token that is in no other place than a cookie."""
    values = {"key": key, "account": account_id, "csrf": csrf, "now": now, "expires": expires}
    connection.execute(_ADD, values)


def find(connection: Connection, key: str) -> Session | None:
    """The session, whether it has run out or not."""
    row = connection.execute(_FIND, {"key": key}).first()
    if row is None:
        return None
    return Session(row.key, account_from(row), row.csrf, row.begun, row.seen, row.expires)


def set_seen(connection: Connection, key: str, now: datetime) -> None:
    """It was used now."""
    connection.execute(_SEEN, {"key": key, "now": now})


def end(connection: Connection, key: str) -> None:
    """Sign out."""
    connection.execute(_END, {"key": key})


def end_all(connection: Connection, account_id: int, keep: str | None = None) -> int:
    """Sign an account out everywhere, but in the session `keep`; how many sessions that were."""
    return connection.execute(_END_ALL, {"account": account_id, "keep": keep}).rowcount


def forget(connection: Connection, before: datetime) -> None:
    """Delete sessions and forms that ended or were kept before that."""
    connection.execute(_FORGET, {"before": before})
    connection.execute(_FORGET_DRAFTS, {"before": before})


def is_own(connection: Connection, account_id: int, csrf: str) -> bool:
    """Whether any session of the account, one that has run out too, had this token in its forms."""
    return bool(connection.execute(_IS_OWN, {"account": account_id, "csrf": csrf}).scalar_one())


def note(connection: Connection, key: str, notice: Notice) -> None:
    """Have the next page of the session say something."""
    connection.execute(_NOTE, {"key": key, "notice": json.dumps([dict(notice)])})


def take_notices(connection: Connection, key: str) -> list[Notice]:
    """What the session is to be told; it is told once."""
    found: Sequence[Notice] | None = connection.execute(_TAKE_NOTICES, {"key": key}).scalar()
    return list(found or [])


def keep_draft(
    connection: Connection, account_id: int, path: str, fields: Fields, now: datetime
) -> None:
    """Keep what a form of that page held, in place of an earlier one."""
    values = {"account": account_id, "path": path, "fields": json.dumps(fields), "now": now}
    connection.execute(_KEEP, values)


def draft(connection: Connection, account_id: int, path: str, since: datetime) -> Fields | None:
    """What was kept of the form of that page since then."""
    asked = {"account": account_id, "path": path, "since": since}
    found: Fields | None = connection.execute(_DRAFT, asked).scalar()
    return found


def drop_draft(connection: Connection, account_id: int, path: str) -> None:
    """Forget what was kept of that page."""
    connection.execute(_DROP_DRAFT, {"account": account_id, "path": path})
