"""The OneRoster and Clever tables: no column too many, no canonical field forgotten."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from reference_hub.translate.canonical import entities
from reference_hub.translate.columns import REQUIRED_NEED, VERSIONS, columns
from reference_hub.translate.tables import Line, Table, load

# They write nothing: what they read stands in another file, or is made of what stands there.
READ_ONLY = ("grade_of_user", "of_line_item")


def lines(table: Table) -> list[tuple[str, str, Line]]:
    """Collection, entity and line of everything that writes."""
    return [
        (section.collection, section.entity, line)
        for section in table.sections
        for line in section.lines
        if line.function.name not in READ_ONLY
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_column_of_the_table_is_one_of_the_format(version: str) -> None:
    known = {file: {each.name for each in listed} for file, listed in columns(version).items()}
    written = {
        (name, line.places[0].column) for name, _, line in lines(load(f"oneroster-{version}"))
    }
    assert {name for name, column in written if column not in known[name]} == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_required_column_is_filled_or_holds_the_row(version: str) -> None:
    table = load(f"oneroster-{version}")
    for section in (x for x in table.sections if len(x.lines) > 1):
        filled = {
            line.places[0].column
            for line in section.lines
            if line.need or line.function.name == "constant"
        }
        required = {x.name for x in columns(version)[section.collection] if x.need == REQUIRED_NEED}
        assert required <= filled, (section.collection, section.entity)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_reference_of_the_format_says_where_it_points(version: str) -> None:
    for name, _, line in lines(load(f"oneroster-{version}")):
        column = next(x for x in columns(version)[name] if x.name == line.places[0].column)
        if column.form in ("ref", "refs"):
            assert line.to == column.target, (name, column.name)


def used(table: Table) -> set[str]:
    """The fields that some line or header works on, and the references on the way to them."""
    found: set[str] = set()
    for section in table.sections:
        paths = [path for line in section.lines for path in line.fields]
        for path in (*paths, *section.sources):
            here = section.entity
            for step in path.steps:
                found.add(f"{step.entity if step.back else here}.{step.field}")
                here = step.entity
            found |= {f"{path.entity}.{path.name}", f"{path.entity}.{path.field}"}
    return found


@pytest.mark.parametrize("name", ["oneroster-1.2", "oneroster-1.1", "clever"])
def test_every_canonical_field_has_a_column_or_a_reason(name: str) -> None:
    table = load(name)
    told = used(table) | set(table.slotless)
    forgotten = [
        f"{entity}.{field}"
        for entity, known in entities().items()
        for field in known.fields
        if not {f"{entity}.{field}", f"{entity}.{field.partition('.')[0]}", f"{entity}.*"} & told
    ]
    assert forgotten == []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_concept_that_the_crosswalk_carries_has_a_column(
    version: str, standards: Path
) -> None:
    text = (standards / "spec" / "crosswalk.csv").read_text("utf-8")
    wanted = {
        row["id"]
        for row in csv.DictReader(text.splitlines())
        if row[f"t_oneroster_{version}"] in ("carried", "degraded")
    }
    table = load(f"oneroster-{version}")
    mapped = {line.crosswalk_id for section in table.sections for line in section.lines}
    named = {each.crosswalk_id for each in table.slotless.values()}
    # Second concepts of a column: found under the number of the first.
    beside = {"XW-002", "XW-015", "XW-018", "XW-058", "XW-060", "XW-080", "XW-082", "XW-134"}
    beside |= {"XW-045", "XW-052", "XW-103", "XW-145", "XW-150", "XW-179", "XW-195", "XW-224"}
    # No records of these kinds in SIF objects that the hub reads.
    beside |= {"XW-234", "XW-236"}
    assert wanted - mapped - named <= beside
