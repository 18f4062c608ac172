"""ROW_FILTER: which students a vendor may have at all."""

from __future__ import annotations

import pytest

from fixtures.standards import MODELS
from reference_hub.codec.xml import parse, refid_of
from reference_hub.model.pod import Condition
from reference_hub.privacy.filter import Grants, passes_whole, prune, shows_each

NA4 = MODELS["unity-4.3-kit"].namespace
GRADE, BORN = "xStudent/enrollment/gradeLevel", "xStudent/demographics/birthDate"
NIL = 'xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
PUPILS = {
    "nine": "<demographics><birthDate>2011-05-06</birthDate></demographics>"
    "<enrollment><gradeLevel>09</gradeLevel></enrollment>",
    "ten": "<demographics><birthDate>2010-01-31</birthDate></demographics>"
    "<enrollment><gradeLevel>10</gradeLevel></enrollment>",
    "kinder": "<enrollment><gradeLevel> KG </gradeLevel></enrollment>",
    "both": "<enrollment><gradeLevel>09</gradeLevel></enrollment>"
    "<enrollment><gradeLevel>KG</gradeLevel></enrollment>",
    "unknown": f"<enrollment><gradeLevel {NIL}/></enrollment>",
}


def admitted(*filters: Condition, paths: tuple[str, ...] = ("xStudent/@refId",)) -> set[str]:
    grants = Grants(paths, filters)
    bodies = (f'<xStudent xmlns="{NA4}" refId="{n}">{b}</xStudent>' for n, b in PUPILS.items())
    found = (prune(parse(body.encode()), grants) for body in bodies)
    return {refid_of(one) for one in found if one is not None}


CASES = {
    ("in", "09,10,11,12"): {"nine", "ten", "both"},
    ("in", "09, KG"): {"nine", "both", "kinder"},
    ("eq", "KG"): {"kinder", "both"},
    ("not-in", "09,10"): {"kinder", "unknown"},
    ("ne", "KG"): {"nine", "ten", "unknown"},
    ("present", ""): {"nine", "ten", "kinder", "both"},
    ("absent", ""): {"unknown"},
    ("lt", "10"): {"nine", "both"},
    ("le", "10"): {"nine", "ten", "both"},
    ("gt", "9"): {"ten"},
    ("ge", "9"): {"nine", "ten", "both"},
}


@pytest.mark.requirement("POD-MIN-005")
@pytest.mark.parametrize(("op", "value"), CASES)
def test_a_filter_admits_whom_it_should(op: str, value: str) -> None:
    assert admitted(Condition("ROW_FILTER", GRADE, op, value)) == CASES[op, value]


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("ge", "2011-01-01", {"nine"}),
        ("lt", "2011", {"ten"}),
        ("le", "2011-05-06", {"nine", "ten"}),
        ("eq", "2010-01-31", {"ten"}),
        ("gt", "soon", set()),
    ],
)
def test_dates_are_compared_as_dates(op: str, value: str, expected: set[str]) -> None:
    assert admitted(Condition("ROW_FILTER", BORN, op, value)) == expected


def test_several_filters_must_all_be_met() -> None:
    grade = Condition("ROW_FILTER", GRADE, "in", "09,10")
    assert admitted(grade, Condition("ROW_FILTER", BORN, "present")) == {"nine", "ten"}


def test_a_filter_on_a_part_asks_whether_anything_is_said_there() -> None:
    part = "xStudent/demographics"
    assert admitted(Condition("ROW_FILTER", part, "present")) == {"nine", "ten"}


def test_a_filter_concerns_objects_of_its_own_type_only() -> None:
    grants = Grants(("xStaff/@refId",), (Condition("ROW_FILTER", GRADE, "in", "09"),))
    found = prune(parse(f'<xStaff xmlns="{NA4}" refId="1"/>'.encode()), grants)
    assert found is not None
    assert shows_each(grants, "xStaff")


def test_nothing_passes_unread_where_a_filter_counts() -> None:
    grants = Grants(("xStudent",), (Condition("ROW_FILTER", GRADE, "in", "09"),))
    body = f'<xStudent xmlns="{NA4}" refId="1"/>'.encode()
    assert passes_whole(body, 1, Grants(("xStudent",)), "xStudent")
    assert not passes_whole(body, 1, grants, "xStudent")
    assert not shows_each(grants, "xStudent")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition("GENERALISE", BORN, "year"), True),
        (Condition("DELETE", GRADE), True),
        (Condition("DELETE", "xStudent/@refId"), False),
        (Condition("MASK", "xStudent"), False),
        (Condition("DELETE", "xStudent/shoeSize"), False),
        (Condition("ENCRYPT", "xStudent/localId"), False),
        (Condition("PURPOSE", "", "", "reading"), True),
    ],
)
def test_each_student_is_shown_unless_a_condition_may_take_one_away(
    condition: Condition, expected: bool
) -> None:
    assert shows_each(Grants(("xStudent/@refId",), (condition,)), "xStudent") is expected
