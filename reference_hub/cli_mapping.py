"""Commands for mapping tables and vendor profiles: look, check, explain, add one's own."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reference_hub.cli_parties import json_option, show, transaction
from reference_hub.journeys.explain_mapping import explain
from reference_hub.model.caller import reached
from reference_hub.model.party import NATIVE, Subscriber, Vendor
from reference_hub.model.scope import Scope
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import vendor_profiles, vendors
from reference_hub.store.vendor_profiles import OwnProfile
from reference_hub.time_zones import clock_of
from reference_hub.translate import profiles, tables

if TYPE_CHECKING:
    from sqlalchemy import Connection

EXIT_FAULTY = 1
_A_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
zone_option = click.option("--zone", default="demo-district", show_default=True, help="District.")


@click.group()
def mapping() -> None:
    """What SIF becomes in each format: tables to read and change.

    One table for each format, used in both directions. A line names a place in
    the format, a field of the hub's own records, and a function in between.
    """


@mapping.command("list")
@json_option
def list_mappings(as_json: bool) -> None:
    """Show the shipped tables.

    \b
    Example:
      reference-hub mapping list
    """
    found = [tables.load(name) for name in tables.shipped()]
    rows = [
        {
            "table": each.name,
            "title": each.settings.get("title", ""),
            "collections": str(len(each.collections)),
            "lines": str(sum(len(section.lines) for section in each.sections)),
        }
        for each in found
    ]
    show(rows, as_json, "No table is shipped.")


@mapping.command("check")
@click.argument("file", type=_A_FILE)
@click.option("--base", default="", help="The shipped table that FILE changes.")
def check_mapping(file: Path, base: str) -> None:
    """Check a mapping FILE; each fault is told with its line and reason.

    \b
    Example:
      reference-hub mapping check reading.csv --base oneroster-1.2
    Exit codes: 0 it can be used, 1 it has faults.
    """
    text = _text(file)
    try:
        own = tables.parse(file.name, text)
        if base:
            own = tables.overlaid(tables.load(base), text, file.name)
    except tables.TableError as error:
        click.echo(str(error), err=True)
        raise SystemExit(EXIT_FAULTY) from None
    lines = sum(len(section.lines) for section in own.sections)
    click.echo(f"{file.name}: no fault; {len(own.collections)} collections, {lines} lines.")


@mapping.command("explain")
@click.argument("vendor")
@click.argument("object_type", metavar="OBJECT")
@click.option("--connection", default="", help="Which of its connections; else the first.")
@click.option("--no-example", is_flag=True, help="Without values of a stored object.")
@json_option
@click.pass_obj
def explain_mapping(
    settings: Settings,
    vendor: str,
    object_type: str,
    connection: str,
    no_example: bool,
    as_json: bool,
) -> None:
    """Show what becomes of each field of OBJECT at VENDOR.

    With the first stored object as an example, as the vendor's POD lets it be
    seen. Fields without a place say why.

    \b
    Example:
      reference-hub mapping explain reading xStudent
    """
    with transaction(settings) as store:
        party, to = connection_of(store, vendor, connection)
        found = explain(store, to, reached(party, to), object_type, clock_of(settings))
    if not found:
        raise SetupError(f"No table reads {object_type}. Names are spelled as SIF does: xStudent.")
    rows = [asdict(each) for each in found]
    if no_example:
        rows = [{**row, "before": "", "after": ""} for row in rows]
    show(rows, as_json, "")


@click.group()
def profile() -> None:
    """Vendor profiles: what a format means at one receiver.

    `vendor connect --format NAME` takes the name of a profile.
    """


@profile.command("list")
@zone_option
@json_option
@click.pass_obj
def list_profiles(settings: Settings, zone: str, as_json: bool) -> None:
    """Show the shipped profiles and the district's own.

    \b
    Example:
      reference-hub profile list
    """
    with transaction(settings) as store:
        own = vendor_profiles.every(store, Scope(zone))
    found = [profiles.load(name) for name in profiles.shipped()]
    mine = [profiles.parse(each.name, each.content, each.mapping) for each in own]
    rows = [
        {
            "profile": each.name,
            "title": each.title,
            "table": each.table.name,
            "deletes": each.deletes,
            "read_back": each.read_back,
            "own": "yes" if each in mine else "",
        }
        for each in [*found, *mine]
    ]
    show(rows, as_json, "")


@profile.command("show")
@click.argument("name")
@zone_option
@click.pass_obj
def show_profile(settings: Settings, name: str, zone: str) -> None:
    """Print the profile NAME as JSON.

    \b
    Example:
      reference-hub profile show oneroster-1.2-csv
    """
    with transaction(settings) as store:
        own = vendor_profiles.find(store, Scope(zone), name)
    found = profiles.parse(own.name, own.content, own.mapping) if own else profiles.load(name)
    told = {key: getattr(found, key) for key in _SHOWN} | {"table": found.table.name}
    click.echo(json.dumps(told, indent=2, default=list))


@profile.command("add")
@click.argument("file", type=_A_FILE)
@zone_option
@click.pass_obj
def add_profile(settings: Settings, file: Path, zone: str) -> None:
    """Add a profile, or put it in the place of its namesake.

    Its name is that of FILE. A mapping file it names lies beside it and is
    taken in too; later changes need another `profile add`.

    \b
    Example:
      reference-hub profile add reading-csv.toml
    """
    text = _text(file)
    raw = profiles.raw_of(file.stem, text)
    beside = file.parent / raw["mapping"] if raw.get("mapping") else None
    if beside is not None and not beside.is_file():
        raise SetupError(f"{file.name} names {beside.name}, which is not beside it.")
    own = OwnProfile(file.stem, text, _text(beside) if beside else "")
    found = profiles.parse(own.name, own.content, own.mapping)
    with transaction(settings) as store:
        vendor_profiles.put(store, Scope(zone), own)
    click.echo(f"{found.name}: {found.title}, by the table {found.table.name}.")


_SHOWN = (
    "name",
    "title",
    "format",
    "version",
    "shape",
    "kind",
    "deletes",
    "read_back",
    "transports",
    "sources",
    "current_only",
    "shrink_percent",
    "accepts",
    "settings",
    "limits",
    "layout",
    "notes",
)


def connection_of(store: Connection, name: str, wanted: str) -> tuple[Vendor, Subscriber]:
    """A vendor and its connection of that name, else its first of another format than SIF."""
    party = vendors.required_vendor(store, name)
    known = vendors.subscribers_of(store, party.id)
    found = [each for each in known if each.format != NATIVE and wanted in ("", each.name)]
    if not found:
        words = "has no connection of another format than SIF"
        raise SetupError(f"Vendor '{name}' {words}. See: reference-hub vendor connect --help")
    return party, found[0]


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise SetupError(f"{file.name} is not UTF-8 text; save it as CSV UTF-8.") from None


COMMANDS = (mapping, profile)
