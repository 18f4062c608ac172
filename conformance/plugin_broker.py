"""The fixture of the checks for hubs.

hub        HubStage: two vendors and the district's operator at the hub under test
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator

import msgspec
import pytest

from conformance import doctor, doctor_operator, hub_stage
from conformance.problems import SetupFault
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
        """Create and delete environments for both vendors; look whether the operator answers."""
        setting = self._setting
        found = doctor.examine(setting.config, setting.wire, setting.evidence)
        seen = doctor_operator.look(setting.config, setting.wire)
        if setting.config.second.key:
            self._greet_second()
        return doctor.Diagnosis((*found.fine, *seen), found.notes)

    def _greet_second(self) -> None:
        config = self._setting.config
        own = config.second
        acting = dataclasses.replace(
            config,
            credentials=msgspec.structs.replace(config.credentials, key=own.key, method=own.method),
            secret=config.second_secret,
        )
        try:
            doctor.examine(acting, self._setting.wire, self._setting.evidence)
        except SetupFault as fault:
            place = f"{config.path or 'conformance.toml'}, [second] key = {own.key!r}"
            cure = "Check key, method and secret of [second]."
            raise SetupFault(
                place, f"the second vendor is not let in: {fault.seen}", cure
            ) from None

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
