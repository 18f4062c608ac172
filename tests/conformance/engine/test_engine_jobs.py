"""Areas at the same time: the verdicts are those of one after the other, and nothing is left."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from conformance import jobs, runfile, session, target
from conformance.cli import main
from conformance.crew import Crew, Lost
from conformance.problems import UsageFault
from conformance.route import Route
from conformance.session import Outcome
from conformance.simulators import serve
from conformance.simulators.message import Request, Response
from conformance.simulators.provider import Provider
from conformance.simulators.registry import registry
from tests.conformance.engine.crew_work import third_ends
from tests.conformance.judging import SEED
from tests.conformance.oneroster_provider.judging import table_for as roster_table
from tests.conformance.provider.judging import table_for

AREAS = ("provider/messages", "provider/objects", "provider/conditions")
MISTAKES = ("CompressesUnasked", "DropsOrders", "DelaysOneObject")


def judged(count: int, out: Path, only: tuple[str, ...] = AREAS) -> Outcome:
    """A run against a provider with three mistakes."""
    with serve(registry("provider").compose(MISTAKES)()) as handle:
        config = target.from_table(table_for(handle.url), environ={})
        conduct = jobs.conducting("provider", count)
        return session.run(config, seed=SEED, only=only, out=out, conduct=conduct)


def written(outcome: Outcome) -> bytes:
    """The verdict file."""
    assert outcome.directory is not None
    return (outcome.directory / "verdict.json").read_bytes()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Outcome]:
    """The same run with one job and with two."""
    out = tmp_path_factory.mktemp("runs")
    return judged(1, out), judged(2, out)


def test_two_jobs_give_the_verdict_of_one_byte_for_byte(both: tuple[Outcome, Outcome]) -> None:
    one, two = both
    assert one.verdict.counts["fail"] >= 3
    assert written(one) == written(two)


def test_the_run_file_of_two_jobs_counts_on_and_closes(both: tuple[Outcome, Outcome]) -> None:
    assert both[1].directory is not None
    run = runfile.read_run(both[1].directory / "run.jsonl")
    numbers = [one.number for one in run.exchanges]
    assert numbers == list(range(1, len(numbers) + 1))
    assert run.exchanges[0].check == "doctor"


def test_a_finding_points_at_its_exchange_in_the_whole_run(both: tuple[Outcome, Outcome]) -> None:
    assert both[1].directory is not None
    run = runfile.read_run(both[1].directory / "run.jsonl")
    of = {one.number: one.check for one in run.exchanges}
    found = [(check.id, one) for check in run.checks for one in check.findings]
    assert len(found) >= 3
    assert [of[one.exchange] for _, one in found if one.exchange] == [name for name, _ in found]


def test_equal_values_have_equal_masks_in_every_part(both: tuple[Outcome, Outcome]) -> None:
    assert both[1].directory is not None
    run = runfile.read_run(both[1].directory / "run.jsonl")
    area = {check.id: check.area for check in run.checks}
    masks: dict[str, set[str]] = {name: set() for name in AREAS}
    for one in run.exchanges:
        if one.check in area and one.response is not None:
            masks[area[one.check]].update(re.findall(r"#[0-9a-f]{6}", one.response.body))
    assert len(set.intersection(*masks.values())) >= 20


def test_a_cap_on_the_rate_is_shared_out() -> None:
    config = target.from_table(table_for("http://127.0.0.1:9"), environ={})
    config = replace(config, route=Route(requests_per_second=6.0, longest_wait=90.0))
    shared = jobs.shared_out(config, 3, waited=30.0).route
    assert (shared.requests_per_second, shared.longest_wait) == (2.0, 20.0)


@pytest.mark.parametrize("role", ["edfi-receiver", "broker", "file-receiver", "publisher"])
def test_a_role_whose_checks_depend_on_each_other_is_told_why(role: str) -> None:
    with pytest.raises(UsageFault, match=f"the role {role} run one at a time: .* Leave --jobs"):
        jobs.conducting(role, 2)
    assert jobs.conducting(role, 1) is None


def test_the_command_refuses_jobs_before_it_sends_anything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMANCE_SECRET", "demo-secret-1")
    file = str(tmp_path / "conformance.toml")
    assert main(["init", "--role", "edfi-receiver", file]) == 0
    assert main(["run", "--target", file, "--jobs", "2", "--out", str(tmp_path / "runs")]) == 64
    assert "--jobs 2: the checks of the role edfi-receiver run one at" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


class Sluggish(Provider):
    """Takes its time, so that it is caught in the middle."""

    def route(self, request: Request) -> Response:
        time.sleep(0.02)
        return super().route(request)


def test_an_interrupted_run_ends_its_processes_and_cleans_up() -> None:
    product = Sluggish()
    met: list[int] = []

    def interrupt(check: runfile.Check, *_: int) -> None:
        met.append(len(product.state.sessions))
        raise KeyboardInterrupt

    with serve(product) as handle:
        config = target.from_table(table_for(handle.url), environ={})
        conduct = jobs.conducting("provider", 2)
        with pytest.raises(KeyboardInterrupt):
            session.run(config, seed=SEED, examine=False, progress=interrupt, conduct=conduct)
    assert met[0] >= 1
    assert product.state.sessions == {}


def test_a_process_that_ends_loses_its_own_task_only() -> None:
    told: list[int] = []
    with Crew(2, third_ends, told.append, 5.0) as crew:
        results = list(crew.results(lambda place: place + 1, 5))
    assert results == [10, 20, Lost(5), 40, 50]
    assert sorted(told) == [1, 2, 4, 5]


@pytest.mark.soak
def test_the_whole_run_of_a_provider_is_the_same_with_three_jobs(tmp_path: Path) -> None:
    assert written(judged(1, tmp_path, ())) == written(judged(3, tmp_path, ()))


@pytest.mark.soak
@pytest.mark.parametrize("mistakes", [(), ("StudentsAreLearners", "DemographicsOfNobody")])
def test_the_whole_run_of_a_oneroster_provider_is_the_same_with_three_jobs(
    tmp_path: Path, mistakes: tuple[str, ...]
) -> None:
    found = []
    for count in (1, 3):
        with serve(registry("oneroster-provider").compose(mistakes)()) as handle:
            config = target.from_table(roster_table(handle.url), environ={})
            conduct = jobs.conducting("oneroster-provider", count)
            outcome = session.run(config, seed=SEED, out=tmp_path, conduct=conduct)
        found.append(written(outcome))
    assert found[0] == found[1]
