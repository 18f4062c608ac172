"""Conditions of OneRoster, as the suite's own service reads them."""

from __future__ import annotations

import pytest

from conformance.stage.oneroster_query import BadFilter, condition, parts

PUPIL = {
    "familyName": "O'Neil",
    "dateLastModified": "2026-09-01T00:00:00.000Z",
    "roles": [{"role": "student", "org": {"sourcedId": "a"}}, {"role": "aide", "org": None}],
}


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("", True),
        ("familyName='O''Neil'", True),
        ("familyName != 'Neil'", True),
        ("familyName~'Nei'", True),
        ("dateLastModified>'2026-09-01T00:00:00.000Z'", False),
        ("dateLastModified>='2026-09-01T00:00:00.000Z'", True),
        ("roles.role='aide'", True),
        ("roles.org.sourcedId='b'", False),
        ("familyName='x' OR roles.role='student'", True),
        ("familyName='x' AND roles.role='student'", False),
        ("middleName!='x'", True),
        ("middleName='x'", False),
    ],
)
def test_a_condition_is_met_by_the_right_objects(text: str, met: bool) -> None:
    assert condition(text)(PUPIL) is met


@pytest.mark.parametrize(
    "text",
    [
        "familyName",
        "familyName=O'Neil",
        "a='b' AND",
        "a='b' XOR c='d'",
        "a='1' AND b='2' AND c='3'",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(BadFilter):
        condition(text)


def test_the_parts_of_a_condition_are_told_apart() -> None:
    assert parts("a.b>='1' OR c='2'") == ([("a.b", ">=", "1"), ("c", "=", "2")], "OR")
