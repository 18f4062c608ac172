"""A run of a collection over one zone: every object of its types under every rule, page by page.

The zone is read in one snapshot; what must be remembered of all of it (is this value unique? does
an enrolment name this student?) stands in a table that ends with the transaction.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.clock import Clock
from reference_hub.codec import collection_report
from reference_hub.codec.collection_path import values
from reference_hub.codec.collection_rules import gathered, keeps
from reference_hub.codec.xml import fold, read, refid_of
from reference_hub.journeys.collection_owner import local_ids
from reference_hub.model.collection import (
    ERROR,
    LEAD_TO,
    NAMED_BY,
    OWN,
    UNIQUE,
    Collection,
    Count,
    Finding,
    Rule,
    Run,
    Told,
)
from reference_hub.model.scope import Scope
from reference_hub.store import collection_keys, collection_runs, objects
from reference_hub.store.collection_keys import NAMED, NEEDED, REJECTED, VALUE, Key

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

PAGE = 500


@dataclass(frozen=True, slots=True)
class _Look:
    """`reading` sees the snapshot; `writing` holds the run, which appears as a whole at its end."""

    reading: Connection
    writing: Connection
    scope: Scope
    collection: Collection
    run: Run
    checked: Counter[str] = field(default_factory=Counter)
    broken: set[str] = field(default_factory=set)


def run_in(engine: Engine, scope: Scope, collection: Collection, clock: Clock) -> Run:
    """Run the collection over the zone as it is now; the finished run is stored."""
    options = {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as reading, reading.begin():
        return run_on(reading, scope, collection, clock)


def run_on(reading: Connection, scope: Scope, collection: Collection, clock: Clock) -> Run:
    """The same on a connection that sees one snapshot; the run is written on one of its own."""
    collection_keys.begin(reading)
    with reading.engine.begin() as writing:
        number = collection_runs.next_number(writing, scope, collection.id)
        run = Run(
            id=clock.new_uuid(),
            collection=collection.id,
            version=collection.version,
            number=number,
            origin=OWN,
            begun=clock.now(),
            counts=(),
            rules=(),
        )
        collection_runs.begin(writing, scope, run, collection.source)
        look = _Look(reading, writing, scope, collection, run)
        _look_at_all(look)
        return _finish(look)


def _look_at_all(look: _Look) -> None:
    for object_type in look.collection.objects:
        for page in _pages(look, object_type):
            look.checked[object_type] += len(page)
            _look_at(look, object_type, page)
    collection_keys.complete(look.reading)
    for rule in look.collection.rules:
        if rule.must == UNIQUE:
            _late(look, rule, collection_keys.repeated(look.reading, rule.id))
        elif rule.must == NAMED_BY:
            _late(look, rule, collection_keys.unnamed(look.reading, rule.id))


def _pages(look: _Look, object_type: str) -> Iterator[list[_Element]]:
    for stored in objects.each_page(look.reading, look.scope, object_type, PAGE):
        yield [read(each.body) for each in stored]


def _look_at(look: _Look, object_type: str, page: Sequence[_Element]) -> None:
    rules = [rule for rule in look.collection.rules if rule.object_type == object_type]
    broken = [(element, rule) for element in page for rule in rules if not keeps(rule, element)]
    for rule in rules:
        if rule.must == LEAD_TO:
            broken += [(element, rule) for element in _dangling(look, rule, page)]
    collection_keys.add(look.reading, list(_keys(look.collection, object_type, page)))
    _note(look, broken)


def _dangling(look: _Look, rule: Rule, page: Sequence[_Element]) -> list[_Element]:
    named = [(element, {fold(text) for text in gathered(rule, element)}) for element in page]
    wanted = {refid for _, refids in named for refid in refids}
    there = objects.existing(look.reading, look.scope, rule.to, wanted) if wanted else set()
    return [element for element, refids in named if refids - there]


def _keys(collection: Collection, object_type: str, page: Sequence[_Element]) -> Iterator[Key]:
    for rule in collection.rules:
        if rule.must == UNIQUE and rule.object_type == object_type:
            for element in page:
                for text in gathered(rule, element):
                    yield Key(rule.id, VALUE, _digest(text), fold(refid_of(element)))
        if rule.must == NAMED_BY:
            yield from _pointers(rule, object_type, page)


def _pointers(rule: Rule, object_type: str, page: Sequence[_Element]) -> Iterator[Key]:
    for element in page:
        refid = fold(refid_of(element))
        if rule.object_type == object_type:
            for text in gathered(rule, element):
                yield Key(rule.id, NEEDED, fold(text), refid)
        if rule.by_path and rule.by_type == object_type:
            for text in values(element, rule.by_path):
                yield Key(rule.id, NAMED, fold(text), refid)


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _late(look: _Look, rule: Rule, refids: Sequence[str]) -> None:
    for start in range(0, len(refids), PAGE):
        part = refids[start : start + PAGE]
        bodies = collection_runs.bodies(look.reading, look.scope, rule.object_type, part)
        _note(look, [(read(body), rule) for body in bodies])


def _note(look: _Look, broken: Sequence[tuple[_Element, Rule]]) -> None:
    if not broken:
        return
    known = local_ids(look.reading, look.scope, [element for element, _ in broken])
    found = [_finding(element, rule, known) for element, rule in broken]
    look.broken.update(rule.id for _, rule in broken)
    collection_runs.add_findings(look.writing, look.scope, look.run.id, found)
    errors = {(each.object_type, each.refid) for each in found if each.level == ERROR}
    rejected = [Key("", REJECTED, object_type, refid) for object_type, refid in sorted(errors)]
    collection_keys.add(look.reading, rejected)


def _finding(element: _Element, rule: Rule, known: dict[str, str]) -> Finding:
    refid = fold(refid_of(element))
    return Finding(rule.object_type, refid, known.get(refid, ""), rule.id, rule.level)


def _finish(look: _Look) -> Run:
    collection_keys.complete(look.reading)
    rejected = collection_keys.rejected(look.reading)
    counts = tuple(
        Count(name, number, number - rejected[name], rejected[name])
        for name, number in look.checked.items()
    )
    rules = tuple(_told(rule) for rule in look.collection.rules if rule.id in look.broken)
    run = replace(look.run, counts=counts, rules=rules)
    report = collection_report.write(
        run,
        collection_runs.findings(look.writing, run.id),
        [(each, collection_keys.accepted(look.reading, look.scope, each)) for each in look.checked],
    )
    collection_runs.close(look.writing, run, report)
    return run


def _told(rule: Rule) -> Told:
    level, basis, path = rule.level, rule.basis, rule.path.text
    return Told(rule.id, level, basis, rule.state_field, path, rule.says, rule.do)
