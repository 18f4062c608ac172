"""Independent checks at the same time: areas in processes of their own, and one run file.

A part of a run is one area, judged with tools of its own; checks that depend on others are a part
that is judged before all. How many parts are judged at the same time changes nothing in them, and
they are put together as one check after the other would stand: so the same answers give the same
`verdict.json`, byte for byte, for any number of jobs.
"""

from __future__ import annotations

import contextlib
import itertools
import secrets
import tempfile
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import quote

from conformance import independent, runfile, session
from conformance.crew import Crew, Lost
from conformance.joining import Done, Joined
from conformance.planning import Plan
from conformance.problems import UsageFault
from conformance.roles import Setting, Tools
from conformance.session import Conduct, ProgressReport, Share
from conformance.target import TargetConfig
from conformance.verifies import CheckSpec

ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Part:
    """One area of a run, as it is handed to a process; `folder` is for its run file."""

    config: TargetConfig
    planned: Plan
    seed: int
    share: Share
    folder: str


def conducting(role: str, jobs: int, capabilities: Set[str] = frozenset()) -> Conduct | None:
    """How a run is conducted with so many jobs; None: one check after the other.

    `capabilities` are those of the target. Raises UsageFault for more than one job where the checks
    of the role depend on each other.
    """
    told = independent.of_target(role, capabilities)
    if told.everything or (told.areas and jobs > 1):
        return partial(_conduct, jobs)
    if jobs > 1:
        raise UsageFault(
            f"--jobs {jobs}: the checks of the role {role} run one at a time: {told.alone}. "
            f"Leave --jobs out. Roles that can: {', '.join(independent.roles())}."
        )
    return None


def judge(part: Part, progress: Callable[[runfile.Check], None]) -> Done:
    """Run the checks of one part, in whatever process this is."""
    outcome = session.run(
        part.config,
        seed=part.seed,
        out=Path(part.folder),
        progress=lambda check, *_: progress(check),
        role=next(spec.role for spec in part.planned.checks.values()),
        examine=False,
        planned=part.planned,
        share=part.share,
    )
    folder = outcome.directory or Path(part.folder)
    return Done(
        folder / "run.jsonl",
        outcome.verdict.redaction,
        outcome.answers_429,
        outcome.waited_seconds,
        outcome.silent,
        dict(outcome.concerned),
    )


def _conduct(
    jobs: int,
    setting: Setting,
    tools: Tools,
    planned: Plan,
    progress: ProgressReport | None,
) -> list[runfile.Check]:
    # What the doctor opened is closed: each part opens its own.
    tools.close()
    numbers = itertools.count(1)

    def tell(check: runfile.Check) -> None:
        if progress is not None:
            progress(check, next(numbers), len(planned.checks))

    areas, alone = areas_of(setting.config, planned)
    key = secrets.token_bytes(16)
    joined = Joined(setting)
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:

        def part(name: str, narrowed: Plan, jobs: int) -> Part:
            share = Share(name, key, setting.wire.silent)
            config = shared_out(setting.config, jobs, setting.wire.pacing.waited)
            return Part(config, narrowed, setting.seed, share, str(Path(folder) / quote(name, "")))

        def shared(place: int) -> Part:
            return part(*areas[place], min(jobs, len(areas)))

        if alone.checks:
            joined.hold(alone, judge(part(ALONE, alone, 1), tell))
        with _results(jobs, shared, len(areas), tell, setting.config) as results:
            for (_, narrowed), done in zip(areas, results, strict=True):
                joined.take(narrowed, done)
    return joined.whole()


def areas_of(config: TargetConfig, planned: Plan) -> tuple[list[tuple[str, Plan]], Plan]:
    """Parts that may be judged at the same time, sorted by name, and all the rest as one."""
    found: dict[str, dict[str, CheckSpec]] = {}
    alone: dict[str, CheckSpec] = {}
    for name, spec in planned.checks.items():
        told = independent.of_target(spec.role, config.capabilities)
        (found.setdefault(spec.area, {}) if told(spec) else alone)[name] = spec
    parts = [(area, replace(planned, checks=found[area])) for area in sorted(found)]
    return parts, replace(planned, checks=alone)


def shared_out(config: TargetConfig, jobs: int, waited: float) -> TargetConfig:
    """The target for one of so many processes: each asks and waits for its part only.

    `waited` are the seconds that the run has waited so far because of 429.
    """
    route = config.route
    left = max(0.0, route.longest_wait - waited)
    rate = route.requests_per_second / jobs
    route = replace(route, requests_per_second=rate, longest_wait=left / jobs)
    return replace(config, route=route, waivers=(), attestation="")


@contextlib.contextmanager
def _results(
    jobs: int,
    part: Callable[[int], Part],
    count: int,
    tell: Callable[[runfile.Check], None],
    config: TargetConfig,
) -> Iterator[Iterator[Done | Lost]]:
    if min(jobs, count) < 2:
        yield (judge(part(place), tell) for place in range(count))
        return
    patience = 2 * config.endpoint.total_seconds + 5
    with Crew(jobs, judge, tell, patience) as crew:
        yield crew.results(part, count)
