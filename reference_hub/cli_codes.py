"""The command that brings in a zone's own code set."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from reference_hub.cli_parties import zone_option
from reference_hub.clock import Clock
from reference_hub.journeys.code_sets import set_codes
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store.db import open_engine

COLUMNS = ("code", "value", "description")
LONGEST = {"id": 128, "value": 128, "description": 1024}


@click.group()
def codeset() -> None:
    """Bring in the code sets of a district."""


@codeset.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--id", "set_id", required=True, help="Name of the set, as in sex-xpress.")
@zone_option
@click.pass_obj
def load(settings: Settings, file: Path, set_id: str, zone: str) -> None:
    """Store FILE as a code set.

    FILE is CSV with the columns code, value and, if wanted, description. In its zone the set
    stands in place of the general one of that id. Codes that are not in FILE any more stay, marked
    DELETE. Subscribers to codeSets are told.

    \b
    Example:
      reference-hub codeset load sexes.csv --id sex-xpress
    """
    _refuse_unfit(settings, set_id, zone)
    rows = _rows(file)
    engine = open_engine(settings)
    with engine.begin() as connection:
        codes = set_codes(connection, Clock(), zone, set_id, rows)
    engine.dispose()
    click.echo(f"{set_id} of {zone} has version {codes.version} and {len(codes.items)} codes.")


def _refuse_unfit(settings: Settings, set_id: str, zone: str) -> None:
    if zone not in (*settings.zones, settings.utility_zone):
        known = ", ".join((*settings.zones, settings.utility_zone))
        raise SetupError(f"There is no zone '{zone}'; the settings have {known}.")
    plain = set_id == " ".join(set_id.split()) and not set(set_id) & set("/;")
    if not plain or not 0 < len(set_id) <= LONGEST["id"] or set_id == "codeSet":
        raise SetupError("A code set's id is a word of at most 128 characters without / and ;.")


def _rows(file: Path) -> list[tuple[str, str, str]]:
    if not file.exists():
        raise SetupError(f"There is no file {file}, so it cannot be read as CSV; correct the name.")
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            found = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SetupError(f"{file} cannot be read as CSV in UTF-8; correct the file.") from error
    rows = [tuple(" ".join((row.get(name) or "").split()) for name in COLUMNS) for row in found]
    for number, (code, value, description) in enumerate(rows, start=2):
        too_long = len(value) > LONGEST["value"] or len(description) > LONGEST["description"]
        if not code or not value or too_long:
            text = "code and value are needed, value up to 128, description up to 1024 characters"
            raise SetupError(f"{file} has an unfit row {number}: {text}.")
    if len({row[0] for row in rows}) < len(rows) or not rows:
        raise SetupError(f"{file} has no row, or one code twice; list each code once.")
    return [(code, value, description) for code, value, description in rows]


COMMANDS = (codeset,)
