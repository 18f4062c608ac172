"""Sign-ins at an OpenID provider that are under way, and the accounts of those whom it knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from reference_hub.model.console import Account
from reference_hub.store.console_accounts import COLUMNS, account_from, folded

_BEGIN = text(
    """
    INSERT INTO console_openid (state, browser, nonce, verifier, place, begun)
    VALUES (:state, :browser, :nonce, :verifier, :place, :now)
    """
)
# Once, whoever asks: the second of two that come with one state finds nothing.
_TAKE = text(
    "DELETE FROM console_openid WHERE state = :state"
    " RETURNING browser, nonce, verifier, place, begun"
)
_FORGET = text("DELETE FROM console_openid WHERE begun < :before")
_FIND = text(
    f"SELECT {COLUMNS} FROM console_account a"  # noqa: S608 constants only
    " WHERE a.issuer = :issuer AND a.subject = :subject"
)
_ADD = text(
    """
    INSERT INTO console_account (name, folded, role, zone_id, password_hash, created, issuer,
                                 subject)
    VALUES (:name, :folded, :role, :zone, :hash, :now, :issuer, :subject)
    ON CONFLICT DO NOTHING RETURNING id
    """
)
_SET_ROLE = text("UPDATE console_account SET role = :role, zone_id = :zone WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that somebody began. `state` and `browser` are SHA-256, hexadecimal: of the state
    that the provider hands back, and of the cookie of the browser that it must come back to.
    `place`: where to go afterwards."""

    state: str
    browser: str
    nonce: str
    verifier: str
    place: str
    begun: datetime


def begin(connection: Connection, begun: Begun) -> None:
    """Keep it until the browser comes back."""
    values = {
        "state": begun.state,
        "browser": begun.browser,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "place": begun.place,
        "now": begun.begun,
    }
    connection.execute(_BEGIN, values)


def take(connection: Connection, state: str) -> Begun | None:
    """The sign-in of that state, which is gone with this; None where there is none."""
    row = connection.execute(_TAKE, {"state": state}).first()
    return Begun(state, *row) if row else None


def forget(connection: Connection, before: datetime) -> None:
    """Delete those that were begun before and never came back."""
    connection.execute(_FORGET, {"before": before})


def find(connection: Connection, issuer: str, subject: str) -> Account | None:
    """The account of somebody whom the provider calls so."""
    row = connection.execute(_FIND, {"issuer": issuer, "subject": subject}).first()
    return account_from(row) if row else None


def add(
    connection: Connection,
    name: str,
    role: str,
    zone_id: str,
    identity: tuple[str, str],
    password_hash: str,
    now: datetime,
) -> bool:
    """Add an account of `identity` (issuer, subject); False where name or identity are taken."""
    issuer, subject = identity
    values = {
        "name": name,
        "folded": folded(name),
        "role": role,
        "zone": zone_id,
        "hash": password_hash,
        "now": now,
        "issuer": issuer,
        "subject": subject,
    }
    return connection.execute(_ADD, values).first() is not None


def set_role(connection: Connection, account_id: int, role: str, zone_id: str) -> None:
    """What the account may do from now on."""
    connection.execute(_SET_ROLE, {"id": account_id, "role": role, "zone": zone_id})
