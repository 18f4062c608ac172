"""Commands about what waits for vendors: look, try again, send everything anew."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from reference_hub.cli_parties import json_option, show, transaction
from reference_hub.journeys import redeliver
from reference_hub.journeys.delivery_words import age, words
from reference_hub.model.party import Subscriber
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import deliveries as store
from reference_hub.store import overviews, standstills, vendors
from reference_hub.store.deliveries import OPEN, Group, Single
from reference_hub.store.standstills import Standstill
from reference_hub.time_zones import clock_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

_STATES = (*OPEN, "done", "purged")
_NOTHING = "Nothing is queued: no vendor is connected, or nothing was loaded."


@dataclass(frozen=True, slots=True)
class _Seen:
    """How connections fail and who paused which of them, by the subscriber's id, at a moment."""

    failing: dict[int, Standstill]
    paused: dict[int, str]
    now: datetime

    def why(self, each: Group | Single) -> str:
        still, paused = self.failing.get(each.subscriber_id), self.paused.get(each.subscriber_id)
        return words(each.state, each.reason, still, each.next_try, self.now, paused_by=paused)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def deliveries(context: click.Context, as_json: bool) -> None:
    """What waits for vendors, is held, done or dead, and why.

    Without a further word: the counts of everything, also of what was delivered.

    \b
    States:
      waiting  goes next, or is tried again
      leased   is being sent by a worker
      held     must not go: no POD, no grant, or the vendor refused
      dead     was given up; it goes again only when you say so

    \b
    Example:
      reference-hub deliveries
    """
    if context.invoked_subcommand:
        return
    with transaction(context.obj) as connection:
        rows = overviews.deliveries(connection)
    show(rows, as_json, _NOTHING)


@deliveries.command("list")
@click.option("--vendor", default="", help="Of this vendor only.")
@click.option("--state", type=click.Choice(_STATES), help="In this state only.")
@click.option("--each", "one_by_one", is_flag=True, help="Message by message, oldest first.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    help="Of --each, so many at most.",
)
@json_option
@click.pass_obj
def list_deliveries(
    settings: Settings, vendor: str, state: str | None, one_by_one: bool, limit: int, as_json: bool
) -> None:
    """Show what has not arrived: how much, since when, why, when next.

    Times are UTC. No row tells whom a message is about.

    \b
    Example:
      reference-hub deliveries list
      reference-hub deliveries list --vendor reading --state dead --each
    """
    states = (state,) if state else OPEN
    clock = clock_of(settings)
    with transaction(settings) as connection:
        if vendor:
            vendors.required_vendor(connection, vendor)
        seen = _look(connection, clock.now())
        if one_by_one:
            rows = [_line(each, seen) for each in store.each(connection, vendor, states, limit)]
        else:
            rows = [_group(each, seen) for each in store.groups(connection, vendor, states)]
    show(rows, as_json, "Nothing is open: all that was queued has arrived.")


@deliveries.command("show")
@click.argument("message")
@json_option
@click.pass_obj
def show_delivery(settings: Settings, message: str, as_json: bool) -> None:
    """Show one message, by its number or its messageId.

    Neither content nor whom it is about: type, tries, reason, next try.

    \b
    Example:
      reference-hub deliveries show 4711
    """
    clock = clock_of(settings)
    with transaction(settings) as connection:
        found = _required(connection, message)
        row = _whole(found, _look(connection, clock.now()))
    if as_json:
        show([row], True, "")
        return
    for name, value in row.items():
        click.echo(f"{name:<12} {value}")


@deliveries.command("retry")
@click.argument("message", required=False)
@click.option(
    "--vendor", default="", help="Of this vendor: what is paused or gathers changes, now."
)
@click.option("--dead", is_flag=True, help="With --vendor: all that was given up, oldest first.")
@click.pass_obj
def retry(settings: Settings, message: str | None, vendor: str, dead: bool) -> None:
    """Try MESSAGE now, or all dead ones of a vendor.

    A message keeps its place in the queue and its messageId. One that a younger version of the same
    object has overtaken is dropped, so that no old state replaces a new one.

    \b
    Example:
      reference-hub deliveries retry 4711
      reference-hub deliveries retry --vendor reading --dead
    """
    if bool(message) == bool(vendor) or (dead and not vendor):
        raise click.UsageError("Name one MESSAGE, or --vendor NAME with or without --dead.")
    clock = clock_of(settings)
    with transaction(settings) as connection:
        if message:
            goes = redeliver.retry_one(connection, _required(connection, message), clock)
            text = "goes next" if goes else "was dropped: a younger one has overtaken it"
            click.echo(f"Message {message} {text}.")
        elif dead:
            tried, overtaken = redeliver.retry_dead(connection, vendor, clock)
            click.echo(
                f"{tried} messages to {vendor} go next; {overtaken} were dropped, as younger ones "
                "have overtaken them."
            )
        else:
            woken, opened = redeliver.probe(connection, vendor, clock)
            click.echo(f"{woken} failing connections of {vendor} are tried now.")
            if opened:
                click.echo(f"{opened} files go now, before their time.")


@deliveries.command("resync")
@click.argument("vendor")
@click.option("--connection", "name", default="", help="Which, where the vendor has several.")
@click.pass_obj
def resync(settings: Settings, vendor: str, name: str) -> None:
    """Send VENDOR everything it is granted anew.

    For a vendor that lost its data, or was away for too long. What waits for the connection gives
    way; what the district no longer has is deleted there. The POD decides as always.

    \b
    Example:
      reference-hub deliveries resync reading
    """
    clock = clock_of(settings)
    with transaction(settings) as connection:
        to = _connection(connection, vendor, name)
        queued = redeliver.resync(connection, to, clock)
    click.echo(f"{queued} messages are queued for {to.name}; see: reference-hub deliveries list")


def _connection(connection: Connection, vendor: str, name: str) -> Subscriber:
    found = vendors.required_vendor(connection, vendor)
    connections = {to.name: to for to in vendors.subscribers_of(connection, found.id)}
    if name in connections:
        return connections[name]
    if not name and len(connections) == 1:
        return next(iter(connections.values()))
    known = ", ".join(connections) or "none"
    raise SetupError(f"Name one connection of {vendor} with --connection (known: {known}).")


def _required(connection: Connection, name: str) -> Single:
    try:
        known = name if name.isdecimal() else str(uuid.UUID(name))
    except ValueError:
        raise SetupError(
            f"{name!r} is neither the number of a message nor a messageId; both stand in: "
            "reference-hub deliveries list --each"
        ) from None
    found = store.find(connection, known)
    if found is None:
        raise SetupError(
            f"There is no message {name} to a vendor; see: reference-hub deliveries list --each"
        )
    return found


def _look(connection: Connection, now: datetime) -> _Seen:
    return _Seen(standstills.all_of_them(connection), standstills.paused_by_people(connection), now)


def _group(each: Group, seen: _Seen) -> dict[str, str]:
    still = seen.failing.get(each.subscriber_id)
    return {
        "vendor": each.vendor,
        "connection": each.connection,
        "state": each.state,
        "messages": str(each.messages),
        "oldest": age(each.oldest, seen.now),
        "next_try": _next(each.state, each.next_try, still, seen.now),
        "why": seen.why(each),
    }


def _line(each: Single, seen: _Seen) -> dict[str, str]:
    return {
        "message": str(each.id),
        "connection": each.connection,
        "what": f"{each.action} {each.object_type}".strip() if each.kind == "event" else each.kind,
        "state": each.state,
        "tries": str(each.attempts),
        "age": age(each.created, seen.now),
        "why": seen.why(each),
    }


def _whole(each: Single, seen: _Seen) -> dict[str, str]:
    line = _line(each, seen)
    still = seen.failing.get(each.subscriber_id)
    return {
        "message": line["message"],
        "messageId": each.message_id,
        "vendor": each.vendor,
        "connection": each.connection,
        "what": line["what"],
        "state": each.state,
        "tries": line["tries"],
        "queued": f"{each.created:%Y-%m-%d %H:%M:%S}",
        "next_try": _next(each.state, each.next_try, still, seen.now),
        "settled": f"{each.settled:%Y-%m-%d %H:%M:%S}" if each.settled else "-",
        "why": line["why"],
    }


def _next(state: str, next_try: datetime, still: Standstill | None, now: datetime) -> str:
    if state != "waiting":
        return "-"
    moment = max(filter(None, (next_try, still.until if still else None)))
    return "now" if moment <= now else f"{moment:%Y-%m-%d %H:%M:%S}"


COMMANDS = (deliveries,)
