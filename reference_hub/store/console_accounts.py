"""Accounts of the console. Names are told apart without regard to case; no password is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.console import Account

# Beside a row of `console_account a`, as `account_from` reads it.
COLUMNS = (
    "a.id AS account_id, a.name, a.role, a.zone_id, a.vendor_id, a.disabled,"
    " a.subject <> '' AS by_provider"
)
_ADD = text(
    """
    INSERT INTO console_account (name, folded, role, zone_id, vendor_id, password_hash, created)
    VALUES (:name, :folded, :role, :zone, :vendor, :hash, :now)
    ON CONFLICT (folded) DO NOTHING RETURNING id
    """
)
_FIND = text(
    f"SELECT {COLUMNS}, a.password_hash FROM console_account a WHERE a.folded = :folded"  # noqa: S608
)
_ALL = text(
    f"""
    SELECT {COLUMNS}, a.created, v.name AS vendor,
           (SELECT max(s.seen) FROM console_session s WHERE s.account_id = a.id) AS seen
    FROM console_account a LEFT JOIN vendor v ON v.id = a.vendor_id ORDER BY a.folded
    """  # noqa: S608 constants only
)
_BY_ID = text(
    f"SELECT {COLUMNS} FROM console_account a WHERE a.id = :id"  # noqa: S608 constants only
)
_ANY = text("SELECT EXISTS (SELECT FROM console_account)")
_SET_HASH = text("UPDATE console_account SET password_hash = :hash WHERE id = :id")
_SET_DISABLED = text("UPDATE console_account SET disabled = :disabled WHERE id = :id")
_OTHER_ADMINS = text(
    """
    SELECT count(*) FROM console_account
    WHERE role = 'admin' AND zone_id = '' AND NOT disabled AND id <> :id
    """
)


@dataclass(frozen=True, slots=True)
class Listed:
    """An account with the name of its vendor, and when it last asked for a page."""

    account: Account
    vendor: str
    created: datetime
    seen: datetime | None


def folded(name: str) -> str:
    """What is compared of a name."""
    return " ".join(name.split()).casefold()


def account_from(row: Row[Any]) -> Account:
    """The account of a row that has COLUMNS."""
    return Account(
        row.account_id,
        row.name,
        row.role,
        row.zone_id,
        row.vendor_id,
        disabled=row.disabled,
        by_provider=row.by_provider,
    )


def add(
    connection: Connection,
    name: str,
    role: str,
    zone_id: str,
    vendor_id: int | None,
    password_hash: str,
    now: datetime,
) -> int | None:
    """Its id; None where the name is taken."""
    values = {
        "name": name,
        "folded": folded(name),
        "role": role,
        "zone": zone_id,
        "vendor": vendor_id,
        "hash": password_hash,
        "now": now,
    }
    found: int | None = connection.execute(_ADD, values).scalar()
    return found


def find(connection: Connection, name: str) -> tuple[Account, str] | None:
    """The account of that name, disabled or not, with the hash of its password."""
    row = connection.execute(_FIND, {"folded": folded(name)}).first()
    return (account_from(row), row.password_hash) if row else None


def by_id(connection: Connection, account_id: int) -> Account | None:
    """The account with that id."""
    row = connection.execute(_BY_ID, {"id": account_id}).first()
    return account_from(row) if row else None


def every(connection: Connection) -> list[Listed]:
    """All accounts by name."""
    return [
        Listed(account_from(row), row.vendor or "", row.created, row.seen)
        for row in connection.execute(_ALL)
    ]


def is_any(connection: Connection) -> bool:
    """Whether there is an account, of whatever kind."""
    return bool(connection.execute(_ANY).scalar_one())


def set_password(connection: Connection, account_id: int, password_hash: str) -> None:
    """Another password; its sessions go on until somebody ends them."""
    connection.execute(_SET_HASH, {"id": account_id, "hash": password_hash})


def set_disabled(connection: Connection, account_id: int, *, disabled: bool) -> None:
    """Let the account in no more, or again."""
    connection.execute(_SET_DISABLED, {"id": account_id, "disabled": disabled})


def other_admins(connection: Connection, account_id: int) -> int:
    """How many others may administer every district."""
    return int(connection.execute(_OTHER_ADMINS, {"id": account_id}).scalar_one())
