"""Each kind of vendor goes all nine steps: a conforming one to real data, a faulty one to a no."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reference_hub.console.test_onboarding_kinds import small_district
from tests.reference_hub.console.vendor_at_work import (
    Taking,
    delivering,
    runs_desk,
    runs_settings,
    taking,
)
from tests.reference_hub.console.whole_walk import KINDS, Walk, walk

__all__ = ["runs_desk", "runs_settings", "taking"]

REAL = {"Núñez-Gilleluddevet", "Gomes-Hutriwalgurut"}


@pytest.fixture(autouse=True)
def _link_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINK_KEY", "a long random key of a test")


# Of the other kinds test_onboarding and test_onboarding_kinds show it.
@pytest.mark.parametrize("kind", ["edfi", "roster"])
def test_real_data_comes_after_decision_acceptance_and_switch(
    taking: Taking, tmp_path: Path, kind: str
) -> None:
    small_district(taking)
    going = walk(taking, kind)
    with going.up(tmp_path), delivering(taking.desk):
        going.connected()
        going.decided("approved")
        going.accepted()
        assert not going.has() & REAL
        taking.press("switch-on", "switch-on")
        going.reached_by(REAL)


@pytest.mark.soak
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_conforming_vendor_comes_to_real_data(taking: Taking, tmp_path: Path, kind: str) -> None:
    small_district(taking)
    going = walk(taking, kind)
    with going.up(tmp_path), delivering(taking.desk):
        before_the_decision(going)
        assert going.judged() == "conforms"
        going.decided("approved")
        going.accepted()
        assert not going.has() & REAL
        taking.press("switch-on", "switch-on")
        assert "gets real data" in going.page("data")
        going.reached_by(REAL)


@pytest.mark.soak
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_faulty_vendor_is_refused_and_gets_nothing(
    taking: Taking, tmp_path: Path, kind: str
) -> None:
    small_district(taking)
    going = walk(taking, kind, faulty=True)
    with going.up(tmp_path), delivering(taking.desk):
        before_the_decision(going)
        assert going.judged() == "does not conform"
        going.decided("refused")
        [(verdict, run)] = taking.desk.run("SELECT verdict, run_id FROM console_decision")
        assert (verdict, run is not None) == ("refused", True)
        taking.press("publish", "data")
        taking.press("switch-on", "switch-on")
        assert "the district refused this vendor" in going.page("data")
        assert not going.has() & REAL
    assert taking.desk.run("SELECT DISTINCT status FROM pod") == [("Expired",)]


def before_the_decision(going: Walk) -> None:
    """Agreement, connection, doctor, made-up students."""
    going.connected()
    going.looked()
    going.tried()
