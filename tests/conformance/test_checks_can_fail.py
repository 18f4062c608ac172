"""A check that cannot fail proves nothing: each one is held against vendors that do it wrong.

`conformance/kill-matrix.json` says which mutants each check was seen to fail, and for which code.
Every run proves it again for the checks that are named there; with FULL_KILL_MATRIX=1 each mutant
meets all checks (minutes), and UPDATE_KILL_MATRIX=1 does that and writes the file.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import pytest

from conformance import catalogue, planning
from conformance.coverage import KILL_MATRIX
from conformance.simulators.registry import registry
from conformance.verifies import load_checks
from tests.conformance.judging import JUDGED, MUTANTS, judge_mutant, judge_of, with_verdict

CHECKS = {name: spec for name, spec in load_checks().items() if spec.role in JUDGED}
EVERY = [(role, name) for role in JUDGED for name in sorted(MUTANTS[role])]
ORDINARY = [(role, name) for role, name in EVERY if not MUTANTS[role][name].special]
SPECIAL = [(role, name) for role, name in EVERY if MUTANTS[role][name].special]
UPDATE = bool(os.environ.get("UPDATE_KILL_MATRIX"))
FULL = UPDATE or bool(os.environ.get("FULL_KILL_MATRIX"))
SOME_AREAS = {
    "receiver": ("sif/create", "sif/delete", "pod/gate", "translation/identity"),
    "provider": ("provider/objects", "provider/pages"),
}
# Some mistakes show only after what other checks have done; one such check is mostly enough.
AFTER = {
    "consumer": "a_delayed_error_is_no_error_of_the_queue",
    "publisher": "a_broken_hub_is_not_hammered",
}


def material_hash() -> str:
    """SHA-256 over simulators, mutants and payloads: what the suite hash leaves out."""
    digest = hashlib.sha256()
    kinds = ("simulators/**/*.py", "simulators/**/*.txt", "cases/**/*.xml")
    for file in sorted(file for kind in kinds for file in planning.HERE.glob(kind)):
        name = file.relative_to(planning.HERE).as_posix()
        digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


@lru_cache(maxsize=1)
def recorded() -> dict[str, Any]:
    """The kill matrix on disk, empty if there is none."""
    if not KILL_MATRIX.exists():
        return {"kills": {}}
    matrix: dict[str, Any] = json.loads(KILL_MATRIX.read_text("utf-8"))
    return matrix


def killers(role: str, name: str) -> list[str]:
    """The checks of the role that were seen to fail this mutant, as far as they still exist."""
    return sorted(
        check
        for check, names in recorded()["kills"].items()
        if name in names and check in CHECKS and CHECKS[check].role == role
    )


def checked(role: str) -> set[str]:
    """The requirements that the checks of a role verify."""
    return {one for spec in CHECKS.values() if spec.role == role for one in spec.requirements}


def declared(role: str, name: str) -> set[str]:
    """The requirements that a mutant says it breaks."""
    return {*MUTANTS[role][name].breaks, *MUTANTS[role][name].also}


@pytest.mark.parametrize("role", JUDGED)
def test_the_conforming_product_passes_every_check_of_its_role(role: str) -> None:
    checks = judge_of(role)(registry(role).conforming, (), 0.0)
    assert [f"{check.id}: {check.reason}" for check in checks if check.verdict != "pass"] == []
    assert len(checks) == sum(spec.role == role for spec in CHECKS.values())


@pytest.mark.parametrize(("role", "name"), ORDINARY)
def test_mutant_fails_exactly_what_it_declares(role: str, name: str) -> None:
    only = [] if FULL else killers(role, name)
    assert FULL or only, f"{name} is in no row of {KILL_MATRIX.name}: set UPDATE_KILL_MATRIX=1"
    checks = judge_mutant(role, name, only)
    failed = with_verdict(checks, "fail")
    if not FULL and sorted(failed) != only and role in AFTER:
        checks = judge_mutant(role, name, [*only, AFTER[role]])
        failed = with_verdict(checks, "fail")
    if not FULL and sorted(failed) != only:
        # What one check leaves behind can keep the next from its verdict.
        checks = [one for check in only for one in judge_mutant(role, name, [check])]
        failed = with_verdict(checks, "fail")
    if not FULL and sorted(failed) != only:
        checks = judge_mutant(role, name)
        failed = with_verdict(checks, "fail")
    found = {one for check in failed.values() for one in check.requirements}
    assert found == declared(role, name)
    assert with_verdict(checks, "our fault") == {}
    assert FULL or sorted(failed) == only


@pytest.mark.parametrize(("role", "name"), SPECIAL)
def test_special_mutant_is_never_our_fault_and_never_conforms(role: str, name: str) -> None:
    some = SOME_AREAS.get(role, ())
    checks = judge_mutant(role, name, () if FULL else killers(role, name) or some)
    assert with_verdict(checks, "our fault") == {}
    assert len(with_verdict(checks, "pass")) < len(checks)


def test_every_check_is_failed_by_a_mutant() -> None:
    assert sorted(set(CHECKS) - {name for name, who in recorded()["kills"].items() if who}) == []


@pytest.mark.parametrize("role", JUDGED)
def test_ids_with_a_check_are_the_ids_with_a_mutant(role: str) -> None:
    ordinary = [name for one, name in ORDINARY if one == role]
    assert sorted({one for name in ordinary for one in declared(role, name)} ^ checked(role)) == []


@pytest.mark.parametrize("role", JUDGED)
def test_every_must_is_broken_by_two_mutants(role: str) -> None:
    rows = catalogue.load()
    broken = Counter(
        one for place, name in ORDINARY if place == role for one in declared(role, name)
    )
    assert [one for one in sorted(checked(role)) if rows[one].must and broken[one] < 2] == []


def test_kill_matrix_belongs_to_this_suite() -> None:
    if UPDATE:
        hashes = planning.suite_hash(), material_hash()
        write_matrix(measure_all(), *hashes)
    matrix = recorded()
    hint = "the suite changed: run UPDATE_KILL_MATRIX=1 pytest tests/conformance -k kill_matrix"
    assert matrix.get("suite_hash") == planning.suite_hash(), hint
    assert matrix.get("material_hash") == material_hash(), hint


@pytest.mark.parametrize("role", JUDGED)
def test_every_must_row_of_the_core_is_checked_or_says_why_not(role: str) -> None:
    rows = catalogue.select(catalogue.load(), role, "core")
    own = checked(role)
    assert [row.id for row in rows.values() if row.id not in own and not row.untestable] == []


def measure_all() -> list[tuple[str, str, list[str]]]:
    """Every mutant against every check of its role, in as many processes as processors."""
    share = max(1, os.cpu_count() or 1)
    places = [f"{role}/{name}" for role, name in EVERY]
    command = [sys.executable, "-m", "tests.conformance.test_checks_can_fail"]
    root = planning.HERE.parent
    started = [
        subprocess.Popen(
            [*command, *places[part::share]], stdout=subprocess.PIPE, text=True, cwd=root
        )
        for part in range(share)
    ]
    found: list[tuple[str, str, list[str]]] = []
    for process in started:
        output, _ = process.communicate()
        assert process.returncode == 0
        found += [json.loads(line) for line in output.splitlines()]
    return found


def write_matrix(failed: Iterable[tuple[str, str, list[str]]], suite: str, material: str) -> None:
    """Turn checks by mutant into mutants by check, write the file and print it as a table."""
    kills: dict[str, list[str]] = {check: [] for check in sorted(CHECKS)}
    for _, name, checks in sorted(failed):
        for check in checks:
            kills[check].append(name)
    says: dict[str, dict[str, str]] = {role: {} for role in JUDGED}
    for role, name in EVERY:
        says[role][name] = (MUTANTS[role][name].__doc__ or "").strip().split("\n")[0]
    matrix = {"suite_hash": suite, "material_hash": material, "kills": kills, "says": says}
    KILL_MATRIX.write_text(json.dumps(matrix, indent=1, ensure_ascii=False) + "\n", "utf-8")
    recorded.cache_clear()
    for check, names in kills.items():
        sys.stdout.write(f"{check:60} {len(names):3}  {' '.join(names)}\n")


def main(places: Iterable[str]) -> None:
    """Print one JSON line per mutant: its role, its name, the checks it fails."""
    for place in places:
        role, _, name = place.partition("/")
        failed = sorted(with_verdict(judge_mutant(role, name), "fail"))
        sys.stdout.write(json.dumps([role, name, failed]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
