"""What all tests share: where the published standards lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def standards() -> Path:
    """The folder with the published schemas and samples; a test that needs it fails without it."""
    folder = Path(os.environ.get("SIF_STANDARDS_DIR", ROOT.parent / "shared"))
    if not (folder / "schemas" / "official").is_dir():
        pytest.fail(
            f"The published SIF schemas are not in {folder}; set SIF_STANDARDS_DIR to the folder that holds schemas/ and samples/."
        )
    return folder
