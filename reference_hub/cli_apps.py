"""Commands for application keys: who may call the hub, and what each may do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reference_hub.cli_parties import json_option, read_secret, secret_options, show, zone_option
from reference_hub.clock import Clock
from reference_hub.journeys.provision import settle
from reference_hub.journeys.register import grants_of, refuse_unusable_key, register
from reference_hub.model.environment import given_to
from reference_hub.model.party import Application
from reference_hub.model.rights import APPROVED, Grant, to_rows
from reference_hub.model.scope import DEFAULT_CONTEXT, Scope
from reference_hub.problems import SetupError
from reference_hub.settings import Settings, Zone
from reference_hub.store import provision_requests, vendors
from reference_hub.store.db import open_engine

if TYPE_CHECKING:
    from sqlalchemy import Connection

GRANT = "TYPE NAME RIGHT,..."


@contextmanager
def _store(settings: Settings) -> Iterator[Connection]:
    """One transaction on the store of the settings."""
    engine = open_engine(settings)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


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
@click.option("--default-rights", is_flag=True, help="Back to the rights of its kind.")
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
    """Register application KEY, or change it; what is not named stays as it is.

    \b
    Examples (a SIS that feeds the hub, and a consumer that may read students only):
      SIS_SECRET=... reference-hub app add district-sis --secret-env SIS_SECRET
      reference-hub app add portal --secret-file portal.key \\
        --grant "OBJECT xStudents QUERY,SUBSCRIBE" --may-request "OBJECT xStaffs QUERY"
    """
    refuse_unusable_key(key)
    if vendor_name and given["kind"]:
        raise SetupError("An application acts for a vendor or is of another kind; name one.")
    secret, scope = read_secret(secret_env, secret_file), Scope(zone, context)
    grants = _grants(given["grants"], "--grant", scope, settings)
    with _store(settings) as connection:
        vendors.add_application(
            connection,
            key,
            secret,
            scope,
            vendor_id=vendors.required_vendor(connection, vendor_name).id if vendor_name else None,
            kind=given["kind"] or "",
            environment_type=given["environment"] or "",
            notation=given["notation"],
            grants=() if default_rights and not grants else grants,
            requestable=_grants(given["may_request"], "--may-request", scope, settings),
        )
    click.echo(f"{key} may call the hub for {zone}.")


def _grants(
    texts: Sequence[str], option: str, scope: Scope, settings: Settings
) -> tuple[Grant, ...] | None:
    """The grants of `TYPE NAME RIGHT,...`; None where the option was not given."""
    if not texts:
        return None
    rows = [_row(text, option) | {"zone": scope.zone_id} for text in texts]
    # A zone that only the command line knows may be granted in, as it may be registered for.
    zones = settings.zones
    if scope.zone_id not in zones:
        return grants_of(rows, option, scope, {scope.zone_id: Zone(contexts=(scope.context_id,))})
    return grants_of(rows, option, scope, zones)


def _row(text: str, option: str) -> dict[str, Any]:
    words = text.split()
    if len(words) != 3:
        raise SetupError(
            f"{option} {text!r} does not read TYPE NAME RIGHT,... such as "
            "'OBJECT xStudents QUERY,SUBSCRIBE'."
        )
    kind, name, rights = words
    approved = dict.fromkeys(filter(None, rights.upper().split(",")), APPROVED)
    return {"type": kind.upper(), "name": name, "rights": approved}


@app.command("list")
@json_option
@click.pass_obj
def list_apps(settings: Settings, as_json: bool) -> None:
    """Show the registered applications, never their secrets."""
    with _store(settings) as connection:
        rows = [_summary(each) for each in vendors.all_applications(connection)]
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
    """Show application KEY: what it is, what it may do and what it may ask for."""
    with _store(settings) as connection:
        found = vendors.find_application(connection, key)
        owner = (
            vendors.vendor_by_id(connection, found.vendor_id) if found and found.vendor_id else None
        )
    if found is None:
        raise SetupError(f"There is no application '{key}'; see: reference-hub app list")
    facts = _summary(found) | {
        "vendor": owner.name if owner else "",
        "notation": found.notation,
        "rights": "registered" if found.grants else f"default of a {found.kind}",
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


def _line(row: dict[str, Any]) -> dict[str, str]:
    rights = ", ".join(f"{right} {value}" for right, value in row["rights"].items())
    return {name: row[name] for name in ("zone", "context", "type", "name")} | {"rights": rights}


@app.command("apply")
@click.pass_obj
def apply(settings: Settings) -> None:
    """Register the applications of the settings file now (serve and migrate do this too).

    \b
    Example of an entry:
      [applications.portal]
      secret_env = "PORTAL_SECRET"
      zone = "demo-district"
      rights = [{ type = "OBJECT", name = "xStudents", rights = { QUERY = "APPROVED" } }]
    """
    keys = apply_settings(settings)
    if keys:
        click.echo(f"Registered from the settings: {', '.join(keys)}.")
    else:
        click.echo("The settings name no application; add a table [applications.KEY].", err=True)


def apply_settings(settings: Settings) -> list[str]:
    """Register what the settings file says, all of it or nothing; the keys concerned."""
    if not settings.applications:
        return []
    with _store(settings) as connection:
        return register(connection, settings.applications, settings.zones, os.environ)


@app.command("requests")
@json_option
@click.pass_obj
def list_requests(settings: Settings, as_json: bool) -> None:
    """Show the requests for rights that wait for a decision."""
    with _store(settings) as connection:
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
    """Decide the request for rights ID; the application sees it in its environment at once.

    \b
    Example:
      reference-hub app decide 4e5f6a7b-8c9d-4e0f-9a1b-2c3d4e5f6a14 --approve
    """
    if approve is None:
        raise click.UsageError("Say --approve or --reject.")
    with _store(settings) as connection:
        done = settle(connection, request_id, Clock(), approve=approve)
    click.echo(f"The request is {done.completion}.")


COMMANDS = (app,)
