"""Call pytest on the checks of a run, away from the pytest settings of whoever starts us."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.roles import Setting, Tools
from conformance.verifies import CheckSpec

if TYPE_CHECKING:
    from conformance.plugin import CheckDone

HERE = Path(__file__).parent
_ARGUMENTS = (
    "--import-mode=importlib",
    "--noconftest",
    *(f"-pno:{name}" for name in (
        "cacheprovider", "terminal", "junitxml", "pastebin", "doctest", "faulthandler", "logging",
        "unraisableexception", "threadexception", "stepwise", "debugging", "setuponly",
        "setupplan", "xdist", "warnings", "recwarn", "legacypath", "skipping", "unittest", "tmpdir",
        "subtests", "monkeypatch", "capture", "assertion", "reports",
    )),
)  # fmt: skip


def call_pytest(
    setting: Setting, tools: Tools, runnable: Mapping[str, CheckSpec], done: CheckDone
) -> str:
    """Run these checks, each told to `done`; says what broke, empty if nothing did."""
    import pytest

    from conformance.plugin import SuitePlugin

    plugin = SuitePlugin(setting, tools, dict(runnable), done)
    where = ("-c", str(HERE / "suite.ini"), "--rootdir", str(HERE / "checks"),
             "--confcutdir", str(HERE / "checks"))  # fmt: skip
    with _own_environment():
        code = pytest.main([*_ARGUMENTS, *where], plugins=[plugin, tools])
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if plugin.broken:
        return f": {', '.join(plugin.broken)} could not be imported"
    return "" if code in (0, 1) else f": pytest ended with {code!s}"


@contextlib.contextmanager
def _own_environment() -> Iterator[None]:
    """Keep the pytest settings of whoever starts us away from the suite."""
    before = {name: value for name, value in os.environ.items() if name.startswith("PYTEST")}
    for name in before:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("PYTEST")]:
            del os.environ[name]
        os.environ.update(before)
