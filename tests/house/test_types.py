"""The types hold. A test, because the other tests wait for sockets while mypy needs a processor."""

from __future__ import annotations

import subprocess
import sys

from tests.house.test_import_rules import ROOT


def test_mypy_finds_nothing_in_strict_mode() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
