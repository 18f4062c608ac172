"""The job service stateCollection, asked over the wire by a district's hub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import Engine

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys.collection_history import history
from reference_hub.journeys.collection_records import records, take
from reference_hub.journeys.job_work import run_one
from reference_hub.model.collection import STATE
from reference_hub.model.party import Subscriber
from reference_hub.model.scope import Scope
from reference_hub.settings import Settings
from reference_hub.store import collection_runs, vendors
from reference_hub.vendors.state_report import NoReport, StateHub
from reference_hub.workers.transport import Http
from tests.reference_hub.collection.conftest import SCOPE, State
from tests.reference_hub.collection.planting import a_district, put
from tests.reference_hub.listening import listening_at

DISTRICT = Scope("district-side")


@pytest.fixture
def ask(store: Engine, hub_settings: Settings) -> Iterator[StateHub]:
    """What asks a listening state's hub; while it waits, the state's work is done."""
    with store.begin() as connection:
        vendors.add_application(connection, "harbor", "a-secret", SCOPE)

    def works(_: float) -> None:
        run_one(store, hub_settings, Clock(), lambda: Judge([]))

    http = Http(10.0)
    with listening_at(create_app(hub_settings, store, Clock())) as url:
        to = Subscriber(
            id=1,
            vendor_id=1,
            name="state-sif-xml",
            scope=SCOPE,
            format="sif-xml",
            transport="sif_push",
            url=url,
            credentials={"key": "harbor", "secret": "a-secret"},
            objects=(),
            state="live",
            session=None,
        )
        yield StateHub(http, Clock(sleep=works), to)
    http.close()


def faulty(state: State) -> etree._Element:
    """A district with one fault at the state; the student that has it."""
    district = a_district()
    one = district["StudentPersonal"][0]
    put(one, "StateProvinceId", "1")
    state.keep(district)
    return one


def test_the_report_of_the_last_run_comes_back(state: State, ask: StateHub) -> None:
    faulty(state)
    run = state.run("ma-sims")
    report, _ = ask.report("ma-sims", new=False, wait=10)
    assert (report.run.id, report.run.number, report.run.origin) == (run.id, 1, STATE)
    assert [each.rule for each in report.findings] == ["SIMS-DOE002"]


def test_a_district_may_ask_for_a_new_run(state: State, ask: StateHub) -> None:
    one = faulty(state)
    state.run("ma-sims")
    put(one, "StateProvinceId", "0000000001")
    state.change(one)
    report, _ = ask.report("ma-sims", new=True, wait=10)
    assert (report.run.number, report.findings, report.run.rejected) == (2, (), 0)


def test_before_the_first_run_there_is_no_report(state: State, ask: StateHub) -> None:
    with pytest.raises(NoReport, match="There was no run of this collection yet"):
        ask.report("ma-sims", new=False, wait=10)


def test_a_collection_that_nobody_knows_has_no_report(state: State, ask: StateHub) -> None:
    with pytest.raises(NoReport, match="known are ma-epims, ma-sims"):
        ask.report("ma-simz", new=True, wait=10)


def test_a_states_own_rules_are_run_anew_as_they_were_last_run(
    state: State, ask: StateHub, rules: Any
) -> None:
    faulty(state)
    state.run(rules(OWN_RULE))
    report, _ = ask.report("own", new=True, wait=10)
    assert (report.run.number, [each.rule for each in report.findings]) == (2, ["ONE"])


def test_a_state_without_a_worker_is_named_after_the_wait(state: State, ask: StateHub) -> None:
    patient = replace(ask, clock=Clock(sleep=lambda _: None))
    with pytest.raises(NoReport, match="is its worker running"):
        patient.report("ma-sims", new=False, wait=0)


def test_a_wrong_secret_gives_no_report(state: State, ask: StateHub) -> None:
    stranger = replace(ask.to, credentials={"key": "harbor", "secret": "guessed"})
    with pytest.raises(NoReport, match="gave no environment \\(401\\)"):
        replace(ask, to=stranger).report("ma-sims", new=False, wait=10)


def test_a_session_that_the_state_forgot_is_opened_anew(state: State, ask: StateHub) -> None:
    state.run("ma-sims")
    ask.report("ma-sims", new=False, wait=10)
    old = ask.remembered()
    assert ask.environment is not None
    ask.environment = replace(ask.environment, token="forgotten")
    report, _ = ask.report("ma-sims", new=False, wait=10)
    assert (report.run.number, ask.remembered()["token"] == old["token"]) == (1, True)


def test_another_district_does_not_get_the_report(state: State, ask: StateHub) -> None:
    faulty(state)
    state.run("ma-sims")
    stranger = replace(ask.to, scope=Scope("other-district"))
    with pytest.raises(NoReport, match=r"answered 40[34]"):
        replace(ask, to=stranger).report("ma-sims", new=False, wait=10)


def test_what_the_state_told_is_kept_record_by_record(state: State, ask: StateHub) -> None:
    one = faulty(state)
    state.run("ma-sims")
    report, body = ask.report("ma-sims", new=False, wait=10)
    stored = replace(report, run=replace(report.run, id=Clock().new_uuid()))
    with state.engine.begin() as connection:
        assert take(connection, DISTRICT, stored, body)
        assert not take(connection, DISTRICT, stored, body)
        kept = collection_runs.last(connection, DISTRICT, "ma-sims")
        assert kept is not None
        told = {each.local_id: each for each in records(connection, DISTRICT, kept)}
        (first,) = history(connection, DISTRICT, "ma-sims", STATE)
    assert told[one.findtext("{*}LocalId", "")].verdict == "rejected"
    assert first.words == "Run 1: the first one, 1 findings."


OWN_RULE = """
[[rule]]
id = "ONE"
level = "error"
basis = "profile"
object = "StudentPersonal"
path = "StateProvinceId"
must = "have length"
least = 2
says = "Too short."
do = "Mend."
"""
