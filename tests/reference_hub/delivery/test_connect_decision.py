"""Commands that give a vendor data, in a district that wants a recorded decision first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reference_hub.cli import cli
from reference_hub.model.console_run import CONDITIONS, REFUSED, Decision
from reference_hub.settings import Settings
from reference_hub.store import console_runs
from reference_hub.store.db import url_of
from tests.reference_hub.delivery.district import SCOPE, District

CONNECT = ("vendor", "connect", "reading", "--format", "oneroster-1.2-rest")
APP = ("app", "add", "reader", "--vendor", "reading", "--secret-env", "S")
DECIDED = ("--decided-by", "Ana Ruiz", "--because", "Board of 3 March")
Command = Callable[..., Result]


@pytest.fixture
def operator(district: District, hub_settings: Settings, tmp_path: Path) -> Command:
    """Run a command under a settings file whose district has this `decision`; '' writes none."""
    district.vendor()
    url = url_of(hub_settings).replace("+psycopg", "")

    def run(*words: str, decision: str = "required") -> Result:
        line = f'decision = "{decision}"\n' if decision else ""
        (tmp_path / "own.toml").write_text(f"[zones.demo-district]\n{line}", "utf-8")
        asked = ["--settings", str(tmp_path / "own.toml"), *words]
        return CliRunner().invoke(cli, asked, env={"DATABASE_URL": url, "S": "a secret"})

    return run


def decided(district: District, verdict: str) -> None:
    """A decision of the console about the only vendor."""
    ((number,),) = district.query("SELECT id FROM vendor")
    with district.engine.begin() as connection:
        decision = Decision(verdict, "as agreed", district.clock.now(), "maria")
        console_runs.decide(connection, SCOPE, number, decision)


@pytest.mark.parametrize("words", [CONNECT, APP])
@pytest.mark.parametrize("policy", ["required", ""])
def test_without_a_decision_nothing_is_connected(
    district: District, operator: Command, words: tuple[str, ...], policy: str
) -> None:
    said = str(operator(*words, decision=policy).exception)
    assert "No decision about reading is recorded" in said
    assert "--decided-by" in said
    assert district.query("SELECT count(*) FROM subscriber") == [(0,)]
    assert district.query("SELECT count(*) FROM application WHERE key = 'reader'") == [(0,)]


def test_a_decision_told_with_the_command_is_kept_and_audited(
    district: District, operator: Command
) -> None:
    assert operator(*CONNECT, *DECIDED).exit_code == 0
    assert district.query(
        "SELECT verdict, conditions, decided_by, run_id FROM console_decision"
    ) == [("approved", "Board of 3 March", "Ana Ruiz", None)]
    assert district.query(
        "SELECT actor, detail->>'decided_by' FROM audit WHERE action = 'decided approved'"
    ) == [("operator", "Ana Ruiz")]


def test_a_decision_of_the_console_is_enough(district: District, operator: Command) -> None:
    decided(district, CONDITIONS)
    assert operator(*CONNECT).exit_code == 0
    assert operator(*APP).exit_code == 0


@pytest.mark.parametrize("policy", ["required", "console", "optional"])
def test_a_refused_vendor_is_connected_only_after_another_decision(
    district: District, operator: Command, policy: str
) -> None:
    decided(district, REFUSED)
    assert "was refused by maria" in str(operator(*CONNECT, decision=policy).exception)
    assert operator(*CONNECT, *DECIDED, decision=policy).exit_code == 0


@pytest.mark.parametrize("policy", ["console", "optional"])
def test_other_districts_are_asked_for_none(
    district: District, operator: Command, policy: str
) -> None:
    assert operator(*CONNECT, decision=policy).exit_code == 0
    assert district.query("SELECT count(*) FROM console_decision") == [(0,)]


@pytest.mark.parametrize(
    "half", [DECIDED[:2], DECIDED[2:], ("--decided-by", "Ana Ruiz", "--because", " ")]
)
def test_half_a_decision_is_none(
    district: District, operator: Command, half: tuple[str, ...]
) -> None:
    said = str(operator(*CONNECT, *half).exception)
    assert "give both --decided-by NAME and --because" in said
    assert district.query("SELECT count(*) FROM console_decision") == [(0,)]
