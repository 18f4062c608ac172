"""Fixtures of the checks for receivers.

sif        a connected SifClient; with capability `pod` a POD is in force
shared_sif the same for all cases of a check, until one of them goes wrong
bare_sif   a SifClient that is not connected
readback   ReadBack of the vendor's own exports
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from conformance import doctor, pods
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.roles import Setting
from conformance.sif import SifClient

_REFUSED_POD = "no POD in force: POST pods/pod answered 403"
_ASK_FOR_PARTY = "(is [pod] party, by default [vendor] name, the name your product expects?)"


class ReceiverTools:
    """Clients that send to the vendor."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._shared: SifClient | None = None
        self._people: dict[str, str] = {}
        self.endpoint = setting.config.base
        self.granted: tuple[str, ...] = pods.GRANTED

    def examine(self) -> doctor.Diagnosis:
        """Three requests."""
        setting = self._setting
        return doctor.examine(setting.config, setting.wire, setting.evidence)

    def put_away(self) -> None:
        """Delete what the shared client created."""
        if self._shared is not None:
            self._shared.clean_up()
            self._shared = None

    def close(self) -> None:
        """Nothing outlives a check."""

    def _client(self, rng: random.Random) -> SifClient:
        setting = self._setting
        client = SifClient(setting.wire, setting.config, rng, setting.evidence)
        client.people = self._people
        return client

    @pytest.fixture
    def bare_sif(self, rng: random.Random) -> Iterator[SifClient]:
        """A client that is not connected; whatever it creates is deleted afterwards."""
        client = self._client(rng)
        yield client
        client.clean_up()

    @pytest.fixture
    def sif(self, bare_sif: SifClient) -> SifClient:
        """A connected client."""
        return _ready(bare_sif)

    @pytest.fixture
    def shared_sif(self, rng: random.Random) -> SifClient:
        """The connected client of this check; the case after one that went wrong gets a new one."""
        if self._shared is None:
            self._shared = self._client(rng)
            _ready(self._shared)
        return self._shared

    @pytest.fixture
    def readback(self) -> ReadBack:
        """The vendor's own exports; not applicable if none is declared."""
        setting = self._setting
        return ReadBack(setting.wire, setting.config, self._people, setting.evidence, setting.tell)


def _ready(client: SifClient) -> SifClient:
    try:
        client.ready()
    except NotVerified as error:
        if _REFUSED_POD in error.reason:
            raise NotVerified(f"{error.reason} {_ASK_FOR_PARTY}") from None
        raise
    return client
