"""Applications of the settings that wait for a decision: what the commands say of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from reference_hub.cli import cli
from reference_hub.problems import SetupError

ENTRY = """
[zones.demo-district]
[applications.reader]
secret_env = "S"
zone = "demo-district"
kind = "vendor"
vendor = "reading"
"""
DECIDED = ("--decided-by", "Ana Ruiz", "--because", "Board of 3 March")
Run = Callable[..., Result]


@pytest.fixture
def run(store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A hub whose settings hold the application of a vendor; the commands of its operator."""
    (tmp_path / "hub.toml").write_text(ENTRY, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("S", "very-secret")
    url = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)

    def command(*words: str) -> Result:
        return CliRunner().invoke(cli, words, catch_exceptions=False, standalone_mode=False)

    command("vendor", "add", "reading", "--party", "Reading Inc")
    return command


def standing(run: Run) -> tuple[str, str]:
    """What the list says of the application's data, and the doctor of the applications."""
    (listed,) = json.loads(run("app", "list", "--json").stdout)
    found = {each["subject"]: each for each in json.loads(run("doctor", "--json").stdout)}
    return listed["data"], found["apps"]["level"]


def test_it_is_registered_and_told_to_be_held(run: Run) -> None:
    done = run("app", "apply")
    assert done.exit_code == 0
    assert "reader gets no data: its vendor reading waits for a decision" in done.stderr
    assert "reference-hub vendor decide reading" in done.stderr
    assert standing(run) == ("held", "warn")
    assert "held: the district has not decided" in run("app", "show", "reader").stdout


def test_the_doctor_tells_it_before_the_hub_was_ever_started(run: Run) -> None:
    found = {each["subject"]: each for each in json.loads(run("doctor", "--json").stdout)}
    assert (found["apps"]["level"], found["apps"]["text"]) == (
        "warn",
        "reader gets no data: its vendor reading waits for a decision of the district",
    )


def test_a_decision_frees_it_for_good(run: Run, store: Engine) -> None:
    run("app", "apply")
    done = run("vendor", "decide", "reading", *DECIDED)
    assert done.stdout == "Recorded: reading was approved by Ana Ruiz.\n"
    assert standing(run) == ("as granted", "ok")
    assert run("migrate").stderr == ""
    with store.connect() as connection:
        rows = connection.execute(text("SELECT verdict, decided_by FROM console_decision")).all()
    assert [tuple(row) for row in rows] == [("approved", "Ana Ruiz")]


def test_a_refusal_holds_it_again(run: Run) -> None:
    run("vendor", "decide", "reading", *DECIDED)
    done = run("vendor", "decide", "reading", *DECIDED, "--refuse")
    assert done.stdout.endswith("by Ana Ruiz. It gets no data; PODs that ended: 0.\n")
    assert "its vendor reading was refused" in run("app", "apply").stderr
    assert standing(run) == ("held", "warn")


@pytest.mark.parametrize("half", [(), DECIDED[:2], DECIDED[2:], (*DECIDED[:3], " ")])
def test_half_a_decision_is_none(run: Run, half: tuple[str, ...]) -> None:
    with pytest.raises(SetupError, match="needs both --decided-by"):
        run("vendor", "decide", "reading", *half)


def test_whoever_is_registered_by_command_was_asked_already(run: Run) -> None:
    run("app", "apply")
    run("app", "add", "reader", "--vendor", "reading", "--secret-env", "S", *DECIDED)
    assert standing(run) == ("as granted", "ok")


def test_without_districts_in_the_settings_nothing_is_held(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text(ENTRY.replace("[zones.demo-district]\n", ""), "utf-8")
    assert run("app", "apply").stderr == ""
    assert standing(run) == ("as granted", "ok")
