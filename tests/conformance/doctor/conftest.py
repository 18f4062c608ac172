"""One world for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.doctor.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A vendor that is fine, and all that can be put before it."""
    made = World(tmp_path_factory.mktemp("doctor"))
    yield made
    made.close()
