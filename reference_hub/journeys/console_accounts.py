"""Accounts of the console: add one, disable it, give it another password. All are audited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from werkzeug.security import generate_password_hash

from reference_hub.clock import Clock
from reference_hub.model.console import ADMIN, VENDOR, Account
from reference_hub.model.scope import Scope
from reference_hub.problems import SetupError
from reference_hub.settings import Zone
from reference_hub.store import audits, console_accounts, console_sessions, vendors

if TYPE_CHECKING:
    from sqlalchemy import Connection

SHORTEST, LONGEST = 12, 256
_LONGEST_NAME = 80
OPERATOR = "operator"


def hashed(password: str) -> str:
    """The salted scrypt hash of a password."""
    return generate_password_hash(password, method="scrypt")


def is_weak(name: str, password: str) -> bool:
    """Whether the password is too short, too long or easily guessed."""
    fits = SHORTEST <= len(password) <= LONGEST
    return not fits or console_accounts.folded(name) in password.casefold() or _is_plain(password)


def is_name(name: str) -> bool:
    """Whether an account may have that name."""
    return bool(name.strip()) and len(name) <= _LONGEST_NAME and name.isprintable()


def _is_plain(password: str) -> bool:
    return len(set(password)) < 5


def refuse_weak(name: str, password: str) -> None:
    """Raise SetupError for a password that `is_weak`."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise SetupError(
            f"A password of the console has {SHORTEST} to {LONGEST} characters; this one has "
            f"{len(password)}."
        )
    if is_weak(name, password):
        raise SetupError(
            "A password must not hold the name of its account, nor be a few characters repeated; "
            "choose another one."
        )


def add(
    connection: Connection,
    name: str,
    role: str,
    password: str,
    clock: Clock,
    zones: Mapping[str, Zone],
    *,
    zone_id: str = "",
    vendor: str = "",
    who: str = OPERATOR,
) -> int:
    """Add an account; its id. Raises SetupError for a name that is taken or unfit, a weak password,
    an unknown zone, a vendor's account without its vendor."""
    name = " ".join(name.split())
    if not is_name(name):
        raise SetupError(f"An account has a name of at most {_LONGEST_NAME} printable characters.")
    if (role == VENDOR) != bool(vendor):
        raise SetupError("The role vendor, and no other, needs --vendor NAME: what it may see.")
    if zone_id and zone_id not in zones:
        raise SetupError(
            f"The settings have no zone '{zone_id}' (known: {', '.join(zones)}); correct --zone."
        )
    refuse_weak(name, password)
    found = vendors.required_vendor(connection, vendor) if vendor else None
    if found is not None:
        zone_id = found.scope.zone_id
    vendor_id = found.id if found else None
    added = console_accounts.add(
        connection, name, role, zone_id, vendor_id, hashed(password), clock.now()
    )
    if added is None:
        raise SetupError(
            f"There is an account {name} already; give it another password with: reference-hub "
            "console account password"
        )
    _note(connection, "console account added", zone_id, {"account": name, "role": role}, clock, who)
    return added


def disable(connection: Connection, name: str, clock: Clock, who: str = OPERATOR) -> int:
    """Let the account in no more; how many of its sessions ended.

    Raises SetupError for the last one that may administer every district.
    """
    account = required(connection, name)
    if is_last_admin(connection, account):
        raise SetupError(
            f"{account.name} is the only admin; add another one before you disable this one."
        )
    console_accounts.set_disabled(connection, account.id, disabled=True)
    told = {"account": account.name}
    _note(connection, "console account disabled", account.zone_id, told, clock, who)
    return console_sessions.end_all(connection, account.id)


def is_last_admin(connection: Connection, account: Account) -> bool:
    """Whether nobody else may administer every district."""
    is_chief = account.role == ADMIN and not account.zone_id and not account.disabled
    return is_chief and not console_accounts.other_admins(connection, account.id)


def enable(connection: Connection, name: str, clock: Clock, who: str = OPERATOR) -> None:
    """Let a disabled account in again."""
    account = required(connection, name)
    console_accounts.set_disabled(connection, account.id, disabled=False)
    told = {"account": account.name}
    _note(connection, "console account enabled", account.zone_id, told, clock, who)


def set_password(
    connection: Connection,
    name: str,
    password: str,
    clock: Clock,
    keep: str | None = None,
    who: str = OPERATOR,
) -> int:
    """Give the account another password; how many sessions ended, all but the one `keep`."""
    account = required(connection, name)
    if account.by_provider:
        raise SetupError(
            f"{account.name} signs in at the OpenID provider and has no password here; change it "
            "there, or disable the account."
        )
    refuse_weak(account.name, password)
    console_accounts.set_password(connection, account.id, hashed(password))
    told = {"account": account.name}
    _note(connection, "console password changed", account.zone_id, told, clock, who)
    return console_sessions.end_all(connection, account.id, keep)


def required(connection: Connection, name: str) -> Account:
    """The account of that name; SetupError names the known ones."""
    found = console_accounts.find(connection, name)
    if found is None:
        known = ", ".join(each.account.name for each in console_accounts.every(connection))
        raise SetupError(f"There is no account '{name}' (known: {known or 'none'}).")
    return found[0]


def _note(
    connection: Connection,
    what: str,
    zone_id: str,
    told: Mapping[str, str],
    clock: Clock,
    who: str,
) -> None:
    entry = audits.Entry(who, what, detail=told)
    audits.add(connection, Scope(zone_id), clock.now(), entry)
