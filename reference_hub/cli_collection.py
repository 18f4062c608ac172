"""Commands for a state's collections: rules, runs, and the report that comes back to a district."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reference_hub.cli_collection_output import (
    Outputs,
    differences,
    rule_rows,
    summary,
    tell_record,
    tell_rejected,
)
from reference_hub.cli_parties import json_option, show, transaction, zone_option
from reference_hub.codec import collection_toml
from reference_hub.codec.collection_report import Report
from reference_hub.codec.collection_toml import FaultyCollection
from reference_hub.journeys import collection_history
from reference_hub.journeys.collection_records import records as records_of
from reference_hub.journeys.collection_records import take
from reference_hub.journeys.collection_run import run_in
from reference_hub.model.collection import OWN, STATE, Run
from reference_hub.model.party import Subscriber
from reference_hub.model.scope import DEFAULT_CONTEXT, Scope
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import collection_runs, vendors
from reference_hub.store.db import open_engine
from reference_hub.time_zones import clock_of
from reference_hub.vendors.addresses import reach_of
from reference_hub.vendors.secrets import with_secrets
from reference_hub.vendors.state_report import LARGEST, StateHub
from reference_hub.workers.transport import Http

if TYPE_CHECKING:
    from sqlalchemy import Connection

context_option = click.option(
    "--context", default=DEFAULT_CONTEXT, show_default=True, help="Context in the zone."
)
csv_option = click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), help="Write this CSV file as well."
)


@click.group()
def collection() -> None:
    """A state's collections: rules, runs, reports."""


@collection.command("list")
@json_option
def list_collections(as_json: bool) -> None:
    """Show the collections that come with the hub.

    \b
    Example:
      reference-hub collection list
    """
    rows = [
        {
            "collection": each.id,
            "title": each.title,
            "version": each.version,
            "rules": str(len(each.rules)),
        }
        for each in map(collection_toml.load, collection_toml.shipped())
    ]
    show(rows, as_json, "No collection comes with this hub.")


@collection.command("show")
@click.argument("name")
@click.option("--objects", is_flag=True, help="Only the names of the objects, for vendor connect.")
@json_option
def show_collection(name: str, objects: bool, as_json: bool) -> None:
    """Show the rules of collection NAME, a shipped one or a file.

    \b
    Examples:
      reference-hub collection show ma-sims
      reference-hub collection show ma-sims --objects
    """
    found = collection_toml.load(name)
    if objects:
        click.echo(",".join(found.sent))
        return
    show([rule_rows(rule) for rule in found.rules], as_json, "")


@collection.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def check(context: click.Context, file: Path) -> None:
    """Say what is wrong with the rule FILE.

    Every fault is told with its line; exit code 1. A note is no fault: the kit's schema is smaller
    than the standard.

    \b
    Example:
      reference-hub collection check our-rules.toml
    """
    try:
        found = collection_toml.load(str(file))
    except FaultyCollection as error:
        click.echo(str(error), err=True)
        context.exit(1)
    for note in collection_toml.notes(found):
        click.echo(f"Note: {note}", err=True)
    click.echo(f"{file}: {found.id} {found.version}, {len(found.rules)} rules, all in order.")


@collection.command("run")
@click.argument("name")
@click.option("--zone", "zones", multiple=True, help="District; repeatable, all without it.")
@csv_option
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Write this JSON file as well."
)
@click.pass_context
def run(
    context: click.Context,
    name: str,
    zones: tuple[str, ...],
    csv_file: Path | None,
    json_file: Path | None,
) -> None:
    """Hold all records of a zone against collection NAME.

    NAME is a shipped collection or a rule file. Each zone is a district and gets a report of its
    own. Exit code 1 when a record was rejected.

    \b
    Example:
      reference-hub collection run ma-sims --csv findings.csv
    """
    settings: Settings = context.obj
    found, rejected = collection_toml.load(name), 0
    engine = open_engine(settings)
    try:
        with engine.connect() as connection:
            scopes = collection_runs.zones(connection, found.objects)
        with Outputs(csv_file, json_file) as outputs:
            for scope in _wanted(scopes, zones):
                done = run_in(engine, scope, found, clock_of(settings))
                with engine.connect() as connection:
                    click.echo("\n".join(summary(connection, scope, done)))
                    outputs.write(connection, scope, done)
                rejected += done.rejected
    finally:
        engine.dispose()
    context.exit(1 if rejected else 0)


def _wanted(scopes: list[Scope], zones: tuple[str, ...]) -> list[Scope]:
    known = {scope.zone_id for scope in scopes}
    strange = [zone for zone in zones if zone not in known]
    if strange or not scopes:
        there = ", ".join(sorted(known)) or "none"
        raise SetupError(
            f"No record of this collection is in {strange[0] if strange else 'any zone'} (zones "
            f"with some: {there}); let the district send first, or correct --zone."
        )
    return [scope for scope in scopes if not zones or scope.zone_id in zones]


@collection.command("history")
@click.argument("name")
@zone_option
@context_option
@click.option("--findings", is_flag=True, help="Every finding that is new, fixed or still there.")
@json_option
@click.pass_obj
def history(
    settings: Settings, name: str, zone: str, context: str, findings: bool, as_json: bool
) -> None:
    """Show the runs of collection NAME and what changed.

    At a state's hub these are its own runs; at a district's those that the state told of.

    \b
    Example:
      reference-hub collection history ma-sims --findings
    """
    scope = Scope(zone, context)
    with transaction(settings) as connection:
        last = _last(connection, scope, name)
        told = collection_history.history(connection, scope, name, last.origin)
    differences(told, findings=findings, as_json=as_json)


@collection.command("report")
@click.argument("vendor_name", metavar="STATE")
@click.argument("name")
@click.option("--new", is_flag=True, help="Ask for a new run instead of the last one.")
@click.option("--wait", default=60.0, show_default=True, help="Seconds to wait for the state.")
@csv_option
@click.pass_context
def report(
    context: click.Context,
    vendor_name: str,
    name: str,
    new: bool,
    wait: float,
    csv_file: Path | None,
) -> None:
    """Fetch the state's report of collection NAME.

    STATE is the vendor through whose connection the district sends. The report is kept; what was
    rejected is shown with its reason. Exit code 1 when a record was rejected.

    \b
    Example:
      reference-hub collection report state ma-sims --new
    """
    settings: Settings = context.obj
    with transaction(settings) as connection:
        to = _state(connection, vendor_name)
    hub, got, body = _fetched(settings, to, name, new=new, wait=wait)
    with transaction(settings) as connection:
        if hub.remembered() != to.session:
            vendors.set_session(connection, to.id, hub.remembered())
        if not take(connection, to.scope, got, body):
            click.echo("There is no run that is not known here already.", err=True)
        click.echo("\n".join(summary(connection, to.scope, got.run)))
        tell_rejected(records_of(connection, to.scope, got.run, fine=False))
        with Outputs(csv_file, None) as outputs:
            outputs.write(connection, to.scope, got.run)
    context.exit(1 if got.run.rejected else 0)


def _fetched(
    settings: Settings, to: Subscriber, name: str, *, new: bool, wait: float
) -> tuple[StateHub, Report, bytes]:
    reach, seconds = reach_of(settings), settings.worker.timeout_seconds
    http = Http(seconds, largest=LARGEST, check=reach.check, dial=reach.dial)
    try:
        opened = replace(to, credentials=with_secrets(to.credentials))
        hub = StateHub(http, clock_of(settings), opened)
        return hub, *hub.report(name, new=new, wait=wait)
    finally:
        http.close()


def _state(connection: Connection, name: str) -> Subscriber:
    found = vendors.required_vendor(connection, name)
    ways = vendors.subscribers_of(connection, found.id)
    pushing = [each for each in ways if each.transport == "sif_push"]
    if not pushing:
        raise SetupError(
            f"{name} has no SIF connection to ask through; connect it with: reference-hub vendor "
            f"connect {name} --format sif-xml"
        )
    return pushing[0]


@collection.command("records")
@click.argument("name")
@zone_option
@context_option
@click.option("--record", "number", default="", help="Only this one: local number or RefId.")
@click.option("--all", "every", is_flag=True, help="The accepted ones as well.")
@csv_option
@click.pass_obj
def records(
    settings: Settings,
    name: str,
    zone: str,
    context: str,
    number: str,
    every: bool,
    csv_file: Path | None,
) -> None:
    """Show record by record how the last run ended.

    \b
    Example:
      reference-hub collection records ma-sims --record 03701524702
    """
    scope = Scope(zone, context)
    with transaction(settings) as connection:
        last = _last(connection, scope, name)
        for each in records_of(connection, scope, last, fine=every or bool(number)):
            if not number or each.is_called(number):
                tell_record(each, last)
        with Outputs(csv_file, None) as outputs:
            outputs.write_records(records_of(connection, scope, last), last)


def _last(connection: Connection, scope: Scope, name: str) -> Run:
    # What the state told counts more than what this hub may have tried by itself.
    last = collection_runs.last(connection, scope, name, STATE)
    last = last or collection_runs.last(connection, scope, name, OWN)
    if last is None:
        raise SetupError(
            f"There is no run of {name} in {scope.zone_id} yet; a state runs it with: "
            "reference-hub collection run NAME, a district fetches it with: reference-hub "
            "collection report STATE NAME"
        )
    return last


COMMANDS = (collection,)
