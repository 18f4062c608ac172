"""A district imports a set of CSV files: OneRoster, or a layout of its own.

The files become canonical records, these SIF objects, and the objects go the way of `load`: judged
by the schema, accepted in one transaction. Everything is stored or nothing; an object that the hub
knows is replaced, and none is deleted because a file does not name it. A OneRoster delta is put
onto what is stored: only the objects that it changes are written, and those it deletes are deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.codec.xml import fold, read
from reference_hub.journeys.accept import AlreadyThere, accept, existing
from reference_hub.journeys.import_delta import state, stored_records
from reference_hub.journeys.told_ids import remember
from reference_hub.model.change import CREATE, DELETE, UPDATE, Change
from reference_hub.model.scope import Scope
from reference_hub.store import objects
from reference_hub.translate.canonical import Record, key
from reference_hub.translate.csv_reading import DELTA, read_bundle
from reference_hub.translate.flat_files import take_in as take_flat
from reference_hub.translate.flat_layout import Layout
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.intake import Intake
from reference_hub.translate.ledger import Loss
from reference_hub.translate.oneroster_intake import take_in, take_in_delta
from reference_hub.translate.packages import Fault, Refused, opened
from reference_hub.translate.sds_files import read_sds
from reference_hub.translate.sds_intake import take_in_sds
from reference_hub.translate.tables import load
from reference_hub.translate.trees import TreeError, xml
from reference_hub.translate.writing import HELD, TableWriter, TargetRow

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

# What SIF can be made of it: the name on the command line and the table that writes it.
MODELS = {"unity-4.3": "unity", "xpress-4.3": "xpress"}
MOST_FAULTS = 20
_BATCH = 500
# A create can lose against a running serve; then all is tried again.
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Order:
    """What one call asks for. `target` is a name in MODELS, `model` chooses among schemas of one
    namespace, `settings` are what the mapping tables may ask for (`operational_since`). With
    `leave_out` records that SIF cannot hold are left out and named instead of refusing all."""

    scope: Scope
    target: str
    model: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    leave_out: bool = False
    source_key: str = "import"
    file_delay_seconds: float = 2.0
    event_objects: int = 100


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the files: objects stored and deleted by type, or the faults that forbade it;
    what was left out with its reason; what was lost."""

    stored: Mapping[str, int] = field(default_factory=dict)
    deleted: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    left_out: Mapping[tuple[str, str], int] = field(default_factory=dict)
    losses: tuple[Loss, ...] = ()


# Gives the records of what is stored, which only a delta needs.
Base = Callable[[], MemoryGraph]
Reader = Callable[[Path, date, Base], Intake]


def oneroster(version: str) -> Reader:
    """A reader of bundles of one version, whole or delta; it raises Refused."""

    def take(path: Path, today: date, base: Base) -> Intake:
        with opened(path) as package:
            bundle = read_bundle(package)
            if bundle.version != version:
                words = f"is of OneRoster {bundle.version}; expected {version}"
                raise Refused((Fault("manifest.csv", 0, "", words),))
            if not bundle.kinds or DELTA not in bundle.kinds.values():
                return take_in(bundle, today)
            whole = [file for file, kind in bundle.kinds.items() if kind != DELTA]
            if whole:
                words = "is bulk beside deltas; expected all files of a bundle to be of one kind"
                raise Refused(tuple(Fault(f"{file}.csv", 0, "", words) for file in whole))
            return take_in_delta(bundle, today, base())

    return take


def flat(layout: Layout) -> Reader:
    """A reader of files in a layout of the district's own; it raises Refused."""

    def take(path: Path, _today: date, _base: Base) -> Intake:
        with opened(path) as package:
            return take_flat(package, layout)

    return take


def school_data_sync() -> Reader:
    """A reader of the files of Microsoft School Data Sync 2.1; it raises Refused."""

    def take(path: Path, today: date, _base: Base) -> Intake:
        with opened(path) as package:
            return take_in_sds(read_sds(package), today)

    return take


def import_file(
    engine: Engine, judge: Judge, order: Order, path: Path, reader: Reader, clock: Clock
) -> Imported:
    """Import one zip, file or folder."""
    today, table = clock.today(order.scope.zone_id), MODELS[order.target]
    try:
        intake = reader(path, today, lambda: stored_records(engine, order.scope, table))
    except Refused as refused:
        return Imported(faults=refused.faults)
    except OSError as error:
        return Imported(faults=(Fault("", 0, "", f"cannot be read ({error.strerror})"),))
    made = _Objects(judge, order, intake, today)
    changes = list(made.changes())
    if made.faults:
        return Imported(faults=tuple(made.faults[:MOST_FAULTS]), losses=made.ledger())
    if not _store(engine, order, intake, changes, clock):
        words = "objects are created by others at the same time; import again"
        return Imported(faults=(Fault("", 0, "", words),))
    told = _by_type(changes, deleted=False), _by_type(changes, deleted=True)
    return Imported(*told, (), made.left_out, made.ledger())


@dataclass(slots=True)
class _Objects:
    """The SIF objects of an intake, each judged."""

    judge: Judge
    order: Order
    intake: Intake
    today: date
    faults: list[Fault] = field(default_factory=list)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    losses: dict[Loss, None] = field(default_factory=dict)
    waiting: set[tuple[str, str]] = field(default_factory=set)

    def changes(self) -> Iterator[Change]:
        """The objects as changes, in the order of the records; faults are collected. Of a delta
        only what differs from before, and what is gone as deletes."""
        table, before = MODELS[self.order.target], self.intake.base
        settings = {"today": self.today.isoformat(), **self.order.settings}
        known = dict(state(before, table, settings)) if before is not None else {}
        for row in self._rows(TableWriter(load(table), settings)):
            at = row.collection, fold(row.key)
            same = known.pop(at, None) == repr(row.body)
            if not same and (change := self._change(row)):
                yield change
        for object_type, refid in known:
            if (object_type, refid) in self.waiting:
                words = "would lack what it needs after this delta; delete it in the delta too"
                self.faults.append(Fault("", 0, "", f"{object_type}: {words}"))
            else:
                yield Change(DELETE, object_type, refid, None)

    def _rows(self, writer: TableWriter) -> Iterator[TargetRow]:
        for entity, record in list(self.intake.graph.all()):
            writing = writer.write(entity, record, self.intake.graph)
            if self._is_told(entity, record):
                self.losses.update(dict.fromkeys(writing.losses))
            for row in writing.rows:
                if row.state == HELD:
                    self._held(row)
                else:
                    yield row

    def _is_told(self, entity: str, record: Record) -> bool:
        """Whether the files speak of a record; what lies beside a delta was told of before."""
        return self.intake.base is None or (entity, key(record)) in self.intake.places

    def ledger(self) -> tuple[Loss, ...]:
        """What was lost on both ways."""
        return (*self.intake.losses, *self.losses)

    def _held(self, row: TargetRow) -> None:
        place = self.intake.places.get((row.entity, row.refid))
        self.waiting.add((row.collection, fold(row.key)))
        if place is None and self.intake.base is not None:
            return
        if place and not self.order.leave_out:
            reason = f"{row.collection} cannot be made: {row.reason}"
            self.faults.append(Fault(*place, "", reason))
        else:
            self.left_out[row.collection, row.reason] += 1

    def _change(self, row: TargetRow) -> Change | None:
        place = self.intake.places.get((row.entity, row.refid), ("", 0))
        try:
            document = xml(row.collection, row.body).encode()
        except TreeError as error:
            self.faults.append(Fault(*place, "", str(error)))
            return None
        verdict = self.judge.judge(read(document), model=self.order.model)
        for problem in verdict.problems:
            words = f"{problem.path}: expected {problem.expected}"
            self.faults.append(Fault(*place, "", words))
        # One record may make several objects; the key of a SIF row is the RefId it has.
        return Change(UPDATE, row.collection, fold(row.key), document, verdict.by)


def _by_type(changes: Sequence[Change], *, deleted: bool) -> Mapping[str, int]:
    return Counter(x.object_type for x in changes if (x.action == DELETE) == deleted)


def _store(
    engine: Engine, order: Order, intake: Intake, changes: Sequence[Change], clock: Clock
) -> bool:
    for _ in range(_ATTEMPTS):
        try:
            with engine.begin() as connection:
                # First, so that the rows made of the objects say the ids of the files.
                remember(connection, order.scope, intake)
                _write(connection, order, changes, clock)
                return True
        except AlreadyThere:
            continue
    return False


def _write(connection: Connection, order: Order, changes: Sequence[Change], clock: Clock) -> None:
    by_type: dict[str, list[Change]] = {}
    for change in changes:
        by_type.setdefault(change.object_type, []).append(change)
    for found in by_type.values():
        for start in range(0, len(found), _BATCH):
            batch = found[start : start + _BATCH]
            accept(
                connection,
                order.scope,
                order.source_key,
                _fitting(connection, order.scope, batch),
                clock,
                file_delay_seconds=order.file_delay_seconds,
                event_objects=order.event_objects,
            )


def _fitting(connection: Connection, scope: Scope, batch: Sequence[Change]) -> list[Change]:
    """The changes of one type by what is stored: an unknown object is created, of one that is
    deleted the last version is named, and one that is not there needs no delete."""
    object_type = batch[0].object_type
    gone = [each.refid for each in batch if each.action == DELETE]
    held = objects.lock(connection, scope, object_type, gone) if gone else {}
    known = existing(connection, scope, object_type, [each.refid for each in batch])
    found = [
        replace(each, previous=held[each.refid].version_id) if each.action == DELETE else each
        for each in batch
        if each.action != DELETE or each.refid in held
    ]
    return [x if x.refid in known or x.action == DELETE else replace(x, action=CREATE)
            for x in found]  # fmt: skip
