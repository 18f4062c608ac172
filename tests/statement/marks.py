"""Which tests say that they show which requirement; read from the sources, nothing is run."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent


class StrayMark(ValueError):
    """A mark that stands neither on a test nor in `pytestmark`, or that names no literal id."""


def marks(folder: Path = TESTS) -> dict[str, list[str]]:
    """Each id with the tests that are marked with it, as `file::function`, sorted."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in sorted(folder.rglob("test_*.py")):
        if "requirement" in (source := file.read_text("utf-8")):
            name = file.relative_to(folder.parent).as_posix()
            for test, ids in marked(ast.parse(source), name).items():
                for each in ids:
                    found[each].add(test)
    return {name: sorted(tests) for name, tests in sorted(found.items())}


def marked(tree: ast.Module, name: str) -> Mapping[str, list[str]]:
    """The tests of one file and the ids on each. Raises StrayMark."""
    everywhere = [each for node in tree.body for each in _of_the_file(node)]
    found = {
        f"{name}::{node.name}": [
            *everywhere,
            *(i for each in node.decorator_list for i in ids(each)),
        ]
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    calls = sum(1 for node in ast.walk(tree) if _is_mark(node))
    placed = sum(1 for node in _places(tree) if _is_mark(node))
    if calls != placed:
        raise StrayMark(f"{name} has a requirement mark on neither a test nor pytestmark.")
    return {test: named for test, named in found.items() if named}


def ids(node: ast.expr) -> Iterator[str]:
    """The ids of one decorator, none for another one."""
    if not (isinstance(node, ast.Call) and _is_mark(node)):
        return
    for argument in node.args:
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            raise StrayMark(f"Line {node.lineno}: write the ids as they are, not as expressions.")
        yield argument.value


def _of_the_file(node: ast.stmt) -> Iterator[str]:
    for each in _assigned(node):
        yield from ids(each)


def _assigned(node: ast.stmt) -> list[ast.expr]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    if not any(isinstance(each, ast.Name) and each.id == "pytestmark" for each in targets):
        return []
    value = node.value  # type: ignore[attr-defined]
    return list(value.elts) if isinstance(value, ast.List | ast.Tuple) else [value]


def _places(tree: ast.Module) -> Iterator[ast.expr]:
    for node in tree.body:
        yield from _assigned(node)
    for each in ast.walk(tree):
        if isinstance(each, ast.FunctionDef) and each.name.startswith("test_"):
            yield from each.decorator_list


def _is_mark(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "requirement"
    )
