"""`reference-hub` in this process: the entry point itself, with a folder and variables of its own.

A process of its own costs more than a second of start-up and shows nothing more: what is printed,
where, and with which exit code. That the installed command starts at all, the tests of README show.
"""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from reference_hub.cli import main


def run_in(
    folder: Path, environ: Mapping[str, str], *words: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever that is; both outputs as text."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["reference-hub", *words])
        for name, value in environ.items():
            patch.setenv(name, value)
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as left:
            main()
    code = left.value.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())
