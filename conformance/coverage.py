"""Count what the suite covers, from catalogue and sources; nothing is written down twice."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from conformance import catalogue
from conformance.catalogue import Requirement
from conformance.claims import ROLES
from conformance.verifies import CheckSpec, load_checks

CHECKS = "conformance.checks."
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
    own = catalogue.select(dict(rows), role)
    used = {
        name: spec
        for name, spec in checks.items()
        if spec.role == role and set(spec.requirements) & set(own)
    }
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
    """Each function once that a check reaches within the checks, their shared steps included."""
    seen: set[tuple[str, str]] = set()
    todo = [(spec.module, f"check_{spec.id}") for spec in specs]
    while todo:
        module, name = todo.pop()
        claims = _functions(module).get(name)
        if claims is None or (module, name) in seen:
            continue
        seen.add((module, name))
        todo += [found for called in claims.calls if (found := _reached(module, called))]
        yield claims


def _reached(module: str, called: str) -> tuple[str, str] | None:
    """The module and name of a function of ours that is called as `name` or `module.name`."""
    owner: object = importlib.import_module(module)
    first, _, second = called.partition(".")
    found = getattr(owner, first, None)
    if second:
        return (
            (found.__name__, second) if inspect.ismodule(found) and _ours(found.__name__) else None
        )
    place = getattr(found, "__module__", "") if inspect.isfunction(found) else ""
    return (place, first) if _ours(place) else None


def _ours(module: str) -> bool:
    return module.startswith(CHECKS)


@lru_cache
def _functions(module: str) -> dict[str, Claims]:
    tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    return {
        node.name: _count(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _count(function: ast.AST) -> Claims:
    every = present = 0
    calls = set()
    for node in ast.walk(function):
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if called.startswith("expect."):
            every += 1
            present += called == "expect.present"
        elif called.count(".") < 2:
            calls.add(called)
    return Claims(every, present, frozenset(calls))
