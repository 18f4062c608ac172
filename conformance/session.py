"""One run: choose the checks, let pytest call them, join the verdicts, leave the files behind."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from conformance import (
    attestation,
    blame,
    catalogue,
    exhibit,
    runfile,
    verdict,
    versions,
    waivers,
    xpress_only,
)
from conformance.evidence import Evidence, Observer
from conformance.leftovers import Leftovers
from conformance.own_verdict import declared, held_against_own_profile, own_profile_told
from conformance.planning import Plan, plan, suite_hash, suite_version
from conformance.roles import Move, Setting, Tell, Tools, silent, tools_of
from conformance.session_pytest import call_pytest
from conformance.target import TargetConfig
from conformance.verifies import CheckSpec
from conformance.wire import Limits, Player, Wire

if TYPE_CHECKING:
    from conformance.plugin import Progress
    from conformance.understudy import Understudy


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `directory` is None when nothing was to be written.

    `answers_429` the target gave, and `waited_seconds` in all because of them; `silent` are the
    last requests in a row that got no answer. `concerned` is what the vendor's own profile says,
    by check.
    """

    verdict: runfile.Verdict
    directory: Path | None
    exit_code: int
    answers_429: int = 0
    waited_seconds: float = 0.0
    silent: int = 0
    concerned: Mapping[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Share:
    """What a part of a run has from the whole: its name, the key of masks, `silent` as above."""

    name: str
    key: bytes
    silent: int = 0


WHOLE = Share("", b"")

# A product changes, and so do those who rely on it: a result older than a year says little.
_VALID = timedelta(days=365)
ProgressReport = Callable[[runfile.Check, int, int], None]
Conduct = Callable[[Setting, Tools, Plan, ProgressReport | None], list[runfile.Check]]


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
    replay: Callable[[Evidence], Player] | None = None,
    understudy: Callable[[Evidence], Understudy | None] | None = None,
    conduct: Conduct | None = None,
    share: Share = WHOLE,
) -> Outcome:
    """Judge one target; may be called many times in a process, also from inside pytest.

    With `out` the files go to `out/<run id>/`. `examine=False` leaves the doctor out;
    `planned` replaces the choice by role, tier and `only`; `tell` and `move` are those of
    `roles.Setting`; `form` replaces the attestation of the target file, `replay` the network,
    `understudy` the product that calls, `conduct` one check after the other; `share` is that of a
    part of a run. Raises SetupFault for a target that cannot be judged, UsageFault for `only`.
    """
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    role, tier = role or config.vendor.role, tier or config.vendor.tier
    planned = planned or plan(role, tier, only)
    waivers.refuse_unknown(config.waivers, config.path)
    attested = attestation.for_run(config, role, form)
    started, run_id = _named()
    directory = out / run_id if out is not None else None
    evidence = Evidence(directory / "run.jsonl" if directory else None, observer, share.key or None)
    evidence.secret(config.secret)
    evidence.scrub.leftovers = Leftovers(seed)
    player = replay(evidence) if replay else None
    with wire_to(config, evidence, player, share.silent) as wire:
        caller = understudy(evidence) if understudy else None
        setting = Setting(config, wire, evidence, seed, tell, move, share.name, caller)
        with contextlib.closing(tools_of(role, setting)) as tools:
            header = header_of(setting, tools, planned, role, tier, sorted(only), started, run_id)
            if examine:
                evidence.check = "doctor"
                tools.examine()
            evidence.open(msgspec.structs.replace(header, attested=attested))
            checks = (conduct or _one_by_one)(setting, tools, planned, progress)
        # A part leaves the second verdict to the whole.
        own = [] if share.name else held_against_own_profile(setting, role, planned, checks)
    result = _verdict(header, planned, checks, config, evidence, own)
    paced = wire.pacing.refused, wire.pacing.waited
    evidence.close(*paced)
    if directory is not None:
        _replace(directory / "verdict.json", runfile.canonical(result))
    code = verdict.exit_code(result.requirements, checks, fail_on)
    return Outcome(result, directory, code, *paced, wire.silent, evidence.concerned)


def _named() -> tuple[datetime, str]:
    """When a run began, and the id that it has from that."""
    started = datetime.now(UTC)
    return started, f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def wire_to(
    config: TargetConfig, evidence: Evidence, player: Player | None = None, silent: int = 0
) -> Wire:
    """A wire with the limits of the target file; a player answers in place of the network."""
    endpoint = config.endpoint
    limits = Limits(
        endpoint.connect_seconds,
        endpoint.read_seconds,
        endpoint.total_seconds,
        int(endpoint.largest_body_mb * 1_000_000),
    )
    evidence.secret(*config.route.secrets)
    return Wire(limits, evidence, config.route, player, silent=silent)


def _one_by_one(
    setting: Setting, tools: Tools, planned: Plan, progress: ProgressReport | None
) -> list[runfile.Check]:
    return _Conductor(setting, tools, planned, progress).conduct()


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
        broken = ""
        if runnable:
            broken = call_pytest(self._setting, self._tools, runnable, self._done)
        for name, spec in runnable.items():
            if name not in self._lines:
                self._add(spec, runfile.OUR_FAULT, f"the check did not run{broken}")
        return [self._lines[name] for name in sorted(self._lines)]

    def _not_applicable(self, spec: CheckSpec) -> str:
        """Why no row of the check applies, empty if one does."""
        if reason := xpress_only.reason(self._config, spec):
            return reason
        reasons = []
        for name in spec.requirements:
            row = self._plan.rows.get(name)
            if row is None:
                continue
            version = self._config.endpoint.infrastructure
            lacking = [need for need in row.needs if need not in self._config.capabilities]
            early = versions.unknown_in(version, lacking)
            if early:
                known = " and ".join(f"{name} since {first}" for name, first in early.items())
                reasons.append(f"not in force in infrastructure {version}: {known}")
            elif lacking:
                reasons.append(f"the target does not declare {', '.join(lacking)}")
            elif not catalogue.within(row, version):
                reasons.append(f"not in force in infrastructure {version}")
            else:
                return ""
        return reasons[0] if reasons else "no requirement in scope"

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
            leading[0].kind,
        )

    def _add(
        self,
        spec: CheckSpec,
        joined: str,
        reason: str,
        findings: Sequence[runfile.Finding] = (),
        exchanges: Sequence[int] = (),
        cases: int = 0,
        kind: str = "",
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
            blame=blame.blame(spec.role, joined, kind, spec.requirements, findings),
        )
        self._lines[spec.id] = line
        self._evidence.append(line)
        if self._progress is not None:
            self._progress(line, len(self._lines), len(self._plan.checks))


def header_of(
    setting: Setting,
    tools: Tools,
    planned: Plan,
    role: str,
    tier: str,
    only: list[str],
    started: datetime,
    run_id: str,
) -> runfile.Header:
    """The first line of a run file; `only` narrows the plan, `run_id` names the folder."""
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
        own_profile=declared(config),
        started=started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        run_id=run_id,
        grant=exhibit.lines(tools.granted) if "pod" in config.capabilities else [],
        executor=config.vendor.tested_by,
        valid_until=(started + _VALID).date().isoformat(),
    )


def _verdict(
    header: runfile.Header,
    planned: Plan,
    checks: Sequence[runfile.Check],
    config: TargetConfig,
    evidence: Evidence,
    own: Sequence[runfile.OwnCheck],
) -> runfile.Verdict:
    lines = {one.requirement: one.line() for one in config.waivers}
    version = config.endpoint.infrastructure
    rows = verdict.requirements(planned.rows, checks, version, lines)
    rows = verdict.by_own_profile(rows, checks, own)
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
        redaction={name: evidence.counts[name] for name in runfile.REDACTED},
        fidelity=sorted(evidence.tables, key=lambda table: table.form),
        own_profile=own_profile_told(header, rows, own),
        waivers=waivers.held_against(config.waivers, rows),
        schema=runfile.VERDICT_SCHEMA,
        check_counts=runfile.counts(check.verdict for check in checks),
    )


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(data)
    draft.replace(path)
