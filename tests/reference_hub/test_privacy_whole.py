"""Objects that pass unread under a grant of the whole: those that pruning leaves as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from fixtures.generate import student
from fixtures.writers import xpress
from reference_hub.codec.xml import parse, tostring
from reference_hub.privacy.filter import Grants, passes_whole, prune

WHOLE = Grants(("xStudent",))
NS = f'xmlns="{xpress.NA4}"'
INSIDE = [
    "",
    "<localId>1</localId>",
    "<localId>a<!-- b -->c</localId>",
    "<localId><![CDATA[1]]></localId>",
    "<?pi x?>",
    "<SIF_ExtendedElements/>",
    "<metadata><a/></metadata>",
    "<extension>x</extension>",
    '<other xmlns="http://a.example/">x</other>',
    '<p:other xmlns:p="http://a.example/">x</p:other>',
    '<localId xmlns:p="http://a.example/" p:a="1">1</localId>',
    '<localId xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>',
    '<localId xmlns="">x</localId>',
    "<localId>xmlns=</localId>",
    '<localId xml:lang="de">1</localId>',
]


def stored(inside: str) -> bytes:
    return tostring(parse(f'<xStudent {NS} refId="1">{inside}</xStudent>'.encode()))


def pruned(body: bytes) -> bytes:
    found = prune(parse(body), WHOLE)
    return b"" if found is None else etree.tostring(found, method="c14n")


@given(st.lists(st.sampled_from(INSIDE), min_size=1, max_size=4))
def test_what_passes_unread_is_what_pruning_leaves(insides: list[str]) -> None:
    bodies = [stored(inside) for inside in insides]
    if passes_whole(b"".join(bodies), len(bodies), WHOLE, "xStudent"):
        canonical = [etree.tostring(parse(body), method="c14n") for body in bodies]
        assert [pruned(body) for body in bodies] == canonical


@pytest.mark.parametrize(
    "bodies",
    [
        ['<xStudent refId="1"><other xmlns="urn:x">x</other></xStudent>'],
        ['<xStudent refId="1"><xStudent xmlns="urn:x">x</xStudent></xStudent>'],
        [f'<xStudent {NS} refId="1"><a xmlns="urn:x"/></xStudent>', '<xStudent refId="2"/>'],
    ],
)
def test_a_foreign_element_does_not_hide_behind_an_object_without_namespace(
    bodies: list[str],
) -> None:
    assert not passes_whole("".join(bodies).encode(), len(bodies), WHOLE, "xStudent")


def test_generated_students_pass_unread() -> None:
    bodies = [tostring(xpress.student(student(3, index))) for index in range(20)]
    assert passes_whole(b"".join(bodies), 20, WHOLE, "xStudent")


@pytest.mark.parametrize("paths", [(), ("xStudent/name",), ("xStaff",)])
def test_a_smaller_grant_lets_nothing_pass_unread(paths: tuple[str, ...]) -> None:
    assert not passes_whole(stored(""), 1, Grants(paths), "xStudent")
