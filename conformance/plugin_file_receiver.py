"""Fixtures of the checks for products that take files.

drop        Delivery: what delivers, for the whole run
readback    ReadBack of the product's exports; NotApplicable if none are declared
newcomer    the rows of one student nobody has seen; newcomers(n, **cells) those of several
hasty       a Wire that waits a second only, for uploads that never end
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from lxml import etree

from conformance import doctor_files
from conformance.delivery import Delivery, of_run
from conformance.doctor import Diagnosis
from conformance.parcels import Tables
from conformance.readback import ReadBack
from conformance.roles import Setting
from conformance.roster import School, joined
from conformance.target_files import HTTP
from conformance.wire import Limits, Wire

Newcomers = Callable[..., list[Tables]]
FAR = 2**16 * 20 + 1_000  # students of the school are drawn beyond those of any check
HASTE = Limits(connect_seconds=1.0, read_seconds=1.0, total_seconds=1.0)


class FileReceiverTools:
    """A sender of files; the school is delivered when the first check asks for it."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        told = setting.config.files
        self.endpoint = setting.config.base if told.way == HTTP else f"{told.way}:{told.sftp}"
        self.granted: tuple[str, ...] = ()
        if setting.config.second_secret:
            setting.evidence.secret(setting.config.second_secret)
        self._drop: Delivery | None = None

    def examine(self) -> Diagnosis:
        """Look whether the ways are open and a first file is taken."""
        return doctor_files.examine(self._sender())

    def _sender(self) -> Delivery:
        if self._drop is None:
            from fixtures import generate
            from fixtures.writers import xpress

            setting = self._setting
            rng = of_run(setting.seed)
            count = setting.config.files.seed_students + 1
            drawn = [
                xpress.student(generate.student(setting.seed, FAR + number))
                for number in range(count)
            ]
            setting.evidence.register(*drawn)
            school = School(rng, drawn[0])
            seeds = joined(*(school.person(one, rng) for one in drawn[1:]))
            self._drop = Delivery(setting, school, seeds)
        return self._drop

    def put_away(self) -> None:
        """Take back what a check brought."""
        if self._drop is not None:
            self._drop.put_away()

    def close(self) -> None:
        """Take back the school."""
        if self._drop is not None:
            self._drop.close()

    @pytest.fixture
    def drop(self) -> Delivery:
        """What delivers; the school is there."""
        drop = self._sender()
        drop.ground()
        return drop

    @pytest.fixture
    def readback(self, drop: Delivery) -> ReadBack:
        """The exports of the product."""
        return drop.readback()

    @pytest.fixture
    def newcomers(
        self,
        drop: Delivery,
        students: Callable[[int], list[etree._Element]],
        rng: random.Random,
    ) -> Newcomers:
        """Rows of n students; cells of users may be told."""

        def draw(count: int, **cells: str) -> list[Tables]:
            return [drop.school.person(one, rng, **cells) for one in students(count)]

        return draw

    @pytest.fixture
    def newcomer(self, newcomers: Newcomers) -> Tables:
        """Rows of one student."""
        return newcomers(1)[0]

    @pytest.fixture
    def hasty(self) -> Iterator[Wire]:
        """A wire that gives up after a second; what it sends is recorded too."""
        setting = self._setting
        with Wire(HASTE, setting.evidence, setting.config.route) as wire:
            yield wire
