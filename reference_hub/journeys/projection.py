"""Keep a vendor's rows in step: SIF objects become canonical records, those become its rows.

Rows are made from the current state of the objects, so that repeated, late or reordered messages
do no harm. The gate and the filter stand before the first step: nothing that is not granted gets
into a record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from reference_hub.clock import Clock
from reference_hub.codec.xml import read
from reference_hub.journeys import told_ids
from reference_hub.journeys.prepare import granted_part, strange
from reference_hub.journeys.stored_graph import StoredGraph
from reference_hub.model.party import Subscriber
from reference_hub.model.pod import Pod
from reference_hub.privacy.filter import compiled
from reference_hub.privacy.tally import fields_of
from reference_hub.problems import HubError
from reference_hub.store import (
    canonical_records,
    imported_ids,
    objects,
    statistics,
    target_looks,
    target_rows,
)
from reference_hub.store.canonical_records import Kept
from reference_hub.store.target_rows import StoredRow
from reference_hub.store.target_waiting import settle_waiting
from reference_hub.translate import trees
from reference_hub.translate.canonical import Record, entities, key
from reference_hub.translate.graph import merged
from reference_hub.translate.ledger import Loss
from reference_hub.translate.plans import plan, reader_for
from reference_hub.translate.profiles import Profile
from reference_hub.translate.writing import TableWriter, Writing

if TYPE_CHECKING:
    from sqlalchemy import Connection

PAGE = 1000
SAME_ID = "another record has the same id at the vendor"
Key = tuple[str, str]


class NotGranted(HubError):
    """Something passed the filter that no grant covers; nothing of the run is kept."""


@dataclass(slots=True)
class Projected:
    """What a run did: the POD it was made under, how many objects show each granted path, what was
    lost, which canonical records were concerned, why other object types may not go."""

    pod: Pod | None
    fields: Counter[str] = field(default_factory=Counter)
    losses: dict[Loss, None] = field(default_factory=dict)
    concerned: set[str] = field(default_factory=set)
    closed: Mapping[str, str] = field(default_factory=dict)


class Projection:
    """The work on one connection, inside the transaction of its caller.

    `pods` are the PODs by object type for the types that may go now. `keep_losses` takes what was
    lost while everything is made anew, so that it need not be remembered until the end.
    """

    def __init__(
        self,
        connection: Connection,
        to: Subscriber,
        profile: Profile,
        pods: Mapping[str, Pod | None],
        clock: Clock,
        keep_losses: Callable[[Iterable[Loss]], None] = lambda _: None,
    ) -> None:
        self.connection, self.to, self.profile, self.pods = connection, to, profile, pods
        self.now = clock.now()
        stated = {"today": clock.today(to.scope.zone_id).isoformat()}
        accepted = {"extensions": profile.accepts} if profile.accepts else {}
        self.settings = {**accepted, **profile.settings, **to.delivery, **stated}
        self.writer = TableWriter(profile.table, self.settings)
        self.plan = plan(profile)
        self.done = Projected(next(iter(pods.values()), None))
        self._told: set[int] = set()
        self._imported = imported_ids.any_of(connection, to.scope)
        self._keep_losses = keep_losses
        self._worked, self._next_count = 0, PAGE

    def rebuild(self) -> Projected:
        """Make everything anew from the objects granted now; what is no longer there goes."""
        canonical_records.forget_all(self.connection, self.to)
        target_looks.forget_all(self.connection, self.to)
        for kind in self.pods:
            for page in self._pages(kind):
                self._store(page)
                self._done_with(len(page))
        # The table of the rows is as empty as it was, whatever the records have grown to.
        self._worked, self._next_count = 0, PAGE
        seen = str(uuid4())
        for entity in self.plan.roots:
            for keys in self._keys(entity):
                graph = StoredGraph(self.connection, self.to)
                self._write([(entity, each) for each in keys], graph, seen)
                self._done_with(len(keys))
        target_rows.go_unseen(self.connection, self.to, seen, self.now)
        self._give_freed_ids()
        settle_waiting(self.connection, self.to, self.now)
        return self.done

    def _done_with(self, more: int) -> None:
        """Write down what was lost; renew the statistics whenever the work done has doubled."""
        self._keep_losses(self.done.losses)
        self.done.losses.clear()
        self._worked += more
        if self._worked >= self._next_count:
            statistics.refresh_rows(self.connection)
            self._next_count = 2 * self._worked

    def follow(self, changed: Sequence[Key]) -> Projected:
        """Bring up what depends on these objects, (object type, folded RefId)."""
        before = canonical_records.of_origins(self.connection, self.to, changed)
        self._store(self._current(changed), changed)
        after = canonical_records.of_origins(self.connection, self.to, changed)
        graph = StoredGraph(self.connection, self.to)
        roots = list(dict.fromkeys(self._dirty([*before, *after], graph)))
        touched: list[str] = []
        for start in range(0, len(roots), PAGE):
            touched += self._write(roots[start : start + PAGE], graph, None)
        touched += self._give_freed_ids()
        settle_waiting(self.connection, self.to, self.now, touched)
        return self.done

    def _give_freed_ids(self) -> list[str]:
        """Make the rows of records whose id another one held until now."""
        roots = target_rows.freed(self.connection, self.to, SAME_ID)
        graph = StoredGraph(self.connection, self.to)
        return self._write(roots, graph, None) if roots else []

    def _pages(self, kind: str) -> Iterator[list[tuple[Key, bytes | None]]]:
        for stored in objects.each_page(self.connection, self.to.scope, kind, PAGE):
            yield [((kind, each.refid), each.body) for each in stored]

    def _current(self, changed: Sequence[Key]) -> list[tuple[Key, bytes | None]]:
        found: list[tuple[Key, bytes | None]] = []
        for kind, refid in dict.fromkeys(changed):
            stored = objects.get(self.connection, self.to.scope, kind, refid)
            found.append(((kind, refid), stored.body if stored else None))
        return found

    def _store(
        self, found: Iterable[tuple[Key, bytes | None]], origins: Sequence[Key] = ()
    ) -> None:
        records = [
            kept
            for origin, body in found
            if body is not None and origin[0] in self.pods
            for kept in self._read(origin, body)
        ]
        canonical_records.replace(self.connection, self.to, origins, _united(records))

    def _read(self, origin: Key, body: bytes) -> Iterator[Kept]:
        pod = self.pods[origin[0]]
        element = granted_part(read(body), pod)
        if element is None:
            return
        if paths := strange(element, pod):
            raise NotGranted(f"not granted but present: {', '.join(paths[:3])}")
        if pod is not None:
            self.done.fields.update(fields_of(element, compiled(pod)))
        reader = reader_for(origin[0])
        reading = reader.read(trees.node(element), origin[0], settings=self.settings)
        self.done.losses.update(dict.fromkeys(reading.losses))
        for entity, record in reading.records:
            if key(record):
                yield Kept(entity, key(record), record, origin, _refs(entity, record))

    def _keys(self, entity: str) -> Iterator[list[str]]:
        after = ""
        while found := canonical_records.keys(self.connection, self.to, entity, after, PAGE):
            yield found
            after = found[-1]

    def _dirty(self, changed: Sequence[Kept], graph: StoredGraph) -> Iterator[Key]:
        # What was before counts too: a reference that moved concerns its old target.
        bodies: dict[str, list[Record]] = {}
        for kept in changed:
            bodies.setdefault(kept.entity, []).append(kept.body)
        for entity, records in bodies.items():
            for way in self.plan.ways.get(entity, ()):
                for record in graph.fetch_along(records, way.steps):
                    yield way.root, key(record)
        looks = {f"{x.entity}.{ref}" for x in changed for ref in _refs(x.entity, x.body)}
        looks |= {f"{x.entity}:{x.key}" for x in changed}
        yield from target_looks.roots_of(self.connection, self.to, looks)

    def _write(self, roots: Sequence[Key], graph: StoredGraph, seen: str | None) -> list[str]:
        """Make the rows of these records; the names of those that came, changed or went."""
        made: dict[Key, StoredRow] = {}
        found: list[StoredRow] = []
        looks: list[tuple[str, Key]] = []
        for entity, keys in _by_entity(roots).items():
            graph.fetch(entity, keys)
            present = [x for x in (graph.get(entity, each) for each in keys) if x is not None]
            for steps in self.plan.reached.get(entity, ()):
                graph.fetch_along(present, steps)
            for record in present:
                writing = self.writer.write(entity, record, graph)
                looks += self._looks((entity, key(record)), writing)
                found += self._rows(entity, writing)
        for row in self._as_told(found):
            self._keep(made, row)
        # Where all is made anew, what went is what was not seen at the end.
        gone = [] if seen else self._forget(roots, made)
        target_looks.add(self.connection, self.to, looks)
        rows = self._with_own_ids(list(made.values()))
        target_rows.put(self.connection, self.to, rows, self.now, seen)
        return [f"{collection}:{name}" for collection, name in (*made, *gone)]

    def _forget(self, roots: Sequence[Key], made: Mapping[Key, StoredRow]) -> list[Key]:
        """Let go what these records gave before and no longer do; the names of those rows."""
        target_looks.forget(self.connection, self.to, roots)
        self.done.concerned.update(name for _, name in roots)
        old = target_rows.of_roots(self.connection, self.to, roots)
        gone = [(x.collection, x.key) for x in old if (x.collection, x.key) not in made]
        target_rows.go(self.connection, self.to, gone, self.now)
        return gone

    def _looks(self, root: Key, writing: Writing) -> Iterator[tuple[str, Key]]:
        known = self.plan.known.get(root[0], frozenset())
        for entity, name, at in writing.looks:
            if (entity, name) not in known and (entity, at) != root:
                yield f"{entity}.{name}={at}" if name else f"{entity}:{at}", root

    def _rows(self, entity: str, writing: Writing) -> Iterator[StoredRow]:
        self.done.losses.update(dict.fromkeys(writing.of_record))
        # The same tuple for all records that say the same fields: looked at once.
        if id(writing.static) not in self._told:
            self._told.add(id(writing.static))
            self.done.losses.update(dict.fromkeys(writing.static))
        for row in writing.rows:
            links = (row.needs, row.wants)
            state = (row.state, row.reason)
            yield StoredRow(row.collection, row.key, entity, row.refid, row.body, *state, *links)

    def _keep(self, made: dict[Key, StoredRow], row: StoredRow) -> None:
        held = made.setdefault((row.collection, row.key), row)
        if held is not row and held.refid != row.refid:
            second = _second(row)
            made[second.collection, second.key] = second

    def _as_told(self, rows: list[StoredRow]) -> list[StoredRow]:
        imported = self._imported and self.profile.shape in told_ids.SHAPES
        return told_ids.as_told(self.connection, self.to.scope, rows) if imported else rows

    def _with_own_ids(self, rows: list[StoredRow]) -> list[StoredRow]:
        taken = target_rows.taken(self.connection, self.to, rows)
        return [_second(x) if (x.collection, x.key) in taken else x for x in rows]


def _united(records: Sequence[Kept]) -> list[Kept]:
    """One record where an object tells of the same thing twice."""
    found: dict[tuple[str, str, Key], Kept] = {}
    for kept in records:
        at = (kept.entity, kept.key, kept.origin)
        held = found.get(at)
        body = merged(held.body, kept.body) if held else kept.body
        found[at] = replace(kept, body=body, refs=_refs(kept.entity, body)) if held else kept
    return list(found.values())


def _second(row: StoredRow) -> StoredRow:
    """The row of a record whose id another record already has: kept, and told, but not sent."""
    return replace(row, key=f"{row.key}#{row.refid}", state="held", reason=SAME_ID)


def _refs(entity: str, record: Record) -> tuple[str, ...]:
    found: list[str] = []
    for name, about in entities()[entity].fields.items():
        if about.kind in ("ref", "refs") and name in record:
            value = record[name]
            keys = value if isinstance(value, list) else [value]
            found += [f"{name}={each}" for each in keys if isinstance(each, str)]
    return tuple(found)


def _by_entity(roots: Sequence[Key]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entity, name in roots:
        found.setdefault(entity, []).append(name)
    return found
