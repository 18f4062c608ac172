"""Count what the suite covers, from catalogue and sources; nothing is written down twice."""

from __future__ import annotations

import ast
import importlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from conformance import catalogue
from conformance.catalogue import Requirement
from conformance.target import ROLES
from conformance.verifies import CheckSpec, load_checks

KILL_MATRIX = Path(__file__).parent / "kill-matrix.json"


@dataclass(frozen=True, slots=True)
class Kills:
    """Which mutants each check was seen to fail; `note` says why there are none."""

    by_check: Mapping[str, tuple[str, ...]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Claims:
    """Calls of `expect` in one function: all, the presence-only ones, and whom it calls."""

    all: int
    present: int
    calls: frozenset[str]


def coverage(suite_hash: str) -> tuple[dict[str, dict[str, dict[str, int]]], str]:
    """`{"roles": {role: {...}}}` and a note on the kill matrix, empty if it counts."""
    rows = catalogue.load()
    checks = load_checks()
    kills = read_kills(suite_hash)
    return {"roles": {role: _role(role, rows, checks, kills) for role in ROLES}}, kills.note


def _role(
    role: str,
    rows: Mapping[str, Requirement],
    checks: Mapping[str, CheckSpec],
    kills: Kills,
) -> dict[str, int]:
    own = {name: row for name, row in rows.items() if role in row.role}
    used = {name: spec for name, spec in checks.items() if set(spec.requirements) & set(own)}
    checked = {name for spec in used.values() for name in spec.requirements}
    must = [name for name, row in own.items() if row.must]
    unchecked = [name for name in must if name not in checked]
    claims = list(_claims(used.values()))
    return {
        "requirements": len(own),
        "must": len(must),
        "must_checked": len(must) - len(unchecked),
        "must_untested_with_reason": sum(bool(own[name].untestable) for name in unchecked),
        "checks": len(used),
        "checks_killed": sum(bool(kills.by_check.get(name)) for name in used),
        "negative_checks": sum(spec.negative for spec in used.values()),
        "presence_only_assertions": sum(one.present for one in claims),
        "assertions": sum(one.all for one in claims),
        "cases": sum(cases(spec) for spec in used.values()),
    }


def read_kills(suite_hash: str, path: Path = KILL_MATRIX) -> Kills:
    """The kill matrix if it was made with this very suite."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        by_check = {name: tuple(mutants) for name, mutants in table["kills"].items()}
    except FileNotFoundError:
        return Kills({}, f"{path.name} is not there, so no check counts as killed")
    except (ValueError, KeyError, AttributeError, TypeError):
        return Kills({}, f"{path.name} cannot be read, so no check counts as killed")
    if table.get("suite_hash") != suite_hash:
        return Kills({}, f"{path.name} was made with another suite, so no check counts as killed")
    return Kills(by_check)


def cases(spec: CheckSpec) -> int:
    """How many cases a check has: the product of its parametrisations."""
    count = 1
    for mark in _marks(spec):
        if mark.name == "parametrize":
            count *= len(list(mark.args[1] if len(mark.args) > 1 else mark.kwargs["argvalues"]))
    return count


def function_of(spec: CheckSpec) -> object:
    """The check function itself."""
    return getattr(importlib.import_module(spec.module), f"check_{spec.id}", None)


def _marks(spec: CheckSpec) -> list[Any]:
    return list(getattr(function_of(spec), "pytestmark", []))


def _claims(specs: Iterable[CheckSpec]) -> Iterable[Claims]:
    """Each function once that a check reaches within its own file."""
    seen: set[tuple[Path, str]] = set()
    todo = [(spec.source, f"check_{spec.id}") for spec in specs]
    while todo:
        source, name = todo.pop()
        claims = _functions(source).get(name)
        if claims is None or (source, name) in seen:
            continue
        seen.add((source, name))
        todo += [(source, called) for called in claims.calls]
        yield claims


@lru_cache
def _functions(source: Path) -> dict[str, Claims]:
    tree = ast.parse(source.read_bytes())
    return {
        node.name: _count(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _count(function: ast.AST) -> Claims:
    every = present = 0
    calls = set()
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            calls.add(node.func.id)
        elif isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "expect":
            every += 1
            present += node.func.attr == "present"
    return Claims(every, present, frozenset(calls))
