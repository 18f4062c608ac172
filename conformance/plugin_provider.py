"""Fixtures of the checks for providers.

offer      Offer: the suite as a consumer of the provider, one for the whole run
reader     its connected SifClient, for checks that look at one request
stranger   a SifClient that is not connected
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator

import pytest

from conformance import doctor, doctor_way
from conformance.offer import Offer
from conformance.problems import Finding, NotVerified, SetupFault
from conformance.roles import Setting
from conformance.sif import SifClient


class ProviderTools:
    """A consumer that reads; it is connected when the first check asks for it."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._offer: Offer | None = None
        self.endpoint = setting.config.base
        self.granted: tuple[str, ...] = ()
        if setting.config.second_secret:
            setting.evidence.secret(setting.config.second_secret)

    def examine(self) -> doctor.Diagnosis:
        """Create and delete an environment, and read one object of what is offered."""
        setting = self._setting
        found = doctor.examine(setting.config, setting.wire, setting.evidence)
        offer = self._opened()
        try:
            read = len(offer.objects())
        except (NotVerified, Finding) as error:
            said = error.reason if isinstance(error, NotVerified) else error.summary
            cure = "Give the application the right to read, or name what it may read."
            place = f"{setting.config.path or 'conformance.toml'}, [offer] services"
            raise SetupFault(place, f"{said}.", cure) from None
        seen = f"{offer.name} can be read: {read} objects seen"
        notes = doctor_way.places(setting.config, offer.sif)
        return doctor.Diagnosis((*found.fine, seen), (*found.notes, *notes))

    def _opened(self) -> Offer:
        if self._offer is None:
            setting = self._setting
            offer = Offer(setting.wire, setting.config, setting.rng(), setting.evidence)
            try:
                offer.open()
            except NotVerified as error:
                offer.close()
                place = f"{setting.config.path or 'conformance.toml'}, [offer]"
                cure = "Give the application the right to read at least one service."
                raise SetupFault(place, f"{error.reason}.", cure) from None
            except BaseException:
                offer.close()
                raise
            self._offer = offer
        return self._offer

    def put_away(self) -> None:
        """Nothing is created but environments, and each check deletes its own."""

    def close(self) -> None:
        """Delete the environment of the run."""
        if self._offer is not None:
            self._offer.close()

    @pytest.fixture
    def offer(self) -> Offer:
        """The offer as far as it was read; NotVerified where it cannot be."""
        try:
            return self._opened()
        except SetupFault as fault:
            raise NotVerified(f"nothing can be read: {fault.seen}") from None

    @pytest.fixture
    def reader(self, offer: Offer) -> SifClient:
        """The connected client."""
        return offer.sif

    @pytest.fixture
    def stranger(self, rng: random.Random) -> Iterator[SifClient]:
        """A client that is not connected; its environments are deleted afterwards."""
        setting = self._setting
        client = SifClient(setting.wire, setting.config, rng, setting.evidence)
        with contextlib.suppress(SetupFault):
            offer = self._opened()
            client.collection, client.pod = offer.name, offer.sif.pod
        yield client
        client.clean_up()
