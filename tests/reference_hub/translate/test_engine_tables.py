"""Mapping tables: what a district's data manager gets told, and what an own file changes."""

from __future__ import annotations

import pytest

from reference_hub.translate import tables
from reference_hub.translate.tables import TableError
from tests.reference_hub.translate.engine_tables import row, table, text

STUDENT = "users,*,Student"
FAULTS = {
    "no header (place *) for this collection": "users,name,Student,familyName",
    "there is no entity 'Pupil'": "users,*,Pupil",
    "a header's function is one of each, when, records": "users,*,Student,,sometimes",
    "a header with 'each' needs the field": "users,*,Student,,each",
    "'when' needs an argument in brackets": "users,*,Student,,when",
    "'records' needs an argument in brackets": "users,a,Student,,records",
    "there is no function 'sometimes'": "users,*,Student,,when(@sometimes)",
    "there is no field Student.shoeSize": ",,Student,shoeSize,,,,,no_slot,XW-1",
}
LINE_FAULTS = {
    "'a b' is not a place": "users,a b,Student,familyName",
    "'surname': Student has no field 'surname'": "users,a,Student,surname",
    "there is no function 'shout'": "users,a,Student,familyName,shout",
    "'text(' is not a function name with one pair": "users,a,Student,familyName,text(",
    "there is no code set 'shoes'": "users,a,Student,sex,code,shoes",
    "need is empty, 'required' or 'key'": "users,a,Student,familyName,,,maybe",
    "loss is one of no_slot": "users,a,Student,familyName,,,,,gone",
    "a line needs a field, or a function": "users,a,Student",
}


@pytest.mark.parametrize(("words", "line"), FAULTS.items())
def test_a_faulty_header_is_told_with_its_line(words: str, line: str) -> None:
    with pytest.raises(TableError) as caught:
        table(line)
    assert f"trial line 3: {words}" in str(caught.value)


@pytest.mark.parametrize(("words", "line"), LINE_FAULTS.items())
def test_a_faulty_line_is_told_with_its_line(words: str, line: str) -> None:
    with pytest.raises(TableError) as caught:
        table(STUDENT, line)
    assert f"trial line 4: {words}" in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(TableError) as caught:
        table(STUDENT, "users,a,Student,surname", "users,b,Student,familyName,shout")
    assert [each.partition(":")[0] for each in str(caught.value).splitlines()] == [
        "trial line 4",
        "trial line 5",
    ]


def test_other_columns_are_refused() -> None:
    with pytest.raises(TableError, match="the columns must be collection,place,entity"):
        tables.parse("trial", "collection,place\nusers,*")


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(TableError, match="dialect is one of unity, xpress, oneroster"):
        table(STUDENT, dialect="klingon")


def test_an_unknown_table_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(TableError, match=r"no mapping table 'oneroster-9'.*oneroster-1\.2"):
        tables.load("oneroster-9")


ANN = ("Student", {"refId": "ann", "familyName": "Ode", "givenName": "Ann", "localId": "7"})
SHIPPED = (STUDENT, "users,last,Student,familyName", "users,first,Student,givenName")


def test_a_line_of_a_districts_file_replaces_that_of_the_same_place() -> None:
    made = tables.overlaid(table(*SHIPPED), text(STUDENT, "users,last,Student,localId"), "own")
    assert row(made, ANN).body == {"last": "7", "first": "Ann"}


def test_a_line_of_a_districts_file_adds_where_there_was_none() -> None:
    made = tables.overlaid(table(*SHIPPED), text(STUDENT, "users,id,Student,localId"), "own")
    assert row(made, ANN).body == {"last": "Ode", "first": "Ann", "id": "7"}


def test_a_section_of_a_districts_file_adds_a_collection() -> None:
    own = text("people,*,Student", "people,id,Student,localId")
    made = tables.overlaid(table(*SHIPPED), own, "own")
    assert made.collections == ("users", "people")


def test_a_reason_of_a_districts_file_stands_over_the_shipped_one() -> None:
    shipped = table(STUDENT, ",,Student,gpa,,,,,no_slot,XW-1,nowhere")
    own = text(STUDENT, ",,Student,gpa,,,,,withheld,XW-1,the board says so")
    made = tables.overlaid(shipped, own, "own")
    assert made.slotless["Student.gpa"].note == "the board says so"
