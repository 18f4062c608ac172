"""The fixtures of the checks for clients of a OneRoster service.

scene      Scene: the suite's own service, ready for one check
stored     ReadBack of what the client stored
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from conformance.doctor import Diagnosis
from conformance.readback import ReadBack
from conformance.roles import Setting
from conformance.stage import district, oneroster_first_call
from conformance.stage.oneroster_play import RosterTheatre, Scene


class OnerosterConsumerTools:
    """The suite's own OneRoster service, open for the whole run."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._theatre = RosterTheatre(setting)
        self.granted: tuple[str, ...] = district.GRANTED
        self.endpoint = self._theatre.url

    def examine(self) -> Diagnosis:
        """Wait for the first calls of the client."""
        return oneroster_first_call.examine(self._theatre)

    def put_away(self) -> None:
        """Write down what came after the check looked."""
        self._theatre.record()

    def close(self) -> None:
        """Stop listening."""
        self._theatre.close()

    @pytest.fixture
    def scene(self, rng: random.Random) -> Iterator[Scene]:
        """The service with an ordinary roster; what came late belongs to the check all the same."""
        made = Scene(self._theatre, rng)
        yield made
        made.play()
        self._theatre.record()

    @pytest.fixture
    def stored(self) -> ReadBack:
        """The vendor's own exports; not applicable if none is declared."""
        setting = self._setting
        return ReadBack(setting.wire, setting.config, {}, setting.evidence, setting.tell)
