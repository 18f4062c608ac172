"""What a run consists of: the rows in scope, their checks, and the identity of the suite."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from conformance import catalogue
from conformance.catalogue import Requirement
from conformance.problems import SuiteFault, UsageFault
from conformance.verifies import CheckSpec, load_checks

HERE = Path(__file__).parent
QUICK = "quick"


@dataclass(frozen=True, slots=True)
class Plan:
    """What will run: the rows in scope and the checks that verify them."""

    rows: dict[str, Requirement]
    checks: dict[str, CheckSpec]


def plan(role: str, tier: str, only: Sequence[str] = ()) -> Plan:
    """Rows of role and tier with their checks; `only` narrows to requirement, check or area.

    `quick` in `only` stands for one check that expects success and one that expects a refusal in
    each area, both of a binding rule. Raises UsageFault for a tier that the role does not know
    and a name in `only` that nothing answers to, SuiteFault for a check that names a requirement
    the catalogue does not hold.
    """
    everything = catalogue.load()
    rows = catalogue.select(everything, role, tier)
    if not rows:
        least = next(name for name in catalogue.TIERS if catalogue.select(everything, role, name))
        raise UsageFault(f"the role {role} has no tier {tier}; its least is {least}")
    checks = {name: spec for name, spec in load_checks().items() if spec.role == role}
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
    names = {name: _names(spec, rows) for name, spec in checks.items()}
    for name in _quick(rows, checks):
        names[name].add(QUICK)
    chosen = {name: spec for name, spec in checks.items() if wanted & names[name]}
    known = set().union(*names.values())
    for missing in sorted(wanted - known):
        raise UsageFault(_unknown(missing, known, rows))
    covered = {one for spec in chosen.values() for one in spec.requirements}
    named = wanted & set(rows)
    kept = {
        name: row
        for name, row in rows.items()
        if name in named or (name in covered and wanted - named)
    }
    return kept, chosen


def _names(spec: CheckSpec, rows: dict[str, Requirement]) -> set[str]:
    """Everything that `--only` may call a check by: id, area, requirement, requirement's area."""
    areas = {rows[one].area for one in spec.requirements if one in rows}
    return {spec.id, f"check_{spec.id}", spec.area, *spec.requirements, *areas}


def _quick(rows: dict[str, Requirement], checks: dict[str, CheckSpec]) -> Iterator[str]:
    met: set[tuple[str, bool]] = set()
    for name, spec in sorted(checks.items()):
        binding = any(rows[one].must for one in spec.requirements if one in rows)
        if binding and (spec.area, spec.negative) not in met:
            met.add((spec.area, spec.negative))
            yield name


def _unknown(name: str, known: set[str], rows: dict[str, Requirement]) -> str:
    if name in rows:
        return f"--only {name}: no check verifies it; `conformance explain {name}` says why"
    near = get_close_matches(name.upper(), known, 1) or get_close_matches(name, known, 1)
    hint = f"; did you mean {near[0]}?" if near else "; `conformance list` shows all"
    return f"--only {name}: no check, area or requirement of this name{hint}"


@lru_cache(maxsize=1)
def suite_version() -> str:
    """The version of the installed distribution, `0+unknown` when run from a checkout."""
    try:
        return metadata.version("sif-conformance-kit")
    except metadata.PackageNotFoundError:
        return "0+unknown"


@lru_cache(maxsize=1)
def suite_hash() -> str:
    """SHA-256 over names and bytes of what judges: not command line and simulators."""
    digest = hashlib.sha256()
    kinds = ("*.py", "*.toml", "body.xml", "*.xsl", "crosswalk/*.csv")
    files = [*(file for kind in kinds for file in HERE.rglob(kind)), HERE / "suite.ini"]
    # With slashes on every system: a run on Windows has the same hash.
    named = sorted((file.relative_to(HERE).as_posix(), file) for file in files)
    for name, file in named:
        if not name.startswith(("simulators", "cli")):
            digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
