"""A vendor may change what its POD grants with RW, and nothing else."""

from __future__ import annotations

import pytest
from lxml.etree import _Element

from fixtures.standards import MODELS
from reference_hub.codec.xml import parse
from reference_hub.model.pod import Condition, Terms
from reference_hub.privacy.writing import writable_faults

NA4 = MODELS["unity-4.3-kit"].namespace
TERMS = Terms(writable=("xStudent/localId", "xStudent/name"))


def student(inside: str = "", refid: str = "1") -> _Element:
    return parse(f'<xStudent xmlns="{NA4}" refId="{refid}">{inside}</xStudent>'.encode())


STORED = student("<name><givenName>A</givenName></name><localId>1</localId><loginId>a</loginId>")
WRITES = {
    "what is granted": ("<loginId>a</loginId>", []),
    "what is not": ("<loginId>b</loginId>", ["xStudent/loginId"]),
    "emptied": ("<loginId/>", ["xStudent/loginId"]),
    "taken away": ("", ["xStudent/loginId"]),
    "added": ("<loginId>a</loginId><sex>Male</sex>", ["xStudent/sex"]),
    "said twice": ("<loginId>a</loginId><loginId>a</loginId>", ["xStudent/loginId"]),
    "an attribute": ('<loginId a="1">a</loginId>', ["xStudent/loginId/@a"]),
}


@pytest.mark.requirement("POD-MIN-006")
@pytest.mark.parametrize("case", WRITES)
def test_only_what_is_writable_may_change(case: str) -> None:
    inside, expected = WRITES[case]
    after = student(f"<name><givenName>B</givenName></name><localId>2</localId>{inside}")
    assert writable_faults(STORED, after, TERMS) == expected


def test_the_id_of_a_stored_object_stays() -> None:
    assert writable_faults(student(), student(refid="2"), TERMS) == ["xStudent/@refId"]


def test_a_create_may_hold_what_is_writable_and_its_id() -> None:
    assert writable_faults(None, student("<localId>1</localId>"), TERMS) == []
    assert writable_faults(None, student("<sex>Male</sex>"), TERMS) == ["xStudent/sex"]


def test_a_delete_takes_rights_to_all_that_goes() -> None:
    assert writable_faults(STORED, None, TERMS) == ["xStudent/@refId", "xStudent/loginId"]
    assert writable_faults(STORED, None, Terms(writable=("xStudent",))) == []


@pytest.mark.parametrize("kind", ["MASK", "GENERALISE", "HASH"])
def test_what_a_vendor_sees_disguised_it_cannot_write(kind: str) -> None:
    terms = Terms(writable=("xStudent",), conditions=(Condition(kind, "xStudent/localId"),))
    after = student("<name><givenName>A</givenName></name><localId>X</localId><loginId>a</loginId>")
    assert writable_faults(STORED, after, terms) == ["xStudent/localId"]


def test_a_name_is_no_prefix_of_another() -> None:
    terms = Terms(writable=("xStudent/local", "xStudent/loginIds"))
    assert writable_faults(student(), student("<localId>1</localId>"), terms) == [
        "xStudent/localId"
    ]
