"""`reference-hub import`: CSV files of a district into the store, as SIF objects.

Exit 0: stored; 1: refused, and nothing was stored; 3: the set-up is at fault.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import date
from pathlib import Path
from typing import Any

import click

from reference_hub.cli_load import choose_zone
from reference_hub.codec.schema import open_judge
from reference_hub.journeys.import_file import (
    MODELS,
    Imported,
    Order,
    Reader,
    flat,
    import_file,
    oneroster,
    school_data_sync,
)
from reference_hub.model.scope import DEFAULT_CONTEXT, Scope
from reference_hub.problems import SetupError
from reference_hub.settings import Settings, Zone
from reference_hub.store.db import open_engine
from reference_hub.store.vendors import all_applications
from reference_hub.time_zones import clock_of
from reference_hub.translate.flat_layout import read_layout
from reference_hub.translate.ledger import Loss

FORMATS = ("oneroster-1.2-csv", "oneroster-1.1-csv", "sds-2.1", "flat")


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "form", required=True, type=click.Choice(FORMATS), help="What it is.")
@click.option(
    "--as", "target", default="unity-4.3", show_default=True, type=click.Choice(sorted(MODELS)),
    help="The SIF objects to make of it.",
)  # fmt: skip
@click.option("--mapping", type=click.Path(path_type=Path), help="Layout (TOML), for flat.")
@click.option("--operational-since", default="", metavar="DATE", help="Of all organisations.")
@click.option("--leave-out", is_flag=True, help="Leave out what SIF cannot hold, and name it.")
@click.option("--ledger", type=click.Path(path_type=Path), help="Write what was lost to this CSV.")
@click.option("--zone", default="", help="Zone (district) to import into; needed with several.")
@click.option("--context", default=DEFAULT_CONTEXT, show_default=True, help="Context in the zone.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.pass_context
def import_(context: click.Context, /, **asked: Any) -> None:
    """Import a OneRoster bundle or other CSV files.

    PATH is a zip or a folder: OneRoster 1.1 or 1.2, Microsoft School Data Sync 2.1 (sds-2.1), or
    CSV in a layout of your own (flat). All of it is stored or nothing. Up to twenty faults are
    told with file, row and column. An object that the hub knows is replaced; none is deleted
    because the files do not name it. A OneRoster delta changes what its rows name and deletes what
    they mark as tobedeleted; import it with the same --as as the bulk bundle before it.

    \b
    Examples:
      reference-hub import roster.zip --format oneroster-1.2-csv --as xpress-4.3
      reference-hub import sds/ --format sds-2.1 --as xpress-4.3
      reference-hub import lunch/ --format flat --mapping lunch.toml
    """
    if not asked["path"].exists():
        raise SetupError(f"There is no file or folder {asked['path']}; correct the name.")
    done = _run(context.obj, _reader(asked), asked)
    if asked["ledger"]:
        _write_ledger(asked["ledger"], done.losses)
    click.echo(_json(done) if asked["as_json"] else _text(done))
    context.exit(1 if done.faults else 0)


def _reader(asked: dict[str, Any]) -> Reader:
    if asked["form"] == "sds-2.1":
        return school_data_sync()
    if asked["form"] != "flat":
        return oneroster(asked["form"].split("-")[1])
    if asked["mapping"] is None:
        raise click.UsageError("--format flat needs --mapping with the layout of the files.")
    return flat(read_layout(asked["mapping"]))


def _run(settings: Settings, reader: Reader, asked: dict[str, Any]) -> Imported:
    judge = open_judge(settings)
    engine = open_engine(settings, pool_size=1)
    try:
        with engine.connect() as connection:
            zone = choose_zone(settings, all_applications(connection), asked["zone"])
        order = Order(
            Scope(zone, asked["context"]),
            asked["target"],
            model=settings.zones.get(zone, Zone()).model,
            settings=_stated(asked["operational_since"]),
            leave_out=asked["leave_out"],
            file_delay_seconds=settings.worker.file_delay_seconds,
            event_objects=settings.queues.event_objects,
        )
        return import_file(engine, judge, order, asked["path"], reader, clock_of(settings))
    finally:
        engine.dispose()


def _stated(since: str) -> dict[str, str]:
    if not since:
        return {}
    try:
        return {"operational_since": date.fromisoformat(since).isoformat()}
    except ValueError:
        raise click.UsageError("--operational-since is a date YYYY-MM-DD.") from None


def _write_ledger(path: Path, losses: Sequence[Loss]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([each.name for each in fields(Loss)])
        writer.writerows(astuple(loss) for loss in losses)


def _text(done: Imported) -> str:
    lines = [str(fault) for fault in done.faults]
    for (object_type, reason), count in sorted(done.left_out.items()):
        lines.append(f"{count} {object_type} left out: {reason}")
    stored = ", ".join(f"{count} {name}" for name, count in sorted(done.stored.items()))
    lines.append("Nothing was stored." if done.faults else f"Stored: {stored or 'nothing'}.")
    if done.deleted:
        gone = ", ".join(f"{count} {name}" for name, count in sorted(done.deleted.items()))
        lines.append(f"Deleted: {gone}.")
    lines.append(f"Entries in the loss ledger: {len(done.losses)}.")
    return "\n".join(lines)


def _json(done: Imported) -> str:
    faults = [
        {"file": x.file, "row": x.row, "column": x.column, "reason": x.reason} for x in done.faults
    ]
    left_out = [
        {"object": name, "reason": reason, "count": count}
        for (name, reason), count in sorted(done.left_out.items())
    ]
    told = {"stored": dict(done.stored), "deleted": dict(done.deleted), "faults": faults}
    told["left_out"] = left_out
    return json.dumps({**told, "losses": len(done.losses)}, ensure_ascii=False)
