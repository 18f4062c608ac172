"""The command `records`: what a vendor should hold, what is held back, and what it answered."""

from __future__ import annotations

import click

from reference_hub.cli_mapping import connection_of
from reference_hub.cli_parties import json_option, show, transaction
from reference_hub.settings import Settings
from reference_hub.store import target_rows
from reference_hub.store.target_rows import Count, StoredRow

_STATES = ("ready", "held", "gone", "refused")
_NOTHING = "There are no records yet: nothing was delivered, or the POD is not acknowledged."


@click.command()
@click.argument("vendor")
@click.option("--connection", default="", help="Which of its connections; else the first.")
@click.option("--collection", default="", help="Only this file or resource, such as users.")
@click.option("--state", type=click.Choice(_STATES), help="Only records in this state.")
@click.option("--each", "one_by_one", is_flag=True, help="Record by record.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Records.")
@json_option
@click.pass_obj
def records(
    settings: Settings,
    vendor: str,
    connection: str,
    collection: str,
    state: str | None,
    one_by_one: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Show what VENDOR should hold, and what it answered.

    \b
    States:
      ready    the vendor has it, or gets it next
      held     cannot go yet; the reason says what it waits for
      gone     was deleted; its id is never given to another
      refused  the vendor did not take it; its words stand beside it

    \b
    Example:
      reference-hub records reading --state held --each
    """
    with transaction(settings) as store:
        _, to = connection_of(store, vendor, connection)
        if one_by_one or state:
            found = target_rows.found(store, to, collection, state or "", limit)
            rows = [_row(each) for each in found]
        else:
            counts = target_rows.counts(store, to)
            rows = [_count(each) for each in counts if collection in ("", each.collection)]
    show(rows, as_json, _NOTHING)


def _row(row: StoredRow) -> dict[str, str]:
    return {
        "collection": row.collection,
        "key": row.key,
        "state": row.state,
        "reason": row.reason,
        "sent": "yes" if row.sent_hash == row.hash else "",
        "answer": row.answer_state,
        "words": row.answer,
    }


def _count(count: Count) -> dict[str, str]:
    return {
        "collection": count.collection,
        "state": count.state,
        "records": str(count.number),
        "to_send": str(count.unsent),
        "reason": count.reason,
    }


COMMANDS = (records,)
