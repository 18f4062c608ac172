"""Transport, meals, attendance and scores of the same students meet at one vendor."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from fixtures.generate import Plan
from fixtures.writers import models, notation
from reference_hub.clock import Clock
from reference_hub.codec import xml
from reference_hub.model.change import CREATE, Change
from reference_hub.settings import Database, Settings, Worker
from reference_hub.store.db import open_engine
from reference_hub.vendors.edfi_codes import descriptors as codes_of
from reference_hub.workers.loop import run
from tests.reference_hub.delivery.district import District
from tests.reference_hub.edfi import sheet
from tests.reference_hub.edfi.conftest import descriptors
from tests.reference_hub.edfi.district import settings, written
from tests.reference_hub.edfi.host import KEY, SECRET, serving
from tests.reference_hub.edfi.records import Records

__all__ = ["descriptors"]
PLAN = Plan(3, 60, 1)
Bodies = Mapping[str, Mapping[str, Mapping[str, Any]]]
Documents = dict[str, etree._Element]


pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def sis() -> Documents:
    """What the SIS holds, by collection."""
    model = models.model_of("unity-4.3")
    return {
        name: etree.fromstring(b"".join(notation.stream(name, nodes, model.namespace)))
        for name, nodes in model.collections(PLAN).items()
    }


@pytest.fixture(scope="module")
def host(
    tmp_path_factory: pytest.TempPathFactory,
    standards: Path,
    descriptors: set[str],
    sis: Documents,
) -> Iterator[Bodies]:
    """A host of Data Standard 6 after the hub's worker had nothing left to send."""
    numbers = {x.findtext(".//{*}RouteNumber"): "1" for x in sis["StudentTransportInfos"]}
    more = {"bus_routes": {str(route): "1" for route in numbers if route}}
    known = {uri for row in written("unity-4.3", "edfi-6", PLAN) for _, uri in codes_of(row.body)}
    routes = {f"uri://ed-fi.org/BusRouteDescriptor#{route}" for route in more["bus_routes"]}
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    known |= {f"uri://ed-fi.org/TravelDayofWeekDescriptor#{day}" for day in days}
    ways = ("To School", "From School", "To and From School")
    known |= {f"uri://ed-fi.org/TravelDirectionDescriptor#{way}" for way in ways}
    records = Records(sheet.resources(standards, "6.0"), descriptors | known | routes)
    folder = tmp_path_factory.mktemp("use")
    place = Database(directory=str(folder / "pg"))
    engine = open_engine(Settings(database=place))
    with serving(records, version="6.0.0") as found:
        hub = Settings(database=place, worker=Worker(batch=5000))
        district = District(engine)
        changes = [
            Change(CREATE, xml.local_name(x), xml.fold(xml.refid_of(x)), xml.tostring(x))
            for collection in sis.values()
            for x in collection
            if xml.refid_of(x)
        ]
        kinds = sorted({change.object_type for change in changes})
        district.connect(
            district.vendor(policy="off"), found.url, format="edfi-6", transport="edfi",
            objects=kinds, credentials={"key": KEY, "secret": SECRET},
            delivery=settings(PLAN, **more),
        )  # fmt: skip
        district.accept(*changes)
        run(engine, hub, Clock(), threading.Event(), until_empty=True)
        yield records.bodies
    engine.dispose()


def person(body: Mapping[str, Any]) -> str:
    """Whom a document is about."""
    return str(body["studentReference"]["studentUniqueId"])


def answered(host: Bodies, day: str, score: int) -> set[str]:
    """Who has a bus and free meals, was absent that day and scored lower, as the vendor sees it."""
    riders = {
        person(x) for x in host["studentTransportations"].values() if "studentBusDetails" in x
    }
    fed = {
        person(x)
        for x in host["studentSchoolFoodServiceProgramAssociations"].values()
        if "Free" in str(x["schoolFoodServiceProgramServices"])
    }
    absent = {
        person(x)
        for x in host["studentSchoolAttendanceEvents"].values()
        if x["eventDate"] == day and "Absence" in x["attendanceEventCategoryDescriptor"]
    }
    low = {
        person(x)
        for x in host["studentAssessments"].values()
        for part in x.get("studentObjectiveAssessments", ())
        for one in part["scoreResults"]
        if float(one["result"]) < score
    }
    return riders & fed & absent & low


def known(sis: Documents, day: str, score: int) -> set[str]:
    """The same from the documents of the SIS, as local ids."""

    def owner(one: etree._Element) -> str:
        return str(one.get("StudentPersonalRefId"))

    absences = {
        str(x.get("RefId"))
        for x in sis["AttendanceCodeInfos"]
        if x.findtext("{*}AttendanceType") == "Absent"
    }
    riders = {
        owner(x) for x in sis["StudentTransportInfos"] if x.findtext("{*}Eligibility") == "Bus"
    }
    fed = {
        owner(x)
        for x in sis["StudentMeals"]
        if any(status.get("Type") == "Free" for status in x.findall("{*}MealStatus"))
    }
    absent = {
        owner(x)
        for x in sis["StudentDailyAttendances"]
        if x.get("Date") == day and x.findtext("{*}AttendanceCodeInfoRefId") in absences
    }
    low = {
        owner(x)
        for x in sis["StudentScoreSets"]
        if any(float(value.text or "nan") < score for value in x.iter("{*}ScoreValue"))
    }
    names = {str(x.get("RefId")): x.findtext("{*}LocalId") for x in sis["StudentPersonals"]}
    return {str(names[each]) for each in riders & fed & absent & low}


def days(sis: Documents) -> list[str]:
    """All days on which somebody's attendance was told."""
    return sorted({str(x.get("Date")) for x in sis["StudentDailyAttendances"]})


def test_the_vendor_can_answer_what_joins_four_systems(host: Bodies, sis: Documents) -> None:
    found = {day: known(sis, day, 500) for day in days(sis)}
    assert sum(map(len, found.values())) > 0
    assert {day: answered(host, day, 500) for day in found} == found


def test_each_part_of_the_answer_counts(host: Bodies, sis: Documents) -> None:
    """A lower bar gives fewer people: the answer is not that of one system alone."""
    everybody = {day: known(sis, day, 10_000) for day in days(sis)}
    low = {day: known(sis, day, 460) for day in days(sis)}
    assert sum(map(len, low.values())) < sum(map(len, everybody.values()))
    assert {day: answered(host, day, 460) for day in low} == low
