"""The recipe for builds: what `action/judge.sh` says, writes, and ends with."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.processes import BIN, ROOT, Processes, free_port

SCRIPT = ROOT / "action" / "judge.sh"
ENVIRON = {
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    "CONFORMANCE_SECRET": "demo-secret-1",
    "CONFORMANCE_ONLY": "INF-CRE-001",
    "CONFORMANCE_SEED": "7",
}


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Processes]:
    with Processes(tmp_path, ENVIRON) as kit:
        yield kit


def judged(kit: Processes, *mutant: str) -> tuple[int, str, dict[str, str]]:
    """Judge a simulated product; the exit code, what was said, and the outputs for GitHub."""
    port = free_port()
    kit.start("conformance", "simulate", "--port", str(port), *mutant, port=port)
    kit.run("conformance", "init")
    target = kit.folder / "conformance.toml"
    target.write_text(target.read_text("utf-8").replace(":8090", f":{port}"), "utf-8")
    return script(kit)


def script(kit: Processes) -> tuple[int, str, dict[str, str]]:
    """Run the script in the folder of the kit."""
    outputs = kit.folder / "outputs"
    environ = {**kit.environ, "GITHUB_OUTPUT": str(outputs)}
    done = subprocess.run(
        ["bash", SCRIPT], cwd=kit.folder, env=environ, capture_output=True, text=True, check=False
    )
    pairs = (line.partition("=") for line in outputs.read_text("utf-8").splitlines())
    return done.returncode, done.stdout, {name: value for name, _, value in pairs}


def test_a_conforming_product_ends_with_0_and_leaves_every_file(kit: Processes) -> None:
    code, said, outputs = judged(kit)
    assert (code, outputs["outcome"]) == (0, "conforms")
    assert f"conforms (exit code 0), see {outputs['directory']}/report.html" in said
    names = {file.name for file in (kit.folder / outputs["directory"]).iterdir()}
    assert {"report.html", "junit.xml", "results.sarif", "verdict.json", "run.jsonl"} <= names


def test_a_faulty_product_ends_with_1(kit: Processes) -> None:
    code, _, outputs = judged(kit, "--mutant", "CreateAnswers200")
    assert (code, outputs["outcome"]) == (1, "does not conform")


def test_a_set_up_at_fault_says_that_nothing_was_run(kit: Processes) -> None:
    code, said, outputs = script(kit)
    assert (code, outputs) == (3, {"outcome": "not run", "directory": ""})
    assert "not run (exit code 3)" in said


def test_the_action_hands_every_input_to_the_script() -> None:
    action = (ROOT / "action.yml").read_text("utf-8")
    inputs = set(
        re.findall(r"^  ([a-z-]+):\n    description", action.partition("outputs:")[0], re.M)
    )
    given = set(re.findall(r"CONFORMANCE_([A-Z_]+): \$\{\{ inputs\.", action))
    assert inputs - {"python-version"} == {name.lower().replace("_", "-") for name in given}
    script = SCRIPT.read_text("utf-8")
    assert [name for name in given if f"CONFORMANCE_{name}" not in script] == []
