"""Who may sign in: for administrators, each of their own district or of all."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import NotFound

from reference_hub.journeys import console_accounts as journey
from reference_hub.model.console import ADMINS, ROLES, VENDOR, Account
from reference_hub.store import console_accounts as store
from reference_hub.store import vendors
from reference_hub.web.console import districts
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here
from reference_hub.web.services import services


@page("/accounts", ADMINS)
def account_list(here: Here) -> Response:
    """All accounts that the administrator may change."""
    rows = [each for each in store.every(here.connection) if _is_ours(here, each.account)]
    return here.show("accounts.html", rows=rows)


def _is_ours(here: Here, account: Account) -> bool:
    return here.account.zone_id in ("", account.zone_id)


@page("/accounts/new", ADMINS, methods=("GET", "POST"))
def new_account(here: Here) -> Response:
    """Add an account."""
    faults = _faults(here) if request.method == "POST" else {}
    if request.method == "GET" or faults:
        return here.show(
            "account_new.html",
            422 if faults else 200,
            faults=faults,
            roles=[(role, here.say(f"shared.roles.{role}")) for role in ROLES],
            zones=_zones(here),
        )
    name, role = here.value("name"), here.value("role")
    journey.add(
        here.connection,
        name,
        role,
        here.secret("password"),
        here.clock,
        services().settings.zones,
        zone_id=here.value("zone"),
        vendor=here.value("vendor") if role == VENDOR else "",
        who=here.actor,
    )
    return here.go("account_list", "accounts.added", say_name=name)


def _zones(here: Here) -> list[tuple[str, str]]:
    named = [(zone, zone) for zone in districts.known(here) if zone in services().settings.zones]
    every = [] if here.account.zone_id else [("", here.say("account.every_zone"))]
    return every + named


def _faults(here: Here) -> dict[str, str]:
    name, role = here.value("name"), here.value("role")
    faults = {}
    if not journey.is_name(name):
        faults["name"] = here.say("accounts.no_name")
    elif store.find(here.connection, name) is not None:
        faults["name"] = here.say("accounts.taken")
    if role not in ROLES:
        faults["role"] = here.say("accounts.no_role")
    if role == VENDOR and not _is_our_vendor(here, here.value("vendor")):
        faults["vendor"] = here.say("accounts.no_vendor")
    if here.value("zone") not in dict(_zones(here)):
        faults["zone"] = here.say("accounts.no_zone")
    if journey.is_weak(name, here.secret("password")):
        faults["password"] = here.say("account.weak", n=journey.SHORTEST)
    return faults


def _is_our_vendor(here: Here, name: str) -> bool:
    found = vendors.find_vendor(here.connection, name)
    return found is not None and here.account.sees(found.scope.zone_id)


def _account(here: Here, account_id: int) -> Account:
    found = store.by_id(here.connection, account_id)
    if found is None or not _is_ours(here, found):
        raise NotFound
    return found


@page("/accounts/<int:account_id>", ADMINS, methods=("GET", "POST"))
def change_account(here: Here, account_id: int) -> Response:
    """One account; the form gives it another password."""
    found = _account(here, account_id)
    is_last = journey.is_last_admin(here.connection, found)
    if request.method == "GET" or found.by_provider:
        return here.show("account_change.html", found=found, is_last=is_last, faults={})
    password = here.secret("password")
    if journey.is_weak(found.name, password):
        faults = {"password": here.say("account.weak", n=journey.SHORTEST)}
        return here.show("account_change.html", 422, found=found, is_last=is_last, faults=faults)
    keep = here.session.key if found.id == here.account.id else None
    journey.set_password(here.connection, found.name, password, here.clock, keep, here.actor)
    return here.go("account_list", "accounts.password_changed", say_name=found.name)


@page("/accounts/<int:account_id>/disable", ADMINS, methods=("POST",))
def disable_account(here: Here, account_id: int) -> Response:
    """Let the account in no more; it can be undone."""
    found = _account(here, account_id)
    if journey.is_last_admin(here.connection, found):
        here.note("accounts.last_admin", kind="fault")
        return here.go("change_account", account_id=found.id)
    journey.disable(here.connection, found.name, here.clock, here.actor)
    return here.go("account_list", "accounts.disabled", say_name=found.name)


@page("/accounts/<int:account_id>/enable", ADMINS, methods=("POST",))
def enable_account(here: Here, account_id: int) -> Response:
    """Let it in again."""
    found = _account(here, account_id)
    journey.enable(here.connection, found.name, here.clock, here.actor)
    return here.go("account_list", "accounts.enabled", say_name=found.name)
