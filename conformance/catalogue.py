"""The requirements, read from `catalogue/*.toml`: the only place where they are described.

[[requirement]]
id = "INF-CRE-001"          # INF-, NEG-, POD-, REG-, TRN-: ids of the fact sheets; DAT-: our own
level = "MUST"              # MUST | MUST NOT | SHOULD | SHOULD NOT | MAY
derived = false             # true: the level is ours, read out of descriptive wording
basis = "documented"        # documented | inferred | profile
role = ["provider", "receiver"]
needs = ["create"]          # capabilities the target must declare, else not applicable
since = "3.0"               # infrastructure version, both ends included
until = ""
tier = "core"               # core | full; full includes core
area = "create"
source = "SIF Infrastructure 3.2.1, Base Architecture, 5.12"
text = "A single create is answered with 201 and the complete new object."
untestable = ""             # why no check can decide this from outside
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec

from conformance.problems import CatalogueError

LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY")
BASES = {
    "documented": "written in the standard",
    "inferred": "follows from the standard, not spelled out in it",
    "profile": "a rule of this profile, where the standard is silent",
}
TIERS = ("core", "full")


class Requirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the catalogue."""

    id: str
    level: str
    basis: str
    role: tuple[str, ...]
    source: str
    text: str
    derived: bool = False
    needs: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    tier: str = "core"
    area: str = ""
    untestable: str = ""

    @property
    def must(self) -> bool:
        """Whether the outcome of a run hangs on this row."""
        return self.level in ("MUST", "MUST NOT")


class _File(msgspec.Struct, forbid_unknown_fields=True):
    requirement: list[Requirement] = []


def load() -> dict[str, Requirement]:
    """All rows by id, sorted; raises CatalogueError naming the file and the id."""
    return dict(_shipped())


@cache
def _shipped() -> Mapping[str, Requirement]:
    folder = resources.files("conformance") / "catalogue"
    files = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return read(sorted(files, key=lambda entry: entry.name))


def read(files: Iterable[Traversable]) -> dict[str, Requirement]:
    """Rows of these files by id, sorted by id."""
    rows: dict[str, Requirement] = {}
    for file in files:
        for row in _rows(file):
            if row.id in rows:
                raise CatalogueError(f"{file.name}: requirement {row.id} stands twice")
            rows[row.id] = row
    return dict(sorted(rows.items()))


def _rows(file: Traversable) -> list[Requirement]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        rows = msgspec.convert(table, _File).requirement
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise CatalogueError(f"{file.name}: {error}{_which(file, str(error))}") from error
    for row in rows:
        _refuse_unknown_words(file.name, row)
    return rows


def _which(file: Traversable, message: str) -> str:
    _, found, rest = message.partition("requirement[")
    if not found:
        return ""
    row = tomllib.loads(file.read_text(encoding="utf-8"))["requirement"][int(rest.split("]")[0])]
    return f" (id {row.get('id', 'missing')})"


def _refuse_unknown_words(file: str, row: Requirement) -> None:
    for word, allowed in ((row.level, LEVELS), (row.basis, BASES), (row.tier, TIERS)):
        if word not in allowed:
            raise CatalogueError(f"{file}: {row.id}: {word!r} is not one of {', '.join(allowed)}")
    if not row.role or not row.text or not row.source:
        raise CatalogueError(f"{file}: {row.id}: role, text and source must not be empty")


def within(row: Requirement, version: str) -> bool:
    """Whether the row is in force for this infrastructure version, e.g. `3.3`."""
    wanted = _numbers(version)
    return (not row.since or _numbers(row.since) <= wanted) and (
        not row.until or wanted <= _numbers(row.until)
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.rstrip("+").split(".") if part.isdigit())


def select(rows: dict[str, Requirement], role: str, tier: str = "full") -> dict[str, Requirement]:
    """The rows of a role up to a tier."""
    tiers = TIERS[: TIERS.index(tier) + 1]
    return {key: row for key, row in rows.items() if role in row.role and row.tier in tiers}
