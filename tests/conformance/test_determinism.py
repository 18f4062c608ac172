"""One seed gives one result, byte for byte, and no seed makes a conforming product stumble."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.claims import ROLES
from conformance.planning import plan
from conformance.runfile import FAIL, NOT_APPLICABLE, OUR_FAULT, PASS
from conformance.verifies import CheckSpec
from tests.conformance.judging import SEED
from tests.conformance.products import running

SEEDS = range(20)
# Where two checks of each area take long, a part that takes a second.
PARTS = {
    "receiver": "sif/create",
    "broker": "broker/documents",
    "consumer": "consumer/receipts",
    "oneroster-consumer": "oneroster_consumer/agreement",
}


def races(spec: CheckSpec) -> bool:
    """Whether a check lets many ask around one moment: then the answers are not the same."""
    lines = spec.source.read_text("utf-8").splitlines()[spec.line - 1 :]
    return " race(" in "\n".join(lines).partition("\n\n\n")[0]


def written(role: str, out: Path, *only: str) -> bytes:
    """The verdict file of one run against a new product, without the checks that race."""
    with running(role) as up:
        chosen = plan(role, "full", only)
        kept = {name: spec for name, spec in chosen.checks.items() if not races(spec)}
        folder = up.judged(seed=SEED, out=out, only=sorted(kept)).directory
    assert folder is not None
    return (folder / "verdict.json").read_bytes()


@pytest.mark.parametrize("role", ROLES)
def test_two_runs_with_one_seed_write_the_same_verdict(role: str, tmp_path: Path) -> None:
    only = PARTS.get(role, "quick")
    assert written(role, tmp_path, only) == written(role, tmp_path, only)


@pytest.mark.soak
@pytest.mark.parametrize("role", ROLES)
def test_two_whole_runs_with_one_seed_write_the_same_verdict(role: str, tmp_path: Path) -> None:
    assert written(role, tmp_path) == written(role, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("role", ROLES)
def test_no_seed_makes_a_conforming_product_stumble(role: str) -> None:
    verdicts = []
    for seed in SEEDS:
        with running(role) as up:
            checks = up.judged(seed=seed).verdict.checks
        wrong = [(seed, one.id, one.reason) for one in checks if one.verdict in (FAIL, OUR_FAULT)]
        assert wrong == []
        verdicts.append({one.id: one.verdict for one in checks})
    assert set(verdicts[0].values()) <= {PASS, NOT_APPLICABLE}
    flipped = {name for one in verdicts for name in one if one[name] != verdicts[0][name]}
    assert flipped == set()
