"""Start a run of the suite as a process of its own, look after it, write down how it ended.

The suite is called by its command and read by its files: nothing of it is imported. A thread of
this hub looks after the process; when the hub stops, the process ends too (console_child) and the
run counts as interrupted.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from reference_hub.clock import Clock
from reference_hub.journeys import console_child, console_files
from reference_hub.journeys.console_target import poll_seconds, target
from reference_hub.model.console_run import CANCELLED, DOCTOR, ENDED, INTERRUPTED, LATE, Way
from reference_hub.model.party import Vendor
from reference_hub.model.vendor_kind import KINDS
from reference_hub.settings import Console
from reference_hub.store import audits, console_runs

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

log = structlog.get_logger(__name__)
_LOOK_SECONDS = 1.0
_SHORT_SECONDS = 120.0
DOCTOR_SECONDS = 180.0
# How often a run asks a product that comes for a visit, and how long it then waits for the end.
_VISITS, _QUIET_SECONDS = 250, 10.0


@dataclass(frozen=True, slots=True)
class Job:
    """A run that is noted and not yet started."""

    id: int
    kind: str
    folder: str
    quick: bool


def note(
    connection: Connection, vendor: Vendor, kind: str, quick: bool, way: Way, product: str,
    who: str, clock: Clock,
) -> Job | None:  # fmt: skip
    """Note a run of the vendor, before its process is started; None where one is going on. The way
    is kept, so that the same can be run again; of the secret only its place is."""
    name, now = clock.new_uuid(), clock.now()
    role = KINDS[way.kind].role
    options = {"role": role, "tier": "full", "quick": quick, "way": asdict(way), "product": product}
    run_id = console_runs.start(connection, vendor.scope, vendor.id, kind, name, options, who, now)
    if run_id is None:
        return None
    told = audits.Entry(f"console:{who}", f"started {kind}", "", 1, {"vendor": vendor.name})
    audits.add(connection, vendor.scope, now, told)
    return Job(run_id, kind, name, quick)


def begin(
    engine: Engine, settings: Console, job: Job, way: Way, names: tuple[str, str], secret: str,
    clock: Clock,
) -> threading.Thread:  # fmt: skip
    """Start the process of a job that is committed, and the thread that looks after it. `names`:
    party and product."""
    place = console_files.folder(settings, job.folder)
    place.mkdir(parents=True, mode=0o700)
    (place / "target.toml").write_text(target(way, *names, settings), "utf-8")
    only_look = job.kind == DOCTOR
    seconds = DOCTOR_SECONDS if only_look else most_seconds(settings, way)
    command = [sys.executable, "-m", console_child.__name__, str(seconds)]
    with (place / "stdout.txt").open("wb") as out, (place / "progress.jsonl").open("wb") as err:
        process = subprocess.Popen(  # noqa: S603 the suite, by the settings
            [*command, *_command(settings, job)],
            cwd=place,
            env=console_files.environ(secret),
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=err,
        )
    watch = _Watch(engine, settings, job, process, clock)
    thread = threading.Thread(target=watch.until_end, name=f"run-{job.id}", daemon=True)
    thread.start()
    return thread


def most_seconds(settings: Console, way: Way) -> float:
    """How long a run of such a product may take: one that comes by itself, at its own pace, longer
    than one that is called."""
    if not KINDS[way.kind].comes:
        return settings.run_seconds
    return settings.run_seconds + _VISITS * (poll_seconds(way) + _QUIET_SECONDS)


def _command(settings: Console, job: Job) -> list[str]:
    program = console_files.command(settings)
    if job.kind == DOCTOR:
        return [program, "doctor", "--target", "target.toml", "--json"]
    narrowed = ["--quick"] if job.quick else []
    whole = [program, "run", "--target", "target.toml", "--out", "out", "--progress", "json"]
    return [*whole, *narrowed]


@dataclass(frozen=True, slots=True)
class _Watch:
    engine: Engine
    settings: Console
    job: Job
    process: subprocess.Popen[bytes]
    clock: Clock

    def until_end(self) -> None:
        """Say each second that the run is alive; stop it when somebody asks for that."""
        stopped = False
        while True:
            try:
                code = self.process.wait(_LOOK_SECONDS)
                break
            except subprocess.TimeoutExpired:
                if not stopped and not self._goes_on() and self.process.stdin:
                    self.process.stdin.close()
                    stopped = True
        if self.process.stdin:
            self.process.stdin.close()
        self._write_down(code, stopped)

    def _goes_on(self) -> bool:
        try:
            with self.engine.begin() as connection:
                return console_runs.beat(connection, self.job.id)
        except Exception as error:
            # A store that is away for a while is no reason to stop a run.
            log.warning("run not noted", run=self.job.id, error=type(error).__name__)
            return True

    def _write_down(self, code: int, stopped: bool) -> None:
        state = CANCELLED if stopped else ENDED
        if code == console_child.LATE:
            state = LATE
        elif code < 0 and not stopped:
            state = INTERRUPTED
        result = read_result(self.settings, self.job)
        with self.engine.begin() as connection:
            told = code if state == ENDED else None
            console_runs.end(connection, self.job.id, state, told, result, self.clock.now())


def read_result(settings: Console, job: Job) -> Mapping[str, object]:
    """What the suite wrote down, by its files alone."""
    place = console_files.folder(settings, job.folder)
    if job.kind == DOCTOR:
        return dict(console_files.read_json(place / "stdout.txt"))
    written = next(iter(sorted(place.glob("out/*/verdict.json"))), None)
    if written is None:
        return {"said": console_files.last_words(place / "progress.jsonl")}
    verdict = console_files.read_json(written)
    kept = ("outcome", "counts", "suite_version", "seed")
    return {name: verdict.get(name) for name in kept} | {"name": written.parent.name}


@dataclass(frozen=True, slots=True)
class Said:
    """What a short call of the suite answered."""

    code: int
    text: str
    fault: str


def ask(
    settings: Console, arguments: Sequence[str], cwd: Path, seconds: float = _SHORT_SECONDS
) -> Said:
    """Call the suite and wait, for what is done in seconds: bundle, verify, compare, generate.
    Code LATE where it was not."""
    try:
        done = subprocess.run(  # noqa: S603 the suite, by the settings
            [console_files.command(settings), *arguments],
            cwd=cwd,
            env=console_files.environ(""),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Said(console_child.LATE, "", "")
    said, fault = (each.decode("utf-8", "replace") for each in (done.stdout, done.stderr))
    return Said(done.returncode, said, fault[-500:])
