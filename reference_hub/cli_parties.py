"""Commands for vendors and their connections; and what all commands share."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reference_hub.journeys import decisions, persons
from reference_hub.model.console_run import APPROVED, REFUSED
from reference_hub.model.party import Vendor
from reference_hub.model.scope import Scope
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import pods, standstills, vendors
from reference_hub.store.db import open_engine
from reference_hub.store.standstills import Standstill
from reference_hub.time_zones import clock_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

zone_option = click.option("--zone", default="demo-district", show_default=True, help="District.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def read_secret(env: str | None, file: Path | None) -> str:
    """The secret from an environment variable or a file; SetupError when it is not there."""
    if file:
        if not file.is_file():
            raise SetupError(f"There is no secret file {file}; write the secret into it.")
        return _secret_in(file)
    if not env:
        raise SetupError("No secret given; name one with --secret-env NAME or --secret-file FILE.")
    if not os.environ.get(env):
        raise SetupError(f"The environment variable {env} is not set; put the secret into it.")
    return os.environ[env]


def _secret_in(file: Path) -> str:
    try:
        secret = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{file} cannot be read as UTF-8 text; correct the file.") from error
    if not secret:
        raise SetupError(f"The secret file {file} is empty; write the secret into it.")
    return secret


def secret_options(command: click.decorators.FC) -> click.decorators.FC:
    """Two ways to give a secret that leave none in the shell's history."""
    file = click.option(
        "--secret-file", type=click.Path(path_type=Path), help="Or file that holds it."
    )
    env = click.option("--secret-env", metavar="NAME", help="Variable that holds the secret.")
    return env(file(command))


def decision_options(command: click.decorators.FC) -> click.decorators.FC:
    """Who decided to give the vendor real data, where the district wants that known."""
    who = click.option("--decided-by", default="", help="Who decided that it may have real data.")
    why = click.option("--because", default="", help="In which words; kept for good, and audited.")
    return who(why(command))


@contextmanager
def transaction(settings: Settings) -> Iterator[Connection]:
    """One transaction on the store of the settings."""
    engine = open_engine(settings)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def show(rows: list[dict[str, str]], as_json: bool, empty: str) -> None:
    """Print rows as JSON, as aligned columns, or the hint for an empty list."""
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        click.echo(empty, err=True)
        return
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in rows[0]}
    for row in [{name: name for name in rows[0]}, *rows]:
        click.echo("  ".join(row[name].ljust(width) for name, width in widths.items()).rstrip())


def note_unknown_zone(settings: Settings, zone: str) -> None:
    """Say on standard error that the settings have no such zone: it is allowed, and a typing
    error more often than not."""
    if zone not in settings.zones:
        known = ", ".join(settings.zones)
        text = f"Note: the settings have no zone '{zone}' (known: {known})"
        click.echo(f"{text}; add [zones.{zone}] to them, or correct --zone.", err=True)


def settle_decision(
    connection: Connection, vendor: Vendor, settings: Settings, given: Mapping[str, Any]
) -> None:
    """Record the decision that `decision_options` tell; SetupError where one is missing."""
    who, why = (" ".join(given[name].split()) for name in ("decided_by", "because"))
    decisions.refuse_half(who, why)
    if who:
        decisions.record(connection, vendor, who, why, clock_of(settings))
    decisions.refuse_undecided(connection, vendor, settings)


@click.group()
def vendor() -> None:
    """Vendors and the connections that reach them."""


@vendor.command("add")
@click.argument("name")
@click.option("--party", required=True, help="Receiving party as the agreement names it.")
@zone_option
@click.option(
    "--pod-policy",
    type=click.Choice(["required", "offered", "off"]),
    default="required",
    show_default=True,
    help="Whether data waits for the acknowledgement.",
)
@click.option(
    "--acknowledge-by",
    type=click.Choice(["marker", "receipt"]),
    default="marker",
    show_default=True,
    help="What acknowledges: the first use of the marker, or only an explicit receipt.",
)
@click.pass_obj
def add_vendor(
    settings: Settings, name: str, party: str, zone: str, pod_policy: str, acknowledge_by: str
) -> None:
    """Register vendor NAME.

    \b
    Example:
      reference-hub vendor add reading --party "Example Reading App"
    """
    if not name or not party.strip():
        raise SetupError("A vendor needs a name and the party of its agreement; neither is empty.")
    with transaction(settings) as connection:
        vendors.add_vendor(connection, name, party, Scope(zone), pod_policy, acknowledge_by)
        # Somebody may have asked long ago that this party never hears of them.
        persons.review(connection, Scope(zone), clock_of(settings))
    note_unknown_zone(settings, zone)
    click.echo(f"{name} is registered; next: reference-hub vendor connect {name} --help")


@vendor.command("acknowledge-by")
@click.argument("name")
@click.argument("way", type=click.Choice(["marker", "receipt"]))
@click.pass_obj
def acknowledge_by(settings: Settings, name: str, way: str) -> None:
    """Say what acknowledges a POD of NAME.

    With marker the first use of the token does, with receipt only an explicit one. What has been
    acknowledged stays so.

    \b
    Example:
      reference-hub vendor acknowledge-by reading receipt
    """
    with transaction(settings) as connection:
        found = vendors.required_vendor(connection, name)
        policies = (found.pod_policy, way)
        vendors.add_vendor(connection, found.name, found.party_id, found.scope, *policies)
    click.echo(f"PODs of {name} are acknowledged by {way} from now on.")


@vendor.command("decide")
@click.argument("name")
@decision_options
@click.option("--refuse", is_flag=True, help="It is to have no data; else it may.")
@click.pass_obj
def decide(settings: Settings, name: str, decided_by: str, because: str, refuse: bool) -> None:
    """Record what the district decided about vendor NAME.

    Applications of NAME that stand in the settings get data only after that, where the district's
    decision is required. The decision is kept for good; a later one stands before it. A vendor
    that is refused gets no data from then on, by whatever connection; its PODs end, and what it
    holds it is asked to delete.

    \b
    Example:
      reference-hub vendor decide reading --decided-by "Ana Ruiz" \\
        --because "Board of 3 March"
    """
    who, why = (" ".join(text.split()) for text in (decided_by, because))
    if not who or not why:
        raise SetupError('A decision needs both --decided-by NAME and --because "WORDS".')
    verdict = REFUSED if refuse else APPROVED
    with transaction(settings) as connection:
        found = vendors.required_vendor(connection, name)
        ended = decisions.record(connection, found, who, why, clock_of(settings), verdict)
    told = f" It gets no data; PODs that ended: {ended}." if refuse else ""
    click.echo(f"Recorded: {name} was {verdict} by {who}.{told}")


def object_names(listed: str) -> list[str]:
    """Names out of a list with commas; SetupError for one that no SIF object can have."""
    names = [word.strip() for word in listed.split(",")]
    for name in names:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            raise SetupError(f"--objects holds {name!r}; write names such as xStudent,xSchool.")
    return names


@vendor.command("list")
@json_option
@click.pass_obj
def list_vendors(settings: Settings, as_json: bool) -> None:
    """Show vendors, their PODs and connections.

    \b
    Example:
      reference-hub vendor list
    """
    with transaction(settings) as connection:
        failing = standstills.all_of_them(connection)
        paused = standstills.paused_by_people(connection)
        rows = [
            _vendor_row(connection, each, failing, paused)
            for each in vendors.all_vendors(connection)
        ]
    show(rows, as_json, "No vendor yet: reference-hub vendor add NAME --party PARTY")


def _vendor_row(
    connection: Connection, each: Vendor, failing: dict[int, Standstill], paused: dict[int, str]
) -> dict[str, str]:
    current = pods.current(connection, each.id, each.scope)
    connections = vendors.subscribers_of(connection, each.id)
    return {
        "vendor": each.name,
        "party": each.party_id,
        "zone": each.scope.zone_id,
        "policy": each.pod_policy,
        "pod": f"{current.version} {current.status}" if current else "none",
        "acknowledged": f"{current.acknowledged:%Y-%m-%d %H:%M}"
        if current and current.acknowledged
        else "no",
        "connections": ", ".join(
            f"{to.format}{_standing(failing.get(to.id), paused.get(to.id))}" for to in connections
        )
        or "none",
    }


def _standing(still: Standstill | None, paused_by: str | None) -> str:
    if paused_by is not None:
        return f" (paused by {paused_by} in the console)"
    if still is None:
        return ""
    if still.until is None:
        return f" (failing: {still.reason})"
    return f" (paused until {still.until:%H:%M} UTC: {still.reason})"
