"""The command that looks at the loss ledger."""

from __future__ import annotations

import click

from reference_hub.cli_parties import json_option, show, transaction
from reference_hub.settings import Settings
from reference_hub.store import overviews, vendors


@click.command()
@click.argument("vendor")
@json_option
@click.pass_obj
def losses(settings: Settings, vendor: str, as_json: bool) -> None:
    """Show what VENDOR's format could not carry.

    Each row names the field, the kind of loss and how many records it concerns.

    \b
    Example:
      reference-hub losses reading
    """
    with transaction(settings) as connection:
        vendors.required_vendor(connection, vendor)
        rows = overviews.losses(connection, vendor)
    show(rows, as_json, f"No loss is recorded for {vendor}.")


COMMANDS = (losses,)
