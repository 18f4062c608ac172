"""All runs in a folder: per product, newest first, with what changed in words and in counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import msgspec

from conformance import runfile
from conformance.runfile import (
    FAIL,
    NOT_APPLICABLE,
    NOT_VERIFIED,
    OUR_FAULT,
    PASS,
    Header,
    Run,
    RunFileError,
)
from reports.sheet import sheet
from reports.source import RUN_FILE, VERDICT_FILE
from reports.words import count, listed

INDEX = "index.html"
LONGEST = 40  # lines of changes under one run
PAGES = ("summary.html", "report.html", VERDICT_FILE)
_ALIKE = {"suite_hash": "version of the suite", "tier": "tier", "only": "part of the test",
          "variants": "variant"}  # fmt: skip

Told = Callable[[Run, Run], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Past:
    """One run as the index knows it; `verdict` is None for a run without a result, and why."""

    folder: Path
    header: Header
    verdict: runfile.Verdict | None
    why: str = ""

    @property
    def whose(self) -> tuple[str, str, str]:
        """Vendor, product and role: runs of one product belong together."""
        vendor = self.header.vendor
        return vendor.get("name", ""), vendor.get("product", ""), self.header.role

    @property
    def started(self) -> datetime:
        """When the run started, with its time zone."""
        return datetime.fromisoformat(self.header.started)


@dataclass(frozen=True, slots=True)
class Step:
    """One run in the story of a product: its counts, a word on them, and what changed."""

    run: Past
    counts: tuple[int, ...]
    trend: str
    changes: tuple[str, ...]
    left_out: int
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A product: a sentence about its newest run, and its runs, newest first."""

    name: str
    role: str
    sentence: str
    steps: tuple[Step, ...]


COUNTED = ("met", "not met", "not decided", "not applicable")


def pasts(folder: Path) -> Iterator[Past]:
    """The runs in a folder by name; what is no run is passed by, links are not followed."""
    for one in sorted(folder.iterdir()):
        if one.is_symlink() or not one.is_dir() or not (one / RUN_FILE).is_file():
            continue
        header = _header(one / RUN_FILE)
        if header is not None and header.run_id == one.name:
            yield _past(one, header)


def _header(path: Path) -> Header | None:
    with path.open("rb") as file:
        line = file.readline()
    try:
        found = msgspec.json.decode(line, type=runfile.Line)
    except msgspec.MsgspecError:
        return None
    return found if isinstance(found, Header) else None


def _past(folder: Path, header: Header) -> Past:
    try:
        return Past(folder, header, runfile.read_verdict(folder / VERDICT_FILE))
    except FileNotFoundError:
        return Past(folder, header, None, "has no result: it was cut short or is still running")
    except (RunFileError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        return Past(folder, header, None, f"has a result that is not to be trusted: {error}")


def stories(found: Sequence[Past], told: Told) -> list[Story]:
    """One story per product, by name; `told` puts the change between two runs into words."""
    groups: dict[tuple[str, str, str], list[Past]] = {}
    for one in sorted(found, key=lambda one: (one.started, one.folder.name)):
        if one.verdict is not None:
            groups.setdefault(one.whose, []).append(one)
    return [_story(group, told) for _, group in sorted(groups.items())]


def _story(group: Sequence[Past], told: Told) -> Story:
    steps = [_step(None, group[0], told), *(_step(old, new, told) for old, new in pairwise(group))]
    newest = group[-1]
    vendor = newest.header.vendor
    name = vendor.get("product") or vendor.get("name") or "A product without a name"
    return Story(name, newest.header.role, _sentence(group, steps[-1]), tuple(reversed(steps)))


def _sentence(group: Sequence[Past], last: Step) -> str:
    newest = group[-1].verdict
    outcome = newest.outcome if newest else ""
    only = f" A part only: {', '.join(newest.only)}." if newest and newest.only else ""
    trend = f" Since the run before: {last.trend}." if len(group) > 1 else ""
    return f"{count(len(group), 'run')}; the newest says: {outcome}.{only}{trend}"


def _step(old: Past | None, new: Past, told: Told) -> Step:
    lines = list(told(_light(old), _light(new))) if old else []
    trend = _trend(old, new) if old else "the first run"
    pages = tuple(name for name in PAGES if (new.folder / name).is_file())
    left = max(0, len(lines) - LONGEST)
    return Step(new, _counts(new), trend, tuple(lines[:LONGEST]), left, pages)


def _counts(one: Past) -> tuple[int, ...]:
    counts = one.verdict.counts if one.verdict else {}
    unsure = counts.get(NOT_VERIFIED, 0) + counts.get(OUR_FAULT, 0)
    return counts.get(PASS, 0), counts.get(FAIL, 0), unsure, counts.get(NOT_APPLICABLE, 0)


def _trend(old: Past, new: Past) -> str:
    other = [what for name, what in _ALIKE.items() if _differ(old, new, name)]
    if other:
        return f"not comparable by count: another {listed(other, 'and')}"
    before, after = _counts(old), _counts(new)
    told = []
    for name, then, now in zip(COUNTED[1:3], before[1:3], after[1:3], strict=True):
        if then != now:
            told.append(f"{abs(now - then)} {'more' if now > then else 'fewer'} {name}")
    return ", ".join(told) or "as many not met and not decided as before"


def _differ(old: Past, new: Past, name: str) -> bool:
    return bool(getattr(old.header, name) != getattr(new.header, name))


def _light(one: Past) -> Run:
    """A run without its exchanges, which say nothing about a change of verdicts."""
    checks = one.verdict.checks if one.verdict else []
    end = runfile.End(finished="", sha256="")
    return Run(header=one.header, exchanges=[], checks=checks, end=end)


def history_page(found: Sequence[Past], told: Told) -> str:
    """The index of all runs as HTML."""
    unread = [one for one in found if one.verdict is None]
    known = stories(found, told)
    return sheet("history.html", stories=known, unread=unread, counted=COUNTED, total=len(found))
