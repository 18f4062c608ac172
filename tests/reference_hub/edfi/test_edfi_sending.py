"""From the SIS's objects in the hub to a host, by the rows of a connection."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from lxml import etree
from sqlalchemy import Engine

from fixtures.writers import models, notation
from reference_hub.clock import Clock
from reference_hub.codec import xml
from reference_hub.journeys.accept import accept
from reference_hub.journeys.deliver_rows import Work, work_off
from reference_hub.model.caller import Caller
from reference_hub.model.change import CREATE, DELETE, UPDATE, Change
from reference_hub.model.message import Claimed
from reference_hub.model.scope import Scope
from reference_hub.store import vendors
from reference_hub.workers.edfi_sending import sender
from tests.reference_hub.edfi.district import SMALL, settings
from tests.reference_hub.edfi.host import KEY, SECRET

SCOPE = Scope("demo-district")
CLOCK = Clock(now=lambda: datetime.now(UTC), sleep=lambda _: None)


def objects() -> dict[tuple[str, str], etree._Element]:
    """Every object of a small district by type and folded RefId."""
    found = {}
    model = models.model_of("xpress-4.3")
    for name, nodes in model.collections(SMALL).items():
        written = b"".join(notation.stream(name, nodes, model.namespace))
        for each in etree.fromstring(written):
            found[xml.local_name(each), xml.fold(xml.refid_of(each))] = each
    return found


class District:
    """A SIS, and a connection to a host."""

    def __init__(self, engine: Engine, url: str, http) -> None:
        self.engine, self.objects = engine, objects()
        self.senders = {"edfi": sender(http, random.Random(1))}
        kinds = sorted({kind for kind, _ in self.objects})
        with engine.begin() as connection:
            vendor = vendors.add_vendor(connection, "state", "Example", SCOPE, "off")
            vendors.add_subscriber(
                connection, vendor, "host", SCOPE, format="edfi-5", transport="edfi", url=url,
                credentials={"key": KEY, "secret": SECRET}, objects=kinds,
                delivery=settings(SMALL),
            )  # fmt: skip
            self.to = vendors.subscribers_of(connection, vendor)[0]

    def tell(self, action: str, *names: tuple[str, str]):
        """The SIS changes objects; a run works them off."""
        changes = [
            Change(action, *name, None if action == DELETE else xml.tostring(self.objects[name]))
            for name in names
        ]
        with self.engine.begin() as connection:
            accept(connection, SCOPE, "sis", changes, CLOCK, file_delay_seconds=0)
        messages = [
            Claimed(number, CLOCK.new_uuid(), "event", action, *name, None, None, 1)
            for number, name in enumerate(names)
        ]
        caller = Caller(self.to.vendor_id, SCOPE, "off")
        work = Work(self.engine, CLOCK, self.to, caller, None, messages)
        return work_off(work, self.senders)

    def answers(self) -> set[tuple[str, str]]:
        """What the rows say of their delivery."""
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT state, answer_state FROM target_row GROUP BY 1, 2"
            )
            return {tuple(row) for row in found}


@pytest.fixture
def district(store, host, http) -> District:
    """A SIS that has told nothing yet."""
    return District(store, host.url, http)


def test_a_district_arrives_and_a_change_is_one_put(district, host):
    worked = district.tell(CREATE, *district.objects)
    assert {one.state for one in worked.settled} == {"done"}
    assert {status for _, _, status in host.changes()} == {201}
    assert len(host.records.bodies["students"]) == 4
    assert district.answers() == {("ready", "accepted")}
    host.asked.clear()
    name = next(name for name in district.objects if name[0] == "xStudent")
    district.objects[name].find("{*}name/{*}givenName").text = "Ada"
    district.tell(UPDATE, name)
    assert host.changes() == [("PUT", "students", 204)]
    assert "Ada" in [one["firstName"] for one in host.records.bodies["students"].values()]


def test_a_student_who_goes_takes_along_what_hangs_on_them(district, host):
    district.tell(CREATE, *district.objects)
    host.asked.clear()
    name = next(name for name in district.objects if name[0] == "xStudent")
    hanging = [name for name in district.objects if name[0] in ("xRoster", "xContact")]
    district.tell(DELETE, *hanging, name)
    assert len(host.records.bodies["students"]) == 3
    assert len(host.records.bodies["studentSchoolAssociations"]) == 3
    assert {method for method, _, _ in host.changes()} == {"DELETE"}
