"""What each kind of rule holds against an object, at its edges."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree

from reference_hub.codec.collection_rules import keeps
from reference_hub.model.collection import Collection

NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
REST = (
    'id = "A"\nlevel = "error"\nbasis = "profile"\nobject = "StudentPersonal"\nsays = "s"\ndo = "d"'
)
Rules = Callable[[str], Collection]


def student(inner: str, attributes: str = "") -> etree._Element:
    opened = f'<StudentPersonal xmlns="{NA4}" xmlns:xsi="{XSI}" RefId="1" {attributes}>'
    return etree.fromstring(f"{opened}{inner}</StudentPersonal>")


def holds(rules: Rules, asked: str, inner: str) -> bool:
    (rule,) = rules(f"[[rule]]\n{REST}\n{asked}\n").rules
    return keeps(rule, student(inner))


@pytest.mark.parametrize(
    ("inner", "kept"),
    [
        ("<LocalId>0</LocalId>", True),
        ("<LocalId> </LocalId>", False),
        ("<LocalId/>", False),
        ("", False),
        ('<LocalId xsi:nil="true"/>', False),
    ],
)
def test_be_there_wants_a_value_and_not_only_an_element(
    rules: Rules, inner: str, kept: bool
) -> None:
    assert holds(rules, 'path = "LocalId"\nmust = "be there"', inner) is kept


@pytest.mark.parametrize(("code", "kept"), [("09", True), ("9", False), (" 09 ", True)])
def test_codes_are_texts_with_their_zeros(rules: Rules, code: str, kept: bool) -> None:
    asked = 'path = "GradeLevel/Code"\nmust = "be one of"\ncodes = ["09"]'
    assert holds(rules, asked, f"<GradeLevel><Code>{code}</Code></GradeLevel>") is kept


@pytest.mark.parametrize(("text", "kept"), [("12", True), ("123", False), ("x12", False)])
def test_a_pattern_must_fit_the_whole_value(rules: Rules, text: str, kept: bool) -> None:
    asked = 'path = "LocalId"\nmust = "match"\npattern = \'\\d\\d\''
    assert holds(rules, asked, f"<LocalId>{text}</LocalId>") is kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [("0", True), ("1.0", True), ("1.0001", False), ("one", False), ("NaN", False)],
)
def test_numbers_stay_in_their_range(rules: Rules, text: str, kept: bool) -> None:
    asked = 'path = "LocalId"\nmust = "be between"\nleast = 0\nmost = 1'
    assert holds(rules, asked, f"<LocalId>{text}</LocalId>") is kept


@pytest.mark.parametrize(
    ("end", "kept"),
    [("2026-09-01", True), ("2026-08-31", False), ("2026-13-01", False), ("", True)],
)
def test_dates_keep_their_order_where_both_are_there(rules: Rules, end: str, kept: bool) -> None:
    asked = 'path = "ExitDate"\nother = "EntryDate"\nmust = "not be before"'
    inner = f"<EntryDate>2026-09-01T08:00:00</EntryDate><ExitDate>{end}</ExitDate>"
    assert holds(rules, asked, inner) is kept


def test_a_rule_with_each_is_asked_of_every_one(rules: Rules) -> None:
    asked = 'each = "RaceList/Race"\npath = "Own"\nmust = "be there"'
    one, other = "<Race><Own>1</Own></Race>", "<Race><Code>1</Code></Race>"
    assert holds(rules, asked, f"<RaceList>{one}{one}</RaceList>")
    assert not holds(rules, asked, f"<RaceList>{one}{other}</RaceList>")


@pytest.mark.parametrize(
    ("condition", "inner", "asked"),
    [
        ('is = ["Yes"]', "<ELL>Yes</ELL>", True),
        ('is = ["Yes"]', "<ELL>No</ELL>", False),
        ('is = ["Yes"]', "", False),
        ('is_not = ["Yes"]', "<ELL>No</ELL>", True),
        ('is_not = ["Yes"]', "", True),
        ("there = true", "<ELL>No</ELL>", True),
        ("there = true", "<ELL/>", False),
        ("there = false", "", True),
    ],
)
def test_a_condition_decides_whether_a_rule_is_asked(
    rules: Rules, condition: str, inner: str, asked: bool
) -> None:
    text = f'path = "LocalId"\nmust = "be there"\nwhen = {{ path = "ELL", {condition} }}'
    assert holds(rules, text, inner) is not asked


def test_a_step_may_name_an_attribute_or_a_child_beside_it(rules: Rules) -> None:
    inner = '<Id Type="1">a</Id><Id Type="2">b</Id><Tel><Kind>x</Kind><No>c</No></Tel>'
    assert holds(rules, 'path = "Id[@Type=\'2\']"\nmust = "be one of"\ncodes = ["b"]', inner)
    asked = 'path = "Tel[Kind=\'x\']/No"\nmust = "be one of"\ncodes = ["d"]'
    assert not holds(rules, asked, inner)
