"""An Ed-Fi host that is busy, slow or broken: nothing is lost, nothing doubled."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reference_hub.vendors.edfi import reconcile
from tests.reference_hub.edfi.host import Fault
from tests.reference_hub.edfi.test_edfi_client import ledger_of, states


@pytest.mark.requirement("TRN-PR-08")
def test_a_busy_host_is_given_the_time_it_asks_for(host, http, connect, time):
    host.faults = [Fault("POST", "students", "429", 2, "4")]
    ledger = ledger_of("students")
    assert states(ledger.settle(reconcile(ledger.pending(), http, connect()))) == ["sent"] * 3
    assert time.slept == 8
    assert len(host.records.bodies["students"]) == 3


def test_a_long_pause_ends_the_run_and_says_when_to_go_on(host, http, connect, time):
    host.faults = [Fault("POST", "students", "503", 1, "120")]
    ledger = ledger_of("students")
    outcomes = ledger.settle(reconcile(ledger.pending(), http, connect()))
    assert states(outcomes) == ["again"] * 3
    assert {one.not_before for one in outcomes} == {time.now + timedelta(seconds=120)}
    assert outcomes[0].answer == "the host asks us to wait (503)"
    ledger.settle(reconcile(ledger.pending(), http, connect()))
    assert len(host.records.bodies["students"]) == 3


@pytest.mark.requirement("TRN-PR-08")
def test_an_answer_that_never_comes_leaves_one_record(host, http, connect):
    host.faults = [Fault("POST", "students", "silent")]
    ledger = ledger_of("students")
    assert states(ledger.settle(reconcile(ledger.pending(), http, connect()))) == ["sent"] * 3
    assert [status for _, _, status in host.changes()] == [201, 200, 201, 201]
    held = host.records.bodies["students"]
    assert {row.remote_id for row in ledger.rows.values()} == set(held)


def test_an_answer_that_comes_too_late_leaves_one_record(host, http, connect):
    host.faults = [Fault("POST", "students", "late")]
    ledger = ledger_of("students", count=1)
    assert states(ledger.settle(reconcile(ledger.pending(), http, connect()))) == ["sent"]
    assert [status for _, _, status in host.changes()] == [201, 200]


def test_a_host_that_fails_again_and_again_is_left_alone(host, http, connect):
    host.faults = [Fault("POST", "students", "500", 99)]
    ledger = ledger_of("students", count=5)
    outcomes = ledger.settle(reconcile(ledger.pending(), http, connect()))
    assert states(outcomes) == ["again"] * 5
    assert len(host.changes()) == 9
    assert "the host fails: 500" in outcomes[-1].answer


@pytest.mark.parametrize("at_once", [1, 4])
def test_a_pause_in_a_later_portion_leaves_what_was_not_begun(host, http, connect, at_once):
    host.faults = [Fault("POST", "students", "503", 9, "120")]
    rows = ledger_of("localEducationAgencies", "students", count=6).pending()
    portions = [
        [row for row in rows if row.collection == name]
        for name in ("localEducationAgencies", "students")
    ]
    later = lambda order: iter(portions)  # noqa: E731 one line says it
    outcomes = list(reconcile([], http, connect(at_once=at_once), later=later))
    assert states(outcomes) == ["sent"] * len(portions[0]) + ["again"] * 6


@pytest.mark.requirement("TRN-LC-13")
def test_what_was_sent_before_a_crash_is_not_doubled(host, http, connect):
    ledger = ledger_of("students")
    list(reconcile(ledger.pending(), http, connect()))
    ledger.settle(reconcile(ledger.pending(), http, connect()))
    assert [status for _, _, status in host.changes()] == [201] * 3 + [200] * 3
    assert len(host.records.bodies["students"]) == 3


def test_what_was_sent_before_a_crash_can_be_deleted_after_it(host, http, connect):
    ledger = ledger_of("students", count=1)
    rows = ledger.pending()
    list(reconcile(rows, http, connect()))
    gone = [replace(row, state="gone", hash="gone", attempts=1) for row in rows]
    assert states(reconcile(gone, http, connect())) == ["deleted"]
    assert host.records.bodies["students"] == {}


@pytest.mark.requirement("TRN-LR-05")
def test_a_property_the_host_drops_is_in_the_ledger(host, http, connect):
    host.records.drops["students"] = {"firstName"}
    ledger = ledger_of("students")
    outcomes = ledger.settle(reconcile(ledger.pending(), http, connect()))
    losses = [loss for one in outcomes for loss in one.losses]
    assert [(x.kind, x.source_path, x.target_field, x.crosswalk_id) for x in losses] == [
        ("receiver_dropped", "Student.givenName", "students.firstName", "XW-086")
    ]
    assert losses[0].refid == outcomes[0].row.refid
    every = ledger_of("students")
    found = list(reconcile(every.pending(), http, connect(read_back="every")))
    assert [len(one.losses) for one in found] == [1, 1, 1]
