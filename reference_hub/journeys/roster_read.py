"""A vendor pulls a roster: its rows are read under the POD in force, and the reading is audited.

The rows were pruned when they were made. So that none is read under another POD than it was made
under, the gate is asked in the snapshot of the reading, and once more with the entry in the audit
trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys import project
from reference_hub.journeys.own_ids import Ancestor, OwnIds
from reference_hub.journeys.prepare import DOUBTFUL, ENDED, Stopped
from reference_hub.model.caller import Caller
from reference_hub.model.party import Subscriber
from reference_hub.model.pod import Pod
from reference_hub.model.roster_query import Kept, Wanted
from reference_hub.privacy import gate
from reference_hub.problems import Refusal
from reference_hub.store import audits, projections, target_reading
from reference_hub.store.db import reading

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

# How long a row that was taken away is still told of, as `tobedeleted`.
TOLD_OF_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Reader:
    """An application of a vendor on one connection; `key` names it in the audit trail."""

    to: Subscriber
    caller: Caller
    key: str


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, how many there are on all pages, and whether any follow."""

    rows: tuple[Kept, ...]
    count: int
    has_more: bool = False


def read_page(
    engine: Engine, reader: Reader, wanted: Wanted, ancestors: Sequence[Ancestor], clock: Clock
) -> Page:
    """One page of a collection. Raises Refusal 403, 404, 410 or 503."""
    more = replace(wanted, limit=wanted.limit + 1)
    since = clock.now() - TOLD_OF_FOR
    with _snapshot(engine) as connection:
        pod = _admitted(engine, connection, reader, clock)
        names = OwnIds(connection, reader.to)
        refuse_missing(connection, reader.to, [names.parent(each) for each in ancestors], clock)
        rows, count = target_reading.page(connection, reader.to.id, names.meant(more), since)
        shown = names.shown(wanted.collection, rows[: wanted.limit])
    _record(engine, reader, pod, wanted.collection, len(shown), clock)
    return Page(shown, count, len(rows) > wanted.limit)


def read_one(engine: Engine, reader: Reader, wanted: Ancestor, clock: Clock) -> Kept:
    """One object. Raises Refusal 403, 404, 410 or 503."""
    with _snapshot(engine) as connection:
        pod = _admitted(engine, connection, reader, clock)
        names = OwnIds(connection, reader.to)
        row = _one(connection, reader.to, names.parent(wanted), clock)
        (found,) = names.shown(wanted.collection, [row])
    _record(engine, reader, pod, wanted.collection, 1, clock)
    return found


def refuse_missing(
    connection: Connection, to: Subscriber, ancestors: Sequence[Ancestor], clock: Clock
) -> None:
    """Raise Refusal 404 for the first of these that the connection does not hold."""
    for each in ancestors:
        _one(connection, to, each, clock)


def refused(stopped: Stopped) -> Refusal:
    """The answer to a reader whom the gate stops, as the doors of SIF give it."""
    if stopped.reason == ENDED:
        return gate.outdated()
    status = 503 if stopped.reason in (DOUBTFUL, project.STALE) else 403
    return Refusal(status, gate.SCOPE, f"Nothing is sent: {stopped.reason}.")


def _snapshot(engine: Engine) -> Connection:
    return engine.connect().execution_options(isolation_level="REPEATABLE READ")


def _admitted(engine: Engine, connection: Connection, reader: Reader, clock: Clock) -> Pod | None:
    answer = project.current(connection, reader.to, reader.caller, clock)
    if not isinstance(answer, Stopped):
        return answer
    if answer.reason == project.STALE:
        # A new day or another grant: somebody may have to be told that the rows are outdated.
        with engine.begin() as another:
            projections.ask_anew(another, reader.to)
    raise refused(answer)


def _one(connection: Connection, to: Subscriber, wanted: Ancestor, clock: Clock) -> Kept:
    since = clock.now() - TOLD_OF_FOR
    told = (wanted.collection, wanted.key, wanted.within, since)
    found = target_reading.one(connection, to.id, *told)
    if found is None:
        text = f"There is no object with this id among your {wanted.name}."
        raise Refusal(404, "Query", text, "unknownobject")
    return found


def _record(
    engine: Engine, reader: Reader, pod: Pod | None, collection: str, count: int, clock: Clock
) -> None:
    """Write down what is read. Raises Refusal 410 where the POD has ended since the gate was
    asked: nothing leaves then."""
    detail: dict[str, object] = {"connection": reader.to.name}
    if pod is not None and pod.id:
        detail |= {"pod": pod.id, "version": pod.version}
    entry = audits.Entry(reader.key, "read", collection, count, detail)
    pod_id, excluded = (pod.id or None, pod.excluded) if pod else (None, frozenset[str]())
    with reading(engine) as connection:
        told = (reader.to.scope, clock.now(), pod_id, entry, excluded)
        if not audits.add_under(connection, *told):
            raise gate.outdated()
