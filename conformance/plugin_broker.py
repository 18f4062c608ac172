"""The fixture of the checks for hubs.

hub        HubStage: two vendors and the district's operator at the hub under test
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from conformance import doctor, hub_stage
from conformance.roles import Setting


class BrokerTools:
    """Vendors at the hub; what they keep between checks lives in `_kept`."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._kept: dict[str, object] = {}
        self.granted: tuple[str, ...] = ()
        self.endpoint = setting.config.base
        setting.evidence.secret(setting.config.second_secret)

    def examine(self) -> doctor.Diagnosis:
        """Create and delete one environment at the hub."""
        setting = self._setting
        return doctor.examine(setting.config, setting.wire, setting.evidence)

    def put_away(self) -> None:
        """Each check cleans up by its own fixture."""

    def close(self) -> None:
        """Delete what was kept for the whole run."""
        hub_stage.close(self._kept)

    @pytest.fixture
    def hub(self, rng: random.Random) -> Iterator[hub_stage.HubStage]:
        """The stage of one check."""
        setting = self._setting
        stage = hub_stage.HubStage(
            setting.wire, setting.config, rng, setting.evidence, setting.seed, self._kept
        )
        yield stage
        stage.clean_up()
