"""A timeline is replayed: events from files do in order what a source's requests would do.

Each event is applied whole or not at all. In the same transaction the audit notes its message id
and a digest, so that a second replay passes over it, an interrupted one goes on, and a timeline
that was altered meanwhile is found out. The first refusal ends the replay: what follows may build
on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from reference_hub.journeys.create import create, usable
from reference_hub.journeys.delete import delete
from reference_hub.journeys.load import MOST_PROBLEMS
from reference_hub.journeys.replace import replace
from reference_hub.journeys.update import update
from reference_hub.journeys.writer import Writer
from reference_hub.model.change import CREATE, DELETE
from reference_hub.model.outcome import Outcome
from reference_hub.problems import Refusal, SetupError
from reference_hub.store import audits
from reference_hub.store.turns import turn

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
    """Apply events in order, up to the first that is refused; `on_bytes` is told of progress.

    Raises SetupError when another replay is going on in the same zone and context.
    """
    with turn(engine, writer.scope, REPLAYED) as connection:
        if connection is None:
            raise SetupError(
                f"Another replay is going on in zone {writer.scope.zone_id}, context "
                f"{writer.scope.context_id}; call again when it has ended. Nothing was applied."
            )
        with connection.begin():
            noted = audits.noted(connection, writer.scope, REPLAYED)
        known = {str(each["messageId"]): str(each["digest"]) for each in noted}
        left = sum(event.message_id in known for event in timeline.events)
        for event in timeline.events:
            done = _one(connection, writer, event, timeline.path(event), known, left)
            left -= done.state == KNOWN
            yield done
            if done.state == REFUSED:
                return
            on_bytes(timeline.path(event).stat().st_size)


def _one(
    connection: Connection,
    writer: Writer,
    event: Event,
    path: Path,
    known: Mapping[str, str],
    left: int,
) -> Replayed:
    """`left` of the known events have not been met yet, so none before them can be new."""
    try:
        body = _read(path)
        digest = event.digest(body)
        if event.message_id not in known and left:
            raise _fault("expected no new event before one that was applied already")
        if known.get(event.message_id, digest) != digest:
            raise _fault("expected the event that was applied with this messageId; it was altered")
        if event.message_id in known:
            return Replayed(event, KNOWN)
        return _apply(connection, writer, event, _objects(event, body), digest)
    except Refusal as problem:
        return Replayed(event, REFUSED, 0, problem.details or (problem.message,))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _fault(f"expected a readable file ({error.strerror})") from None


def _apply(
    connection: Connection,
    writer: Writer,
    event: Event,
    elements: Sequence[_Element],
    digest: str,
) -> Replayed:
    for _ in range(_ATTEMPTS):
        try:
            with connection.begin():
                _change(connection, writer, event, elements, digest)
            return Replayed(event, APPLIED, len(elements))
        except AlreadyThere:
            continue
    raise _fault("expected objects that nobody else creates at the same time; replay again")


def _objects(event: Event, body: bytes) -> list[_Element]:
    try:
        root = parse(body)
    except MalformedDocument as error:
        raise _fault(f"expected well-formed XML in UTF-8; {error}") from None
    found = children(root)
    names = {f"{local_name(each)}s" for each in found}
    if local_name(root) != event.service or names != {event.service}:
        raise _fault(f"expected {event.service} with at least one object, as the index says")
    if {namespace_of(each) for each in found} != {namespace_of(root)}:
        raise _fault("expected objects in the namespace of their collection")
    if any((text or "").strip() for text in (root.text, *(each.tail for each in root))):
        raise _fault("expected objects only; found text between them")
    if not all(map(refid_of, found)):
        raise _fault("expected an id on every object")
    if event.event_action == CREATE and not all(usable(refid_of(each)) for each in found):
        raise _fault("expected a UUID as id of every new object")
    return found


def _fault(reason: str) -> Refusal:
    return Refusal(400, "Replay", reason)


def _change(
    connection: Connection,
    writer: Writer,
    event: Event,
    elements: Sequence[_Element],
    digest: str,
) -> None:
    object_type = local_name(elements[0])
    outcomes = _outcomes(connection, writer, event, elements, object_type)
    problems = [
        f"/{event.service}/{object_type}[{number}]: {outcome.problem.message}"
        for number, outcome in enumerate(outcomes, 1)
        if outcome.problem is not None
    ]
    if problems:
        raise Refusal(400, "Replay", problems[0], details=tuple(problems[:MOST_PROBLEMS]))
    detail = {"messageId": event.message_id, "digest": digest}
    entry = audits.Entry(writer.source_key, REPLAYED, object_type, len(elements), detail)
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
        refids = [refid_of(each) for each in elements]
        namespace = namespace_of(elements[0])
        return delete(connection, writer, object_type, refids, namespace=namespace)
    change = replace if event.is_full else update
    return change(connection, writer, object_type, elements)
