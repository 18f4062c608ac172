"""Commands for the district's console: who may sign in."""

from __future__ import annotations

import os

import click

from reference_hub.cli_parties import json_option, show, transaction
from reference_hub.model.console import ROLES
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.time_zones import clock_of

_NOBODY = "No account yet: reference-hub console account add NAME --role admin"
password_option = click.option(
    "--password-env", metavar="NAME", help="Variable that holds the password; else it is asked for."
)


@click.group()
def console() -> None:
    """The district's console, at /console/ of the hub."""


@console.group()
def account() -> None:
    """Who may sign in to the console, and as what."""


@account.command("add")
@click.argument("name")
@click.option(
    "--role", type=click.Choice(ROLES), required=True, help="What the account may see and do."
)
@click.option("--vendor", default="", help="Of the role vendor: the only vendor it sees.")
@click.option("--zone", default="", help="The only district it sees; without it, every one.")
@password_option
@click.pass_obj
def add_account(
    settings: Settings, name: str, role: str, vendor: str, zone: str, password_env: str | None
) -> None:
    """Let NAME sign in.

    \b
    Roles:
      admin    sees every page and may do everything
      manager  decides about vendors and deliveries
      viewer   looks, and changes nothing
      vendor   sees the page of its own product

    \b
    Example:
      reference-hub console account add maria --role admin
    """
    from reference_hub.journeys import console_accounts

    password = _password(password_env)
    clock = clock_of(settings)
    with transaction(settings) as connection:
        console_accounts.add(
            connection, name, role, password, clock, settings.zones, zone_id=zone, vendor=vendor
        )
    click.echo(f"{name} may sign in at /console/ of the hub, as {role}.")


@account.command("list")
@json_option
@click.pass_obj
def list_accounts(settings: Settings, as_json: bool) -> None:
    """Show every account; times are UTC.

    \b
    Example:
      reference-hub console account list
    """
    from reference_hub.store import console_accounts

    with transaction(settings) as connection:
        found = console_accounts.every(connection)
    rows = [
        {
            "account": each.account.name,
            "role": each.account.role,
            "zone": each.account.zone_id or "every one",
            "vendor": each.vendor or "-",
            "state": "disabled" if each.account.disabled else "open",
            "last_seen": f"{each.seen:%Y-%m-%d %H:%M}" if each.seen else "-",
        }
        for each in found
    ]
    show(rows, as_json, _NOBODY)


@account.command("disable")
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let it in again.")
@click.pass_obj
def disable_account(settings: Settings, name: str, undo: bool) -> None:
    """Let NAME in no more; its sessions end at once.

    \b
    Example:
      reference-hub console account disable maria
    """
    from reference_hub.journeys import console_accounts

    clock = clock_of(settings)
    with transaction(settings) as connection:
        if undo:
            console_accounts.enable(connection, name, clock)
            click.echo(f"{name} may sign in again.")
            return
        ended = console_accounts.disable(connection, name, clock)
    click.echo(f"{name} may not sign in any more; sessions ended: {ended}.")


@account.command("password")
@click.argument("name")
@password_option
@click.pass_obj
def change_password(settings: Settings, name: str, password_env: str | None) -> None:
    """Give NAME another password; its sessions end.

    \b
    Example:
      reference-hub console account password maria
    """
    from reference_hub.journeys import console_accounts

    password = _password(password_env)
    with transaction(settings) as connection:
        console_accounts.set_password(connection, name, password, clock_of(settings))
    click.echo(f"{name} has another password.")


def _password(env: str | None) -> str:
    """What the variable holds, or what is typed twice; never an argument, which others can read."""
    if env is None:
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    if not os.environ.get(env):
        raise SetupError(f"The environment variable {env} is not set; put the password into it.")
    return os.environ[env]
