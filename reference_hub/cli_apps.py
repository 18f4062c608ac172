"""Commands for application keys: who may call the hub, and what each may do."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reference_hub.cli_parties import (
    decision_options,
    json_option,
    note_unknown_zone,
    read_secret,
    secret_options,
    settle_decision,
    show,
    transaction,
    zone_option,
)
from reference_hub.clock import Clock
from reference_hub.journeys.decisions import HELD_CURE, held_words
from reference_hub.journeys.dismiss import dismiss
from reference_hub.journeys.provision import settle
from reference_hub.journeys.register import (
    refuse_object_name,
    refuse_unknown_place,
    refuse_unusable_key,
    register,
)
from reference_hub.model.environment import given_to
from reference_hub.model.party import Application
from reference_hub.model.rights import APPROVED, RIGHTS, SERVICE_TYPES, Grant, to_rows
from reference_hub.model.scope import DEFAULT_CONTEXT, Scope
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import held_applications, provision_requests, vendors

if TYPE_CHECKING:
    from sqlalchemy import Connection

GRANT = "TYPE NAME RIGHTS"


@click.group()
def app() -> None:
    """Application keys: who may call the hub."""


@app.command("add")
@click.argument("key")
@secret_options
@zone_option
@click.option("--context", default=DEFAULT_CONTEXT, show_default=True, help="Context in the zone.")
@click.option("--vendor", "vendor_name", help="The vendor it acts for; without one it is a source.")
@click.option("--kind", type=click.Choice(["source", "provider"]), help="What it is, if no vendor.")
@click.option("--environment", type=click.Choice(["DIRECT", "BROKERED"]), help="Type of session.")
@click.option("--notation", type=click.Choice(["xml", "goessner", "pesc"]), help="JSON it speaks.")
@click.option("--grant", "grants", multiple=True, metavar=GRANT, help="A right it has; repeatable.")
@click.option("--may-request", multiple=True, metavar=GRANT, help="A right it gets when it asks.")
@click.option("--app", "app_id", help="The product it is, as its agreement names it; else KEY.")
@click.option("--default-rights", is_flag=True, help="Back to the rights of its kind.")
@decision_options
@click.pass_obj
def add(
    settings: Settings,
    /,
    key: str,
    secret_env: str | None,
    secret_file: Path | None,
    vendor_name: str | None,
    zone: str,
    context: str,
    default_rights: bool,
    **given: Any,
) -> None:
    """Register application KEY, or change it.

    What is not named stays as it is. A right is QUERY, CREATE, UPDATE, DELETE, SUBSCRIBE or
    PROVIDE; TYPE is OBJECT, UTILITY, FUNCTIONAL, SERVICEPATH or XQUERYTEMPLATE; NAME is that of
    the service, or * for any. Without --grant it has the usual rights of its kind. One that acts
    for a vendor wants a decision where vendor connect does.

    \b
    Examples (a SIS that feeds the hub, a consumer that may read students only):
      SIS_SECRET=... reference-hub app add district-sis --secret-env SIS_SECRET
      reference-hub app add portal --secret-file portal.key \\
        --grant "OBJECT xStudents QUERY,SUBSCRIBE" \\
        --may-request "OBJECT xStaffs QUERY"
    """
    refuse_unusable_key(key)
    if vendor_name and given["kind"]:
        raise SetupError("An application acts for a vendor or is of another kind; name one.")
    secret, scope = read_secret(secret_env, secret_file), Scope(zone, context)
    grants = _grants(given["grants"], "--grant", scope, settings)
    with transaction(settings) as connection:
        found = vendors.required_vendor(connection, vendor_name) if vendor_name else None
        if found is not None:
            settle_decision(connection, found, settings, given)
        vendors.add_application(
            connection,
            key,
            secret,
            scope,
            vendor_id=found.id if found else None,
            kind=given["kind"] or "",
            environment_type=given["environment"] or "",
            notation=given["notation"],
            grants=() if default_rights and not grants else grants,
            requestable=_grants(given["may_request"], "--may-request", scope, settings),
            app_id=given["app_id"],
            decision="",
        )
    note_unknown_zone(settings, zone)
    click.echo(f"{key} may call the hub for {zone}; its rights: reference-hub app show {key}")


def _grants(
    texts: Sequence[str], option: str, scope: Scope, settings: Settings
) -> tuple[Grant, ...] | None:
    """The grants of `TYPE NAME RIGHT,...`; None where the option was not given."""
    if not texts:
        return None
    # A zone that only the command line knows may be granted in, as it may be registered for.
    if scope.zone_id in settings.zones:
        refuse_unknown_place(scope, "--context", settings.zones)
    return tuple(_grant(text, f"{option} {text!r}", scope) for text in texts)


def _grant(text: str, at: str, scope: Scope) -> Grant:
    words = text.split()
    if len(words) != 3:
        raise SetupError(
            f"{at} does not read TYPE NAME RIGHT,... such as 'OBJECT xStudents QUERY,SUBSCRIBE'."
        )
    kind, name = words[0].upper(), words[1]
    rights = list(filter(None, words[2].upper().split(",")))
    if kind not in SERVICE_TYPES:
        raise SetupError(f"{at} has the type {kind}; known are {', '.join(SERVICE_TYPES)}.")
    if kind == "OBJECT":
        refuse_object_name(name, f"The name in {at}")
    unknown = [right for right in rights if right not in RIGHTS]
    if unknown or not rights:
        told = f"the unknown right {unknown[0]}" if unknown else "no right"
        raise SetupError(f"{at} has {told}; known are {', '.join(RIGHTS)}, joined by commas.")
    approved = dict.fromkeys(rights, APPROVED)
    return Grant(scope.zone_id, scope.context_id, kind, name, approved)


@app.command("list")
@json_option
@click.pass_obj
def list_apps(settings: Settings, as_json: bool) -> None:
    """Show the registered applications, never their secrets.

    \b
    Example:
      reference-hub app list
    """
    with transaction(settings) as connection:
        held = {each.key for each in held_applications.every(connection)}
        rows = [
            _summary(each) | {"data": "held" if each.key in held else "as granted"}
            for each in vendors.all_applications(connection)
        ]
    show(rows, as_json, "No application yet: reference-hub app add KEY --secret-env NAME")


def _summary(each: Application) -> dict[str, str]:
    return {
        "key": each.key,
        "kind": each.kind,
        "zone": each.scope.zone_id,
        "context": each.scope.context_id,
        "environment": each.environment_type,
    }


@app.command("show")
@click.argument("key")
@json_option
@click.pass_obj
def show_app(settings: Settings, key: str, as_json: bool) -> None:
    """Show what application KEY may do and may ask for.

    \b
    Example:
      reference-hub app show portal
    """
    with transaction(settings) as connection:
        found = _known(connection, key)
        owner = vendors.vendor_by_id(connection, found.vendor_id) if found.vendor_id else None
        is_held = held_applications.is_held(connection, key)
    facts = _summary(found) | {
        "vendor": owner.name if owner else "",
        "notation": found.notation,
        "rights": "registered" if found.grants else f"default of a {found.kind}",
        "data": "held: the district has not decided, or refused" if is_held else "as granted",
    }
    rights = to_rows(given_to(found))
    if as_json:
        document = facts | {"granted": rights, "may_request": to_rows(found.requestable)}
        click.echo(json.dumps(document, indent=2))
        return
    for name, value in facts.items():
        click.echo(f"{name:12} {value or '-'}")
    click.echo()
    show([_line(row) for row in rights], False, "")
    if found.requestable:
        click.echo("\nmay request")
        show([_line(row) for row in to_rows(found.requestable)], False, "")


def _known(connection: Connection, key: str) -> Application:
    found = vendors.find_application(connection, key)
    if found is None:
        raise SetupError(f"There is no application '{key}'; see: reference-hub app list")
    return found


def _line(row: dict[str, Any]) -> dict[str, str]:
    rights = ", ".join(f"{right} {value}" for right, value in row["rights"].items())
    return {name: row[name] for name in ("zone", "context", "type", "name")} | {"rights": rights}


@app.command("remove")
@click.argument("key")
@click.pass_obj
def remove_app(settings: Settings, key: str) -> None:
    """Remove application KEY.

    Its sessions, queues and access tokens end, and what it provides has no provider any more. What
    it wrote stays. It is not asked again.

    \b
    Example:
      reference-hub app remove portal
    """
    with transaction(settings) as connection:
        found = _known(connection, key)
        ended = dismiss(connection, found, Clock(), settings.utility_zone)
    click.echo(f"{key} is removed from {found.scope.zone_id}; sessions ended: {ended}.")
    if key in settings.applications:
        text = f"Note: the settings still hold [applications.{key}], which registers it anew"
        click.echo(f"{text} at the next serve, migrate or app apply.", err=True)


@app.command("apply")
@click.pass_obj
def apply(settings: Settings) -> None:
    """Register the applications of the settings file now.

    Serve and migrate do this too. What an entry leaves out gets its default. One that acts for a
    vendor gets no data before the district's decision, where that is required: see vendor decide.

    \b
    Example of an entry in hub.toml, and how it is registered:
      [applications.portal]
      secret_env = "PORTAL_SECRET"
      zone = "demo-district"
      rights = [{ name = "xStudents", rights = { QUERY = "APPROVED" } }]
    \b
      reference-hub app apply
    """
    keys = apply_settings(settings)
    if keys:
        click.echo(f"Registered from the settings: {', '.join(keys)}.")
    else:
        click.echo("The settings name no application; add a table [applications.KEY].", err=True)


def apply_settings(settings: Settings) -> list[str]:
    """Register what the settings file says, all of it or nothing; the keys concerned. Says on
    standard error which of them get no data before a decision."""
    if not settings.applications:
        return []
    with transaction(settings) as connection:
        keys = register(connection, settings.applications, settings.zones, os.environ)
        held = held_applications.every(connection)
    for each in held:
        click.echo(f"Note: {held_words(each)}; {HELD_CURE.format(vendor=each.vendor)}.", err=True)
    return keys


@app.command("requests")
@json_option
@click.pass_obj
def list_requests(settings: Settings, as_json: bool) -> None:
    """Show the requests for rights that wait for a decision.

    \b
    Example (with access.provisioning = "manual"):
      reference-hub app requests
    """
    with transaction(settings) as connection:
        rows = [
            {"id": each.id, "application": key, "asks": _asked(each.asked)}
            for key, each in provision_requests.pending(connection)
        ]
    show(rows, as_json, "No request waits for a decision.")


def _asked(grants: Sequence[Grant]) -> str:
    return "; ".join(
        f"{each.service_type} {each.name} {','.join(each.rights)} in {each.zone_id}"
        for each in grants
    )


@app.command("decide")
@click.argument("request_id", metavar="ID")
@click.option("--approve/--reject", "approve", default=None, help="The decision.")
@click.pass_obj
def decide(settings: Settings, request_id: str, approve: bool | None) -> None:
    """Decide the request for rights ID.

    The application sees it in its environment at once.

    \b
    Example:
      reference-hub app decide 4e5f6a7b-8c9d-4e0f-9a1b-2c3d4e5f6a14 --approve
    """
    if approve is None:
        raise click.UsageError("Say --approve or --reject.")
    with transaction(settings) as connection:
        done = settle(connection, request_id, Clock(), approve=approve)
    click.echo(f"The request is {done.completion}.")


COMMANDS = (app,)
