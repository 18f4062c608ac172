"""The house style as numbers: short functions, short files, plain names, public docstrings."""

from __future__ import annotations

import ast
import statistics
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("reference_hub", "conformance", "fixtures", "reports")
BANNED = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}


def files(*folders: str) -> list[Path]:
    """The Python files below the folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def functions(file: Path) -> list[tuple[str, int, int]]:
    """Name, line and length of every function and method of a file."""
    tree = ast.parse(file.read_text("utf-8"))
    return [(node.name, node.lineno, length(node)) for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]  # fmt: skip


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of code from `def` to the end, without the docstring and decorators."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def test_no_function_is_longer_than_60_lines() -> None:
    faults = [
        f"{file.relative_to(ROOT)}:{line} {name} has {count} lines"
        for file in files(*PACKAGES, "tests")
        for name, line, count in functions(file)
        if count > 60
    ]
    assert faults == []


def test_the_median_function_has_at_most_8_lines() -> None:
    lengths = [count for file in files(*PACKAGES) for _, _, count in functions(file)]
    assert statistics.median(lengths) <= 8


def test_no_file_is_longer_than_400_lines() -> None:
    faults = [
        f"{file.relative_to(ROOT)} has {count} lines"
        for file in files(*PACKAGES, "tests")
        if (count := len(file.read_text("utf-8").splitlines())) > 400
    ]
    assert faults == []


def test_the_median_file_has_at_most_150_lines() -> None:
    counts = [len(file.read_text("utf-8").splitlines()) for file in files(*PACKAGES)]
    assert statistics.median(counts) <= 150


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [str(file) for file in files(*PACKAGES) if file.stem in BANNED] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_public_has_a_docstring(package: str) -> None:
    faults = []
    for file in files(package):
        tree = ast.parse(file.read_text("utf-8"))
        if file.stat().st_size and not ast.get_docstring(tree):
            faults.append(f"{file.relative_to(ROOT)}: module")
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_"
            if public and not ast.get_docstring(node):  # type: ignore[arg-type]
                faults.append(f"{file.relative_to(ROOT)}:{node.lineno} {node.name}")  # type: ignore[attr-defined]
    assert faults == []


def tracked() -> list[Path]:
    """The text files that git tracks."""
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in names.stdout.split("\n") if name and (ROOT / name).is_file()]


def test_no_tracked_file_names_a_path_of_a_machine() -> None:
    words = ["/" + "work/", "/" + "root/", "/" + "home/"]
    faults = [
        f"{file.relative_to(ROOT)} holds {word}"
        for file in tracked()
        if file.suffix not in (".lock",)
        for word in words
        if word in file.read_text("utf-8", errors="ignore")
    ]
    assert faults == []


def test_the_architecture_page_is_short_and_names_every_folder() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert len(text.splitlines()) < 60
    folders = [
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in [ROOT / package, *(ROOT / package).iterdir()]
        if path.is_dir() and any(path.glob("*.py"))
    ]
    assert [folder for folder in folders if folder not in text] == []
