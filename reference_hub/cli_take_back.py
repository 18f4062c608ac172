"""The command `take-back`: a vendor's scores as a OneRoster bundle, into the district's records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reference_hub.cli_mapping import connection_of
from reference_hub.cli_parties import json_option, show
from reference_hub.codec.schema import open_judge
from reference_hub.journeys.accept import AlreadyThere
from reference_hub.journeys.take_back import TAKEN, Taken, take_back, taker_of
from reference_hub.model.caller import reached
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store.db import open_engine
from reference_hub.time_zones import clock_of
from reference_hub.translate import tables
from reference_hub.translate.canonical import Record
from reference_hub.translate.csv_reading import read_bundle
from reference_hub.translate.packages import Refused, opened
from reference_hub.translate.reading import TableReader

if TYPE_CHECKING:
    from sqlalchemy import Connection

EXIT_FAULTY = 1
# What a vendor may give back this way, parents first, each with what it becomes.
FILES = {"categories": "Category", "lineItems": "Assignment", "results": "Score"}
_ATTEMPTS = 3
Records = list[tuple[str, Record]]


@click.command("take-back")
@click.argument("vendor")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--app", "source_key", required=True, help="Application whose rights count.")
@click.option("--connection", default="", help="Which of its connections; else the first.")
@json_option
@click.pass_obj
def take_back_command(
    settings: Settings, vendor: str, path: Path, source_key: str, connection: str, as_json: bool
) -> None:
    """Take scores of VENDOR from a OneRoster 1.2 delta.

    PATH is a zip or a folder with categories, lineItems and results. They
    become the district's grading objects where the POD and the application
    may write them. What names somebody unknown here waits in quarantine.

    \b
    Example:
      reference-hub take-back reading scores.zip --app reading-app
    Exit codes: 0 all taken, 1 some were not, or the files are faulty.
    """
    found = _read(path)
    engine = open_engine(settings, pool_size=1)
    judge, clock = open_judge(settings), clock_of(settings)

    def taken(store: Connection) -> list[Taken]:
        party, to = connection_of(store, vendor, connection)
        caller = reached(party, to)
        taker = taker_of(store, to, caller, source_key, settings, judge, clock)
        return take_back(store, taker, found)

    try:
        for _ in range(_ATTEMPTS):
            try:
                with engine.begin() as store:
                    done = taken(store)
                break
            except AlreadyThere:
                continue
        else:
            raise SetupError("Others are writing the same objects; run it again.")
    finally:
        engine.dispose()
    # A category waits for its first line item and is taken with it: the last word counts.
    last = {(each.entity, each.key): each for each in done}
    show([_row(each) for each in last.values()], as_json, "The files hold no score.")
    if any(each.state != TAKEN for each in last.values()):
        raise SystemExit(EXIT_FAULTY)


def _read(path: Path) -> Records:
    try:
        with opened(path) as package:
            bundle = read_bundle(package)
            reader = TableReader(tables.load(f"oneroster-{bundle.version}"))
            return [
                record
                for file, entity in FILES.items()
                if file in bundle.kinds
                for _, row in bundle.rows(file)
                for record in reader.read(row, file, only=entity).records
            ]
    except Refused as refused:
        click.echo(str(refused), err=True)
        raise SystemExit(EXIT_FAULTY) from None


def _row(taken: Taken) -> dict[str, str]:
    return {"record": taken.entity, "key": taken.key, "state": taken.state, "reason": taken.reason}


COMMANDS = (take_back_command,)
