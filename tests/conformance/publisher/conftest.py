"""A hub for publishers with a conforming system in front of it."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from conformance.evidence import Evidence
from conformance.roles import Setting
from conformance.session import wire_to
from conformance.simulators.publisher import Publisher
from conformance.stage.desk import Desk, Office
from tests.conformance.publisher.judging import config_of, moving


@pytest.fixture
def office() -> Iterator[Office]:
    """The hub of one run."""
    config, evidence = config_of(), Evidence()
    with wire_to(config, evidence) as wire, moving(Publisher) as move:
        made = Office(Setting(config, wire, evidence, 7, move=move))
        yield made
        made.close()


@pytest.fixture
def desk(office: Office) -> Desk:
    """The hub as a check sees it, everything published once."""
    made = Desk(office, random.Random(1))
    made.prepare()
    return made
