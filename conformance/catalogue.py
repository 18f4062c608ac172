"""The requirements, read from `catalogue/*.toml`: the only place where they are described.

[[requirement]]
id = "INF-CRE-001"          # INF-, NEG-, POD-, REG-, TRN-: ids of the fact sheets; DAT-: our own
level = "MUST"              # MUST | MUST NOT | SHOULD | SHOULD NOT | MAY
derived = false             # true: the level is ours, read out of descriptive wording
basis = "documented"        # documented | inferred | profile
role = ["provider", "receiver"]    # receiver, consumer, broker: targets; suite: this suite itself
needs = ["create"]          # capabilities the target must declare, else not applicable
needs_for = { broker = ["pod"] }   # what a target of that role must declare instead
since = "3.0"               # infrastructure version, both ends included
until = ""
tier = "core"               # minimal | core | full; each includes those before it
tier_for = { broker = "full" }     # the tier in that role
area = "create"
source = "SIF Infrastructure 3.2.1, Base Architecture, 5.12"
text = "A single create is answered with 201 and the complete new object."
untestable = ""             # why no check can decide this from outside
untestable_for = { consumer = "" } # the same for that role; empty: a check can
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec

from conformance.problems import CatalogueError
from conformance.versions import numbers

LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY")
BASES = {
    "documented": "written in the standard or published by its owner",
    "inferred": "follows from the standard, not spelled out in it",
    "profile": "a rule of this profile, where the standard is silent",
}
TIERS = ("minimal", "core", "full")


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
    needs_for: dict[str, tuple[str, ...]] = {}
    tier_for: dict[str, str] = {}
    untestable_for: dict[str, str] = {}

    @property
    def must(self) -> bool:
        """Whether the outcome of a run hangs on this row."""
        return self.level in ("MUST", "MUST NOT")

    def needs_in(self, role: str) -> tuple[str, ...]:
        """The capabilities that a target of this role must declare."""
        return self.needs_for.get(role, self.needs)

    def tier_in(self, role: str) -> str:
        """The tier of the row for a target of this role."""
        return self.tier_for.get(role, self.tier)

    def untestable_in(self, role: str) -> str:
        """Why no check can decide this for a target of this role, empty if one can."""
        return self.untestable_for.get(role, self.untestable)

    def in_role(self, role: str) -> Requirement:
        """The row as it reads in this role: `needs`, `tier`, `untestable` are those of the role."""
        if not (self.needs_for or self.tier_for or self.untestable_for):
            return self
        return msgspec.structs.replace(
            self,
            needs=self.needs_in(role),
            tier=self.tier_in(role),
            untestable=self.untestable_in(role),
            needs_for={},
            tier_for={},
            untestable_for={},
        )


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
    for tier in row.tier_for.values():
        if tier not in TIERS:
            known = ", ".join(TIERS)
            raise CatalogueError(f"{file}: {row.id}: tier_for: {tier!r} is not one of {known}")
    for role in {*row.needs_for, *row.tier_for, *row.untestable_for} - set(row.role):
        raise CatalogueError(f"{file}: {row.id}: {role!r} is not one of its roles")
    if not row.role or not row.text or not row.source:
        raise CatalogueError(f"{file}: {row.id}: role, text and source must not be empty")


def within(row: Requirement, version: str) -> bool:
    """Whether the row is in force for this infrastructure version, e.g. `3.3`."""
    wanted = numbers(version)
    return (not row.since or numbers(row.since) <= wanted) and (
        not row.until or wanted <= numbers(row.until)
    )


def select(rows: dict[str, Requirement], role: str, tier: str = "full") -> dict[str, Requirement]:
    """The rows of a role up to a tier, as they read in that role."""
    tiers = TIERS[: TIERS.index(tier) + 1]
    own = {key: row.in_role(role) for key, row in rows.items() if role in row.role}
    return {key: row for key, row in own.items() if row.tier in tiers}
