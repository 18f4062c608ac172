"""One hub, five vendors in five formats and one more by SFTP: each holds exactly what it should."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from reference_hub.codec import xml
from reference_hub.journeys import persons
from tests.reference_hub.delivery.district import SCOPE
from tests.reference_hub.edfi.conftest import descriptors
from tests.system.five_faults import STAGES, killed_in
from tests.system.five_world import NARROW, PLAN, World, running

__all__ = ["descriptors"]


pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory,
    standards: Path,
    descriptors: set[str],
) -> Iterator[World]:
    """The hub and its vendors, once for all tests of this file."""
    with running(tmp_path_factory.mktemp("five"), standards, descriptors) as found:
        yield found


def test_a_loaded_district_is_at_each_vendor_whole(world: World) -> None:
    world.checked()
    assert len(world.host.records.bodies["students"]) == PLAN.student_count
    assert sum(kind == "xStudent" for kind, _ in world.xpress.objects) == PLAN.student_count


def test_a_vendor_is_asked_for_one_environment(world: World) -> None:
    assert len(world.unity.state.sessions) == 1
    assert len(world.xpress.state.sessions) == 1


def test_changes_reach_each_vendor_and_nothing_else_does(world: World) -> None:
    students = world.objects["xStudents"]
    first, second, third = students[:3]
    name = first.find("{*}name/{*}givenName")
    assert name is not None
    name.text = "Zoë"
    part = f'<xStudent xmlns="{etree.QName(first).namespace}"><name><givenName>Zoë</givenName>'
    world.send("PUT", etree.fromstring(part + "</name></xStudent>"), str(first.get("refId")))
    world.send("DELETE", second)
    world.send("DELETE", third)
    world.send("POST", third)
    world.checked()
    assert {"Zoë"} <= {one["firstName"] for one in world.host.records.bodies["students"].values()}
    assert len(world.host.records.bodies["students"]) == PLAN.student_count - 1


def test_a_narrowed_pod_narrows_what_each_vendor_holds(world: World) -> None:
    for name in ("unity", "put", "pull"):
        world.district.issue(world.ids[name], NARROW, acknowledged=True)
    world.checked()
    held = world.pulling.holds()
    births = {values[0] for values in held["demographics"].values()}
    assert births <= {None}


def test_a_person_who_is_excluded_leaves_each_vendor(world: World) -> None:
    refid = xml.fold(str(world.objects["xStudents"][3].get("refId")))
    with world.engine.begin() as connection:
        persons.exclude(connection, SCOPE, refid, None, world.district.clock)
    world.checked()
    assert ("xStudent", refid) not in world.xpress.objects


def test_a_worker_killed_in_the_middle_of_its_rows_loses_nothing(world: World) -> None:
    killed_in(world, STAGES["projection"], 4)
    world.checked()
