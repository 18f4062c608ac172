"""Commands for people whose data a vendor, or every vendor, must never get."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reference_hub.cli_parties import json_option, show, transaction, zone_option
from reference_hub.journeys import persons
from reference_hub.journeys.create import usable
from reference_hub.model.party import Vendor
from reference_hub.model.scope import Scope
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import exclusions, vendors
from reference_hub.time_zones import clock_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

vendor_option = click.option("--vendor", help="This vendor only; every vendor by default.")


@click.group()
def person() -> None:
    """People whose data a vendor must never get."""


@person.command("exclude")
@click.argument("refid")
@vendor_option
@zone_option
@click.pass_obj
def exclude(settings: Settings, refid: str, vendor: str | None, zone: str) -> None:
    """Never share the person with this RefId.

    What waits for the vendor is dropped, and it is sent a delete of what it has of the person.

    \b
    Example:
      reference-hub person exclude --vendor reading \\
        0B3E5F6C-7A7D-4D4E-9A44-0E3E4B6C1D2A
    """
    _refuse_strange(refid)
    with transaction(settings) as connection:
        found = _vendor(connection, vendor, zone)
        is_new = persons.exclude(connection, Scope(zone), refid, found, clock_of(settings))
    whom = vendor or "any vendor"
    click.echo(f"Not shared with {whom}{'' if is_new else ' already'}.")


@person.command("include")
@click.argument("refid")
@vendor_option
@zone_option
@click.pass_obj
def include(settings: Settings, refid: str, vendor: str | None, zone: str) -> None:
    """Take an exclude of the same words back.

    What a PersonPrivacyObligationDocument says stays: only its source changes that.

    \b
    Example:
      reference-hub person include --vendor reading \\
        0B3E5F6C-7A7D-4D4E-9A44-0E3E4B6C1D2A
    """
    _refuse_strange(refid)
    with transaction(settings) as connection:
        found = _vendor(connection, vendor, zone)
        if not persons.include(connection, Scope(zone), refid, found, clock_of(settings)):
            raise SetupError("No operator excluded this person so; see: reference-hub person list")
    click.echo("Taken back.")


@person.command("list")
@zone_option
@json_option
@click.pass_obj
def list_persons(settings: Settings, zone: str, as_json: bool) -> None:
    """Show who is excluded from what, and by whose word.

    \b
    Example:
      reference-hub person list
    """
    with transaction(settings) as connection:
        names = {each.id: each.name for each in vendors.all_vendors(connection)}
        rows = [
            {
                "person": each.refid,
                "vendor": "any" if each.vendor_id is None else names[each.vendor_id],
                "by": each.source if each.source == persons.OPERATOR else f"document {each.source}",
            }
            for each in exclusions.everyone(connection, Scope(zone))
        ]
    show(rows, as_json, "Nobody is excluded.")


def _vendor(connection: Connection, name: str | None, zone: str) -> Vendor | None:
    if name is None:
        return None
    found = vendors.required_vendor(connection, name)
    if found.scope != Scope(zone):
        raise SetupError(f"{name} is a vendor of zone {found.scope.zone_id}; correct --zone.")
    return found


def _refuse_strange(refid: str) -> None:
    if not usable(refid):
        raise SetupError("REFID must be the RefId of a person, a UUID with or without hyphens.")


COMMANDS = (person,)
