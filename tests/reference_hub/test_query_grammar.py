"""The texts of where and order, and how values compare."""

from __future__ import annotations

import pytest
from lxml import etree

from reference_hub.codec.example import read_example, resembles
from reference_hub.codec.select import satisfies, values
from reference_hub.model.query import Path, SortKey, read_order, read_path, read_where
from reference_hub.problems import Refusal

STUDENT = etree.fromstring(
    '<x xmlns="urn:m" id="7"><name><given>Ann "A"</given><family>Ng</family></name>'
    "<grade>07</grade><born>2010-05-01</born><ref>0A1B2C3D-0000-4000-8000-00000000000F</ref>"
    '<other><id kind="a">1</id></other><other><id kind="b">2</id></other></x>'
)


@pytest.mark.requirement("INF-WHR-002", "INF-WHR-003", "INF-WHR-004")
@pytest.mark.parametrize(
    ("text", "met"),
    [
        ('[name/family="Ng"]', True),
        ('[(name/family="Ng")]', True),
        ('[x/name/family="Ng"]', True),
        ('[./name/m:family="Ng"]', True),
        ('[name/family="ng"]', False),
        ('[name/family!="Ng"]', False),
        ('[@id="7"]', True),
        ("[@id=7.0]", True),
        ("[grade=7]", True),
        ('[grade="7"]', False),
        ("[grade>6]", True),
        ("[grade<=6]", False),
        ("[grade>=7]", True),
        ("[grade<7]", False),
        ("[name/family>1]", False),
        ("[name/family!=1]", True),
        ('[born>"2010-01-01"]', True),
        ('[born<"2010-01-01"]', False),
        ('[name/given="Ann ""A"""]', True),
        ('[ref="0a1b2c3d00004000800000000000000f"]', True),
        ('[other/id/@kind="b"]', True),
        ('[(name/family="Ng")and(grade="07")]', True),
        ('[name/family="Ng" and grade="08"]', False),
        ('[ name/family = "X" or grade = "07" ]', True),
        ('[(name/family="X")or(grade="08")or(@id=1)]', False),
        ('[missing="x"]', False),
        ('[missing!="x"]', False),
    ],
)
def test_conditions_are_met_as_the_grammar_has_it(text: str, met: bool) -> None:
    assert satisfies(STUDENT, read_where(text, "x")) is met


@pytest.mark.requirement("INF-WHR-002", "INF-WHR-004", "INF-WHR-005", "NEG-062")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        'a="1"',
        '[a="1"',
        "[a]",
        "[a='1']",
        "[a=x]",
        '[a="1]',
        '[(a="1"]',
        '[a="1")]',
        '[a="1"] or [b="2"]',
        '[a="1" b="2"]',
        '[a="1"andb="2"]',
        '[a="1" and b="2" or c="3"]',
        '[((a="1")or(b="2"))and(c="3")]',
        '[a[1]="1"]',
        '[//a="1"]',
        '[../a="1"]',
        '[*="1"]',
        '[a or 1="1"]',
        '[count(a)="1"]',
        '[@a/b="1"]',
        '[a=="1"]',
        '[a like "1"]',
        "[" + " and ".join(['a="1"'] * 101) + "]",
    ],
)
def test_what_is_no_condition_is_400_02(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_where(text, "x")
    assert (caught.value.status, caught.value.sub_code) == (400, "400-02")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[a='x']", "in double quotes, neither in single ones"),
        ("[a=x]", "nor bare"),
        ('[a=="1"]', "Percent-encode it in the URL"),
        ('a="1"', "percent-encoded in the URL (%5B and %5D)"),
    ],
)
def test_how_a_condition_is_written_is_told(text: str, told: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_where(text, "x")
    assert told in caught.value.message


@pytest.mark.requirement("INF-ORD-001")
def test_the_first_key_of_an_order_is_the_primary_one() -> None:
    keys = read_order("[name/family=ascending; @id=descending]", "x")
    assert keys == (SortKey(Path(("name", "family"))), SortKey(Path((), "id"), descending=True))


@pytest.mark.requirement("INF-ORD-002")
@pytest.mark.parametrize(
    "text",
    ["", "[]", "[a]", "[a=up]", "a=ascending", "[a=ascending;]", "[a=ascending,b=ascending]"],
)
def test_what_is_no_order_is_400_03(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_order(text, "x")
    assert (caught.value.status, caught.value.sub_code) == (400, "400-03")


def test_the_text_of_a_structure_is_all_text_below_it() -> None:
    assert values(STUDENT, read_path("name")) == ['Ann "A"Ng']


@pytest.mark.requirement("INF-QBE-003", "INF-QBE-004")
@pytest.mark.parametrize(
    ("example", "met"),
    [
        ("<x><name><family>N%</family></name></x>", True),
        ("<x><name><family>%g</family></name></x>", True),
        ("<x><name><family>%</family></name></x>", True),
        ("<x><name><family>N</family></name></x>", False),
        ("<x><name><given>A%n%A%</given></name></x>", True),
        ("<x><name><given>A%n%z%</given></name></x>", False),
        ("<x><name><given>Ann%nn%</given></name></x>", False),
        ("<x><name><family>N_</family></name></x>", False),
        ("<x><name><family>Ng</family></name><grade>08</grade></x>", False),
        ('<x id="7"><grade>07</grade></x>', True),
        ('<x id="7"/>', True),
        ('<x id="8"/>', False),
        ('<x><other><id kind="b"/></other></x>', True),
        ('<x><other><id kind="b">1</id></other></x>', False),
        ('<x><other><id kind="b">2</id></other></x>', True),
        ('<x><other><id kind="a">2</id></other></x>', False),
        ("<x><name/></x>", False),
        ("<x><absent/></x>", False),
    ],
)
def test_an_example_is_met_by_whoever_has_all_of_it(example: str, met: bool) -> None:
    assert resembles(STUDENT, read_example(etree.fromstring(example))) is met


def test_an_example_without_a_condition_is_400() -> None:
    with pytest.raises(Refusal, match="no element to compare"):
        read_example(etree.fromstring("<x/>"))
