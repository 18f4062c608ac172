"""The run directory as evidence: both files read, hashed, and held against each other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from conformance import runfile
from conformance.runfile import Exchange, RequirementVerdict, Run, RunFileError, Verdict

RUN_FILE = "run.jsonl"
VERDICT_FILE = "verdict.json"
REPEATS = "repro"
OUTCOMES = ("conforms", "does not conform", "could not decide")
_SHARED = ("format", "suite_version", "suite_hash", "planned_hash", "seed", "role", "tier", "only")
_OPEN = (runfile.NOT_VERIFIED, runfile.OUR_FAULT)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Source:
    """A run that both files tell alike. `hashes` maps file name to SHA-256 in lower-case hex.

    `repeats` are the shell texts of `repro/` that send a failing exchange again, by check.
    """

    run: Run
    verdict: Verdict
    requirements: dict[str, RequirementVerdict]
    exchanges: dict[int, Exchange]
    hashes: dict[str, str]
    repeats: dict[str, str]


def load(directory: Path) -> Source:
    """Read `run.jsonl` and `verdict.json` of a finished run.

    Raises RunFileError if a file is absent, cut, changed, of another format, or if the two
    contradict each other: a report must never be more favourable than the evidence.
    """
    run = _read(runfile.read_run, directory / RUN_FILE)
    verdict = _read(runfile.read_verdict, directory / VERDICT_FILE)
    _refuse_foreign_format(run, directory)
    _refuse_repeated(run, directory)
    _refuse_disagreement(run, verdict, directory)
    _refuse_embellished(verdict, directory)
    return Source(
        run=run,
        verdict=verdict,
        requirements={row.id: row for row in verdict.requirements},
        exchanges={exchange.number: exchange for exchange in run.exchanges},
        hashes={name: _sha256(directory / name) for name in (RUN_FILE, VERDICT_FILE)},
        repeats=_repeats(directory, run),
    )


def is_binding(level: str) -> bool:
    """Whether a requirement level obliges (MUST, MUST NOT), as opposed to recommends or allows."""
    return level.upper().startswith("MUST")


def _read(reader: Callable[[Path], _T], path: Path) -> _T:
    try:
        return reader(path)
    except OSError as error:
        raise RunFileError(
            f"{path} cannot be read ({error.strerror}); a report needs {RUN_FILE} and "
            f"{VERDICT_FILE} of a finished run. Run the suite again, or name another directory."
        ) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RunFileError(
            f"{path} is not a result of this suite ({error}). Run the suite again."
        ) from error


def _refuse_foreign_format(run: Run, directory: Path) -> None:
    if run.header.format != runfile.FORMAT:
        raise RunFileError(
            f"{directory / RUN_FILE} has the format {run.header.format!r}, this kit reads "
            f"{runfile.FORMAT!r}. Use the version of the kit that wrote it."
        )
    if run.header.planned_hash != runfile.planned_hash(run.header.planned):
        raise RunFileError(f"{directory / RUN_FILE} was changed: its list of planned checks was.")


def _refuse_repeated(run: Run, directory: Path) -> None:
    ids = [check.id for check in run.checks]
    repeated = (
        sorted({one for one in ids if ids.count(one) > 1}) if len(set(ids)) < len(ids) else []
    )
    if repeated:
        raise RunFileError(
            f"{directory / RUN_FILE} holds {repeated[0]} more than once; a check has one verdict."
        )


def _refuse_disagreement(run: Run, verdict: Verdict, directory: Path) -> None:
    differing = [name for name in _SHARED if getattr(run.header, name) != getattr(verdict, name)]
    judged = {check.id: check.verdict for check in run.checks}
    told = {check.id: check.verdict for check in verdict.checks}
    differing += sorted(one for one in judged.keys() | told if judged.get(one) != told.get(one))[:3]
    differing += _disagreement_on_own(run, verdict)
    if sorted(run.fidelity, key=lambda table: table.form) != verdict.fidelity:
        differing.append("fidelity")
    if differing:
        raise RunFileError(
            f"{directory}: {VERDICT_FILE} does not belong to {RUN_FILE}, they differ in "
            f"{', '.join(differing)}. Take both from the same run."
        )


def _disagreement_on_own(run: Run, verdict: Verdict) -> list[str]:
    """What both files do not tell alike of the vendor's own profile."""
    told = verdict.own_profile
    if (told.profile if told else None) != run.header.own_profile:
        return ["own_profile"]
    judged = {one.id: one.verdict for one in run.own}
    second = {one.id: one.verdict for one in told.checks} if told else {}
    return [] if judged == second else ["own_profile.checks"]


def _refuse_embellished(verdict: Verdict, directory: Path) -> None:
    if verdict.outcome not in OUTCOMES:
        raise RunFileError(
            f"{directory / VERDICT_FILE} has the unknown outcome {verdict.outcome!r}."
        )
    told = {check.verdict for check in verdict.checks}
    told |= {row.verdict for row in verdict.requirements}
    if unknown := sorted(told.difference(runfile.VERDICTS)):
        raise RunFileError(f"{directory / VERDICT_FILE} has the unknown verdict {unknown[0]!r}.")
    failed = {check.id for check in verdict.checks if check.verdict == runfile.FAIL}
    for row in verdict.requirements:
        if row.own_verdict == runfile.PASS and row.verdict in _OPEN:
            raise RunFileError(
                f"{directory / VERDICT_FILE} says {row.id} passed by the vendor's own profile, but "
                "it is open by the standard."
            )
        if row.verdict == runfile.PASS and failed.intersection(row.checks):
            raise RunFileError(
                f"{directory / VERDICT_FILE} says {row.id} passed, but one of its checks failed."
            )
        second = verdict.own_profile
        broken = is_binding(row.level) and row.own_verdict == runfile.FAIL
        if second and second.outcome == "conforms" and broken:
            raise RunFileError(
                f"{directory / VERDICT_FILE} says that the vendor conforms to its own profile, but "
                f"{row.id} does not."
            )
        if verdict.outcome == "conforms" and _is_open_breach(row):
            raise RunFileError(
                f"{directory / VERDICT_FILE} says 'conforms', but {row.id} failed without a waiver."
            )


def _is_open_breach(row: RequirementVerdict) -> bool:
    documented = is_binding(row.level) and row.basis == "documented"
    return documented and row.verdict == runfile.FAIL and not row.waiver


def _repeats(directory: Path, run: Run) -> dict[str, str]:
    files = {one.id: directory / REPEATS / f"{one.id}.sh" for one in run.checks}
    return {name: file.read_text("utf-8") for name, file in files.items() if file.is_file()}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
