"""The checks for hubs as a whole: one basis each, no row forgotten, no row proven by half."""

from __future__ import annotations

import pytest

from conformance import catalogue, session, target
from conformance.simulators import serve
from conformance.simulators.hub import SimulatedHub
from conformance.simulators.hub.mutants import MUTANTS
from conformance.verifies import load_checks
from tests.conformance.broker.judging import judge, table_for

OWN = sorted(name for name, one in load_checks().items() if one.role == "broker")

CHECKS = {name: spec for name, spec in load_checks().items() if spec.role == "broker"}
ROWS = catalogue.select(catalogue.load(), "broker", "full")


def test_a_check_proves_rows_of_one_basis() -> None:
    bases = {name: {ROWS[one].basis for one in spec.requirements} for name, spec in CHECKS.items()}
    assert {name: found for name, found in bases.items() if len(found) != 1} == {}


def test_every_privacy_row_of_the_role_is_checked_or_says_why_not() -> None:
    checked = {one for spec in CHECKS.values() for one in spec.requirements}
    left = [name for name, row in ROWS.items() if name not in checked and not row.untestable]
    assert left == []


def test_no_row_is_checked_that_says_it_cannot_be() -> None:
    checked = {one for spec in CHECKS.values() for one in spec.requirements}
    assert [name for name in sorted(checked) if ROWS[name].untestable] == []


def test_every_checked_row_is_broken_by_a_hub_on_purpose() -> None:
    checked = {one for spec in CHECKS.values() for one in spec.requirements}
    assert checked == {one for hub in MUTANTS.values() for one in hub.breaks}


def test_the_pods_of_an_earlier_run_blame_no_hub() -> None:
    with serve(SimulatedHub()) as handle:
        config = target.from_table(table_for(handle.url), environ={})
        for only in ("POD-MIN-005", "POD-DEL-008"):
            done = session.run(config, seed=7, only=(only,), examine=False)
            assert done.verdict.outcome == "conforms"


@pytest.mark.parametrize("check", OWN)
def test_a_check_passes_a_conforming_hub_also_when_it_runs_alone(check: str) -> None:
    done = judge(SimulatedHub, (check,))
    assert [(one.id, one.verdict, one.reason) for one in done] == [(check, "pass", "")]
