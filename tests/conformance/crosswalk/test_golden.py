"""The XSLT sheets against golden files that people wrote by hand from the crosswalk.

A file names documents, and per target the rows that must come of them. A row lists all its facts,
or, with the mark `*`, some of them; null stands for a fact or a row that must not be. `{{P}}` and
its like are RefIds of `ids.json`, `?` is any value, `@role …` an id minted from the parts.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformance import crosswalk, trees
from conformance.crosswalk import Fact
from conformance.crosswalk.compared import KEPT, LOST, compare

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.json") if path.stem != "ids")
DISTRICT = {"xpress": "district.xml", "classic": "classic_district.xml"}
TODAY = date(2027, 9, 15)
WRAPPER = (
    f'<objects xmlns="{trees.NA4}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "{}</objects>"
)


def read(name: str) -> str:
    """A golden file with the RefIds put in."""
    text = (GOLDEN / name).read_text(encoding="utf-8")
    for key, refid in json.loads((GOLDEN / "ids.json").read_text()).items():
        text = text.replace("{{" + key + "}}", refid)
    return text


@cache
def golden(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(read(f"{name}.json"))
    return loaded


@cache
def facts(name: str, target: str) -> tuple[Fact, ...]:
    one = golden(name)
    documents = [read(DISTRICT[one["model"]]), WRAPPER.format("".join(one["documents"]))]
    trees_of = [text.encode() for text in documents]
    return crosswalk.expected(target, trees_of, on=TODAY, extensions=one.get("extensions", ()))


@cache
def rows(name: str, target: str) -> dict[tuple[str, str], dict[str, list[str]]]:
    """Values by row and path."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for fact in facts(name, target):
        values = found.setdefault((fact.file, fact.id), {}).setdefault(fact.path, [])
        if fact.value not in values:
            values.append(fact.value)
    return found


def wanted(value: object) -> list[str]:
    values: list[str] = value if isinstance(value, list) else [str(value)]
    return sorted(minted(one) if one.startswith("@") else one for one in values)


def minted(recipe: str) -> str:
    space = uuid.uuid5(uuid.NAMESPACE_DNS, "mint.oneroster.example")
    return str(uuid.uuid5(space, "\n".join(recipe[1:].split())))


def check(row: Mapping[str, Any], seen: Mapping[str, list[str]]) -> None:
    told = {path: value for path, value in row.items() if path != "*"}
    for path, value in told.items():
        if value is None:
            assert path not in seen
        elif value != "?":
            assert sorted(seen.get(path, [])) == wanted(value), path
    if "*" not in row:
        plain = {path for path in seen if not path.startswith("metadata.")}
        assert plain == {path for path, value in told.items() if value is not None}


CASES = [(name, target) for name in NAMES for target in golden(name)["expect"]]


@pytest.mark.parametrize(("name", "target"), CASES)
def test_rows_are_those_that_people_wrote(name: str, target: str) -> None:
    found = rows(name, target)
    for file, expected in golden(name)["expect"][target].items():
        for key, row in expected.items():
            if row is None:
                assert (file, key) not in found
            else:
                assert (file, key) in found, (file, key, [k for f, k in found if f == file])
                check(row, found[file, key])


COUNTED = [
    (name, target, file, count)
    for name in NAMES
    for target, files in golden(name).get("counts", {}).items()
    for file, count in files.items()
]


@pytest.mark.parametrize(("name", "target", "file", "count"), COUNTED)
def test_there_are_as_many_rows_as_people_counted(
    name: str, target: str, file: str, count: int
) -> None:
    assert sum(one == file for one, _ in rows(name, target)) == count


SECRETS = [(name, target) for name in NAMES if "nowhere" in golden(name)
           for target in crosswalk.TARGETS]  # fmt: skip


@pytest.mark.parametrize(("name", "target"), SECRETS)
def test_what_is_private_is_in_no_fact(name: str, target: str) -> None:
    told = "\n".join("\n".join((fact.value, *fact.also)) for fact in facts(name, target))
    assert [word for word in golden(name)["nowhere"] if word in told] == []


def test_past_stay_may_be_left_out_and_the_one_of_today_may_not() -> None:
    wanted_facts = facts("past_stay", "oneroster-1.2")
    past = ("2026-09-01", "2027-06-19", "secondary")
    kept = [one for one in wanted_facts if one.value not in past]
    assert {one.outcome for one in compare(wanted_facts, kept)} == {KEPT}
    today = [one for one in wanted_facts if one.path != "beginDate"]
    lost = [one.path for one in compare(wanted_facts, today) if one.outcome == LOST]
    assert lost == ["beginDate"]


def test_there_are_thirty_people_at_least() -> None:
    assert len(NAMES) >= 40
