"""A timeline is replayed: events from files do in order what a source's requests would do.

Each event is applied whole or not at all. In the same transaction the audit notes its message id,
so that a second replay passes over it and an interrupted one goes on. The first refusal ends the
replay: what follows may build on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.codec.timeline import Event, Timeline
from reference_hub.codec.xml import (
    MalformedDocument,
    children,
    local_name,
    namespace_of,
    parse,
    refid_of,
)
from reference_hub.journeys.accept import AlreadyThere
from reference_hub.journeys.create import create
from reference_hub.journeys.delete import delete
from reference_hub.journeys.replace import replace
from reference_hub.journeys.update import update
from reference_hub.journeys.writer import Writer
from reference_hub.model.change import CREATE, DELETE
from reference_hub.model.outcome import Outcome
from reference_hub.problems import Refusal
from reference_hub.store import audits

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

APPLIED, KNOWN, REFUSED = "applied", "known", "refused"
REPLAYED = "replayed event"
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one event; `reasons` hold no value of the data."""

    event: Event
    state: str
    objects: int = 0
    reasons: tuple[str, ...] = ()


def replay(
    engine: Engine, writer: Writer, timeline: Timeline, on_bytes: Callable[[int], None]
) -> Iterator[Replayed]:
    """Apply events in order, up to the first that is refused; `on_bytes` is told of progress."""
    with engine.connect() as connection:
        known = audits.noted(connection, writer.scope, REPLAYED, "messageId")
    for event in timeline.events:
        path = timeline.path(event)
        if event.message_id in known:
            done = Replayed(event, KNOWN)
        else:
            done = _apply(engine, writer, event, path)
        on_bytes(path.stat().st_size if path.is_file() else 0)
        yield done
        if done.state == REFUSED:
            return


def _apply(engine: Engine, writer: Writer, event: Event, path: Path) -> Replayed:
    try:
        elements = _objects(event, path)
        for _ in range(_ATTEMPTS):
            try:
                with engine.begin() as connection:
                    _change(connection, writer, event, elements)
                return Replayed(event, APPLIED, len(elements))
            except AlreadyThere:
                continue
    except Refusal as problem:
        return Replayed(event, REFUSED, 0, problem.details or (problem.message,))
    busy = "expected objects that nobody else creates at the same time; replay again"
    return Replayed(event, REFUSED, 0, (busy,))


def _objects(event: Event, path: Path) -> list[_Element]:
    try:
        root = parse(path.read_bytes())
    except MalformedDocument as error:
        raise _fault(f"expected well-formed XML in UTF-8; {error}") from None
    except OSError as error:
        raise _fault(f"expected a readable file ({error.strerror})") from None
    found = children(root)
    names = {f"{local_name(each)}s" for each in found}
    if local_name(root) != event.service or names != {event.service}:
        raise _fault(f"expected {event.service} with at least one object, as the index says")
    if {namespace_of(each) for each in found} != {namespace_of(root)}:
        raise _fault("expected objects in the namespace of their collection")
    if not all(map(refid_of, found)):
        raise _fault("expected an id on every object")
    return found


def _fault(reason: str) -> Refusal:
    return Refusal(400, "Replay", reason)


def _change(
    connection: Connection, writer: Writer, event: Event, elements: Sequence[_Element]
) -> None:
    object_type = local_name(elements[0])
    outcomes = _outcomes(connection, writer, event, elements, object_type)
    problems = [outcome.problem for outcome in outcomes if outcome.problem is not None]
    if problems:
        details = tuple(dict.fromkeys(f"{each.scope}: {each.message}" for each in problems))
        raise Refusal(problems[0].status, "Replay", problems[0].message, details=details)
    entry = audits.Entry(
        writer.source_key, REPLAYED, object_type, len(elements), {"messageId": event.message_id}
    )
    audits.add(connection, writer.scope, writer.clock.now(), entry)


def _outcomes(
    connection: Connection,
    writer: Writer,
    event: Event,
    elements: Sequence[_Element],
    object_type: str,
) -> list[Outcome]:
    if event.event_action == CREATE:
        return create(connection, writer, object_type, elements, must_use_advisory=True)
    if event.event_action == DELETE:
        return delete(connection, writer, object_type, [refid_of(each) for each in elements])
    change = replace if event.is_full else update
    return change(connection, writer, object_type, elements)
