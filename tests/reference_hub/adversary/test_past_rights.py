"""A vendor with RW on one field tries to change another one."""

from __future__ import annotations

import pytest
from lxml.etree import _Element

from fixtures.standards import MODELS
from reference_hub.codec.xml import parse
from reference_hub.model.pod import DELETE, HASH, NULL, Condition, Terms
from reference_hub.privacy.grants import Grants
from reference_hub.privacy.pseudonyms import Pseudonyms
from reference_hub.privacy.writing import restored, strays, writable_faults

NA4 = MODELS["unity-4.3-kit"].namespace
TERMS = Terms(granted=("xStudent", "xStudent/localId"), writable=("xStudent/localId",))
ONE, TWO = (f"{n}1B1C1D1-4F50-4162-8394-A5B6C7D8E9F0" for n in "AB")
HASHED = Grants(("xRoster",), (Condition(HASH, "xRoster/students/studentReference/refId"),), key=b"k")

pytestmark = pytest.mark.requirement("POD-MIN-006")


def student(inside: str) -> _Element:
    return parse(f'<xStudent xmlns="{NA4}" refId="1">{inside}</xStudent>'.encode())


def phones(first: str, second: str) -> str:
    told = "<otherPhone><type>{}</type><number>{}</number></otherPhone>"
    return told.format("Home", first) + told.format("Work", second)


PAST = {
    "values change places": (phones("1", "2"), phones("2", "1"), "xStudent/otherPhone/number"),
    "behind a comment": ("<loginId>a</loginId>", "<loginId>a<!-- -->b</loginId>", "xStudent/loginId"),
    "between elements": ("<localId>1</localId>", "<localId>1</localId>more", "xStudent"),
    "in another namespace": ("", '<e:localId xmlns:e="urn:e">1</e:localId>', "xStudent/{urn:e}localId"),
}  # fmt: skip


@pytest.mark.parametrize("case", PAST)
def test_no_disguise_hides_a_change_of_another_field(case: str) -> None:
    before, after, named = PAST[case]
    assert writable_faults(student(before), student(after), TERMS) == [named]


def test_what_is_read_only_below_a_writable_path_stays() -> None:
    paths = ("xStudent/name", "xStudent/name/givenName")
    terms = Terms(granted=paths, writable=paths[:1])
    before, after = (student(f"<name><givenName>{each}</givenName></name>") for each in "ab")
    assert writable_faults(before, after, terms) == ["xStudent/name/givenName"]
    assert writable_faults(before, after, Terms(granted=paths, writable=paths)) == []


@pytest.mark.parametrize("kind", [DELETE, NULL])
def test_what_is_kept_from_a_vendor_it_cannot_overwrite(kind: str) -> None:
    terms = Terms(
        granted=("xStudent",), writable=("xStudent",), conditions=(Condition(kind, "xStudent/sex"),)
    )
    before, after = (student(f"<sex>{each}</sex>") for each in ("Male", "Female"))
    assert writable_faults(before, after, terms) == ["xStudent/sex"]


def test_what_stands_behind_a_comment_is_part_of_the_value() -> None:
    sent = restored(student("<loginId>a<!-- -->b</loginId>"), Grants(("xStudent",)))
    assert sent.findtext("{*}loginId") == "ab"


def roster(refid: str, note: str) -> _Element:
    inside = f"<students><studentReference><refId>{refid}</refId></studentReference></students>"
    told = f'<xRoster xmlns="{NA4}" refId="9"><courseTitle>{note}</courseTitle>{inside}</xRoster>'
    return parse(told.encode())


@pytest.mark.requirement("POD-MIN-010")
def test_no_write_turns_a_pseudonym_into_the_id_behind_it() -> None:
    # First into a text beside the reference, then another reference: the text would show the id.
    shown = Pseudonyms(b"k").shown("student", ONE)
    sent = restored(roster(shown, f"see {shown}"), HASHED)
    assert strays(roster(ONE, "none"), sent, HASHED)
    assert strays(roster(ONE, f"see {ONE}"), roster(TWO, f"see {ONE}"), HASHED)
    assert not strays(roster(ONE, f"see {ONE}"), roster(ONE, f"see {ONE}"), HASHED)
    assert not strays(roster(ONE, "none"), roster(TWO, "none"), HASHED)
