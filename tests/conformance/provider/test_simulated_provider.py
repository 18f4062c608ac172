"""The conforming provider keeps the rules that its mutants break."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance.simulators.problems import Refusal
from conformance.simulators.provider import Provider
from conformance.simulators.provider.conditions import (
    Condition,
    example_holds,
    paths_of,
    read_order,
    read_where,
    values,
)
from conformance.simulators.provider.reads import folded, gone

PERSON = etree.fromstring(
    '<p refId="7"><name><family>Ng</family></name><tel>1</tel><tel>2</tel><grade>05</grade></p>'
)


@pytest.mark.parametrize(
    ("where", "word", "conditions"),
    [
        ('[grade="05"]', "and", [("grade", "=", "05")]),
        ('[(name/family="Ng")]', "and", [("name/family", "=", "Ng")]),
        ('[(a="1") or (b!="2")]', "or", [("a", "=", "1"), ("b", "!=", "2")]),
        ('[(a="1")and(@refId="7")]', "and", [("a", "=", "1"), ("@refId", "=", "7")]),
        ("[n>=3]", "and", [("n", ">=", "3")]),
    ],
)
def test_a_condition_is_read(where: str, word: str, conditions: list[tuple[str, ...]]) -> None:
    found = read_where(where)
    assert found == (word, [Condition(*one) for one in conditions])


@pytest.mark.parametrize(
    "where", ["", "[]", "grade", "[grade=]", '[a="1" and b="2" or c="3"]', '[a="1"] or true']
)
def test_a_condition_in_disorder_is_refused(where: str) -> None:
    with pytest.raises(Refusal) as told:
        read_where(where)
    assert told.value.status == 400


@pytest.mark.parametrize(
    ("path", "found"),
    [("@refId", ["7"]), ("name/family", ["Ng"]), ("tel", ["1", "2"]), ("name", []), ("x", [])],
)
def test_values_stand_at_a_path(path: str, found: list[str]) -> None:
    assert values(PERSON, path) == found


@pytest.mark.parametrize(
    ("sign", "value", "holds"),
    [("=", "2", True), ("!=", "2", False), ("!=", "3", True), ("<", "2", True), (">", "2", False)],
)
def test_a_condition_looks_at_every_value(sign: str, value: str, holds: bool) -> None:
    assert Condition("tel", sign, value).holds(PERSON) is holds


def test_an_order_has_a_first_and_a_second_key() -> None:
    assert read_order("[a/b=ascending;@c=descending]") == [("a/b", False), ("@c", True)]


@pytest.mark.parametrize(
    ("example", "holds"),
    [
        ("<p><grade>05</grade></p>", True),
        ("<p><grade>0%</grade></p>", True),
        ("<p><name><family>N</family></name></p>", False),
        ("<p><grade>05</grade><tel>3</tel></p>", False),
        ("<p/>", True),
    ],
)
def test_an_example_is_met_by_what_has_all_of_it(example: str, holds: bool) -> None:
    assert example_holds(etree.fromstring(example), PERSON) is holds


def test_every_path_with_a_value_is_known() -> None:
    assert paths_of([PERSON]) == {"@refId", "name", "name/family", "tel", "grade"} - {"name"}


def test_one_student_was_changed_and_one_has_left() -> None:
    held = Provider().held
    changed = [one.number for one in held.objects["xStudents"] if one.number > 1]
    assert changed == [2]
    left = held.gone["xStudents"]
    assert len(left) == 1
    assert folded(left[0]) not in {folded(one.id) for one in held.objects["xStudents"]}


def test_of_a_student_who_left_the_id_is_told() -> None:
    element = gone(etree.Element("xStudent", {"refId": "8"}), "7").element
    assert element.items() == [("refId", "7")]
    assert len(element) == 0


def test_two_providers_do_not_share_what_they_hold() -> None:
    one, other = Provider(), Provider()
    one.held.objects["xStudents"].clear()
    assert len(other.held.objects["xStudents"]) == Provider.size
