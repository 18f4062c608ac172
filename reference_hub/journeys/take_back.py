"""What a vendor gives back becomes SIF objects of the district: scores and what they are for.

Records are canonical ones, whatever format they came in. A record that names a student, a class or
a line item that this connection does not know goes into quarantine and is taken when that comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lxml import etree
from lxml.etree import _Element

from reference_hub.clock import Clock
from reference_hub.codec.xml import children, fold, local_name, namespace_of
from reference_hub.journeys import project
from reference_hub.journeys.create import create
from reference_hub.journeys.delete import delete
from reference_hub.journeys.prepare import Stopped, may_go
from reference_hub.journeys.stored_graph import StoredGraph
from reference_hub.journeys.told_ids import known_again
from reference_hub.journeys.update import update
from reference_hub.journeys.writer import Judging, Writer
from reference_hub.model.caller import Caller
from reference_hub.model.environment import given_to
from reference_hub.model.party import Subscriber
from reference_hub.model.pod import Pod
from reference_hub.model.rights import Rights
from reference_hub.privacy import gate
from reference_hub.problems import Refusal
from reference_hub.settings import Settings
from reference_hub.store import losses, objects, projections, quarantine, vendors
from reference_hub.translate import tables, trees
from reference_hub.translate.calls import Graph
from reference_hub.translate.canonical import KEY, Record, entities, key
from reference_hub.translate.trees import TreeError
from reference_hub.translate.writing import READY, TableWriter

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCOPE = "Way back"
TABLE = "unity"
TAKEN, QUARANTINED, REFUSED = "taken", "quarantined", "refused"
# What stands in the way until somebody tells it, where no other record is missing.
_UNSAID = "unsaid"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
# Parents first, so that a file may hold both.
_ORDER = ("Category", "Assignment", "Score")


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes back, and over which connection: `writer` stores in the name of the vendor (its
    POD is asked for each object type), `rights` are those of its application."""

    to: Subscriber
    caller: Caller
    writer: Writer
    rights: Rights


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one record: taken | quarantined | refused, and why."""

    entity: str
    key: str
    state: str
    reason: str = ""
    problem: Refusal | None = None


def taker_of(
    connection: Connection,
    to: Subscriber,
    caller: Caller,
    source_key: str,
    settings: Settings,
    judge: Judging,
    clock: Clock,
) -> Taker:
    """Who takes back in the name of an application of the vendor."""
    application = vendors.find_application(connection, source_key)
    zone = settings.zones.get(to.scope.zone_id)
    writer = Writer(
        to.scope,
        source_key,
        judge,
        clock,
        zone.model if zone else "",
        settings.worker.file_delay_seconds,
        settings.queues.event_objects,
    )
    own = application if application and application.vendor_id == to.vendor_id else None
    return Taker(to, caller, writer, Rights(given_to(own) if own else ()))


@dataclass(slots=True)
class _Around:
    """The graph of the connection, and beside it what came along with the records."""

    stored: Graph
    new: dict[tuple[str, str], Record] = field(default_factory=dict)

    def get(self, entity: str, key: str) -> Record | None:
        """The record with this key."""
        return self.new.get((entity, key)) or self.stored.get(entity, key)

    def referring(self, entity: str, field: str, key: str) -> Sequence[Record]:
        """The records of an entity that refer to this key."""
        added = [
            record
            for (kind, _), record in self.new.items()
            if kind == entity and key in _names(record.get(field))
        ]
        return [*self.stored.referring(entity, field, key), *added]

    def find(self, entity: str, field: str, value: str) -> str:
        """The key of the one record whose field has this value."""
        return self.stored.find(entity, field, value)


def take_back(
    connection: Connection, taker: Taker, records: Iterable[tuple[str, Record]]
) -> list[Taken]:
    """Take the records in the caller's transaction; what waited for them is taken too. One outcome
    for each, in the order in which they were taken: what others name comes first."""
    projections.lock(connection, taker.to)
    around = _Around(StoredGraph(connection, taker.to))
    records = known_again(connection, taker.to.scope, records)
    queue = sorted(records, key=lambda each: _rank(each[0]))
    done: list[Taken] = []
    while queue:
        entity, record = queue.pop(0)
        if completed := _completed(connection, taker, around, entity, record):
            queue[:0] = [completed, (entity, record)]
            continue
        outcome = _take(connection, taker, around, entity, record)
        done.append(outcome)
        if outcome.state == TAKEN:
            around.new[entity, outcome.key] = record
            queue += _released(connection, taker, f"{entity}:{outcome.key}")
    _follow(connection, taker, [each for each in done if each.state == TAKEN])
    return done


def take_away(connection: Connection, taker: Taker, entity: str, name: str) -> Taken:
    """Delete the object behind a record, or drop it where it is in quarantine."""
    projections.lock(connection, taker.to)
    held = quarantine.find(connection, taker.to.id, entity, name)
    if held is not None:
        quarantine.drop(connection, held.id)
    object_type = object_type_of(entity)
    writer = _allowed(connection, taker, object_type, "DELETE")
    (outcome,) = delete(connection, writer, object_type, [name])
    if outcome.problem is not None and held is None:
        return Taken(entity, name, REFUSED, problem=outcome.problem)
    taken = Taken(entity, name, TAKEN)
    _follow(connection, taker, [taken])
    return taken


def retry(connection: Connection, taker: Taker) -> list[Taken]:
    """Take what is in quarantine of a connection and waits for nothing unknown any more."""
    graph = StoredGraph(connection, taker.to)
    ready: list[tuple[str, Record]] = []
    for held in quarantine.of_connection(connection, taker.to.id):
        named = [name.partition(":") for name in held.missing if name != _UNSAID]
        if named and all(graph.get(kind, each) for kind, _, each in named):
            quarantine.drop(connection, held.id)
            ready.append((held.entity, dict(held.record)))
    return take_back(connection, taker, ready)


def object_type_of(entity: str) -> str:
    """The SIF object that a record of this entity becomes. Raises Refusal 422 without one."""
    sections = tables.load(TABLE).of_entity(entity)
    if not sections:
        raise Refusal(422, SCOPE, f"There is no SIF object for {entity}.", "invaliddata")
    return sections[0].collection


def bound_by(connection: Connection, taker: Taker, object_type: str) -> Pod | None:
    """The POD that binds the writer, None where the district asks for none. Raises Refusal 403."""
    verdict = may_go(connection, taker.caller, object_type, taker.writer.clock)
    if verdict.reason:
        raise Refusal(403, gate.SCOPE, f"Nothing is taken: {verdict.reason}.")
    return verdict.pod


def _follow(connection: Connection, taker: Taker, taken: Sequence[Taken]) -> None:
    """Show the vendor at once what was taken from it, and let what it sends next refer to it."""
    at = (connection, taker.to, taker.caller, taker.writer.clock)
    if not taken or isinstance(project.current(*at), Stopped):
        # Its rows are made anew anyhow, with these among them.
        return
    changed = []
    for each in taken:
        object_type = object_type_of(each.entity)
        changed.append((object_type, fold(taker.writer.stored_id(object_type, each.key))))
    project.bring_up(*at, changed)


def _take(
    connection: Connection, taker: Taker, around: _Around, entity: str, record: Record
) -> Taken:
    name = key(record)
    if missing := tuple(_missing(around, entity, record)):
        kinds = ", ".join(dict.fromkeys(each.partition(":")[0] for each in missing))
        return _kept(connection, taker, entity, record, missing, f"unknown here: {kinds}")
    writing = TableWriter(tables.load(TABLE)).write(entity, record, around)
    rows = writing.rows
    unready = [each.reason for each in rows if each.state != READY]
    if unready or not rows:
        reason = next(iter(unready), "SIF has no object for it")
        return _kept(connection, taker, entity, record, (_UNSAID,), reason)
    try:
        for row in rows:
            _store(connection, taker, row.collection, row.body)
    except Refusal as problem:
        return Taken(entity, name, REFUSED, problem.message, problem)
    if held := quarantine.find(connection, taker.to.id, entity, name):
        quarantine.drop(connection, held.id)
    clock = taker.writer.clock
    losses.record(connection, taker.to, clock.new_uuid(), writing.losses, clock.now())
    return Taken(entity, name, TAKEN)


def _store(connection: Connection, taker: Taker, object_type: str, node: trees.Node) -> None:
    try:
        element = trees.element(object_type, node)
    except TreeError as fault:
        raise Refusal(422, SCOPE, f"{fault}", "invaliddata") from fault
    shown = str(node.get("@RefId") or node.get("@refId") or "")
    stored = fold(taker.writer.stored_id(object_type, shown))
    there = objects.existing(connection, taker.writer.scope, object_type, [stored])
    writer = _allowed(connection, taker, object_type, "UPDATE" if there else "CREATE")
    if there:
        _clear_untold(element, object_type)
    change = update if there else create
    (outcome,) = change(connection, writer, object_type, [element])
    if outcome.problem is not None:
        raise outcome.problem


def _clear_untold(element: _Element, object_type: str) -> None:
    """The record is whole: what it could tell and does not, the stored object loses. What no
    record can tell stays as it is."""
    told = {local_name(each): each for each in children(element)}
    for name in _parts(object_type):
        if name not in told:
            told[name] = etree.Element(f"{{{namespace_of(element)}}}{name}", {_NIL: "true"})
        # At the end, in the order of the table, which is that of the schema.
        element.append(told[name])


def _parts(object_type: str) -> list[str]:
    names = (
        place.segments[0].name
        for section in tables.load(TABLE).of_collection(object_type)
        for line in section.lines
        for place in line.places
    )
    return list(dict.fromkeys(each for each in names if each[:1].isalpha()))


def _allowed(connection: Connection, taker: Taker, object_type: str, right: str) -> Writer:
    """The writer bound by the POD in force. Raises Refusal 403 without right or POD."""
    if not taker.rights.covers(taker.writer.scope, "OBJECT", f"{object_type}s", right):
        raise Refusal(403, SCOPE, f"Your application has no right to {right} {object_type}.")
    return replace(taker.writer, pod=bound_by(connection, taker, object_type))


def _missing(around: _Around, entity: str, record: Record) -> Iterator[str]:
    for name, known in entities()[entity].fields.items():
        if known.kind in ("ref", "refs"):
            for each in _names(record.get(name)):
                if around.get(known.of, each) is None:
                    yield f"{known.of}:{each}"


def _kept(
    connection: Connection,
    taker: Taker,
    entity: str,
    record: Record,
    missing: tuple[str, ...],
    reason: str,
) -> Taken:
    now, source = taker.writer.clock.now(), taker.writer.source_key
    quarantine.put(connection, taker.to, entity, record, missing, reason, now, source)
    return Taken(entity, key(record), QUARANTINED, reason)


def _completed(
    connection: Connection, taker: Taker, around: _Around, entity: str, record: Record
) -> tuple[str, Record] | None:
    """A category is of no class in OneRoster; in SIF it is of the class that first uses it."""
    category, section = record.get("category"), record.get("section")
    if entity != "Assignment" or not isinstance(category, str) or not isinstance(section, str):
        return None
    if around.get("Category", category) is not None or around.get("Section", section) is None:
        return None
    held = quarantine.find(connection, taker.to.id, "Category", category)
    if held is None or "section" in held.record:
        return None
    quarantine.drop(connection, held.id)
    return "Category", {**held.record, "section": section}


def _released(connection: Connection, taker: Taker, name: str) -> list[tuple[str, Record]]:
    found = quarantine.waiting_for(connection, taker.to.id, [name])
    for each in found:
        quarantine.drop(connection, each.id)
    return [(each.entity, {KEY: each.key, **each.record}) for each in found]


def _rank(entity: str) -> int:
    return _ORDER.index(entity) if entity in _ORDER else len(_ORDER)


def _names(value: object) -> list[str]:
    many = value if isinstance(value, list) else [value]
    return [each for each in many if isinstance(each, str)]
