"""Districts through CSV files and back: what differs, and what the ledger says about it.

Records that have no id in the files are compared by what makes them one: a school by its number, a
seat by student and section.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from reference_hub.translate import flat_files
from reference_hub.translate.canonical import Record, entities, key
from reference_hub.translate.flat_layout import read_layout
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.intake import Intake
from reference_hub.translate.ledger import INFERRED, Loss
from reference_hub.translate.packages import opened
from reference_hub.translate.reading import TableReader
from reference_hub.translate.sds_files import read_sds
from reference_hub.translate.sds_intake import take_in_sds
from reference_hub.translate.tables import load
from reference_hub.translate.writing import HELD
from tests.reference_hub.translate import districts
from tests.reference_hub.translate.districts import Made, district, leaves, written

TABLES = Path(str(files("reference_hub.translate"))) / "tables"
STATED = {"today": "2026-12-01"}
# What a record without an id in the files is known by, those that others are known by first.
KNOWN_BY: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "clever": {
        "School": ("localId",),
        "Course": ("school", "code"),
        "Session": ("school", "code", "startDate"),
        "SchoolEnrollment": ("student", "school"),
        "StaffAssignment": ("staff", "school"),
        "SectionEnrollment": ("section", "student"),
        "StaffSection": ("section", "staff"),
        "ContactLink": ("student", "contact"),
        "Meal": ("student",),
    },
    "flat": {},
    "sds-2.1": {
        "SchoolYear": ("school", "schoolYear"),
        "SchoolEnrollment": ("student", "school"),
        "StaffAssignment": ("staff", "school"),
        "SectionEnrollment": ("section", "student"),
        "StaffSection": ("section", "staff"),
        "ContactLink": ("student", "contact"),
    },
    "oneroster-1.2": {
        "SchoolYear": ("school", "schoolYear"),
        "ContactLink": ("student", "contact"),
    },
    # 1.1 has no roles, whose ids would be those of enrollments and posts.
    "oneroster-1.1": {
        "SchoolYear": ("school", "schoolYear"),
        "SchoolEnrollment": ("student", "school"),
        "StaffAssignment": ("staff", "school"),
        "ContactLink": ("student", "contact"),
    },
}
Told = dict[str, dict[str, list[Loss]]]


def taken_in(table: str, made: Made) -> Intake:
    """Write the rows as files, and read them again."""
    if table.startswith("oneroster"):
        version = table.rpartition("-")[2]
        return districts.taken_in(districts.packed(made, version))
    layout = read_layout(TABLES / f"{table}.toml")
    with (
        flat_files.write_files(made.ready(), layout).content as content,
        TemporaryDirectory() as folder,
    ):
        path = Path(folder) / "files.zip"
        path.write_bytes(content.read())
        with opened(path) as package:
            if table == "sds-2.1":
                return take_in_sds(read_sds(package), date.fromisoformat(STATED["today"]))
            return flat_files.take_in(package, layout)


def renamed(graph: MemoryGraph, known_by: Mapping[str, tuple[str, ...]]) -> Trail:
    """The records with keys made of what they are known by, and which key each had."""
    trail = Trail(MemoryGraph())
    told = [(entity, dict(record)) for entity, record in graph.all()]
    for name, fields in known_by.items():
        for entity, record in told:
            if entity == name:
                _point(entity, record, trail.names)
                new = "|".join(str(record.get(each, "")) for each in fields)
                trail.names[entity, key(record)] = new
                record["refId"] = new
    for entity, record in told:
        if entity not in known_by:
            _point(entity, record, trail.names)
        trail.graph.add(entity, record)
    return trail


def _point(entity: str, record: Record, names: Mapping[tuple[str, str], str]) -> None:
    fields = entities()[entity].fields
    for name, value in record.items():
        of = fields[name].of if fields[name].kind in ("ref", "refs") else ""
        if of and isinstance(value, list):
            record[name] = [names.get((of, str(each)), str(each)) for each in value]
        elif of:
            record[name] = names.get((of, str(value)), str(value))


@dataclass(slots=True)
class Trail:
    """Records under new keys, and the new key of each old one."""

    graph: MemoryGraph
    names: dict[tuple[str, str], str] = field(default_factory=dict)

    def new(self, old: str) -> str:
        """The new key of a record of any entity."""
        found = (name for (_, at), name in self.names.items() if at == old)
        return next(found, old)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not the same after the trip; `*` when the record is gone. `lost` when a value
    is gone, else one came that was not there."""

    entity: str
    key: str
    name: str
    lost: bool

    @property
    def field(self) -> str:
        """As a ledger names it."""
        return f"{self.entity}.{self.name}"


class Trip:
    """A district from SIF by the files of a table and back."""

    def __init__(self, table: str, model: str, seed: int) -> None:
        self.table = table
        self.start = district(seed, model=model)
        self.made = written(self.start, table, STATED)
        self.intake = taken_in(table, self.made)
        self.before = renamed(self.start, KNOWN_BY[table])
        self.after = renamed(self.intake.graph, KNOWN_BY[table])
        self._near = _neighbours(self.before.graph, self.after.graph)
        self._told = self._ledger()
        self.paths = TableReader(load(table)).paths

    def differences(self) -> list[Difference]:
        """All fields that are not the same."""
        return [
            Difference(entity, key(record), name, lost)
            for entity, record in self.before.graph.all()
            for name, lost in _differing(record, self.after.graph.get(entity, key(record)))
        ]

    def invented(self) -> list[str]:
        """Entities of records that were not there before."""
        return [
            entity
            for entity, record in self.after.graph.all()
            if self.before.graph.get(entity, key(record)) is None
        ]

    def named(self, one: Difference) -> list[Loss]:
        """What the ledger says of a difference. Of an invented value it names the place that the
        value was taken from: that explains what came, and nothing that is gone."""
        found = self._gone(one) if one.name == "*" else self._changed(one)
        return [loss for loss in found if loss.kind != INFERRED or not one.lost]

    def _changed(self, one: Difference) -> list[Loss]:
        found = self._of(one.key, one.field)
        outer = one.field.rpartition(".")[0]
        if outer.count(".") == 1:
            found += self._of("", outer)
        # Another record stands for the whole of this one.
        found += [x for x in self._of(one.key, f"{one.entity}.refId") if x.refid]
        place = self.paths.get(one.field, "").replace("/", ".", 1)
        return found + [x for x in self._of(one.key, f">{place}") if x.refid]

    def _gone(self, one: Difference) -> list[Loss]:
        # What makes it known or worth a row, or the day on which it was over.
        by = ("refId", "exitDate", "endDate", "status", *KNOWN_BY[self.table].get(one.entity, ()))
        found = [x for name in by for x in self._of(one.key, f"{one.entity}.{name}")]
        if one.entity == "Contact":
            # Who is linked with nobody that may know is told to nobody.
            for name in ("refId", "contact"):
                found += self._of(one.key, f"ContactLink.{name}")
        table = load(self.table)
        placeless = f"{one.entity}.*" in table.slotless or not table.of_entity(one.entity)
        # That its id has no place says nothing of the record, if others of its kind have one.
        return [x for x in found if x.refid or placeless]

    def held(self, one: Difference) -> bool:
        """Whether the record waits, which its row says with the reason."""
        rows = (row for each in self.made.rows.values() for row in each.values())
        return any(x.state == HELD and self.before.new(x.refid) == one.key for x in rows)

    def _of(self, at: str, name: str) -> list[Loss]:
        by_key = self._told.get(name, {})
        near = {"", at, *self._near.get(at, ())}
        return [loss for each in near for loss in by_key.get(each, ())]

    def _ledger(self) -> Told:
        told: Told = defaultdict(lambda: defaultdict(list))
        for trail, losses in (
            (self.before, self.made.losses),
            (self.after, tuple(self.intake.losses)),
        ):
            back = trail is self.after
            for loss in losses:
                at = trail.new(loss.refid)
                names = {loss.source_path.partition("[")[0], f">{loss.target_field}"}
                for name in {loss.target_field} if back else names:
                    told[name][at].append(loss)
        return told

    def idle(self) -> Iterator[Loss]:
        """Losses of a record that are no difference: what the ledger says without reason. What is
        concluded anew on the way back was lost all the same."""
        lost = {(one.key, one.field) for one in self.differences()}
        gone = {(at, name.partition(".")[0]) for at, name in lost if name.endswith(".*")}
        gone |= {(at, of) for (of, old), at in self.before.names.items() if not self._has(of, old)}
        anew = (x for x in self.intake.losses if x.kind == INFERRED)
        lost |= {(self.after.new(x.refid), x.target_field) for x in anew}
        by_list = {(at, _of_list(name)) for at, name in lost}
        for loss in self.made.losses:
            name = loss.source_path.partition("[")[0]
            if loss.refid and loss.kind != INFERRED:
                at = self.before.new(loss.refid)
                entity, near = name.partition(".")[0], {at, *self._near.get(at, ())}
                if not any((x, _of_list(name)) in by_list or (x, entity) in gone for x in near):
                    yield loss

    def _has(self, entity: str, old: str) -> bool:
        return self.intake.graph.get(entity, old) is not None


def _of_list(name: str) -> str:
    """The list of a field of an item with a dot, as an item is lost as a whole; else itself."""
    return name.rpartition(".")[0] + "." if name.count(".") == 2 else name


def _differing(record: Record, other: Record | None) -> list[tuple[str, bool]]:
    if other is None:
        return [("*", True)]
    old, new = leaves(record), leaves(other)
    return [
        (name, bool(old.get(name, set()) - new.get(name, set())))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def _neighbours(*graphs: MemoryGraph) -> Mapping[str, set[str]]:
    """Keys of records that refer to each other; the two ends of a link are neighbours too."""
    near: dict[str, set[str]] = defaultdict(set)
    for graph in graphs:
        for entity, record in graph.all():
            fields = entities()[entity].fields
            ends = {
                str(each)
                for name, value in record.items()
                if fields[name].kind in ("ref", "refs")
                for each in (value if isinstance(value, list) else [value])
            }
            group = {key(record), *ends} if entity == "ContactLink" else {key(record)}
            for each in ends:
                near[key(record)].add(each)
                near[each] |= group
    return near


@cache
def trip(table: str, model: str, seed: int) -> Trip:
    """The trip of a district, made once."""
    return Trip(table, model, seed)
