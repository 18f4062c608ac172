"""A vendor with RW on one field tries to change another one."""

from __future__ import annotations

from datetime import date

import pytest
from lxml import etree
from lxml.etree import _Element

from fixtures.standards import MODELS
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.codec.xml import fold, parse
from reference_hub.journeys.writer import Writer
from reference_hub.model.pod import DELETE, HASH, LIVE, NULL, Condition, Pod, Terms
from reference_hub.model.scope import Scope
from reference_hub.privacy.grants import Grants
from reference_hub.privacy.pseudonyms import Pseudonyms
from reference_hub.privacy.writing import restored, strays, writable_faults
from reference_hub.problems import Refusal

SCOPE = Scope("demo-district")
NA4 = MODELS["unity-4.3-kit"].namespace
TERMS = Terms(granted=("xStudent", "xStudent/localId"), writable=("xStudent/localId",))
ONE, TWO = (f"{n}1B1C1D1-4F50-4162-8394-A5B6C7D8E9F0" for n in "AB")
HASHED = Grants(
    ("xRoster",), (Condition(HASH, "xRoster/students/studentReference/refId"),), key=b"k"
)

pytestmark = pytest.mark.requirement("POD-MIN-006")


def student(inside: str) -> _Element:
    return parse(f'<xStudent xmlns="{NA4}" refId="1">{inside}</xStudent>'.encode())


def phones(first: str, second: str) -> str:
    told = "<otherPhone><type>{}</type><number>{}</number></otherPhone>"
    return told.format("Home", first) + told.format("Work", second)


PAST = {
    "values change places": (phones("1", "2"), phones("2", "1"), "xStudent/otherPhone/number"),
    "behind a comment": ("<sex>a</sex>", "<sex>a<!-- -->b</sex>", "xStudent/sex"),
    "between elements": ("<localId>1</localId>", "<localId>1</localId>more", "xStudent"),
    "in another namespace": ("", '<e:sex xmlns:e="urn:e">1</e:sex>', "xStudent/{urn:e}sex"),
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


def test_a_list_sent_whole_does_not_drop_who_was_left_out_of_it() -> None:
    both = "".join(
        f"<studentReference><refId>{each}</refId></studentReference>" for each in (ONE, TWO)
    )
    before = parse(f'<xRoster xmlns="{NA4}"><students>{both}</students></xRoster>'.encode())
    after = parse(etree.tostring(before))
    after.remove(after[0])
    writer = Writer(SCOPE, "k", Judge(), Clock(), pod=writing(frozenset({fold(ONE)})))
    writer.refuse_unwritable("Update", before, before)
    with pytest.raises(Refusal) as refused:
        writer.refuse_unwritable("Update", before, after)
    assert refused.value.status == 403
    Writer(SCOPE, "k", Judge(), Clock(), pod=writing(frozenset())).refuse_unwritable(
        "Update", before, after
    )


def writing(excluded: frozenset[str]) -> Pod:
    """A POD that lets all of a roster be written, of a vendor that must not hear of these."""
    paths = ("xRoster",)
    told = {"vendor_id": 1, "scope": SCOPE, "version": "1", "token": "t", "status": LIVE}
    days = {"starts": date(2025, 7, 1), "ends": None, "document": b"", "acknowledged": None}
    return Pod(id="1", **told, **days, granted=paths, writable=paths, excluded=excluded)  # type: ignore[arg-type]
