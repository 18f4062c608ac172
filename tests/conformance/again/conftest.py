"""A faulty and a conforming vendor, and the run that found the faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance import runfile, session, target
from conformance.claims import CAPABILITIES
from conformance.repeats import write_repeats
from conformance.simulators import pod_claims, serve
from conformance.simulators.registry import registry
from conformance.target import TargetConfig

SECRET = "a-secret-of-the-tests"
SEED = 7
FAULTS = ("CreateAnswers200", "ErrorWithoutId", "AcceptsOldTimestamps", "CollapsesBlanks")
AREAS = ("sif/create", "sif/errors", "hmac_of_another_day_is_refused", "blanks_inside_a_name_stay")


def table_for(url: str) -> dict[str, Any]:
    """The target file of a simulated receiver with all capabilities."""
    return {
        "vendor": {"name": "Example Reading App"},
        "endpoint": {"url": url},
        "credentials": {"key": "demo-vendor", "secret": SECRET},
        "capabilities": dict.fromkeys(CAPABILITIES, True),
        "pod": pod_claims(),
    }


def config_for(url: str) -> TargetConfig:
    """The same, checked."""
    return target.from_table(table_for(url), environ={})


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run on disk, its target, and a conforming vendor to compare with."""

    folder: Path
    run: runfile.Run
    config: TargetConfig
    conforming: str

    def failed(self) -> list[str]:
        """The ids of the failed checks."""
        return [check.id for check in self.run.checks if check.verdict == runfile.FAIL]


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """A run of four areas against a vendor with four faults, which stays up."""
    known = registry("receiver")
    faulty, good = known.compose(FAULTS), known.compose(())
    with serve(faulty(secret=SECRET)) as handle, serve(good(secret=SECRET)) as other:
        config = config_for(handle.url)
        out = tmp_path_factory.mktemp("runs")
        outcome = session.run(config, seed=SEED, only=AREAS, out=out, examine=False)
        assert outcome.directory is not None
        write_repeats(outcome.directory, config)
        run = runfile.read_run(outcome.directory / "run.jsonl")
        yield Recorded(outcome.directory, run, config, other.url)
