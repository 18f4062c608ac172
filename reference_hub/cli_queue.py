"""Commands that look at the queue and the loss ledger, and at the hub's own health."""

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


@click.command()
@click.pass_obj
def doctor(settings: Settings) -> None:
    """Check store, schemas and port, and say what to do about what is wrong."""
    from reference_hub.codec.schema import open_judge
    from reference_hub.server import refuse_taken

    with open_engine(settings).connect() as connection:
        version = overviews.server_version(connection)
    click.echo(f"store    ok: PostgreSQL {version}, schema up to date")
    models = [zone.model for zone in settings.zones.values()]
    open_judge(settings).refuse_ambiguity(models)
    click.echo(f"schemas  ok: {settings.schemas.registry}")
    refuse_taken(settings.server.host, settings.server.port)
    click.echo(f"port     ok: {settings.server.host}:{settings.server.port} is free")


COMMANDS = (deliveries, losses, doctor)
