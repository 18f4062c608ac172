"""What the tests say that they show, read once."""

from __future__ import annotations

import pytest

from tests.statement.marks import marks


@pytest.fixture(scope="session")
def shown() -> dict[str, list[str]]:
    """Each requirement with the tests that are marked with it."""
    return marks()
