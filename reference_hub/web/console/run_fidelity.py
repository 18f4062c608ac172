"""What became of the made-up students in the last run, as a section of the page of a vendor.

Read from the run's verdict.json; each element is told as the kind of data of Exhibit B that it
falls under (profile), with the paths beside it for whoever wants them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from reference_hub.journeys import console_files
from reference_hub.model.console import ALL
from reference_hub.model.party import Vendor
from reference_hub.store import console_runs
from reference_hub.web.console import kinds_of_data
from reference_hub.web.console.panels import panel
from reference_hub.web.console.visit import Here
from reference_hub.web.services import services

_FATES = ("lost", "changed", "invented", "unseen")
Lines = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of data: its words, the elements under it, and how many of their values met which
    fate. `sent`: values that could be looked for."""

    words: str
    elements: tuple[str, ...] = ()
    kept: int = 0
    changed: int = 0
    lost: int = 0
    invented: int = 0
    unseen: int = 0
    unavoidable: int = 0

    @property
    def sent(self) -> int:
        """The values that arrived in whatever state, or should have."""
        return self.kept + self.changed + self.lost

    @property
    def is_harmed(self) -> bool:
        """Whether anything but what was sent stands there, or nobody could look."""
        return any(getattr(self, fate) for fate in _FATES)

    def fates(self) -> list[tuple[str, int]]:
        """What happened besides keeping: word and number of values."""
        return [(fate, getattr(self, fate)) for fate in _FATES if getattr(self, fate)]

    def with_line(self, line: Mapping[str, Any]) -> Kind:
        """With the values of one more element."""
        names = ("kept", "unavoidable", *_FATES)
        sums = {name: getattr(self, name) + int(line.get(name, 0)) for name in names}
        return replace(self, elements=(*self.elements, str(line["element"])), **sums)


@dataclass(frozen=True, slots=True)
class Told:
    """One form in which students were read back. `share`: of 100 values how many were kept, cut and
    not rounded, so that 99.96 is not all of them; None where no value could be looked for."""

    form: str
    students: int
    harmed: Sequence[Kind]
    whole: Sequence[Kind]
    placeless: Sequence[Kind]
    kept: int
    sent: int
    share: float | None


@panel("run_fidelity.html", ALL)
def fidelity(here: Here, vendor: Vendor) -> dict[str, object] | None:
    """The last run that has a result; None where there is none."""
    run = console_runs.last_judged(here.connection, vendor.id)
    place = console_files.result_folder(services().settings.console, run) if run else None
    if run is None or place is None:
        return None
    told = [_told(here, *table) for table in tables(place / "verdict.json")]
    return {"run": run, "told": told, "may_open": here.account.role != "vendor"}


def tables(path: Path) -> tuple[tuple[str, int, Lines], ...]:
    """Form, number of students and lines of each table; a run that ended changes no more."""
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, KeyError, TypeError, ValueError):
        return ()


@lru_cache(maxsize=128)
def _read(path: Path, _: int) -> tuple[tuple[str, int, Lines], ...]:
    found = console_files.read_json(path).get("fidelity") or ()
    return tuple((str(each["form"]), int(each["students"]), tuple(each["lines"])) for each in found)


def _told(here: Here, form: str, students: int, lines: Lines) -> Told:
    kinds: dict[str, Kind] = {}
    for line in lines:
        words = _words(here, str(line["element"]))
        kinds[words] = kinds.get(words, Kind(words)).with_line(line)
    seen = [kind for kind in kinds.values() if kind.sent or kind.is_harmed]
    kept, sent = sum(kind.kept for kind in seen), sum(kind.sent for kind in seen)
    return Told(
        form,
        students,
        harmed=[kind for kind in seen if kind.is_harmed],
        whole=[kind for kind in seen if not kind.is_harmed],
        placeless=[kind for kind in kinds.values() if kind.unavoidable],
        kept=kept,
        sent=sent,
        share=int(1000 * kept / sent) / 10 if sent else None,
    )


def _words(here: Here, element: str) -> str:
    titles, _ = kinds_of_data.of_paths(here.say, [element])
    return titles[0] if titles else here.say("fidelity.other")
