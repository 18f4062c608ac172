"""What a run consists of: the rows in scope, their checks, and the identity of the suite."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from conformance import catalogue
from conformance.catalogue import Requirement
from conformance.problems import SuiteFault, UsageFault
from conformance.verifies import CheckSpec, load_checks

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Plan:
    """What will run: the rows in scope and the checks that verify them."""

    rows: dict[str, Requirement]
    checks: dict[str, CheckSpec]


def plan(role: str, tier: str, only: Sequence[str] = ()) -> Plan:
    """Rows of role and tier with their checks; `only` narrows to requirement, check or area.

    Raises UsageFault for a name in `only` that nothing answers to, SuiteFault for a check that
    names a requirement the catalogue does not hold.
    """
    everything = catalogue.load()
    rows = catalogue.select(everything, role, tier)
    checks = load_checks()
    for spec in checks.values():
        unknown = [name for name in spec.requirements if name not in everything]
        if unknown:
            raise SuiteFault(f"check {spec.id} names {unknown[0]}, which is in no catalogue")
    chosen = {name: spec for name, spec in checks.items() if set(spec.requirements) & set(rows)}
    if only:
        rows, chosen = _narrowed(rows, chosen, only)
    return Plan(rows, chosen)


def _narrowed(
    rows: dict[str, Requirement], checks: dict[str, CheckSpec], only: Sequence[str]
) -> tuple[dict[str, Requirement], dict[str, CheckSpec]]:
    wanted = set(only)
    chosen = {
        name: spec
        for name, spec in checks.items()
        if wanted & {name, f"check_{name}", spec.area, *spec.requirements}
    }
    found = {one for name, spec in chosen.items()
             for one in (name, f"check_{name}", spec.area, *spec.requirements)}  # fmt: skip
    missing = sorted(wanted - found)
    if missing:
        raise UsageFault(f"--only {missing[0]}: no check, area or checked requirement of this name")
    covered = {one for spec in chosen.values() for one in spec.requirements}
    named = wanted & set(rows)
    kept = {
        name: row
        for name, row in rows.items()
        if name in named or (name in covered and wanted - named)
    }
    return kept, chosen


def suite_version() -> str:
    """The version of the installed distribution, `0+unknown` when run from a checkout."""
    try:
        return metadata.version("sif-conformance-kit")
    except metadata.PackageNotFoundError:
        return "0+unknown"


@lru_cache(maxsize=1)
def suite_hash() -> str:
    """SHA-256 over names and bytes of what judges: all but the command line and the simulators."""
    digest = hashlib.sha256()
    files = [*HERE.rglob("*.py"), *HERE.rglob("*.toml"), HERE / "suite.ini"]
    named = sorted((str(file.relative_to(HERE)), file) for file in files)
    for name, file in named:
        if not name.startswith(("simulators", "cli")):
            digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
