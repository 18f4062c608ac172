"""One run: choose the checks, let pytest call them, join the verdicts, leave the files behind."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from conformance import attestation, catalogue, exhibit, runfile, verdict
from conformance.evidence import Evidence, Observer
from conformance.planning import Plan, plan, suite_hash, suite_version
from conformance.problems import TargetError
from conformance.roles import Move, Setting, Tell, Tools, silent, tools_of
from conformance.target import TargetConfig
from conformance.verifies import CheckSpec
from conformance.wire import Limits, Wire

if TYPE_CHECKING:
    from conformance.plugin import Progress

HERE = Path(__file__).parent
_ARGUMENTS = (
    "--import-mode=importlib",
    "--assert=plain",
    "--capture=no",
    "--noconftest",
    *(f"-pno:{name}" for name in (
        "cacheprovider", "terminal", "junitxml", "pastebin", "doctest", "faulthandler", "logging",
        "unraisableexception", "threadexception", "stepwise", "debugging", "setuponly",
        "setupplan", "xdist", "warnings", "recwarn", "legacypath",
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `directory` is None when nothing was to be written."""

    verdict: runfile.Verdict
    directory: Path | None
    exit_code: int


ProgressReport = Callable[[runfile.Check, int, int], None]


def run(
    config: TargetConfig,
    *,
    seed: int | None = None,
    only: Sequence[str] = (),
    out: Path | None = None,
    observer: Observer | None = None,
    progress: ProgressReport | None = None,
    role: str | None = None,
    tier: str | None = None,
    fail_on: str = "must",
    examine: bool = True,
    planned: Plan | None = None,
    tell: Tell = silent,
    move: Move | None = None,
    form: Path | None = None,
) -> Outcome:
    """Judge one target; may be called many times in a process, also from inside pytest.

    With `out` the files go to `out/<run id>/`. `examine=False` leaves the doctor out;
    `planned` replaces the choice by role, tier and `only`; `tell` and `move` are those of
    `roles.Setting`; `form` is the attestation, in place of the one in the target file. Raises
    SetupFault when the target cannot be judged, UsageFault for an unknown name in `only`.
    """
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    role, tier = role or config.vendor.role, tier or config.vendor.tier
    planned = planned or plan(role, tier, only)
    _refuse_unknown_waivers(config)
    form = form or (Path(config.attestation) if config.attestation else None)
    attested = attestation.for_run(config, role, form)
    started = datetime.now(UTC)
    run_id = f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    directory = out / run_id if out is not None else None
    evidence = Evidence(directory / "run.jsonl" if directory else None, observer)
    evidence.secret(config.secret)
    with wire_to(config, evidence) as wire:
        setting = Setting(config, wire, evidence, seed, tell, move)
        with contextlib.closing(tools_of(role, setting)) as tools:
            header = _header(setting, tools, planned, role, tier, sorted(only), started, run_id)
            header = msgspec.structs.replace(header, attested=attested)
            if examine:
                evidence.check = "doctor"
                tools.examine()
            evidence.open(header)
            checks = _Conductor(setting, tools, planned, progress).conduct()
    result = _verdict(header, planned, checks, config, evidence)
    evidence.close()
    if directory is not None:
        _replace(directory / "verdict.json", runfile.canonical(result))
    return Outcome(result, directory, verdict.exit_code(result.requirements, checks, fail_on))


def _refuse_unknown_waivers(config: TargetConfig) -> None:
    known = catalogue.load()
    for waiver in config.waivers:
        if waiver.requirement not in known:
            near = get_close_matches(waiver.requirement, list(known), 1)
            fix = f"Did you mean {near[0]}?" if near else "`conformance list` shows all."
            key = f"{config.path}, [[waiver]] requirement = {waiver.requirement!r}"
            raise TargetError(key, "there is no such requirement.", fix)


def wire_to(config: TargetConfig, evidence: Evidence) -> Wire:
    """A wire with the limits of the target file."""
    endpoint = config.endpoint
    limits = Limits(
        endpoint.connect_seconds,
        endpoint.read_seconds,
        endpoint.total_seconds,
        int(endpoint.largest_body_mb * 1_000_000),
    )
    return Wire(limits, evidence, config.ca_file)


class _Conductor:
    """Runs the planned checks and collects one line for each."""

    def __init__(
        self,
        setting: Setting,
        tools: Tools,
        planned: Plan,
        progress: ProgressReport | None,
    ) -> None:
        self._setting = setting
        self._tools = tools
        self._config = setting.config
        self._evidence = setting.evidence
        self._plan = planned
        self._progress = progress
        self._lines: dict[str, runfile.Check] = {}

    def conduct(self) -> list[runfile.Check]:
        """All lines, sorted by id."""
        runnable: dict[str, CheckSpec] = {}
        for name, spec in self._plan.checks.items():
            reason = self._not_applicable(spec)
            if reason:
                self._add(spec, runfile.NOT_APPLICABLE, reason)
            else:
                runnable[name] = spec
        broken = self._call_pytest(runnable) if runnable else ""
        for name, spec in runnable.items():
            if name not in self._lines:
                self._add(spec, runfile.OUR_FAULT, f"the check did not run{broken}")
        return [self._lines[name] for name in sorted(self._lines)]

    def _not_applicable(self, spec: CheckSpec) -> str:
        """Why no row of the check applies, empty if one does."""
        reasons = []
        for name in spec.requirements:
            row = self._plan.rows.get(name)
            if row is None:
                continue
            lacking = [need for need in row.needs if need not in self._config.capabilities]
            version = self._config.endpoint.infrastructure
            if lacking:
                reasons.append(f"the target does not declare {', '.join(lacking)}")
            elif not catalogue.within(row, version):
                reasons.append(f"not in force in infrastructure {version}")
            else:
                return ""
        return reasons[0] if reasons else "no requirement in scope"

    def _call_pytest(self, runnable: dict[str, CheckSpec]) -> str:
        import pytest

        from conformance.plugin import SuitePlugin

        plugin = SuitePlugin(self._setting, self._tools, runnable, self._done)
        files = sorted({str(spec.source) for spec in runnable.values()})
        where = ("-c", str(HERE / "suite.ini"), "--rootdir", str(HERE / "checks"),
                 "--confcutdir", str(HERE / "checks"))  # fmt: skip
        with _own_environment():
            code = pytest.main([*_ARGUMENTS, *where, *files], plugins=[plugin, self._tools])
        if code == pytest.ExitCode.INTERRUPTED:
            raise KeyboardInterrupt
        if plugin.broken:
            return f": {', '.join(plugin.broken)} could not be imported"
        return "" if code in (0, 1) else f": pytest ended with {code!s}"

    def _done(self, spec: CheckSpec, progress: Progress) -> None:
        joined = verdict.join(case.verdict for case in progress.cases)
        leading = [case for case in progress.cases if case.verdict == joined]
        self._add(
            spec,
            joined,
            leading[0].reason if joined != runfile.PASS else "",
            [case.finding for case in progress.cases if case.finding is not None],
            progress.exchanges,
            len(progress.cases),
        )

    def _add(
        self,
        spec: CheckSpec,
        joined: str,
        reason: str,
        findings: Sequence[runfile.Finding] = (),
        exchanges: Sequence[int] = (),
        cases: int = 0,
    ) -> None:
        line = runfile.Check(
            id=spec.id,
            title=spec.title,
            requirements=list(spec.requirements),
            area=spec.area,
            negative=spec.negative,
            verdict=joined,
            reason=reason,
            findings=list(findings),
            exchanges=list(exchanges),
            cases=cases,
        )
        self._lines[spec.id] = line
        self._evidence.append(line)
        if self._progress is not None:
            self._progress(line, len(self._lines), len(self._plan.checks))


@contextlib.contextmanager
def _own_environment() -> Iterator[None]:
    """Keep the pytest settings of whoever starts us away from the suite."""
    before = {name: value for name, value in os.environ.items() if name.startswith("PYTEST")}
    for name in before:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("PYTEST")]:
            del os.environ[name]
        os.environ.update(before)


def _header(
    setting: Setting,
    tools: Tools,
    planned: Plan,
    role: str,
    tier: str,
    only: list[str],
    started: datetime,
    run_id: str,
) -> runfile.Header:
    config = setting.config
    names = sorted(planned.checks)
    vendor = {"name": config.vendor.name, "product": config.vendor.product,
              "version": config.vendor.version}  # fmt: skip
    return runfile.Header(
        format=runfile.FORMAT,
        suite_version=suite_version(),
        suite_hash=suite_hash(),
        planned=names,
        planned_hash=runfile.planned_hash(names),
        seed=setting.seed,
        role=role,
        tier=tier,
        only=only,
        variants=dict(config.variants),
        vendor=vendor,
        endpoint=tools.endpoint,
        started=started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        run_id=run_id,
        grant=exhibit.lines(tools.granted) if "pod" in config.capabilities else [],
    )


def _verdict(
    header: runfile.Header,
    planned: Plan,
    checks: Sequence[runfile.Check],
    config: TargetConfig,
    evidence: Evidence,
) -> runfile.Verdict:
    waivers = {one.requirement: one.line() for one in config.waivers}
    version = config.endpoint.infrastructure
    rows = verdict.requirements(planned.rows, checks, version, waivers)
    return runfile.Verdict(
        format=header.format,
        suite_version=header.suite_version,
        suite_hash=header.suite_hash,
        planned=header.planned,
        planned_hash=header.planned_hash,
        seed=header.seed,
        role=header.role,
        tier=header.tier,
        only=header.only,
        variants=header.variants,
        outcome=verdict.outcome(rows),
        counts=verdict.counts(rows),
        requirements=rows,
        checks=[verdict.stable_check(check) for check in checks],
        redaction={name: evidence.counts[name] for name in ("values", "secrets")},
        fidelity=sorted(evidence.tables, key=lambda table: table.form),
    )


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(data)
    draft.replace(path)
