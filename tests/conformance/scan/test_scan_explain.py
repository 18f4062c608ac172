"""What carries a canary is told from the data itself, and every other path has its reason."""

from __future__ import annotations

import json
from functools import cache
from itertools import chain

import pytest

from conformance.cli import main
from conformance.scan_explain import MODELS, Explained, explain, reading
from fixtures import canary, leaves
from fixtures.district.plan import Plan
from fixtures.edge_cases import EDGE_CASES
from fixtures.leaves import Leaf
from fixtures.sightings import Reader
from fixtures.writers import xpress


@cache
def rows() -> dict[tuple[str, str], Explained]:
    """What is told of each path of each model."""
    return {(row.model, row.path): row for row in explain()}


def test_a_new_free_text_without_a_canary_would_be_told() -> None:
    leaf = Leaf()
    leaf.silent["Likes football"] += 1
    assert leaves.reason("StudentPersonal/Hobby", leaf) == ""
    assert leaves.reason("xStudent/loginId", leaf) == ""


def test_only_edge_cases_have_literal_values_where_others_have_canaries() -> None:
    plan = Plan(1, 520)
    read = reading(Reader(1, 520, 2))
    students = enumerate(xpress.collections(plan)["xStudents"])
    known = {path for (_, path), row in rows().items() if row.canaries and "other" not in path}
    odd = {index for index, node in students for path, text in leaves.values(node)
           if path in known and path.startswith("xStudent/") and not read(text)}  # fmt: skip
    assert odd <= {case.index for case in EDGE_CASES.values()}
    assert len(odd) > 10


def test_all_elements_and_kinds_of_owners_come_up() -> None:
    told = set(chain.from_iterable(row.canaries for row in rows().values()))
    elements = {one.partition(" ")[2] for one in told}
    planned = {"other familyName", "other address line1", "extended element"}
    assert set(canary.ELEMENTS) - elements <= planned
    assert {"student givenName", "contact restrictions", "staff otherId"} <= told


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("xStudent/demographics/sex", "closed list"),
        ("xStudent/demographics/races/race/race", "closed list"),
        ("xStudent/enrollment/gradeLevel", "closed list"),
        ("xStudent/demographics/hispanicLatinoEthnicity", "flag"),
        ("xStudent/demographics/birthDate", "date or time"),
        ("xStudent/phoneNumber/number", "telephone number"),
        ("xStudent/address/postalCode", "postal code"),
        ("xStudent/address/city", "town"),
    ],
)
def test_what_cannot_carry_one_is_covered_by_non_interference(path: str, why: str) -> None:
    row = rows()["xpress-4.3", path]
    assert (row.canaries, row.why, row.covered) == ((), why, "non-interference test")


def test_what_is_not_about_a_person_needs_no_cover() -> None:
    row = rows()["unity-4.3", "SchoolInfo/SchoolName"]
    assert (row.canaries, row.why, row.covered) == ((), "not about a person", "")


def test_the_command_prints_a_line_for_each_path(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "--explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(rows())
    assert {
        "xpress-4.3\txStudent/name/givenName\tstudent givenName",
        "xpress-4.3\txStudent/demographics/sex\tnone: closed list\tnon-interference test",
        "unity-4.3\tSchoolInfo/SchoolName\tnone: not about a person",
    } <= set(lines)


def test_the_command_says_what_an_agreement_grants(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "--explain", "--json", "--granted", "reading-app"]) == 0
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    granted = {row["path"]: row["granted"] for row in lines}
    assert granted["xStudent/demographics/birthDate"] == "yes"
    assert granted["StudentPersonal/Demographics/Gender"] == "yes"
    assert granted["xStudent/address/line1"] == "no"


def test_the_models_are_those_of_agreements() -> None:
    assert [style for _, style in MODELS] == ["xpress", "unity"]
