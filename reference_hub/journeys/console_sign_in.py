"""Sign in to the console: same words and same time for an unknown name and a wrong password.

Attempts are counted and passwords compared outside of a transaction that waits: whoever guesses
holds no connection while scrypt runs.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from werkzeug.security import check_password_hash

from reference_hub.clock import Clock
from reference_hub.journeys import console_accounts
from reference_hub.model.console import Account, Session
from reference_hub.model.scope import Scope
from reference_hub.settings import Console
from reference_hub.store import audits, console_attempts, console_sessions
from reference_hub.store import console_accounts as store
from reference_hub.store.console_attempts import ADDRESS, NAME

if TYPE_CHECKING:
    from sqlalchemy import Engine

KEPT = timedelta(days=2)
DRAFTS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The token for the cookie and the account; or, without them, until when nobody looks at
    another attempt (None: the name or the password was wrong)."""

    token: str = ""
    account: Account | None = None
    locked_until: datetime | None = None


@cache
def _nobodys() -> str:
    return console_accounts.hashed("a password that no account has")


def key_of(token: str) -> str:
    """What the store keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_over(session: Session, settings: Console, now: datetime) -> bool:
    """Whether the session has run out, by its age or by standing still."""
    idle = timedelta(seconds=settings.idle_seconds)
    return now >= session.expires or now - session.seen >= idle or session.account.disabled


def sign_in(
    engine: Engine, name: str, password: str, address: str, settings: Console, clock: Clock
) -> SignedIn:
    """Begin a session for whoever knows the password."""
    now = clock.now()
    hidden = hashlib.sha256(store.folded(name).encode()).hexdigest()
    first = timedelta(seconds=settings.lock_seconds)
    with engine.begin() as connection:
        by_name = console_attempts.charge(
            connection, NAME, hidden, settings.name_failures, first, now
        )
        by_address = console_attempts.charge(
            connection, ADDRESS, address, settings.address_failures, first, now
        )
        found = store.find(connection, name)
    if locked := max(filter(None, (by_name, by_address)), default=None):
        return SignedIn(locked_until=locked)
    kept = found[1] if found else _nobodys()
    fits = check_password_hash(kept, password[: console_accounts.LONGEST + 1])
    if found is None or not fits or found[0].disabled or found[0].by_provider:
        return SignedIn()
    with engine.begin() as connection:
        console_attempts.clear(connection, NAME, hidden)
        console_attempts.give_back(connection, ADDRESS, address)
    return begin(engine, found[0], settings, now)


def begin(
    engine: Engine, account: Account, settings: Console, now: datetime, by: str = "password"
) -> SignedIn:
    """Begin a session for somebody who has proven who it is, `by` password or openid."""
    token = secrets.token_urlsafe(32)
    expires = now + timedelta(seconds=settings.session_seconds)
    entry = audits.Entry(f"console:{account.name}", "console signed in", detail={"by": by})
    with engine.begin() as connection:
        console_attempts.forget(connection, now - KEPT)
        console_sessions.forget(connection, now - KEPT)
        csrf = secrets.token_urlsafe(32)
        console_sessions.add(connection, key_of(token), account.id, csrf, now, expires)
        audits.add(connection, Scope(account.zone_id), now, entry)
    return SignedIn(token, account)
