"""A whole zone as one OneRoster bundle, under the POD live now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.codec.xml import read
from reference_hub.journeys.prepare import Stopped, granted_part, may_go
from reference_hub.model.caller import Caller
from reference_hub.model.change import StoredObject
from reference_hub.model.party import Subscriber
from reference_hub.model.pod import Pod
from reference_hub.privacy.filter import compiled
from reference_hub.privacy.tally import fields_of
from reference_hub.store import objects
from reference_hub.translate.csv_bundle import Bundle, build
from reference_hub.translate.engine import Translation, translate
from reference_hub.translate.ledger import Loss
from reference_hub.translate.mapping import load
from reference_hub.translate.provenance import ungranted

if TYPE_CHECKING:
    from sqlalchemy import Connection

PAGE = 500
# What a mapping table is called after, by the format of the connection.
TABLES = {"oneroster-1.2-csv": "oneroster-1.2"}


@dataclass(frozen=True, slots=True)
class Roster:
    """A bundle ready to leave, the POD it was made under, everything it lost, and of how many
    objects each granted path is in it."""

    bundle: Bundle
    pod: Pod | None
    losses: tuple[Loss, ...]
    fields: Mapping[str, int]


def assemble(
    connection: Connection, to: Subscriber, caller: Caller, clock: Clock
) -> Roster | Stopped:
    """Build the bundle from the current objects the POD grants anything of.

    `connection` must see one snapshot (repeatable read), or pages could miss an object.
    """
    table = TABLES.get(to.format)
    if table is None:
        return Stopped("dead", f"the hub cannot write the format {to.format}")
    verdicts = {kind: may_go(connection, caller, kind, clock) for kind in to.objects}
    open_types = [kind for kind, verdict in verdicts.items() if not verdict.reason]
    if not open_types:
        reasons = [verdict.reason for verdict in verdicts.values()]
        return Stopped("held", reasons[0] if reasons else "the connection receives no objects")
    pod = verdicts[open_types[0]].pod
    fields: Counter[str] = Counter()
    found = list(_translations(connection, to, open_types, pod, table, fields))
    strange = (
        ungranted({pair for each in found for pair in each.sources}, compiled(pod).shown)
        if pod
        else []
    )
    if strange:
        return Stopped("dead", f"written from what is not granted: {', '.join(strange[:3])}")
    bundle = build(found)
    if not any(bundle.counts.values()):
        return Stopped("purged", "there is no row to send")
    losses = dict.fromkeys(loss for each in found for loss in each.losses)
    return Roster(bundle, pod, (*losses, *bundle.losses), fields)


def _translations(
    connection: Connection,
    to: Subscriber,
    types: list[str],
    pod: Pod | None,
    table: str,
    fields: Counter[str],
) -> Iterator[Translation]:
    mapping = load(table)
    for kind in types:
        for stored in _stored(connection, to, kind):
            element = granted_part(read(stored.body), pod)
            if element is not None:
                fields.update(fields_of(element, compiled(pod)) if pod else ())
                yield translate(element, mapping)


def _stored(connection: Connection, to: Subscriber, kind: str) -> Iterator[StoredObject]:
    offset = 0
    while page := objects.page(connection, to.scope, kind, limit=PAGE, offset=offset):
        yield from page
        offset += len(page)
