"""A check begun by `new-check`, in a copy of the sources: it loads, and proves nothing yet."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.processes import ROOT

WORDS = [
    *["new-check", "INF-PAG-900", "every_page_says_how_many_there_are", "--like", "INF-PAG-004"],
    *["--role", "receiver", "--source", "Base Architecture 3.2.1, 5.9"],
    *["--text", 'Each page names the number of "all" objects.'],
]
LOOK = """
import json
from conformance import catalogue
from conformance.verifies import load_checks
from tests.conformance.judging import judge_receiver
from conformance.simulators.mutants import MUTANTS
row, check = catalogue.load()["INF-PAG-900"], load_checks()["every_page_says_how_many_there_are"]
mutant = MUTANTS["BreaksEveryPageSaysHowManyThereAre"]
(done,) = judge_receiver(mutant, ["INF-PAG-900"])
print(json.dumps([row.text, row.role, check.area, mutant.breaks, done.verdict, done.reason]))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout with what the suite needs to run."""
    unused = shutil.ignore_patterns("__pycache__")
    for folder in ("conformance", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=unused)
    return tmp_path


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_row_check_and_mutant_load_and_the_check_could_not_verify(copy: Path) -> None:
    begun = python(copy, "-m", "conformance", *WORDS)
    assert [line.split(":")[0] for line in begun.stdout.splitlines()[:3]] == [
        *("row", "check", "mutant")
    ]
    told = json.loads(python(copy, "-c", LOOK).stdout)
    assert told[:4] == [
        'Each page names the number of "all" objects.',
        ["receiver"],
        "sif/paging",
        ["INF-PAG-900"],
    ]
    assert told[4:] == ["could not verify", "this check is not written yet"]


@pytest.mark.soak
def test_what_is_wrong_writes_nothing(copy: Path) -> None:
    def refused(place: int, word: str) -> str:
        words = [*WORDS[:place], word, *WORDS[place + 1 :]]
        done = python(copy, "-m", "conformance", *words)
        assert done.returncode == 64
        return done.stderr

    before = {file: file.read_bytes() for file in (copy / "conformance").rglob("*.toml")}
    assert "never used twice" in refused(1, "INF-PAG-004")
    assert "an id reads INF-CRE-001" in refused(1, "PAGES-1")
    assert "lower case" in refused(2, "Pages")
    assert "has no check to stand beside" in refused(4, "INF-NOT-001")
    assert {file: file.read_bytes() for file in before} == before
