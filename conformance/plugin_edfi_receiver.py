"""Fixtures of the checks for Ed-Fi hosts.

host     EdfiClient: the suite as a hub; what a check created is deleted after it
door     the same, without a token being asked for
bodies   Bodies: records of this check, drawn from the seed
pupil    Pupil: a student with an enrolment at the school, so that it may be read
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from conformance import doctor, edfi_doctor
from conformance.edfi import EdfiClient
from conformance.edfi_bodies import Bodies
from conformance.edfi_shapes import STAYS, STUDENTS, Body
from conformance.evidence import Evidence
from conformance.roles import Setting


@dataclass(frozen=True, slots=True)
class Pupil:
    """A student and an enrolment that the host took: bodies, and the ids it gave."""

    body: Body
    number: str
    stay: Body
    stay_number: str


class EdfiReceiverTools:
    """A hub with one token for the whole run."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._host = EdfiClient(setting.wire, setting.config, setting.evidence)
        self.endpoint = setting.config.base
        self.granted: tuple[str, ...] = ()
        setting.evidence.secret(setting.config.edfi.expired_token)

    def examine(self) -> doctor.Diagnosis:
        """Read the root document, take a token, read a little; nothing is created."""
        fine, notes = edfi_doctor.look(self._setting.config, self._host)
        return doctor.Diagnosis(tuple(fine), tuple(notes))

    def put_away(self) -> None:
        """Delete what the check created, what depends on other things first."""
        self._host.clean_up()

    def close(self) -> None:
        """Delete what an interrupted check left."""
        self._host.clean_up()

    @pytest.fixture
    def host(self) -> EdfiClient:
        """The connection, with a token; NotVerified where there is none."""
        self._host.open()
        return self._host

    @pytest.fixture
    def door(self) -> EdfiClient:
        """The same before anything was asked; for checks of what comes first."""
        return self._host

    @pytest.fixture
    def bodies(self, request: pytest.FixtureRequest, evidence: Evidence) -> Bodies:
        """Records of this check and case."""
        setting = self._setting
        return Bodies(setting.config, evidence, setting.seed, request.node.name)

    @pytest.fixture
    def pupil(self, host: EdfiClient, bodies: Bodies) -> Pupil:
        """One student at the school."""
        return enrolled(host, bodies)


def enrolled(host: EdfiClient, bodies: Bodies, **members: object) -> Pupil:
    """Create a student and an enrolment; NotVerified where the host does not take them."""
    body = bodies.student(**members)
    number = host.put_down(STUDENTS, body)
    stay = bodies.stay(body)
    return Pupil(body, number, stay, host.put_down(STAYS, stay))
