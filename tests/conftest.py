"""What all tests share: where the published standards lie, and a temporary folder of our own."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Sixteen thousand tests are collected: looking for garbage among them takes half of that time.
gc.disable()


def pytest_configure(config: pytest.Config) -> None:
    """Use a fresh base folder.

    The embedded PostgreSQL drops root's rights, and pytest closes its default folder to others at
    each start: a second run would lock the server of the first one out.
    """
    if not config.option.basetemp and not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="sif-tests-")
        config.option.basetemp = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the pages: each is one long test, and at the end all others would wait for it."""
    items.sort(key=lambda item: item.path.name != "test_readme.py")


def pytest_collection_finish() -> None:
    """What was collected stays; the collector looks at what comes after it."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def standards() -> Path:
    """The folder with the published schemas and samples; a test that needs it fails without it."""
    folder = Path(os.environ.get("SIF_STANDARDS_DIR", ROOT.parent / "shared"))
    if not (folder / "schemas" / "official").is_dir():
        pytest.fail(
            f"The published SIF schemas are not in {folder}; set SIF_STANDARDS_DIR to the folder "
            "that holds schemas/ and samples/."
        )
    return folder
