"""A scene of the suite's own OneRoster service."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from conformance.evidence import Evidence
from conformance.roles import Setting
from conformance.session import wire_to
from conformance.simulators.oneroster_consumer import RosterClient
from conformance.stage.oneroster_play import RosterTheatre, Scene
from tests.conformance.oneroster_consumer.judging import config_of, moving


@pytest.fixture(scope="module")
def theatre() -> Iterator[RosterTheatre]:
    """The service of one run, with a conforming client in front of it."""
    config = config_of()
    evidence = Evidence()
    client = RosterClient("http://127.0.0.1")
    with wire_to(config, evidence) as wire:
        made = RosterTheatre(Setting(config, wire, evidence, 7, move=moving(client)))
        yield made
        made.close()


@pytest.fixture
def scene(theatre: RosterTheatre) -> Scene:
    """The service as a check sees it."""
    return Scene(theatre, random.Random(1))
