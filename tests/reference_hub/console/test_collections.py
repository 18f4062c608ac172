"""State collections in the console: the last run by rule and school, records, another run."""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec
import pytest
from lxml import etree

from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.codec.xml import fold
from reference_hub.journeys.job_work import run_one
from reference_hub.model.collection import STATE
from reference_hub.store import collection_runs, vendors
from reference_hub.wish_fulfilling import fulfilling
from tests.reference_hub.collection.conftest import State
from tests.reference_hub.collection.planting import a_district, put
from tests.reference_hub.console.conftest import SCOPE, Desk, Web


@pytest.fixture(scope="module")
def district() -> dict[str, list[etree._Element]]:
    """A district in which one student has a fault."""
    found = a_district()
    put(found["StudentPersonal"][0], "StateProvinceId", "1")
    return found


@pytest.fixture
def manager(desk: Desk) -> Web:
    return desk.signed_in("manager")


def number_of(district: dict[str, list[etree._Element]]) -> str:
    return district["StudentPersonal"][0].findtext("{*}LocalId") or ""


def test_before_the_first_run_it_is_told_what_to_do(manager: Web) -> None:
    page = manager.get("/collection/ma-sims")
    assert page.status_code == 200
    assert "Have a run made" in page.text
    assert manager.get("/collection/nothing").status_code == 404


def test_the_last_run_is_told_by_rule_and_school(
    desk: Desk, manager: Web, district: dict[str, list[etree._Element]]
) -> None:
    state = State(desk.engine)
    state.keep(district)
    state.run("ma-sims")
    page = manager.get("/collection/ma-sims").text
    assert "SIMS-DOE002" in page
    refid = fold(district["StudentPersonal"][0].get("RefId", ""))
    schools = {fold(each.get("RefId", "")): each for each in district["SchoolInfo"]}
    at = next(
        fold(each.get("SchoolInfoRefId") or each.findtext("{*}SchoolInfoRefId") or "")
        for each in district["StudentSchoolEnrollment"]
        if fold(each.get("StudentPersonalRefId") or each.findtext("{*}StudentPersonalRefId") or "")
        == refid
    )
    assert f">{schools[at].findtext('{*}SchoolName')}</a>" in page
    assert number_of(district) not in page


def test_records_are_named_by_their_number_and_the_look_is_written_down(
    desk: Desk, manager: Web, district: dict[str, list[etree._Element]]
) -> None:
    state = State(desk.engine)
    state.keep(district)
    state.run("ma-sims")
    page = manager.get("/collection/ma-sims/records?rule=SIMS-DOE002").text
    assert number_of(district) in page
    assert desk.run("SELECT detail FROM audit WHERE action = 'console looked at collection records'"
                    ) == [({"collection": "ma-sims"},)]  # fmt: skip
    assert desk.signed_in("viewer").get("/collection/ma-sims/records").status_code == 403


def test_records_of_a_school_are_only_its_own(
    desk: Desk, manager: Web, district: dict[str, list[etree._Element]]
) -> None:
    state = State(desk.engine)
    state.keep(district)
    state.run("ma-sims")
    page = manager.get("/collection/ma-sims").text
    link = re.search(r'href="/console(/collection/ma-sims/records\?[^"]*school=[^"]*)"', page)
    assert link
    there = manager.get(link[1].replace("&amp;", "&")).text
    assert number_of(district) in there
    assert number_of(district) not in manager.get("/collection/ma-sims/records?school=none").text


def test_a_run_here_is_made_by_the_worker(
    desk: Desk, manager: Web, district: dict[str, list[etree._Element]]
) -> None:
    State(desk.engine).keep(district)
    assert manager.post("/collection/ma-sims/again", {"way": "here"}).status_code == 303
    assert "asked for another run" in manager.get("/collection/ma-sims").text
    errand = fulfilling(desk.settings, desk.clock)
    assert errand(desk.engine) is True
    assert errand(desk.engine) is False
    page = manager.get("/collection/ma-sims").text
    assert "The run that was asked for is done" in page
    assert "Made by this hub." in page


def test_the_same_run_is_asked_for_once(desk: Desk, manager: Web) -> None:
    for _ in range(2):
        manager.post("/collection/ma-sims/again", {"way": "here"})
    assert desk.run("SELECT count(*) FROM collection_wish") == [(1,)]


def test_a_place_that_is_none_is_told_at_its_field(manager: Web) -> None:
    answer = manager.post("/collection/ma-sims/again", {"way": "the moon"})
    assert answer.status_code == 422
    assert 'id="way-fault"' in answer.text


def connected(desk: Desk, url: str, district: dict[str, list[etree._Element]]) -> None:
    """The district has a connection to a state's hub, this very one."""
    with desk.engine.begin() as connection:
        vendors.add_application(connection, "harbor", "a-secret", SCOPE)
        vendor = vendors.add_vendor(connection, "the-state", "State", SCOPE)
        vendors.add_subscriber(
            connection, vendor, "state-sif", SCOPE, format="sif-xml", transport="sif_push",
            url=url, credentials={"key": "harbor", "secret": "a-secret"}, objects=sorted(district),
        )  # fmt: skip


def test_a_run_at_the_state_brings_its_report(
    desk: Desk, manager: Web, district: dict[str, list[etree._Element]]
) -> None:
    State(desk.engine).keep(district)
    connected(desk, desk.base, district)
    place = "/collection/ma-sims/again"
    assert manager.post(place, {"way": "state-sif"}).status_code == 303

    def works(_: float) -> None:
        run_one(desk.engine, desk.settings, Clock(), lambda: Judge([]))
        # State and district share a store here, and the district has not heard of the run yet.
        desk.run("DELETE FROM collection_run")

    assert fulfilling(desk.settings, replace(desk.clock, sleep=works))(desk.engine) is True
    with desk.engine.connect() as connection:
        told = collection_runs.last(connection, SCOPE, "ma-sims", STATE)
    assert told is not None
    assert told.rejected == 1
    page = manager.get("/collection/ma-sims").text
    assert "Told by the state." in page


def test_a_state_that_does_not_answer_is_told(
    desk: Desk, manager: Web, district: dict[str, list[etree._Element]]
) -> None:
    connected(desk, "http://127.0.0.1:9", district)
    manager.post("/collection/ma-sims/again", {"way": "state-sif"})
    worker = msgspec.structs.replace(desk.settings.worker, timeout_seconds=1)
    settings = msgspec.structs.replace(desk.settings, worker=worker)
    assert fulfilling(settings, desk.clock)(desk.engine) is True
    page = manager.get("/collection/ma-sims").text
    assert "No run came" in page
