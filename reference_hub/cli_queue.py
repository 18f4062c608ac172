"""Commands that look at the queue and the loss ledger."""

from __future__ import annotations

import click

from reference_hub.cli_parties import json_option, show
from reference_hub.settings import Settings
from reference_hub.store import overviews, vendors
from reference_hub.store.db import open_engine


@click.command()
@json_option
@click.pass_obj
def deliveries(settings: Settings, as_json: bool) -> None:
    """Show how many messages wait, are held, done or dead, per connection, and why."""
    with open_engine(settings).connect() as connection:
        rows = overviews.deliveries(connection)
    show(rows, as_json, "Nothing is queued: no vendor is connected, or nothing was loaded.")


@click.command()
@click.argument("vendor")
@json_option
@click.pass_obj
def losses(settings: Settings, vendor: str, as_json: bool) -> None:
    """Show what could not be carried to VENDOR in its format: field, kind, records concerned."""
    with open_engine(settings).connect() as connection:
        vendors.required_vendor(connection, vendor)
        rows = overviews.losses(connection, vendor)
    show(rows, as_json, f"No loss is recorded for {vendor}.")


COMMANDS = (deliveries, losses)
