"""The shipped rules: each fires on the fault that it is for, and not on what only looks like it."""

from __future__ import annotations

import pytest

from reference_hub.codec.collection_toml import load, notes, shipped
from reference_hub.codec.schema import Judge
from reference_hub.model.collection import BASES, Run
from tests.reference_hub.collection.conftest import State
from tests.reference_hub.collection.planting import Planted, a_district, cases, planted

RULES = [rule for name in ("ma-sims", "ma-epims") for rule in load(name).rules]


@pytest.fixture
def faulty(state: State) -> Planted:
    """The district with all faults, at the state."""
    found = planted()
    state.keep(found.district)
    return found


def both(state: State) -> list[Run]:
    return [state.run(name) for name in shipped()]


def test_a_student_and_a_staff_collection_are_shipped() -> None:
    assert shipped() == ["ma-epims", "ma-sims"]


def test_every_shipped_rule_has_a_planted_fault_and_a_near_miss() -> None:
    named = [rule for case in cases() for rule in case["rules"]]
    assert sorted(named) == sorted(rule.id for rule in RULES)
    assert [case["rules"] for case in cases() if not case["near"]] == []


def test_exactly_the_planted_faults_are_found(state: State, faulty: Planted) -> None:
    sims, epims = [state.found(run) for run in both(state)]
    assert sims | epims == faulty.expected


def test_no_near_miss_breaks_a_rule(state: State, faulty: Planted) -> None:
    refids = {refid for run in both(state) for _, refid, _ in state.found(run)}
    assert len(faulty.fine) == len(cases())
    assert {rule for rule, refid in faulty.fine.items() if refid in refids} == set()


def test_a_district_without_faults_passes_both(state: State) -> None:
    state.keep(a_district())
    assert [(run.rejected, state.findings(run)) for run in both(state)] == [(0, []), (0, [])]


def test_the_planted_faults_are_such_as_the_schema_lets_through() -> None:
    judge = Judge([])
    problems = [
        problem
        for members in planted().district.values()
        for element in members
        for problem in judge.judge(element).problems
    ]
    assert problems == []


def test_every_basis_is_said_and_each_of_the_three_occurs() -> None:
    assert {rule.basis for rule in RULES} == set(BASES)


@pytest.mark.parametrize("name", ["ma-sims", "ma-epims"])
def test_every_path_of_a_shipped_rule_is_in_the_schema(name: str) -> None:
    assert notes(load(name)) == []


def test_warnings_reject_nothing(state: State, faulty: Planted) -> None:
    sims = state.run("ma-sims")
    warned = {each.refid for each in state.findings(sims) if each.level == "warning"}
    errors = {(e.object_type, e.refid) for e in state.findings(sims) if e.level == "error"}
    assert len(warned) == 2
    assert sims.rejected == len(errors) == len(state.found(sims)) - 2
