"""A district imports a set of CSV files: OneRoster, or a layout of its own.

The files become canonical records, these SIF objects, and the objects go the way of `load`: judged
by the schema, accepted in one transaction. Everything is stored or nothing; an object that the hub
knows is replaced, and none is deleted because a file does not name it.
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
from reference_hub.model.change import CREATE, UPDATE, Change
from reference_hub.model.scope import Scope
from reference_hub.translate.csv_reading import DELTA, read_bundle
from reference_hub.translate.flat_files import take_in as take_flat
from reference_hub.translate.flat_layout import Layout
from reference_hub.translate.intake import Intake
from reference_hub.translate.ledger import Loss
from reference_hub.translate.oneroster_intake import take_in
from reference_hub.translate.packages import Fault, Refused, opened
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
    """What became of the files: objects stored by type, or the faults that forbade it; what was
    left out with its reason; what was lost."""

    stored: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    left_out: Mapping[tuple[str, str], int] = field(default_factory=dict)
    losses: tuple[Loss, ...] = ()


Reader = Callable[[Path, date], Intake]


def oneroster(version: str) -> Reader:
    """A reader of bulk bundles of one version; it raises Refused."""

    def take(path: Path, today: date) -> Intake:
        with opened(path) as package:
            bundle = read_bundle(package)
            if bundle.version != version:
                words = f"is of OneRoster {bundle.version}; expected {version}"
                raise Refused((Fault("manifest.csv", 0, "", words),))
            deltas = [file for file, kind in bundle.kinds.items() if kind == DELTA]
            if deltas:
                words = "is a delta, which changes what is there; expected a bulk bundle"
                raise Refused(tuple(Fault(f"{file}.csv", 0, "", words) for file in deltas))
            return take_in(bundle, today)

    return take


def flat(layout: Layout) -> Reader:
    """A reader of files in a layout of the district's own; it raises Refused."""

    def take(path: Path, _: date) -> Intake:
        with opened(path) as package:
            return take_flat(package, layout)

    return take


def import_file(
    engine: Engine, judge: Judge, order: Order, path: Path, reader: Reader, clock: Clock
) -> Imported:
    """Import one zip, file or folder."""
    today = clock.today(order.scope.zone_id)
    try:
        intake = reader(path, today)
    except Refused as refused:
        return Imported(faults=refused.faults)
    except OSError as error:
        return Imported(faults=(Fault("", 0, "", f"cannot be read ({error.strerror})"),))
    made = _Objects(judge, order, intake, today)
    changes = list(made.changes())
    if made.faults:
        return Imported(faults=tuple(made.faults[:MOST_FAULTS]), losses=made.ledger())
    stored = _store(engine, order, changes, clock)
    if stored is None:
        words = "objects are created by others at the same time; import again"
        return Imported(faults=(Fault("", 0, "", words),))
    return Imported(stored, (), made.left_out, made.ledger())


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

    def changes(self) -> Iterator[Change]:
        """The objects as changes, in the order of the records; faults are collected."""
        settings = {"today": self.today.isoformat(), **self.order.settings}
        writer = TableWriter(load(MODELS[self.order.target]), settings)
        for entity, record in list(self.intake.graph.all()):
            writing = writer.write(entity, record, self.intake.graph)
            self.losses.update(dict.fromkeys(writing.losses))
            for row in writing.rows:
                if row.state == HELD:
                    self._held(row)
                elif change := self._change(row):
                    yield change

    def ledger(self) -> tuple[Loss, ...]:
        """What was lost on both ways."""
        return (*self.intake.losses, *self.losses)

    def _held(self, row: TargetRow) -> None:
        place = self.intake.places.get((row.entity, row.refid))
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


def _store(
    engine: Engine, order: Order, changes: Sequence[Change], clock: Clock
) -> Mapping[str, int] | None:
    for _ in range(_ATTEMPTS):
        try:
            with engine.begin() as connection:
                return _write(connection, order, changes, clock)
        except AlreadyThere:
            continue
    return None


def _write(
    connection: Connection, order: Order, changes: Sequence[Change], clock: Clock
) -> Mapping[str, int]:
    by_type: dict[str, list[Change]] = {}
    for change in changes:
        by_type.setdefault(change.object_type, []).append(change)
    for object_type, found in by_type.items():
        for start in range(0, len(found), _BATCH):
            batch = found[start : start + _BATCH]
            refids = [each.refid for each in batch]
            known = existing(connection, order.scope, object_type, refids)
            accept(
                connection,
                order.scope,
                order.source_key,
                [x if x.refid in known else replace(x, action=CREATE) for x in batch],
                clock,
                file_delay_seconds=order.file_delay_seconds,
                event_objects=order.event_objects,
            )
    return {object_type: len(found) for object_type, found in by_type.items()}
