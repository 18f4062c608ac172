"""The fixtures of the checks for consumers.

stage      Stage: the suite's own hub, ready for one check
stored     ReadBack of what the client stored
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from conformance.doctor import Diagnosis
from conformance.problems import NotApplicable
from conformance.readback import ReadBack
from conformance.roles import Setting
from conformance.stage import district, first_call
from conformance.stage.observing import only_looks
from conformance.stage.play import OWN_HUB, Stage, Theatre


class ConsumerTools:
    """The suite's own hub, open for the whole run."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._theatre = Theatre(setting)
        self.granted: tuple[str, ...] = district.GRANTED
        self.endpoint = self._theatre.url

    def examine(self) -> Diagnosis:
        """Wait for the first calls of the client."""
        return first_call.examine(self._theatre)

    def put_away(self) -> None:
        """Write down what came after the check looked."""
        self._theatre.record()

    def close(self) -> None:
        """Stop listening."""
        self._theatre.close()

    @pytest.fixture
    def stage(self, rng: random.Random, request: pytest.FixtureRequest) -> Iterator[Stage]:
        """The hub with an ordinary scene; what came late belongs to the check all the same."""
        if self._theatre.relay is not None and not only_looks(request.function):
            raise NotApplicable(OWN_HUB)
        yield Stage(self._theatre, rng)
        self._theatre.record()

    @pytest.fixture
    def stored(self) -> ReadBack:
        """The vendor's own exports; not applicable if none is declared."""
        setting = self._setting
        return ReadBack(setting.wire, setting.config, {}, setting.evidence, setting.tell)
