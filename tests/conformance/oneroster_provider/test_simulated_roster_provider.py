"""The conforming OneRoster provider keeps the rules that its mutants break."""

from __future__ import annotations

import pytest

from conformance.simulators.oneroster_provider import RosterProvider
from conformance.simulators.oneroster_provider.district import in_1_1
from conformance.simulators.oneroster_provider.queries import (
    Predicate,
    holds,
    number,
    read_filter,
    values,
)
from conformance.simulators.problems import Refusal

BODY = {"sourcedId": "7", "grades": ["05", "06"], "school": {"sourcedId": "s1"}, "name": "O'Neil"}


@pytest.mark.parametrize(
    ("text", "tests", "word"),
    [
        ("a='1'", [("a", "=", "1")], "AND"),
        ("a.b >= '1' AND c~'x y'", [("a.b", ">=", "1"), ("c", "~", "x y")], "AND"),
        ("a='1' OR b!='2'", [("a", "=", "1"), ("b", "!=", "2")], "OR"),
        ("name='O'Neil'", [("name", "=", "O'Neil")], "AND"),
        ("a=''", [("a", "=", "")], "AND"),
    ],
)
def test_a_filter_is_read(text: str, tests: list[tuple[str, str, str]], word: str) -> None:
    assert read_filter(text) == ([Predicate(*one) for one in tests], word)


@pytest.mark.parametrize("text", ["", "a", "a=1", "a='1' AND", "a='1' AND b='2' AND c='3'", "='1'"])
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as told:
        read_filter(text)
    assert (told.value.status, told.value.subcode) == (400, "invalid_filter_field")


@pytest.mark.parametrize(
    ("path", "found"),
    [("sourcedId", ["7"]), ("grades", ["05", "06"]), ("school.sourcedId", ["s1"]), ("x.y", [])],
)
def test_values_stand_at_a_path(path: str, found: list[str]) -> None:
    assert values(BODY, path) == found


@pytest.mark.parametrize(
    ("sign", "value", "met"),
    [
        ("=", "05", True),
        ("!=", "05", False),
        ("!=", "07", True),
        ("<", "06", True),
        ("~", "7", False),
    ],
)
def test_a_list_meets_a_predicate_with_any_of_its_items(sign: str, value: str, met: bool) -> None:
    assert holds(Predicate("grades", sign, value), BODY) is met


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "", "9" * 19])
def test_a_limit_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        number(text, 100, 1)


def test_the_district_has_what_the_checks_need() -> None:
    held = RosterProvider().held
    assert len(held["enrollments"]) > 100
    assert {one["type"] for one in held["academicSessions"]} >= {"term", "gradingPeriod"}
    assert [one["status"] for one in held["enrollments"]].count("tobedeleted") == 1


def test_a_user_of_1_1_has_one_role_and_all_orgs() -> None:
    user = next(one for one in RosterProvider().held["users"] if one["roles"])
    older = in_1_1("user", user)
    assert older["role"] == user["roles"][0]["role"]
    assert older["orgs"][0] == user["roles"][0]["org"]
    assert "roles" not in older


def test_two_providers_do_not_share_what_they_hold() -> None:
    one, other = RosterProvider(), RosterProvider()
    one.held["users"].clear()
    assert other.held["users"]
