"""Commands for what came back from vendors and names something nobody here knows."""

from __future__ import annotations

import json

import click

from reference_hub.cli_parties import json_option, show, transaction
from reference_hub.codec.schema import open_judge
from reference_hub.journeys.release_held import release_one
from reference_hub.journeys.take_back import TAKEN
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import quarantine as kept
from reference_hub.store.quarantine import Held
from reference_hub.time_zones import clock_of

number_argument = click.argument("number", type=click.IntRange(1))


@click.group()
def quarantine() -> None:
    """What vendors sent that names what nobody here knows."""


@quarantine.command("list")
@click.option("--zone", help="Only what came for this district.")
@json_option
@click.pass_obj
def list_held(settings: Settings, zone: str | None, as_json: bool) -> None:
    """Show what waits, and for what; no values.

    \b
    Example:
      reference-hub quarantine list
    """
    with transaction(settings) as connection:
        names = {each.id: each.name for each in kept.connections(connection)}
        rows = [_row(each, names) for each in kept.listed(connection, zone)]
    show(rows, as_json, "Nothing is in quarantine.")


def _row(each: Held, names: dict[int, str]) -> dict[str, str]:
    return {
        "number": str(each.id),
        "connection": names.get(each.subscriber_id, ""),
        "what": each.entity,
        "came": f"{each.came:%Y-%m-%d %H:%M}",
        "reason": each.reason,
    }


@quarantine.command("show")
@number_argument
@click.pass_obj
def show_held(settings: Settings, number: int) -> None:
    """Show record NUMBER with its values: it may tell of a student.

    \b
    Example:
      reference-hub quarantine show 7
    """
    with transaction(settings) as connection:
        found = _found(kept.get(connection, number), number)
    told = {
        "number": found.id,
        "what": found.entity,
        "waits_for": list(found.missing),
        "reason": found.reason,
        "came": found.came.isoformat(),
        "application": found.source_key,
        "record": dict(found.record),
    }
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))


@quarantine.command("release")
@number_argument
@click.pass_obj
def release(settings: Settings, number: int) -> None:
    """Try record NUMBER again now.

    The worker does so by itself as soon as what is missing has come; this is for when a POD or a
    right was in the way. What still cannot be taken stays.

    \b
    Example:
      reference-hub quarantine release 7
    """
    with transaction(settings) as connection:
        held = _found(kept.get(connection, number), number)
        judge, clock = open_judge(settings), clock_of(settings)
        outcome = release_one(connection, held, settings, judge, clock)
    if outcome.state != TAKEN:
        raise SetupError(f"Record {number} is not taken: {outcome.reason}. It stays.")
    click.echo(f"Record {number} is taken; the district's applications hear of it.")


@quarantine.command("drop")
@number_argument
@click.pass_obj
def drop(settings: Settings, number: int) -> None:
    """Forget record NUMBER; the vendor may send it again.

    \b
    Example:
      reference-hub quarantine drop 7
    """
    with transaction(settings) as connection:
        if not kept.drop(connection, number):
            raise _unknown(number)
    click.echo(f"Record {number} is dropped.")


def _found(held: Held | None, number: int) -> Held:
    if held is None:
        raise _unknown(number)
    return held


def _unknown(number: int) -> SetupError:
    return SetupError(f"There is no record {number}; see: reference-hub quarantine list")


COMMANDS = (quarantine,)
