"""When a check was last green: the earlier runs of the same product in the folder of runs.

Read from the first line of each `run.jsonl` and from its `verdict.json`. A run that cannot be read
is passed over: the page is about this run, and `conformance report` tells what ails the other one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from conformance.runfile import FAIL, PASS, Header, RunFileError, read_verdict

LOOKED_AT = 30


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """One run before this one: its folder's name, start (ISO 8601) and verdicts by check."""

    name: str
    started: str
    version: str
    suite_hash: str
    verdicts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LastGreen:
    """When one check last passed: `run` None if it never did in the `looked_at` runs.

    `since` is the run in which the failures since then began, None if this is the first.
    """

    run: EarlierRun | None
    since: EarlierRun | None
    looked_at: int


def earlier_runs(directory: Path, header: Header) -> list[EarlierRun]:
    """Up to 30 runs of the same product and role beside this one that began before it, newest
    first."""
    told = [(_header(one), one) for one in _beside(directory)]
    same = [(one, folder) for one, folder in told if one and _is_before(one, header)]
    same.sort(key=lambda pair: (pair[0].started, pair[1].name), reverse=True)
    read = (_run(one, folder) for one, folder in same[:LOOKED_AT])
    return [run for run in read if run is not None]


def last_green(check: str, runs: Sequence[EarlierRun]) -> LastGreen:
    """Look a check up in runs that stand newest first; those that did not judge it do not count."""
    judged = [run for run in runs if run.verdicts.get(check) in (PASS, FAIL)]
    since = None
    for run in judged:
        if run.verdicts[check] == PASS:
            return LastGreen(run, since, len(judged))
        since = run
    return LastGreen(None, since, len(judged))


def _beside(directory: Path) -> list[Path]:
    whole = directory.resolve()
    folders = (file.parent for file in whole.parent.glob("*/run.jsonl"))
    return [folder for folder in folders if folder != whole]


def _header(folder: Path) -> Header | None:
    try:
        with (folder / "run.jsonl").open("rb") as file:
            return msgspec.json.decode(file.readline(), type=Header)
    except (OSError, msgspec.MsgspecError):
        return None


def _is_before(one: Header, this: Header) -> bool:
    return (
        one.started < this.started
        and one.role == this.role
        and _product(one) == _product(this)
        and urlsplit(one.endpoint).hostname == urlsplit(this.endpoint).hostname
    )


def _product(header: Header) -> str:
    return header.vendor.get("product") or header.vendor.get("name", "")


def _run(header: Header, folder: Path) -> EarlierRun | None:
    try:
        verdict = read_verdict(folder / "verdict.json")
    except (OSError, msgspec.MsgspecError, RunFileError):
        return None
    verdicts = {check.id: check.verdict for check in verdict.checks}
    version = header.vendor.get("version", "")
    return EarlierRun(folder.name, header.started, version, header.suite_hash, verdicts)
