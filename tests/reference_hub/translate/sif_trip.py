"""Districts through the two SIF tables: read, written, and compared leaf by leaf.

`Trip` goes from a model to another and back, and knows what the ledger says about every path. What
counts as equal although it is spelled otherwise stands in `plain`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice

from lxml import etree

from fixtures import standards
from fixtures.edge_cases import FIRST_INDEX
from fixtures.generate import Plan
from fixtures.writers import notation
from fixtures.writers.models import model_of
from reference_hub.translate import tables, trees
from reference_hub.translate.canonical import Record, key_of
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.ledger import Loss
from reference_hub.translate.places import Node
from reference_hub.translate.reading import TableReader
from reference_hub.translate.writing import HELD, TableWriter, TargetRow

MODELS = {"xpress": "xpress-4.3", "unity": "unity-4.3", "na": "na-3.3"}
SETTINGS = {"today": "2026-10-01", "operational_since": "1999-07-01", "days_in_session": "180"}
SMALL = 10
Documents = dict[str, list[Node]]
Leaves = Counter[tuple[str, str]]
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")
_MILLISECONDS = re.compile(r"(T\d\d:\d\d:\d\d)\.000")
_ZONED = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)")
_COUNT = re.compile(r"\[\d+\]")
# The main member of a list and the others: which is which is an order, not a value.
_MAIN = (
    (re.compile(r"/otherPhoneNumbers/phoneNumber\b"), "/phoneNumber"),
    (re.compile(r"/languages/(type|code)$"), r"/languages/language/\1"),
)
# Collections of the trip of awkward students, and from which member on.
_AWKWARD = dict.fromkeys(
    ("xLeas", "xSchools", "xCalendars", "xStaffs", "LEAInfos", "SchoolInfos", "TermInfos"), 0
) | {
    "CalendarSummarys": 0,
    "StaffPersonals": 0,
    "xStudents": FIRST_INDEX,
    "StudentPersonals": FIRST_INDEX,
    "StudentSchoolEnrollments": 0,
}
COPIES = ("localId", "givenName", "familyName")


@cache
def reader(table: str) -> TableReader:
    """The reader of a table."""
    return TableReader(tables.load(table))


@cache
def documents_of(
    model: str, seed: int, students: int, only: frozenset[str] = frozenset()
) -> Documents:
    """A generated district as nodes by object type; `only` some types, or all.

    A very small one has one school.
    """
    found: Documents = {}
    plan = Plan(seed, students, 1 if students < SMALL else 2)
    collections = model_of(MODELS[model]).collections(plan)
    for members in collections.values():
        for member in members:
            if only and member[0] not in only:
                break
            held = trees.node(notation.element(member, trees.NA4))
            found.setdefault(member[0], []).append(held)
    return found


@cache
def awkward_documents(model: str, seed: int) -> Documents:
    """The awkward students of a district of 520 and their enrollments, with the schools."""
    found: Documents = {}
    collections = model_of(MODELS[model]).collections(Plan(seed, 520, 2))
    for name in _AWKWARD:
        for member in islice(collections.get(name, ()), _AWKWARD[name], None):
            held = trees.node(notation.element(member, trees.NA4))
            found.setdefault(member[0], []).append(held)
    chosen = {each["@RefId"] for each in found.get("StudentPersonal", [])}
    stays = found.get("StudentSchoolEnrollment", [])
    found["StudentSchoolEnrollment"] = [x for x in stays if x["@StudentPersonalRefId"] in chosen]
    return {kind: nodes for kind, nodes in found.items() if nodes}


@cache
def carried_types(table: str, other: str) -> frozenset[str]:
    """Object types of a table whose records another table has a place for."""
    known = {each.entity for each in tables.load(other).sections}
    return frozenset(x.collection for x in tables.load(table).sections if x.entity in known)


@dataclass(slots=True)
class Step:
    """What one reading or writing of a district gave."""

    graph: MemoryGraph = field(default_factory=MemoryGraph)
    documents: Documents = field(default_factory=dict)
    held: list[TargetRow] = field(default_factory=list)
    losses: set[Loss] = field(default_factory=set)


def read(table: str, documents: Documents) -> Step:
    """Read documents into canonical records."""
    records: list[tuple[str, Record]] = []
    step = Step()
    for object_type, nodes in documents.items():
        for each in nodes:
            reading = reader(table).read(each, object_type, settings=SETTINGS)
            records += reading.records
            step.losses.update(reading.losses)
    step.graph = MemoryGraph(records)
    return step


def keys_of(table: str, object_type: str, node: Node) -> set[str]:
    """The keys of all records that a document holds."""
    reading = reader(table).read(node, object_type, settings=SETTINGS)
    return {str(record["refId"]) for _, record in reading.records if "refId" in record}


def write(table: str, graph: MemoryGraph, settings: dict[str, str] | None = None) -> Step:
    """Write all records; held rows stand apart."""
    writer, step = (
        TableWriter(tables.load(table), SETTINGS if settings is None else settings),
        Step(),
    )
    for entity, record in graph.all():
        writing = writer.write(entity, record, graph)
        step.losses.update(writing.losses)
        for row in writing.rows:
            if row.state == HELD:
                step.held.append(row)
            else:
                step.documents.setdefault(row.collection, []).append(row.body)
    return step


@cache
def kit() -> etree.XMLSchema:
    """The kit's schema of Unity 4.3."""
    source = standards.schema_path("unity-4.3-kit").read_bytes()
    return etree.XMLSchema(etree.fromstring(source))


def errors(schema: etree.XMLSchema, documents: Documents) -> list[str]:
    """What a schema says against documents."""
    found: list[str] = []
    for object_type, nodes in documents.items():
        for each in nodes:
            try:
                schema.assertValid(trees.element(object_type, each))
            except etree.DocumentInvalid as error:
                found.append(f"{object_type}: {error}")
    return found


def leaves(object_type: str, node: Node) -> Leaves:
    """All values of a document with their paths, as `plain` spells them."""
    own = key_of(str(node.get("@refId") or node.get("@RefId")))
    found: Leaves = Counter()
    for path, value in _walk(node, object_type):
        said = plain(path, value)
        if said and said != ("xLea/leaRefId", own):
            found[said] += 1
    return found


def _walk(node: Node, path: str) -> Iterator[tuple[str, str]]:
    for name, value in node.items():
        at = f"{path}/{name}" if name else path
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from _walk(each, at)
            else:
                yield at, str(each)


def plain(path: str, value: str) -> tuple[str, str] | None:
    """A leaf without what may differ: spelling of ids, zones of days, which member is the main one;
    None for what says nothing: a name of record is a legal name, unknown is as good as absent."""
    for pattern, other in _MAIN:
        path = pattern.sub(other, path)
    value = value.strip()
    if _UUID.fullmatch(value):
        value = key_of(value)
    value = _MILLISECONDS.sub(r"\1", _ZONED.sub(r"\1", value))
    legal = path.endswith(("/name/type", "/Name/@Type")) and value in ("LegalName", "04")
    return None if legal or value == "Unknown" else (path, value)


@cache
def places(table: str) -> dict[str, frozenset[str]]:
    """Where each canonical field stands in a format: `Student.gpa` to its paths."""
    found: dict[str, set[str]] = {}
    for section in tables.load(table).sections:
        for base in [each.path for each in section.containers] or [""]:
            for line in section.lines:
                for place in line.places:
                    parts = (section.collection, "" if place.absolute else base, place.path)
                    _put_places(found, section.entity, line, "/".join(filter(None, parts)))
    return {name: frozenset(paths) for name, paths in found.items()}


def _put_places(found: dict[str, set[str]], entity: str, line: tables.Line, path: str) -> None:
    for each in line.fields:
        found.setdefault(f"{entity}.{each.name}", set()).add(path)
    for below in line.items:
        for each in below.fields:
            inner = {f"{path}/{place.path}".rstrip("/") for place in below.places}
            found.setdefault(f"{entity}.{each.name}", set()).update(inner)


class Explained:
    """Which paths of the source the ledger and the held rows of a trip speak of."""

    def __init__(self, table: str) -> None:
        self.table = table
        self._by_path: dict[str, set[str]] = {}

    def at_source(self, losses: set[Loss]) -> None:
        """Losses whose source is a path of the format."""
        for loss in losses:
            self._add(_COUNT.sub("", loss.source_path), loss.refid)

    def of_fields(self, losses: set[Loss]) -> None:
        """Losses whose source is a canonical field."""
        for loss in losses:
            for path in places(self.table).get(_COUNT.sub("", loss.source_path), ()):
                self._add(path, loss.refid)

    def of_held(self, rows: list[TargetRow]) -> None:
        """Rows that wait: all their fields are missing on the way back."""
        for row in rows:
            for name, paths in places(self.table).items():
                if name.startswith(f"{row.entity}."):
                    for path in paths:
                        self._add(path, row.refid)

    def _add(self, path: str, refid: str) -> None:
        for pattern, other in _MAIN:
            path = pattern.sub(other, path)
        self._by_path.setdefault(path, set()).add(refid)

    def covers(self, path: str, keys: set[str]) -> bool:
        """Whether the ledger names the path, or one around it, for one of these records."""
        parent, _, name = path.rpartition("/")
        if name in COPIES and self._names(f"{parent}/refId", keys):
            return True
        while path:
            if self._names(path, keys):
                return True
            path = path.rpartition("/")[0]
        return False

    def _names(self, path: str, keys: set[str]) -> bool:
        found = self._by_path.get(path, set())
        return "" in found or bool(found & keys)


@dataclass(frozen=True, slots=True)
class Difference:
    """A leaf that is not the same after a trip."""

    kind: str
    path: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class Trip:
    """A district from `start` by `over` back to `start`: the objects that both models know.

    Without a number of students it is those who are awkward.
    """

    def __init__(self, start: str, over: str, seed: int, students: int = 0) -> None:
        self.start = start
        only = carried_types(start, over)
        if students:
            self.source = documents_of(start, seed, students, only)
        else:
            self.source = awkward_documents(start, seed)
        self.first = read(start, self.source)
        self.there = write(over, self.first.graph)
        self.second = read(over, self.there.documents)
        self.back = write(start, self.second.graph)

    def explained(self) -> Explained:
        """What the ledger of the whole trip explains."""
        found = Explained(self.start)
        found.at_source(self.first.losses)
        found.of_fields(self.there.losses | self.back.losses)
        # On the way back a loss names the format first; its field is what counts here.
        turned = {replace(each, source_path=each.target_field) for each in self.second.losses}
        found.of_fields(turned)
        found.of_held([*self.there.held, *self.back.held])
        return found
