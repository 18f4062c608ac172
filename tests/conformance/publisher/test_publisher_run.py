"""A run against a system as a vendor meets it: set-up, instructions, commands, exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from conformance import runfile, session
from conformance.claims import PUBLISHING
from conformance.cli import main
from conformance.problems import SetupFault
from conformance.simulators import serve
from conformance.simulators.publisher import Publisher
from conformance.simulators.publisher.control import Control
from conformance.simulators.publisher.mutants import MUTANTS
from tests.conformance.judging import SEED
from tests.conformance.publisher.judging import SECRET, config_of, moving

ONE = ("INF-AUT-008",)


def test_a_system_that_conforms_is_told_so(tmp_path: Path) -> None:
    with moving(Publisher) as move:
        outcome = session.run(config_of(), seed=SEED, only=ONE, move=move, out=tmp_path)
    assert (outcome.verdict.outcome, outcome.exit_code) == ("conforms", 0)
    assert outcome.directory is not None
    found = runfile.read_run(outcome.directory / "run.jsonl")
    assert found.header.role == "publisher"
    assert {one.direction for one in found.exchanges} == {"received"}


def test_what_was_entered_is_not_in_the_run_file(tmp_path: Path) -> None:
    told: list[Mapping[str, str]] = []
    with moving(Publisher) as move:

        def watched(order: str, facts: Mapping[str, str]) -> bool:
            told.append(dict(facts))
            return move(order, facts)

        outcome = session.run(
            config_of(), seed=SEED, only=("DAT-PUB-012",), move=watched, out=tmp_path
        )
    assert outcome.directory is not None
    text = (outcome.directory / "run.jsonl").read_text("utf-8")
    entered = {facts["local_id"] for facts in told if "local_id" in facts}
    assert entered
    assert [one for one in entered if one in text] == []


@pytest.mark.parametrize("name", ["SignsOnce", "KeepsLocalIdsAsNumbers"])
def test_the_same_seed_gives_the_same_verdict_file(tmp_path: Path, name: str) -> None:
    texts = []
    for _ in range(2):
        with moving(MUTANTS[name]) as move:
            only = ("DAT-PUB-013", "INF-AUT-008")
            outcome = session.run(config_of(), seed=SEED, only=only, move=move, out=tmp_path)
        assert outcome.directory is not None
        texts.append((outcome.directory / "verdict.json").read_bytes())
    assert texts[0] == texts[1]


def test_a_system_that_does_not_come_is_a_set_up_fault() -> None:
    said: list[str] = []
    with pytest.raises(SetupFault, match=r"made no call in 0\.05 s") as caught:
        session.run(config_of(), seed=SEED, only=ONE, tell=said.append)
    assert caught.value.exit_code == 3
    assert "Point the system to http://127.0.0.1:" in caught.value.fix
    assert "zone-a (to post), zone-b (to provide)" in said[0]
    assert "let your system send the hub everything it has once" in said[1]


def test_an_address_that_leads_elsewhere_is_named() -> None:
    config = config_of(listener={"public_url": "http://127.0.0.1:1/hub"})
    with pytest.raises(SetupFault, match=r"\[listener\] public_url"):
        session.run(config, seed=SEED, only=ONE, move=lambda *_: True)


def test_wrong_credentials_are_a_set_up_fault() -> None:
    def move(order: str, facts: Mapping[str, str]) -> bool:
        wrong = Publisher(facts["hub"], "demo-vendor", "not-the-secret")
        wrong.connect()
        wrong.close()
        return True

    with pytest.raises(SetupFault, match="without the right credentials"):
        session.run(config_of(), seed=SEED, only=ONE, move=move)


def test_a_system_without_a_way_is_a_set_up_fault() -> None:
    config = config_of(capabilities={"post": False, "provide": False})
    with pytest.raises(SetupFault, match="neither post nor provide"):
        session.run(config, seed=SEED, only=ONE)


def test_a_person_is_told_whom_to_enter() -> None:
    said: list[str] = []
    with moving(Publisher) as move:

        def first_only(order: str, facts: Mapping[str, str]) -> bool:
            return order == "publish" and move(order, facts)

        session.run(
            config_of(), seed=SEED, only=("DAT-PUB-013",), tell=said.append, move=first_only
        )
    asked = next(one for one in said if "enter a new student" in one)
    assert "local id 00" in asked
    assert "{" not in asked


COMMAND = """
[vendor]
name = "Example School System"
role = "publisher"
[credentials]
key = "demo-vendor"
secret_env = "CONFORMANCE_SECRET"
[capabilities]
post = true
provide = true
[publisher]
wait_seconds = 20.0
watch_seconds = 0.1
retry_after_seconds = 0.2
"""


def test_commands_move_a_system_that_runs_on_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", SECRET)
    entry = Control(lambda hub, key: Publisher(hub, key, SECRET))
    with serve(entry) as handle:
        port = handle.url.rpartition(":")[2]
        act = [sys.executable, "-m", "conformance", "simulate", "--role", "publisher"]
        lines = [f"{name} = {json.dumps([*act, '--port', port, '--act', name])}\n"
                 for name in PUBLISHING]  # fmt: skip
        Path("conformance.toml").write_text(COMMAND + "".join(lines), "utf-8")
        assert main(["run", "--seed", "7", "--only", "DAT-PUB-003"]) == 0
        entry.close()
    assert "conforms (seed 7, exit code 0)" in capsys.readouterr().out


def test_the_mutants_of_publishers_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--role", "publisher", "--list"]) == 0
    assert "KeepsLocalIdsAsNumbers  DAT-PUB-013" in capsys.readouterr().out


def test_an_order_to_nobody_is_refused() -> None:
    assert main(["simulate", "--role", "publisher", "--port", "1", "--act", "publish"]) == 64
