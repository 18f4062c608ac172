"""A check that cannot fail proves nothing: each one is held against vendors that do it wrong.

`conformance/kill-matrix.json` says which mutants each check was seen to fail, and for which code.
Every run proves it again for the checks that are named there; with FULL_KILL_MATRIX=1 each mutant
meets all checks (minutes), and UPDATE_KILL_MATRIX=1 does that and writes the file.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
import pytest

from conformance import catalogue, planning, session, target
from conformance.coverage import KILL_MATRIX
from conformance.runfile import Check
from conformance.simulators import Receiver, serve
from conformance.simulators.mutants import MUTANTS
from conformance.verifies import load_checks

CHECKS = load_checks()
CHECKED = {name for spec in CHECKS.values() for name in spec.requirements}
ORDINARY = sorted(name for name, mutant in MUTANTS.items() if not mutant.special)
SPECIAL = sorted(name for name, mutant in MUTANTS.items() if mutant.special)
UPDATE = bool(os.environ.get("UPDATE_KILL_MATRIX"))
FULL = UPDATE or bool(os.environ.get("FULL_KILL_MATRIX"))
SOME_AREAS = ("sif/create", "sif/delete", "pod/gate", "translation/identity")
SEED = 7
PATIENCE = 0.5


def judge(vendor: type[Receiver], only: Iterable[str] = (), patience: float = 0.0) -> list[Check]:
    """What the suite says of this vendor, all capabilities declared."""
    with serve(vendor()) as handle:
        table: dict[str, Any] = {
            "vendor": {"name": "Example Reading App"},
            "endpoint": {"url": handle.url},
            "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
            "capabilities": dict.fromkeys(target.CAPABILITIES, True),
        }
        config = target.from_table(table, environ={})
        if patience:
            short = {"read_seconds": patience, "total_seconds": patience}
            endpoint = msgspec.structs.replace(config.endpoint, **short)
            config = dataclasses.replace(config, endpoint=endpoint)
        return session.run(config, seed=SEED, only=tuple(only), examine=False).verdict.checks


def judge_mutant(name: str, only: Iterable[str] = ()) -> list[Check]:
    """What the suite says of a mutant; the special ones get little time to answer."""
    return judge(MUTANTS[name], only, PATIENCE if MUTANTS[name].special else 0.0)


def with_verdict(checks: Iterable[Check], verdict: str) -> dict[str, Check]:
    """The checks that came to this verdict, by id."""
    return {check.id: check for check in checks if check.verdict == verdict}


def material_hash() -> str:
    """SHA-256 over simulators, mutants and payloads: what the suite hash leaves out."""
    digest = hashlib.sha256()
    kinds = ("simulators/**/*.py", "simulators/**/*.txt", "cases/**/*.xml")
    for file in sorted(file for kind in kinds for file in session.HERE.glob(kind)):
        name = file.relative_to(session.HERE).as_posix()
        digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


@lru_cache(maxsize=1)
def recorded() -> dict[str, Any]:
    """The kill matrix on disk, empty if there is none."""
    if not KILL_MATRIX.exists():
        return {"kills": {}}
    matrix: dict[str, Any] = json.loads(KILL_MATRIX.read_text("utf-8"))
    return matrix


def killers(name: str) -> list[str]:
    """The checks that were seen to fail this mutant, as far as they still exist."""
    return sorted(
        check for check, names in recorded()["kills"].items() if name in names and check in CHECKS
    )


def declared(name: str) -> set[str]:
    """The requirements that a mutant says it breaks."""
    return {*MUTANTS[name].breaks, *MUTANTS[name].also}


def test_conforming_receiver_passes_every_check() -> None:
    checks = judge(Receiver)
    assert [f"{check.id}: {check.reason}" for check in checks if check.verdict != "pass"] == []
    assert len(checks) == len(CHECKS)


@pytest.mark.parametrize("name", ORDINARY)
def test_mutant_fails_exactly_what_it_declares(name: str) -> None:
    only = [] if FULL else killers(name)
    assert FULL or only, f"{name} is in no row of {KILL_MATRIX.name}: set UPDATE_KILL_MATRIX=1"
    checks = judge_mutant(name, only)
    failed = with_verdict(checks, "fail")
    assert {one for check in failed.values() for one in check.requirements} == declared(name)
    assert with_verdict(checks, "our fault") == {}
    assert FULL or sorted(failed) == only


@pytest.mark.parametrize("name", SPECIAL)
def test_special_mutant_is_never_our_fault_and_never_conforms(name: str) -> None:
    checks = judge_mutant(name, () if FULL else killers(name) or SOME_AREAS)
    assert with_verdict(checks, "our fault") == {}
    assert len(with_verdict(checks, "pass")) < len(checks)


def test_every_check_is_failed_by_a_mutant() -> None:
    assert sorted(set(CHECKS) - {name for name, who in recorded()["kills"].items() if who}) == []


def test_ids_with_a_check_are_the_ids_with_a_mutant() -> None:
    assert sorted({one for name in ORDINARY for one in declared(name)} ^ CHECKED) == []


def test_kill_matrix_belongs_to_this_suite() -> None:
    if UPDATE:
        hashes = planning.suite_hash(), material_hash()
        write_matrix(measure_all(), *hashes)
    matrix = recorded()
    hint = "the suite changed: run UPDATE_KILL_MATRIX=1 pytest tests/conformance -k kill_matrix"
    assert matrix.get("suite_hash") == planning.suite_hash(), hint
    assert matrix.get("material_hash") == material_hash(), hint


def test_every_must_row_of_the_core_is_checked_or_says_why_not() -> None:
    rows = catalogue.select(catalogue.load(), "receiver", "core")
    open_rows = [row.id for row in rows.values() if row.id not in CHECKED and not row.untestable]
    assert open_rows == []


def measure_all() -> dict[str, list[str]]:
    """Every mutant against every check, in as many processes as there are processors."""
    names = sorted(MUTANTS)
    share = max(1, os.cpu_count() or 1)
    started = [
        subprocess.Popen(
            [sys.executable, __file__, *names[part::share]], stdout=subprocess.PIPE, text=True
        )
        for part in range(share)
    ]
    found: dict[str, list[str]] = {}
    for process in started:
        output, _ = process.communicate()
        assert process.returncode == 0
        for line in output.splitlines():
            found.update(json.loads(line))
    return found


def write_matrix(failed: Mapping[str, Iterable[str]], suite: str, material: str) -> None:
    """Turn checks by mutant into mutants by check, write the file and print it as a table."""
    kills: dict[str, list[str]] = {check: [] for check in sorted(CHECKS)}
    for name, checks in sorted(failed.items()):
        for check in checks:
            kills[check].append(name)
    matrix = {"suite_hash": suite, "material_hash": material, "kills": kills}
    KILL_MATRIX.write_text(json.dumps(matrix, indent=1, ensure_ascii=False) + "\n", "utf-8")
    recorded.cache_clear()
    for check, names in kills.items():
        sys.stdout.write(f"{check:60} {len(names):3}  {' '.join(names)}\n")


def main(names: Iterable[str]) -> None:
    """Print one JSON line per mutant: the checks it fails."""
    for name in names:
        failed = sorted(with_verdict(judge_mutant(name), "fail"))
        sys.stdout.write(json.dumps({name: failed}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
