"""Independent checks at the same time: areas in processes of their own, and one run file.

A part of a run is one area, judged with tools of its own. How many parts are judged at the same
time changes nothing in them, and they are put together in the order of their names: so the same
answers give the same `verdict.json`, byte for byte, for any number of jobs.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec

from conformance import blame, runfile, session
from conformance.crew import Crew, Lost
from conformance.planning import Plan
from conformance.problems import UsageFault
from conformance.roles import Setting, Tools
from conformance.session import Conduct, ProgressReport, Share
from conformance.target import TargetConfig
from conformance.verifies import CheckSpec

READERS = ("provider", "oneroster-provider")
_WHY = {
    "receiver": "checks count what the vendor holds, and would count what others just created",
    "edfi-receiver": "checks count what the host holds, and would count what others just created",
    "file-receiver": "each file says what the product holds from then on",
    "broker": "checks move the one district behind the hub",
    "consumer": "the product calls, and its calls do not say which check they are for",
    "oneroster-consumer": "the product calls, and its calls do not say which check they are for",
    "publisher": "the product calls, and its calls do not say which check they are for",
}
_NUMBER = re.compile(r"(?<=\(exchange )\d+(?=\))")


@dataclass(frozen=True, slots=True)
class Part:
    """One area of a run, as it is handed to a process; `folder` is for its run file."""

    config: TargetConfig
    planned: Plan
    seed: int
    share: Share
    folder: str


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a part: its run file, how much was masked in it, what the target cost it."""

    lines: Path
    masked: dict[str, int]
    answers_429: int
    waited_seconds: float
    silent: int


def conducting(role: str, jobs: int) -> Conduct | None:
    """How a run of this role is conducted with so many jobs; None: one check after the other.

    Raises UsageFault for more than one job where the checks of the role depend on each other.
    """
    if role in READERS:
        return partial(_conduct, jobs)
    if jobs > 1:
        raise UsageFault(
            f"--jobs {jobs}: the checks of the role {role} run one at a time: {_WHY[role]}. "
            f"Leave --jobs out. Roles that can: {', '.join(READERS)}."
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

    areas = _areas(planned)
    key = secrets.token_bytes(16)
    checks: list[runfile.Check] = []
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:

        def part(place: int) -> Part:
            name, narrowed = areas[place]
            share = Share(name, key, setting.wire.silent)
            waited = setting.wire.pacing.waited
            config = shared_out(setting.config, min(jobs, len(areas)), waited)
            return Part(config, narrowed, setting.seed, share, str(Path(folder) / str(place)))

        with _results(jobs, part, len(areas), tell, setting.config) as results:
            for (_, narrowed), done in zip(areas, results, strict=True):
                checks += _taken(setting, narrowed, done)
    return sorted(checks, key=lambda check: check.id)


def _areas(planned: Plan) -> list[tuple[str, Plan]]:
    """The parts of a plan, sorted by name; each keeps all rows."""
    found: dict[str, dict[str, CheckSpec]] = {}
    for name, spec in planned.checks.items():
        found.setdefault(spec.area, {})[name] = spec
    return [(area, replace(planned, checks=found[area])) for area in sorted(found)]


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


def _taken(setting: Setting, planned: Plan, done: Done | Lost) -> list[runfile.Check]:
    """Put a part into the run: its lines with new numbers, and what it cost."""
    if isinstance(done, Lost):
        return _lost(setting, planned, f"the process of its area ended with {done.exit_code}")
    evidence, wire = setting.evidence, setting.wire
    before = evidence.number
    checks = []
    for line in runfile.read_lines(done.lines):
        if isinstance(line, runfile.Header | runfile.End):
            continue
        moved = _moved(line, before)
        evidence.adopt(moved)
        if isinstance(moved, runfile.Check):
            checks.append(moved)
    evidence.counts.update(done.masked)
    wire.pacing.refused += done.answers_429
    wire.pacing.waited += done.waited_seconds
    wire.silent = done.silent
    return checks


def _lost(setting: Setting, planned: Plan, reason: str) -> list[runfile.Check]:
    lines = [
        runfile.Check(
            id=spec.id,
            title=spec.title,
            requirements=list(spec.requirements),
            area=spec.area,
            negative=spec.negative,
            verdict=runfile.OUR_FAULT,
            reason=reason,
            findings=[],
            exchanges=[],
            cases=0,
            blame=blame.blame(spec.role, runfile.OUR_FAULT, "", spec.requirements),
        )
        for spec in planned.checks.values()
    ]
    for line in lines:
        setting.evidence.adopt(line)
    return lines


def _moved(line: runfile.Line, before: int) -> runfile.Line:
    """A line of a part in the run: numbers of exchanges, also in words, count on from there."""
    if isinstance(line, runfile.Exchange):
        return msgspec.structs.replace(line, number=line.number + before)
    if not isinstance(line, runfile.Check | runfile.OwnCheck):
        return line
    return msgspec.structs.replace(
        line,
        reason=_renumbered(line.reason, before),
        findings=[_moved_finding(one, before) for one in line.findings],
        exchanges=[one + before for one in line.exchanges],
    )


def _moved_finding(one: runfile.Finding, before: int) -> runfile.Finding:
    number = None if one.exchange is None else one.exchange + before
    return msgspec.structs.replace(one, exchange=number, summary=_renumbered(one.summary, before))


def _renumbered(text: str, before: int) -> str:
    return _NUMBER.sub(lambda match: str(int(match.group()) + before), text)
