"""Judge a recorded run again, offline: the checks run anew, the recording answers, or calls.

Where the suite is the client (SENDING), it sends the same requests and the recording answers. Where
the product calls (CALLERS), its recorded calls come again to the suite's own hub, from the first
check of the run on, since each rests upon what the hub and the product said before. The data is
drawn again from the seed, so that masks can be told where they stand for something of ours. What
cannot be played: answers written down in part only, values the product brought in itself,
handshakes, what went over another connection or by SFTP, and what somebody did behind a hub. All
that is `could not verify: not recorded`, never a failure of the vendor.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from conformance import runfile, target, target_doors, verdict
from conformance.claims import CALLERS
from conformance.planning import plan, suite_hash
from conformance.player import NOT_RECORDED, OPENS
from conformance.problems import TargetError, UsageFault
from conformance.recall import Memory
from conformance.staging import Staging, why_not_called
from conformance.target import TargetConfig
from conformance.target_files import HTTP
from conformance.target_files import ROLE as FILES
from conformance.target_tables import Operator
from conformance.wire import Capture

OFFLINE = "no-secret-is-needed-offline"
OFFLINE_SECOND = "nor-is-a-second-one"
# A replay sends nothing: `route.offline` holds every other connection back.
SENDING = ("receiver", "provider", "oneroster-provider", "edfi-receiver", "file-receiver")
REPLAYABLE = (*SENDING, *CALLERS)
_HIDDEN = (runfile.FAIL, runfile.OUR_FAULT)


@dataclass(frozen=True, slots=True)
class Replayed:
    """One check judged again: the recorded line, the new one, and what was played to it."""

    recorded: runfile.Check
    again: runfile.Check
    played: tuple[tuple[int, Capture], ...]

    @property
    def same(self) -> bool:
        """Whether both verdicts agree."""
        return self.recorded.verdict == self.again.verdict


@dataclass(frozen=True, slots=True)
class Replay:
    """Checks of a run judged again; `other_suite` if another suite recorded them."""

    checks: list[Replayed]
    requirements: list[runfile.RequirementVerdict]
    other_suite: bool
    memory: Memory

    @property
    def exit_code(self) -> int:
        """As of a run of these checks: 0 conforms, 1 does not, 2 could not decide, 4 our fault."""
        return verdict.exit_code(self.requirements, [one.again for one in self.checks])


def replay(run: runfile.Run, config: TargetConfig, only: Sequence[str] = ()) -> Replay:
    """Judge checks, areas or requirements of a recorded run; without `only` all that ran.

    `config` is the target as it was declared for the run. Raises UsageFault for a run that cannot
    be played, and for a name that nothing in the run answers to.
    """
    header = run.header
    _refuse_unplayable(run, config, only)
    planned = plan(header.role, header.tier, only or header.only)
    staging = Staging(run, _as_recorded(config, header))
    called = header.role in CALLERS
    outcome = staging.called(planned) if called else staging.asked(planned)
    other = header.suite_hash != suite_hash()
    lines = [one for one in outcome.verdict.checks if one.id in planned.checks]
    judged = _compared(run, lines, staging, other)
    again = [one.again for one in judged]
    rows = verdict.requirements(planned.rows, again, config.endpoint.infrastructure, {})
    return Replay(judged, rows, other, staging.player.memory)


def _refuse_unplayable(run: runfile.Run, config: TargetConfig, only: Sequence[str]) -> None:
    why, header = "", run.header
    if header.role in CALLERS:
        why = why_not_called(run, config)
    elif header.role not in REPLAYABLE:
        why = "checks move the district behind the hub, and leave something for the next"
    elif header.role == FILES and config.files.way != HTTP:
        why = f"its files went by {config.files.way}, and only HTTP can be played"
    if why:
        words = [f"--only {name}" for name in only or header.only]
        command = " ".join(
            ["conformance run", f"--role {header.role}", f"--seed {header.seed}", *words]
        )
        raise UsageFault(
            f"a run of role {header.role} cannot be replayed: {why}. What came and what was "
            f"answered stands in its run.jsonl and report.html. To judge again: {command}. "
            f"Roles that can be replayed: {', '.join(REPLAYABLE)}."
        )


def load_target(path: Path, header: runfile.Header) -> TargetConfig:
    """The target file of a run, without its secrets; raises TargetError for another product's."""
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TargetError(
            str(path), f"it cannot be read ({error}).", "Name the target file of the run."
        ) from None
    stand_ins = {"credentials": OFFLINE, "second": OFFLINE} | target_doors.OFFLINE
    for name, secret in stand_ins.items():
        if isinstance(told := table.get(name), dict):
            kept = {key: one for key, one in told.items() if not key.startswith("secret")}
            table[name] = kept | {"secret": secret}
    config = target.from_table(table, str(path), environ={})
    name = header.vendor.get("name", "")
    if config.vendor.name != name:
        seen = f"it is {config.vendor.name!r}, the run judged {name!r}."
        raise TargetError(f"{path}, [vendor] name", seen, "Name the target file of the run.")
    return config


def _as_recorded(config: TargetConfig, header: runfile.Header) -> TargetConfig:
    """The target with the address of the run, no secrets or waivers, and no commands to give."""
    # Where the product calls, the address of the run is that of the suite's own hub.
    url = header.endpoint if header.role in SENDING else config.endpoint.url
    endpoint = msgspec.structs.replace(config.endpoint, url=url)
    operator = Operator(url=config.operator.url, settle_seconds=config.operator.settle_seconds)
    files = msgspec.structs.replace(config.files, sftp="")
    return replace(
        config,
        secret=OFFLINE,
        second_secret=OFFLINE_SECOND,
        doors=config.doors.offline(),
        endpoint=endpoint,
        operator=operator,
        files=files,
        capabilities=config.capabilities - {"sftp"},
        route=replace(config.route, offline=True),
        waivers=(),
        attestation="",
    )


def _compared(
    run: runfile.Run, again: Sequence[runfile.Check], staging: Staging, other_suite: bool
) -> list[Replayed]:
    recorded = {one.id: one for one in run.checks}
    played: dict[str, list[tuple[int, Capture]]] = {}
    opened: list[tuple[int, Capture]] = []
    for check_id, number, capture in staging.played:
        if OPENS.match(f"{capture.method} {capture.url} "):
            opened.append((number, capture))
        played.setdefault(check_id, []).append((number, capture))
    for own in played.values() if run.header.role in SENDING else ():
        # A check that goes on in the environment of another one rests upon its opening.
        if not any(one in own for one in opened):
            own[:0] = [one for one in opened if one[0] < own[0][0]][-1:]
    found = []
    for check in again:
        mine = sorted(played.get(check.id, ()), key=lambda one: one[0])
        line = msgspec.structs.replace(check, exchanges=[number for number, _ in mine])
        before = recorded.get(check.id) or _absent(line)
        unknown = staging.hidden(check.id, line.exchanges)
        line = _without_blind_blame(line, before, unknown, other_suite)
        line = _without_blind_praise(line, before, staging.masked(before))
        line = _without_doubt(line, before, staging.doubt(check.id))
        # What a role prepares once is recorded under a name of its own.
        prepared = {
            number: capture
            for name, number, capture in staging.played
            if name != check.id and number in before.exchanges
        }
        whole = sorted((prepared | dict(mine)).items())
        found.append(Replayed(before, line, tuple(whole)))
    return found


def _without_blind_blame(
    check: runfile.Check, before: runfile.Check, unknown: int, other_suite: bool
) -> runfile.Check:
    """The verdict, unless it can come from what was not written down: that is nobody's failure.

    The suite that recorded comes to the same verdict of the same answers; if it does not, the
    answers were not the same.
    """
    # A failure for another reason than then may be one of the masks, not that of the product.
    otherwise = verdict.stable(check.reason) != verdict.stable(before.reason)
    blind = check.verdict == runfile.FAIL and unknown and otherwise and not other_suite
    if check.verdict == before.verdict and not blind:
        return check
    if check.verdict == runfile.NOT_VERIFIED:
        told = check.reason if NOT_RECORDED in check.reason else f"{NOT_RECORDED}: {check.reason}"
        return msgspec.structs.replace(check, reason=told)
    if unknown and check.verdict in _HIDDEN:
        reason = f"{NOT_RECORDED}: {unknown} values of the answers stayed masked"
    elif not other_suite:
        reason = f"{NOT_RECORDED}: the answers were written down without what decided then"
    else:
        return check
    return msgspec.structs.replace(
        check, verdict=runfile.NOT_VERIFIED, reason=reason, findings=[], blame=None
    )


def _without_blind_praise(
    check: runfile.Check, before: runfile.Check, masked: int
) -> runfile.Check:
    """The verdict, unless what failed then may be a value for which a stand-in was played."""
    if not masked or (before.verdict, check.verdict) != (runfile.FAIL, runfile.PASS):
        return check
    reason = f"{NOT_RECORDED}: {masked} values of what failed then stayed masked"
    return msgspec.structs.replace(check, verdict=runfile.NOT_VERIFIED, reason=reason)


def _without_doubt(check: runfile.Check, before: runfile.Check, doubt: str) -> runfile.Check:
    """The verdict, unless the hub of now was not where that of then was."""
    told = check.verdict in (runfile.PASS, runfile.FAIL) or check.verdict != before.verdict
    if not doubt or not told:
        return check
    return msgspec.structs.replace(
        check, verdict=runfile.NOT_VERIFIED, reason=doubt, findings=[], blame=None
    )


def _absent(check: runfile.Check) -> runfile.Check:
    return msgspec.structs.replace(
        check, verdict=runfile.NOT_VERIFIED, reason="not part of the run", findings=[]
    )
