"""Likely causes from the kill matrix, and which failures belong together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lxml.html
import msgspec
import pytest

from conformance.runfile import FAIL
from reports.causes import Matrix, likeness, read_matrix, spelled
from reports.render import render
from reports.source import load

MATRIX = Matrix(
    suite_hash="s",
    kills={
        "create_is_201": ["CreateAnswers200", "YesMan"],
        "create_comes_back": ["CreateAnswers200", "DropsNames", "YesMan"],
        "names_are_kept": ["DropsNames", "CutsNames", "YesMan"],
        "refusal_is_400": ["RefusesWith422", "TakesAll", "YesMan"],
        "delete_is_204": ["DeleteAnswers200", "YesMan"],
        "lonely": [],
    },
    says={"receiver": {"DropsNames": "Takes names and shows none."}},
)


def _alike(failed: dict[str, str], passed: list[str]) -> Any:
    return likeness(MATRIX, "receiver", failed, passed)


def test_a_mutant_whose_checks_all_failed_comes_first() -> None:
    causes = _alike({"create_comes_back": "", "names_are_kept": ""}, ["create_is_201"]).causes(
        "names_are_kept"
    )
    assert [(one.mutant, one.shared, one.tested) for one in causes] == [
        ("DropsNames", 2, 2),
        ("CutsNames", 1, 1),
        ("YesMan", 2, 3),
    ]


def test_one_whose_checks_mostly_passed_is_no_likeness() -> None:
    passed = ["create_comes_back", "names_are_kept", "refusal_is_400", "delete_is_204"]
    causes = _alike({"create_is_201": "200"}, passed).causes("create_is_201")
    assert causes == []


@pytest.mark.parametrize(
    ("received", "order"),
    [
        ("201", [("TakesAll", 0), ("RefusesWith422", -1)]),
        ("422", [("RefusesWith422", 1), ("TakesAll", 0)]),
    ],
)
def test_a_status_code_that_it_names_speaks_for_or_against_it(
    received: str, order: list[tuple[str, int]]
) -> None:
    causes = _alike({"refusal_is_400": received}, ["create_is_201"]).causes("refusal_is_400")
    assert [(one.mutant, one.hint) for one in causes] == order


def test_failures_of_one_cause_stand_together() -> None:
    failed = {"create_comes_back": "", "names_are_kept": "", "refusal_is_400": "201", "lonely": ""}
    groups = _alike(failed, ["create_is_201", "delete_is_204"]).groups()
    assert [(one.cause and one.cause.mutant, one.checks) for one in groups] == [
        ("DropsNames", ["create_comes_back", "names_are_kept"]),
        ("TakesAll", ["refusal_is_400"]),
        (None, ["lonely"]),
    ]


def test_a_mutant_without_a_sentence_is_told_by_its_name() -> None:
    assert spelled("MissingMarkerIs401") == "missing marker is 401"
    assert spelled("ReadsCSVTwice") == "reads CSV twice"


def test_the_matrix_of_the_suite_is_read_as_data() -> None:
    matrix = read_matrix()
    mutants = matrix.kills["single_create_returns_the_new_object"]
    assert "CreateAnswers200" in mutants


def test_without_a_matrix_nothing_is_guessed(tmp_path: Path) -> None:
    matrix = read_matrix(tmp_path / "none.json")
    assert likeness(matrix, "receiver", {"x": ""}, []).groups()[0].cause is None


def test_the_page_says_what_to_mend_first(build: Callable[..., Path], make: Any) -> None:
    failed = ("create_comes_back", "names_are_kept", "refusal_is_400")
    checks = [make.check(name, FAIL, requirements=[f"R-{name}"]) for name in failed]
    source = load(build([*checks, make.check("create_is_201")], outcome="does not conform"))
    tree: Any = lxml.html.fromstring(render(source, (), MATRIX))
    titles = [one.text_content() for one in tree.find_class("groups")[0].iter("h3")]
    assert titles[0] == "Mend this first: “Takes names and shows none.”"
    assert len(titles) == 2


def test_a_recommendation_is_mended_after_what_blocks(
    build: Callable[..., Path], make: Any
) -> None:
    names, refusal = make.check("names_are_kept", FAIL), make.check("refusal_is_400", FAIL)
    also = make.check("create_comes_back", FAIL)
    rows = [make.row(refusal), make.row(names, level="SHOULD"), make.row(also, level="SHOULD")]
    passed = [make.check("create_is_201"), make.check("delete_is_204")]
    checks = [refusal, names, also, *passed]
    directory = build(checks, rows=rows, outcome="does not conform")
    tree: Any = lxml.html.fromstring(render(load(directory), (), MATRIX))
    first = tree.find_class("groups")[0].find("li")
    assert [one.get("href") for one in first.iter("a")] == ["#c-refusal_is_400"]


def test_the_page_tells_when_the_matrix_is_of_another_suite(faulty: Path) -> None:
    source = load(faulty)
    known = msgspec.structs.replace(MATRIX, kills={"bad": ["DropsNames"]})
    fitting = msgspec.structs.replace(known, suite_hash=source.verdict.suite_hash)
    assert "that of another version of the suite" in render(source, (), known)
    assert "that of another version of the suite" not in render(source, (), fitting)
