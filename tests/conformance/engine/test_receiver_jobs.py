"""Checks of a receiver at the same time: the verdict is that of one after the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from conformance import independent, jobs, runfile, session, target
from conformance.claims import CAPABILITIES
from conformance.problems import UsageFault
from conformance.session import Outcome
from conformance.simulators import Receiver, offer_claims
from conformance.simulators.registry import registry
from conformance.verifies import load_checks
from tests.conformance.judging import SEED, served

# Independent areas around some that are not, and one of which a check runs alone.
AREAS = ("sif/delete", "sif/paging", "sif/update", "translation/sif_life", "translation/whole")
MUTANTS = ("DeleteAnswers200", "MiscountsTheLastPage", "UpdateReplaces")
ONE_OBJECT = re.compile(
    r"(GET|HEAD|PUT|DELETE) \S*/xStudents/[^/]+$|POST \S*/xStudents(/xStudent)?$"
    r"|(PUT|DELETE) \S*/xStudents$|POST \S*/pods/pod$|\w+ \S*/environments/[^/]+$"
)


def judged(product: type[Any], count: int, out: Path, only: tuple[str, ...] = AREAS) -> Outcome:
    """A run against a receiver, with so many jobs."""
    with served(product(needs_pod=False)) as places:
        table: dict[str, Any] = {
            "vendor": {"name": "Example Reading App"},
            "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
            "capabilities": dict.fromkeys(CAPABILITIES, True) | {"pod": False},
            **offer_claims(product),
            **places,
        }
        config = target.from_table(table, environ={})
        conduct = jobs.conducting("receiver", count, config.capabilities)
        return session.run(config, seed=SEED, only=only, out=out, examine=False, conduct=conduct)


def written(outcome: Outcome) -> bytes:
    """The verdict file."""
    assert outcome.directory is not None
    return (outcome.directory / "verdict.json").read_bytes()


def run_of(outcome: Outcome) -> runfile.Run:
    """The run file."""
    assert outcome.directory is not None
    return runfile.read_run(outcome.directory / "run.jsonl")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Outcome]:
    """A run against three mistakes at once, one check after the other and with two jobs."""
    out = tmp_path_factory.mktemp("runs")
    product = registry("receiver").compose(MUTANTS)
    return judged(product, 1, out), judged(product, 2, out)


@pytest.fixture(scope="module")
def conforming(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Outcome]:
    """The same for the conforming product."""
    out = tmp_path_factory.mktemp("runs")
    return judged(Receiver, 1, out), judged(Receiver, 2, out)


def test_two_jobs_give_a_conforming_receiver_the_same_verdict(
    conforming: tuple[Outcome, Outcome],
) -> None:
    one, two = conforming
    assert one.verdict.counts["fail"] == 0
    assert one.verdict.counts["pass"] >= 30
    assert written(one) == written(two)


def test_two_jobs_give_a_receiver_with_mistakes_the_same_verdict(
    both: tuple[Outcome, Outcome],
) -> None:
    one, two = both
    assert one.verdict.counts["fail"] >= 3
    assert written(one) == written(two)


def test_the_exchanges_stand_in_the_order_of_one_check_after_the_other(
    both: tuple[Outcome, Outcome],
) -> None:
    one, two = (
        [(line.check, line.request.start.partition(" ")[0]) for line in run_of(outcome).exchanges]
        for outcome in both
    )
    assert len(one) > 200
    assert one == two


def test_what_was_compared_is_told_of_two_jobs_too(conforming: tuple[Outcome, Outcome]) -> None:
    tables = conforming[1].verdict.fidelity
    assert [table.form for table in tables] == [
        table.form for table in conforming[0].verdict.fidelity
    ]
    assert len(tables) >= 1


@pytest.mark.parametrize("told", [{"query", "pod"}, {"delete"}])
def test_a_receiver_whose_checks_depend_on_each_other_is_told_why(told: set[str]) -> None:
    with pytest.raises(UsageFault, match=r"role receiver run one at a time: .* the last one is in"):
        jobs.conducting("receiver", 2, told)
    assert jobs.conducting("receiver", 1, told) is None


def test_every_area_that_is_called_independent_is_one() -> None:
    areas = {spec.area for spec in load_checks().values() if spec.role == "receiver"}
    told = independent.of_target("receiver", {"query"})
    assert told.areas <= areas
    assert told.but <= load_checks().keys()


def test_an_independent_check_asks_for_single_objects_only(
    conforming: tuple[Outcome, Outcome],
) -> None:
    assert strangers(run_of(conforming[0])) == set()


def strangers(run: runfile.Run) -> set[tuple[str, str]]:
    """Independent checks that asked for more than single objects, and what they asked for."""
    told, specs = independent.of_target("receiver", {"query"}), load_checks()
    found = set()
    for one in run.exchanges:
        start = one.request.start.rpartition(" ")[0].partition("?")[0].partition(";")[0]
        if one.check in specs and told(specs[one.check]) and not ONE_OBJECT.match(start):
            found.add((one.check, start))
    return found


@pytest.mark.soak
@pytest.mark.parametrize("mistake", ["", *MUTANTS])
def test_the_whole_run_of_a_receiver_is_the_same_with_three_jobs(
    tmp_path: Path, mistake: str
) -> None:
    product = registry("receiver").mutants[mistake] if mistake else Receiver
    one, three = judged(product, 1, tmp_path, ()), judged(product, 3, tmp_path, ())
    assert strangers(run_of(one)) == set()
    assert (one.verdict.counts["fail"] > 0) is bool(mistake)
    assert written(one) == written(three)
