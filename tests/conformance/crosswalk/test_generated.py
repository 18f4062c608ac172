"""The generator's own writers as a third opinion: all differences are known and have a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from conformance import crosswalk, fidelity
from conformance.crosswalk import Fact
from conformance.crosswalk.compared import KEPT, compare
from fixtures.district.places import START
from fixtures.edge_cases import EDGE_CASES
from fixtures.writers import xpress
from fixtures.writers.oneroster import reasons, students
from tests.conformance.crosswalk import flat_as_clever, generated
from tests.conformance.crosswalk.generated import SEEDS

MODELS = ("xpress-4.3", "unity-4.3")
OTHERS: dict[str, Callable[[int], list[Fact]]] = {
    "oneroster-1.2": generated.oneroster,
    "edfi-5": generated.ed_fi,
    "clever": lambda seed: list(flat_as_clever.facts(generated.plan(seed))),
}
# The plain tables tell who of the staff is no teacher, but not as Clever's file of staff.
NOT_THERE = ("staff",)
PAIRS = [(target, model) for target in OTHERS for model in MODELS]


def seen(target: str, model: str) -> set[tuple[str, str, str]]:
    """Where the sheets and the generator differ, over all seeds."""
    found = set()
    for seed in SEEDS:
        outcomes = compare(generated.wanted(target, model, seed), OTHERS[target](seed))
        assert sum(one.outcome == KEPT for one in outcomes) > 1500
        found |= {
            (one.file, one.path, one.outcome)
            for one in outcomes
            if one.outcome != KEPT and one.file not in NOT_THERE
        }
    return found


@pytest.mark.parametrize(("target", "model"), PAIRS)
def test_differences_are_the_known_ones_and_no_others(target: str, model: str) -> None:
    known, found = generated.differences(target, model), seen(target, model)
    stray = [one for one in found if not any(generated.is_known(row, one) for row in known)]
    idle = [row for row in known if not any(generated.is_known(row, one) for one in found)]
    assert sorted(stray) == []
    assert idle == []


@pytest.mark.parametrize("name", EDGE_CASES)
def test_every_awkward_student_is_the_same_in_both(name: str) -> None:
    one = EDGE_CASES[name].build(seed=1)
    rows = {} if reasons.of_student(one) else students.student(one)
    wanted = crosswalk.expected("oneroster-1.2", [xpress.student(one)], on=START)
    outcomes = compare(wanted, generated.rows_as_facts(rows))
    assert [(each.path, each.outcome) for each in outcomes if each.outcome != KEPT] == []
    assert bool(wanted) == bool(rows)


def cells(facts: Iterable[Fact], file: str) -> dict[str, str]:
    """One row of a file as CSV has it."""
    row: dict[str, str] = {}
    for one in facts:
        if one.file == file:
            text = f"{{{one.value}}}" if one.path == "userIds" else one.value
            row[one.path] = f"{row[one.path]},{text}" if one.path in row else text
    return row


@pytest.mark.parametrize("name", EDGE_CASES)
def test_rows_of_the_sheets_are_right_for_the_older_comparison(name: str) -> None:
    document = xpress.student(EDGE_CASES[name].build(seed=2))
    facts = crosswalk.expected("oneroster-1.2", [document], on=START)
    if facts:
        judged = fidelity.compare(document, cells(facts, "users"), cells(facts, "demographics"))
        assert [(one.expected.field, one.actual) for one in judged if one.outcome != KEPT] == []
        assert len(judged) > 20


@pytest.mark.parametrize("model", ["na-3.3", "xpress-4.3"])
def test_releases_of_xpress_give_the_same_oneroster_rows(model: str) -> None:
    outcomes = compare(
        generated.wanted("oneroster-1.2", model, 2),
        generated.wanted("oneroster-1.2", "xpress-4.3", 2),
    )
    assert {one.outcome for one in outcomes} == {KEPT}
