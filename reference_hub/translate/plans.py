"""What is worked out once from a profile's table: who depends on whom, what to fetch ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reference_hub.translate import tables
from reference_hub.translate.dependencies import Way, reached, ways
from reference_hub.translate.paths import Step
from reference_hub.translate.profiles import Profile
from reference_hub.translate.reading import TableReader

_PLANS: dict[str, Plan] = {}
_READERS: dict[str, TableReader] = {}


@dataclass(frozen=True, slots=True)
class Plan:
    """`ways` by the entity of a changed record, `reached` by the entity that rows are made from,
    `roots` those entities in the order of the table, `known` by root the (entity, field) of all
    steps that the table itself names."""

    ways: Mapping[str, tuple[Way, ...]]
    reached: Mapping[str, tuple[tuple[Step, ...], ...]]
    roots: tuple[str, ...]
    known: Mapping[str, frozenset[tuple[str, str]]]


def plan(profile: Profile) -> Plan:
    """The plan of a profile, made once for each content."""
    if profile.digest not in _PLANS:
        table = profile.table
        roots = dict.fromkeys(each.entity for each in table.sections if not each.containers)
        found = reached(table)
        known = {root: _steps(paths) for root, paths in found.items()}
        _PLANS[profile.digest] = Plan(ways(table), found, tuple(roots), known)
    return _PLANS[profile.digest]


def _steps(paths: tuple[tuple[Step, ...], ...]) -> frozenset[tuple[str, str]]:
    steps = (step for path in paths for step in path)
    return frozenset((x.entity, x.field if x.back else "") for x in steps)


def reader_for(object_type: str) -> TableReader:
    """The reader of the model an object type belongs to: xPress names begin with a small x."""
    name = "xpress" if object_type[:1] == "x" and object_type[1:2].isupper() else "unity"
    if name not in _READERS:
        _READERS[name] = TableReader(tables.load(name))
    return _READERS[name]
