"""A stage of the suite's own hub with a conforming client in front of it."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from conformance import runfile
from conformance.evidence import Evidence
from conformance.roles import Setting
from conformance.session import wire_to
from conformance.simulators.consumer import Consumer
from conformance.stage.play import Stage, Theatre
from tests.conformance.consumer.judging import SECRET, config_of, moving


@pytest.fixture
def seen() -> list[runfile.Exchange]:
    """The exchanges as they are written."""
    return []


@pytest.fixture
def theatre(seen: list[runfile.Exchange]) -> Iterator[Theatre]:
    """The hub of one run."""
    config = config_of()
    evidence = Evidence(observer=seen.append)
    with wire_to(config, evidence) as wire:
        made = Theatre(Setting(config, wire, evidence, 7, move=moving(Consumer)))
        yield made
        made.close()


@pytest.fixture
def stage(theatre: Theatre) -> Stage:
    """The hub as a check sees it."""
    return Stage(theatre, random.Random(1))


@pytest.fixture
def client(theatre: Theatre) -> Iterator[Consumer]:
    """A client with an environment of its own."""
    made = Consumer(theatre.url, "demo-vendor", SECRET)
    made.connect()
    yield made
    made.link.close()
