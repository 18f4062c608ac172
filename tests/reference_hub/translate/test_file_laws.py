"""Laws of the tables that write CSV rows: nothing is made up (TRN-LR-02), and a second trip changes
nothing more.

Source: /spec translation.md section 8.1, laws `no invention` and `projection`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from fixtures import codesets
from reference_hub.translate.canonical import Record, entities
from reference_hub.translate.functions_clever import languages
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.lines import Line
from reference_hub.translate.tables import load
from reference_hub.translate.writing import TableWriter, TargetRow
from tests.reference_hub.translate.districts import district, leaves, written
from tests.reference_hub.translate.file_trip import STATED, trip

SOAK = pytest.mark.soak
SEEDS = [1, *(pytest.param(seed, marks=SOAK) for seed in range(2, 21))]
MODELS = ["xpress", "unity"]
TABLES = ["clever", "flat", "sds-2.1", "oneroster-1.1", "oneroster-1.2"]
Sources = set[str]


def is_id(value: str, _: Sources) -> bool:
    """An id minted from the ids of others."""
    return uuid.UUID(value).version == 5


def one_of(*words: str) -> Callable[[str, Sources], bool]:
    """A word of the function's own list."""
    return lambda value, _: value in words


def made_of_parts(value: str, told: Sources) -> bool:
    """Source values joined in one text."""
    for each in sorted(told, key=len, reverse=True):
        value = value.replace(each, "")
    return not value.strip(" ,")


def day_after(value: str, told: Sources) -> bool:
    """The day after a day of the source."""
    return (date.fromisoformat(value) - timedelta(days=1)).isoformat() in told


def us_day(value: str, told: Sources) -> bool:
    """A day of the source, spelled otherwise."""
    return datetime.strptime(value, "%m/%d/%Y").date().isoformat() in told  # noqa: DTZ007


FLAGS = one_of("true", "false")
ROLES = one_of(*{x for row in codesets.load("staffrole") for name in ("oneroster", "oneroster_1_1")
                 for x in row[name].split("|") if x}, "parent", "guardian", "relative")  # fmt: skip
# The named functions that write what is neither a source value nor its code, and how they may.
DERIVED: dict[str, Callable[[str, Sources], bool]] = {
    "us_date": us_day,
    "day_after": day_after,
    "contact_name": made_of_parts,
    "user_ids": lambda value, told: re.sub(r"^{\w+:|}$", "", value) in told,
    "course_sced": made_of_parts,
    "sced": made_of_parts,
    "year_of_start": lambda value, told: str(int(value) + 1) in told,
    "home_language": lambda value, told: any(languages().get(x) == value for x in told),
    "race_codes": made_of_parts,
    "one_race": one_of("Two or More Races"),
    "race": FLAGS,
    "two_or_more_races": FLAGS,
    "enabled": FLAGS,
    "upper_flag": lambda value, told: value.lower() in told,
    "home_flag": one_of("TRUE", "FALSE"),
    "contact_kind": one_of("Guardian", "Emergency"),
    "class_type": one_of("scheduled", "homeroom"),
    "session_type": one_of("gradingPeriod"),
    "position": one_of("teacher", "ext:aide"),
    "job": ROLES,
    "main_role": ROLES,
    "kinship": ROLES,
    "main_kinship": ROLES,
    "link_rank": one_of("primary", "secondary"),
    "membership": one_of("primary", "secondary"),
    "post_rank": one_of("primary", "secondary"),
    "ethnicity": one_of("hispanicOrLatinoEthnicity"),
    "derived": is_id,
    "untold_link": is_id,
}
# These write the key of another record.
KEYS = {"course_year"}


def sources(line: Line, record: Record, every: dict[str, Sources]) -> Sources:
    """What the fields of a line say, and the codes for it: of the record itself where the field is
    its own, else of any record that has the field."""
    found: Sources = set()
    for path in line.fields:
        name = f"{path.entity}.{path.name}"
        if path.start and not path.entity:
            # Of an item of a list of the record itself.
            told = leaves(record).items()
            found |= {x for each, some in told if each.endswith(f".{path.name}") for x in some}
            continue
        found |= leaves(record).get(path.name, set()) if path.own else every.get(name, set())
    return found | {line.codes[each] for each in found if each in line.codes}


def untraced(graph: MemoryGraph, table: str, rows: Iterable[TargetRow]) -> Iterator[str]:
    """Columns with a value that nothing stands behind."""
    every: dict[str, Sources] = {}
    for entity, record in graph.all():
        for name, told in leaves(record).items():
            every.setdefault(f"{entity}.{name}", set()).update(told)
    keys = {text for name, told in every.items() if name.endswith(".refId") for text in told}
    for row in rows:
        record = graph.get(row.entity, row.refid) or {}
        lines = [x for each in load(table).of_collection(row.collection)
                 if each.entity == row.entity for x in each.lines]  # fmt: skip
        for column, held in row.body.items():
            own = [(x, sources(x, record, every)) for x in lines if x.places[0].column == column]
            for value in held if isinstance(held, list) else [held]:
                if not any(stands_behind(value, x, told, keys) for x, told in own):
                    yield f"{row.collection}.{column}"


def stands_behind(value: str, line: Line, told: Sources, keys: Sources) -> bool:
    """Whether a line may write this value."""
    name = line.function.name
    if name == "constant":
        return value == line.argument
    if value in told or (name in KEYS and value in keys):
        return True
    return name in DERIVED and DERIVED[name](value, told)


@pytest.mark.requirement("TRN-LR-02")
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("model", MODELS)
def test_every_value_has_a_source_a_constant_or_a_named_function(
    model: str, table: str, seed: int
) -> None:
    graph = district(seed, model=model)
    rows = [x for each in written(graph, table, STATED).rows.values() for x in each.values()]
    assert len(rows) > 150
    assert set(untraced(graph, table, rows)) == set()


@pytest.mark.requirement("TRN-LR-02")
@pytest.mark.parametrize(
    ("collection", "column", "value"),
    [
        ("students", "First_name", "Ada"),
        ("students", "Gender", "F"),
        ("students", "DOB", "1/1/1900"),
        ("sections", "Term_end", "6/19/2027"),
        ("enrollments", "Student_id", "11111111-2222-4333-8444-555555555555"),
    ],
)
def test_a_value_that_is_made_up_is_found(collection: str, column: str, value: str) -> None:
    graph = district(1)
    rows = written(graph, "clever", STATED).rows[collection].values()
    row = next(x for x in rows if value not in x.body.values() and column in x.body)
    made_up = replace(row, body={**row.body, column: value})
    found = set(untraced(graph, "clever", [made_up]))
    assert found == {f"{collection}.{column}"}


@pytest.mark.requirement("TRN-LR-09")
@pytest.mark.parametrize("entity", sorted(entities()))
@pytest.mark.parametrize("table", TABLES)
def test_a_record_that_says_nothing_but_its_id_writes_nothing_else(table: str, entity: str) -> None:
    at = "11111111-2222-4333-8444-555555555555"
    record: Record = {"refId": at}
    graph = MemoryGraph([(entity, record)])
    made = TableWriter(load(table), STATED).write(entity, record, graph)
    assert set(untraced(graph, table, made.rows)) == set()


# What a second trip changes, with the reason: the rows of the first that are not those of it.
DRIFTS = {
    "roles.sourcedId": "the id of a link is minted from those of both ends: OneRoster has none",
    "users.activeDirectoryMatchId": "a user name that was no login is read as one",
    "users.grades": "which of two schools a grade belongs to is not told",
    "users.orgSourcedIds": "a contact is at the home school of the child, which 1.1 does not tell",
    "categories": "a heading for marks in letters, which 1.1 cannot tell",
    "lineItems": "a heading for marks in letters, which 1.1 cannot tell",
}


def spelled(rows: dict[str, list[dict[str, Any]]]) -> set[str]:
    """Rows as texts, the order of lists aside, without what drifts."""
    found = set()
    for name, each in rows.items():
        for row in each if name not in DRIFTS else ():
            cells = {column: sorted(x) if isinstance(x, list) else x for column, x in row.items()
                     if f"{name}.{column}" not in DRIFTS}  # fmt: skip
            found.add(f"{name} {sorted(cells.items())}")
    return found


@pytest.mark.requirement("TRN-LR-04")
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("model", MODELS)
def test_a_second_trip_changes_nothing_more(model: str, table: str, seed: int) -> None:
    one = trip(table, model, seed)
    again = written(one.intake.graph, table, STATED)
    assert len(spelled(one.made.ready())) > 150
    assert spelled(again.ready()) == spelled(one.made.ready())
