"""A simulated hub that listens, two vendors at it, and its operator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.hub_stage import HubStage
from conformance.simulators.hub import SimulatedHub
from tests.conformance.broker.judging import staged


@pytest.fixture
def simulated() -> SimulatedHub:
    """The application itself, to look inside."""
    return SimulatedHub()


@pytest.fixture
def stage(simulated: SimulatedHub) -> Iterator[HubStage]:
    """The stage of a check at this hub."""
    with staged(simulated) as stage:
        yield stage
