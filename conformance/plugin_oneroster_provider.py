"""Fixtures of the checks for OneRoster providers.

roster     Roster: the suite as a client of the service, one for the whole run
"""

from __future__ import annotations

import random

import pytest

from conformance import doctor
from conformance.oneroster_doctor import examine
from conformance.oneroster_offer import Roster
from conformance.roles import Setting


class OnerosterProviderTools:
    """A client that only reads."""

    def __init__(self, setting: Setting) -> None:
        self._roster = Roster(setting.wire, setting.config, setting.rng(), setting.evidence)
        self.endpoint = setting.config.base
        self.granted: tuple[str, ...] = ()

    def examine(self) -> doctor.Diagnosis:
        """Get a token and read one object of what every district has; raises SetupFault."""
        return examine(self._roster)

    def put_away(self) -> None:
        """Nothing is created."""

    def close(self) -> None:
        """Nothing is created."""

    @pytest.fixture
    def roster(self, rng: random.Random) -> Roster:
        """The client with good credentials; it draws as this check does."""
        self._roster.rng = rng
        return self._roster
