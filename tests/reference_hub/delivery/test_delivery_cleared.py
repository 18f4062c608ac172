"""A change that takes something away tells the vendor so: left out would mean unchanged."""

from __future__ import annotations

from copy import deepcopy

import pytest
from lxml import etree

from reference_hub.codec.cleared import say_cleared
from reference_hub.codec.merge import merge
from reference_hub.codec.shape import shape_of

NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
SHAPE = shape_of(NA4, "StudentPersonal")
FULL = (
    "<LocalId>1</LocalId><StateProvinceId>2</StateProvinceId>"
    '<OtherIdList><OtherId Type="A">3</OtherId><OtherId Type="B">4</OtherId></OtherIdList>'
    "<Demographics><Gender>F</Gender><BirthDate>2012-01-01</BirthDate></Demographics>"
    "<IDEA>No</IDEA><Title1>No</Title1>"
)


def student(inner: str) -> etree._Element:
    return etree.fromstring(f'<StudentPersonal xmlns="{NA4}" RefId="1">{inner}</StudentPersonal>')


def said(now: str, before: str = FULL) -> etree._Element:
    element = student(now)
    say_cleared(element, student(before), SHAPE)
    return element


@pytest.mark.requirement("TRN-LC-04")
@pytest.mark.parametrize(
    "now",
    [
        FULL,
        FULL.replace("<StateProvinceId>2</StateProvinceId>", ""),
        FULL.replace("<LocalId>1</LocalId>", ""),
        FULL.replace("<Gender>F</Gender>", ""),
        FULL.replace("<IDEA>No</IDEA><Title1>No</Title1>", "<Migrant>No</Migrant>"),
        FULL.replace('<OtherId Type="B">4</OtherId>', ""),
        "<LocalId>1</LocalId>",
        "",
    ],
)
def test_who_merges_what_is_sent_has_what_the_hub_has(now: str) -> None:
    vendor = student(FULL)
    merge(vendor, said(now), SHAPE)
    assert etree.tostring(vendor, method="c14n") == etree.tostring(student(now), method="c14n")


@pytest.mark.requirement("TRN-LC-04")
def test_what_is_gone_stands_as_nil_in_the_order_of_the_schema() -> None:
    names = [etree.QName(each).localname for each in said("<LocalId>1</LocalId><IDEA>No</IDEA>")]
    assert names == ["LocalId", "StateProvinceId", "OtherIdList", "Demographics", "IDEA", "Title1"]


def test_nothing_is_said_where_nothing_is_gone() -> None:
    now = student(FULL + "<Migrant>No</Migrant>")
    kept = deepcopy(now)
    say_cleared(now, student(FULL), SHAPE)
    assert etree.tostring(now) == etree.tostring(kept)
