"""Field paths: own fields, through references, back, in chains, into items."""

from __future__ import annotations

from typing import Any

import pytest

from reference_hub.translate.canonical import Record
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.paths import PathError, aligned, origins, parse, records_at, value_at

ANN: Record = {"refId": "ann", "familyName": "Ode", "emails": [{"address": "a"}, {"type": "Home"}]}
STAYS: list[Record] = [
    {"refId": "e1", "student": "ann", "school": "s1", "gradeLevel": "05"},
    {"refId": "e2", "student": "ann", "school": "s2"},
    {"refId": "e3", "student": "bob", "school": "s1", "gradeLevel": "06"},
]
SCHOOLS: list[Record] = [
    {"refId": "s1", "localId": "1", "lea": "l"},
    {"refId": "s2", "localId": "2", "lea": "l"},
]
GRAPH = MemoryGraph(
    [("Student", ANN), ("LEA", {"refId": "l", "name": "L"})]
    + [("SchoolEnrollment", each) for each in STAYS]
    + [("School", each) for each in SCHOOLS]
)


@pytest.mark.parametrize(
    ("text", "entity", "record", "value"),
    [
        ("familyName", "Student", ANN, "Ode"),
        ("givenName", "Student", ANN, None),
        ("emails.address", "Student", ANN, ["a"]),
        ("SchoolEnrollment.gradeLevel", "Student", ANN, ["05"]),
        ("SchoolEnrollment.school", "Student", ANN, ["s1", "s2"]),
        ("SchoolEnrollment.school.localId", "Student", ANN, ["1", "2"]),
        ("SchoolEnrollment.school.lea.name", "Student", ANN, ["L"]),
        ("school.localId", "SchoolEnrollment", STAYS[0], "1"),
        ("school.lea.name", "SchoolEnrollment", STAYS[0], "L"),
        ("student.familyName", "SchoolEnrollment", STAYS[2], None),
    ],
)
def test_a_path_leads_to_its_value(text: str, entity: str, record: Record, value: Any) -> None:
    assert value_at(parse(text, entity), record, None, GRAPH) == value


def test_several_paths_through_the_same_records_stay_aligned() -> None:
    found = records_at(parse("SchoolEnrollment.school", "Student").steps, ANN, GRAPH)
    assert aligned(parse("SchoolEnrollment.gradeLevel", "Student"), found) == ["05", None]
    assert aligned(parse("emails.type", "Student"), [ANN]) == [None, "Home"]
    assert aligned(parse("SchoolEnrollment.exitDate", "Student"), found) is None


def test_it_is_the_item_a_section_is_made_for() -> None:
    assert value_at(parse("it.code", "Student"), ANN, {"code": "x"}, GRAPH) == "x"
    assert value_at(parse("it.localId", "Student", "School"), ANN, SCHOOLS[1], GRAPH) == "2"
    assert value_at(parse("it.lea.name", "Student", "School"), ANN, SCHOOLS[1], GRAPH) == "L"


def test_a_record_that_is_met_twice_is_met_once() -> None:
    steps = parse("SchoolEnrollment.school.lea.name", "Student").steps
    assert records_at(steps, ANN, GRAPH) == [{"refId": "l", "name": "L"}]


def test_without_a_graph_a_path_leads_nowhere() -> None:
    assert value_at(parse("school.localId", "SchoolEnrollment"), STAYS[0], None, None) is None


@pytest.mark.parametrize(
    ("text", "entity", "words"),
    [
        ("surname", "Student", "Student has no field 'surname'"),
        ("school.surname", "SchoolEnrollment", "School has no field 'surname'"),
        ("LEA.name", "Student", "no field of LEA refers to Student"),
        ("name", "Pupil", "there is no entity 'Pupil'"),
    ],
)
def test_a_path_that_leads_nowhere_says_why(text: str, entity: str, words: str) -> None:
    with pytest.raises(PathError, match=words):
        parse(text, entity)


def test_the_way_back_from_each_record_on_a_path_is_known() -> None:
    path = parse("SchoolEnrollment.school.localId", "Student")
    back = {
        entity: [(x.entity, x.field, x.back) for x in steps]
        for entity, steps in origins(path, "Student")
    }
    assert back["SchoolEnrollment"] == [("Student", "student", False)]
    assert back["School"] == [("SchoolEnrollment", "school", True), ("Student", "student", False)]
