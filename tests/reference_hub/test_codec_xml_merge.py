"""Partial updates: what is sent changes, what is not sent stays, the result keeps its order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from fixtures.generate import student
from fixtures.writers import xpress
from reference_hub.codec.merge import merge
from reference_hub.codec.shape import Shape, shape_of
from reference_hub.codec.xml import children, local_name, parse, tostring

NS = f'xmlns="{xpress.NA4}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
SHAPE = shape_of(xpress.NA4, "xStudent")


def merged(stored: str, sent: str, shape: Shape = SHAPE) -> str:
    whole = parse(f"<xStudent {NS}>{stored}</xStudent>".encode())
    merge(whole, parse(f"<xStudent {NS}>{sent}</xStudent>".encode()), shape)
    return re.sub(r' xmlns(:xsi)?="[^"]*"', "", tostring(whole).decode())[10:-11]


CASES = {
    "a value changes and its siblings stay": (
        "<name><familyName>A</familyName><givenName>B</givenName></name>",
        "<name><givenName>C</givenName></name>",
        "<name><familyName>A</familyName><givenName>C</givenName></name>",
    ),
    "nil clears": (
        "<localId>1</localId><loginId>2</loginId>",
        '<localId xsi:nil="true"/>',
        "<loginId>2</loginId>",
    ),
    "a new element stands where the schema wants it": (
        "<name/><languages/>",
        "<email><emailAddress>a@x.example</emailAddress></email>",
        "<name/><email><emailAddress>a@x.example</emailAddress></email><languages/>",
    ),
    "a new inner element stands where the schema wants it": (
        "<name><givenName>B</givenName></name>",
        "<name><suffix>Jr</suffix><familyName>A</familyName></name>",
        "<name><familyName>A</familyName><givenName>B</givenName><suffix>Jr</suffix></name>",
    ),
    "a list is replaced as a whole": (
        "<otherIds><otherId><id>1</id></otherId><otherId><id>2</id></otherId></otherIds>",
        "<otherIds><otherId><id>3</id></otherId></otherIds>",
        "<otherIds><otherId><id>3</id></otherId></otherIds>",
    ),
    "a list with one member is no structure to merge into": (
        "<otherIds><otherId><type>Other</type><id>1</id></otherId></otherIds>",
        "<otherIds><otherId><id>3</id></otherId></otherIds>",
        "<otherIds><otherId><id>3</id></otherId></otherIds>",
    ),
    "an empty list empties": (
        "<otherIds><otherId><id>1</id></otherId></otherIds>",
        "<otherIds/>",
        "<otherIds/>",
    ),
    "nothing sent changes nothing": ("<localId>1</localId>", "", "<localId>1</localId>"),
}


@pytest.mark.parametrize("case", CASES)
def test_partial_update(case: str) -> None:
    stored, sent, expected = CASES[case]
    assert merged(stored, sent) == expected


def test_without_a_schema_the_order_of_the_update_is_kept() -> None:
    sent = "<a>1</a><b>2</b>"
    assert merged("<a>0</a><c>3</c>", sent, Shape()) == "<a>1</a><b>2</b><c>3</c>"


def test_the_shape_agrees_with_the_published_schema(standards: Path) -> None:
    path = standards / "schemas" / "official" / "unity-4.3" / "strict" / "SIF_Message.xsd"
    schema = etree.parse(str(path))
    names = schema.xpath(
        "//xs:complexType[@name='xStudentType']/xs:sequence/xs:element/@name",
        namespaces={"xs": "http://www.w3.org/2001/XMLSchema"},
    )
    assert list(SHAPE.parts) == names


@pytest.mark.parametrize("index", range(5))
def test_an_object_rebuilt_element_by_element_is_the_object(index: int) -> None:
    whole = xpress.student(student(7, index))
    rebuilt = etree.Element(whole.tag, nsmap=whole.nsmap)
    for child in reversed(children(whole)):
        part = etree.Element(whole.tag, dict(whole.attrib), nsmap=whole.nsmap)
        part.append(parse(tostring(child)))
        merge(rebuilt, part, shape_of(xpress.NA4, local_name(whole)))
    assert etree.tostring(rebuilt, method="c14n") == etree.tostring(whole, method="c14n")
