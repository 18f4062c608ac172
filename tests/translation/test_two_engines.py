"""TRN-PR-13: the hub's tables and the judge's style sheets, which share no code, agree.

What they do not agree in stands in differences.csv with the reason, and nothing else does.
"""

from __future__ import annotations

import pytest

from conformance.crosswalk.compared import KEPT
from tests.conformance.crosswalk import test_golden
from tests.translation import twins

SOAK = [pytest.param(seed, marks=pytest.mark.soak) for seed in range(3, 21)]


@pytest.mark.requirement("TRN-PR-13")
@pytest.mark.parametrize("target", twins.TARGETS)
@pytest.mark.parametrize("model", twins.MODELS)
def test_hub_and_judge_agree_on_two_districts(model: str, target: str) -> None:
    outcomes = [one for seed in (1, 2) for one in twins.of_district(target, model, seed)]
    assert sum(one.outcome == KEPT for one in outcomes) > 4000
    known = twins.listed("generated", target, model)
    assert twins.faults(known, twins.unlike(outcomes)) == []


@pytest.mark.parametrize("seed", SOAK)
@pytest.mark.parametrize("target", twins.TARGETS)
@pytest.mark.parametrize("model", twins.MODELS)
def test_hub_and_judge_agree_on_further_districts(model: str, target: str, seed: int) -> None:
    # Rare ones need a student whom the first two districts do not have.
    known = [x for name in ("generated", "rare") for x in twins.listed(name, target, model)]
    found = twins.unlike(twins.of_district(target, model, seed))
    stray = [one for one in twins.faults(known, found) if not one.startswith("idle")]
    assert stray == []


@pytest.mark.parametrize("target", twins.TARGETS)
def test_hub_writes_what_people_wrote_by_hand(target: str) -> None:
    cases = [name for name in test_golden.NAMES if target in test_golden.golden(name)["expect"]]
    assert cases
    found = {one for name in cases for one in twins.unlike(twins.of_golden(name, target))}
    assert twins.faults(twins.listed("golden", target), found) == []


def test_every_difference_has_a_reason_in_words() -> None:
    rows = [row for corpus in ("generated", "rare", "golden") for target in twins.TARGETS
            for row in twins.listed(corpus, target)]  # fmt: skip
    assert len(rows) > 10
    assert [row for row in rows if len(row["reason"].split()) < 5] == []
