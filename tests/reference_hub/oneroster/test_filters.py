"""What a filter finds is what an evaluation of its own in this test finds."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest

from tests.reference_hub.oneroster.conftest import Puller, few

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "~": operator.contains,
}  # fmt: skip


def at(value: Any, path: str) -> list[Any]:
    """Every value that a dotted path leads to in an answer."""
    name, _, rest = path.partition(".")
    if isinstance(value, list):
        return [each for item in value for each in at(item, path)]
    if name not in value:
        return []
    found = value[name]
    return at(found, rest) if rest else [found]


def holds(one: dict[str, Any], path: str, sign: str, wanted: str) -> bool:
    """Whether an object meets a predicate, by our reading of the standard."""
    found = at(one, path)
    if sign == "!=":
        return not holds(one, path, "=", wanted)
    if found and isinstance(found[0], list):
        words = set(wanted.split(","))
        return words == set(found[0]) if sign == "=" else words <= set(found[0])
    return any(OPERATORS[sign](each, wanted) for each in found)


CASES = {
    "users": [
        ("familyName", "="), ("familyName", "!="), ("givenName", ">"), ("givenName", "<="),
        ("email", "~"), ("middleName", "!="), ("grades", "="), ("grades", "~"), ("grades", "!="),
        ("roles.role", "="), ("roles.role", "!="), ("roles.org.sourcedId", "="),
        ("agents.sourcedId", "="), ("agents.sourcedId", "!="), ("userIds.type", "="),
        ("userIds.identifier", "="), ("userIds.identifier", ">="), ("enabledUser", "="),
        ("preferredFirstName", "!="), ("sourcedId", ">"), ("primaryOrg.sourcedId", "="),
        ("status", "="), ("dateLastModified", ">="), ("dateLastModified", "<"),
    ],
    "classes": [
        ("terms.sourcedId", "="), ("subjects", "="), ("school.sourcedId", "!="),
        ("course.sourcedId", "="), ("periods", "~"), ("title", "~"), ("classType", "="),
    ],
    "academicSessions": [("startDate", ">"), ("schoolYear", "="), ("parent.sourcedId", "=")],
    "enrollments": [("role", "="), ("primary", "="), ("beginDate", ">="), ("user.sourcedId", "=")],
    "demographics": [("birthDate", "<"), ("asian", "="), ("sex", "!="), ("cityOfBirth", "~")],
}  # fmt: skip


def every(puller: Puller, collection: str) -> list[dict[str, Any]]:
    (found,) = puller.get(collection, limit="400").json().values()
    return list(found)


def wanted_value(rows: list[dict[str, Any]], path: str, sign: str) -> str:
    """A value of some object in the middle, so that a part of them meets the predicate."""
    values = [each for row in rows for each in at(row, path)]
    one = values[len(values) // 2]
    if isinstance(one, list):
        return str(one[0]) if sign == "~" else ",".join(one)
    return str(one[1:-1] if sign == "~" else one)


@pytest.mark.requirement("TRN-PR-02")
@pytest.mark.parametrize("collection", CASES)
def test_a_filter_finds_what_meets_it(reading: Puller, collection: str) -> None:
    rows = every(reading, collection)
    for path, sign in CASES[collection]:
        value = wanted_value(rows, path, sign)
        reply = reading.get(collection, limit="400", filter=f"{path}{sign}'{value}'")
        assert reply.status_code == 200, (path, sign, reply.text)
        expected = [row for row in rows if holds(row, path, sign, value)]
        assert reply.json()[collection] == expected, (path, sign, value)
        assert reply.headers["X-Total-Count"] == str(len(expected))


def test_two_predicates_are_joined_by_and_or_or(reading: Puller) -> None:
    rows = every(reading, "users")
    one, two = rows[3]["familyName"], rows[8]["givenName"]
    for word, join in (("AND", all), ("OR", any)):
        text = f"familyName='{one}' {word} givenName='{two}'"
        found = reading.get("users", limit="400", filter=text).json()["users"]
        expected = [
            row for row in rows if join((row["familyName"] == one, row["givenName"] == two))
        ]
        assert found == expected


def test_a_value_may_hold_whatever_a_name_holds(holding: Puller) -> None:
    for name in ("O'Brien", "' OR '1'='1", "100%_\\", "x' AND y", "名前", ":name %(s)s {x}"):
        row = dict(few()["users"][1], familyName=name)
        holding.shelf.keep("users", row)
        found = holding.get("users", filter=f"familyName='{name}'").json()["users"]
        assert [each["sourcedId"] for each in found] == [row["sourcedId"]], name


def test_an_id_with_the_letters_of_its_cell_is_found_as_it_is_shown(holding: Puller) -> None:
    row = dict(few()["users"][1], userIds=["{SIS:a%3A%7B1%7D%2C}", "{LDAP:x}"])
    holding.shelf.keep("users", row)
    for text in ("userIds.identifier='a:{1},' AND userIds.type='LDAP'", "userIds.identifier~'{1}'"):
        (found,) = holding.get("users", filter=text).json()["users"]
        assert found["userIds"][0] == {"type": "SIS", "identifier": "a:{1},"}


@pytest.mark.requirement("TRN-PR-02")
def test_sorting_is_by_code_points_and_puts_the_absent_last(reading: Puller) -> None:
    rows = every(reading, "users")
    for way in ("asc", "desc"):
        found = reading.get("users", limit="400", sort="middleName", orderBy=way).json()["users"]
        names = [each.get("middleName") for each in found]
        known = [name for name in names if name is not None]
        assert known == sorted(known, reverse=way == "desc")
        assert names[len(known) :] == [None] * (len(rows) - len(known))


@pytest.mark.requirement("TRN-PR-02")
def test_only_the_fields_asked_for_are_shown(reading: Puller) -> None:
    found = reading.get("users", fields="sourcedId,givenName").json()["users"]
    assert {tuple(each) for each in found} == {("sourcedId", "givenName")}
