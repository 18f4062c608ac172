"""The fixture of the checks for publishers.

desk      Desk: the suite's own hub, to which the system sends its data
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from conformance.doctor import Diagnosis
from conformance.roles import Setting
from conformance.stage import first_sending
from conformance.stage.desk import Desk, Office


class PublisherTools:
    """The suite's own hub, open for the whole run."""

    def __init__(self, setting: Setting) -> None:
        self._office = Office(setting)
        self.granted: tuple[str, ...] = ()
        self.endpoint = self._office.url

    def examine(self) -> Diagnosis:
        """Wait for the first calls of the system."""
        return first_sending.examine(self._office)

    def put_away(self) -> None:
        """Write down what came after the check looked."""
        self._office.record()

    def close(self) -> None:
        """Stop listening."""
        self._office.close()

    @pytest.fixture
    def desk(self, rng: random.Random) -> Iterator[Desk]:
        """The hub in good order; what came late belongs to the check all the same."""
        made = Desk(self._office, rng)
        made.prepare()
        yield made
        self._office.record()
