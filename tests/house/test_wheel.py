"""The wheel: built, installed in a clean environment, and run there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command outside of our virtual environment; returns what it printed."""
    ours = ("PYTHON", "VIRTUAL_ENV", "HUB_", "DATABASE_URL", "CONFORMANCE")
    environ = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment that holds the wheel and its own dependencies."""
    folder = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    constraints = folder / "constraints.txt"
    constraints.write_text(re.sub(r" \\\n +--hash=\S+", "", lock), "utf-8")
    run(
        *[folder / "venv" / "bin" / "python", "-m", "pip", "install", "--quiet"],
        *["--only-binary", ":all:", "--constraint", constraints, wheel],
        cwd=folder,
    )
    return folder / "venv" / "bin"


def test_every_data_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "reference_hub", "conformance", "fixtures", "reports"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert sorted(set(tracked) - inside) == []


@pytest.mark.soak
def test_the_suite_runs_from_a_clean_environment(clean: Path, tmp_path: Path) -> None:
    assert "receiver" in run(clean / "conformance", "coverage", "--json", cwd=tmp_path)
    assert "INF-CRE-001" in run(clean / "conformance", "explain", "INF-CRE-001", cwd=tmp_path)
    run(clean / "conformance", "init", cwd=tmp_path)
    assert (tmp_path / "conformance.toml").is_file()


@pytest.mark.soak
def test_the_hub_starts_its_store_from_a_clean_environment(clean: Path, tmp_path: Path) -> None:
    assert "up to date" in run(clean / "reference-hub", "migrate", cwd=tmp_path)
