"""A run against a client as a vendor meets it: set-up, instructions, files, exit codes."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from conformance import runfile, session, target_tables
from conformance.claims import ORDERS
from conformance.cli import main
from conformance.problems import SetupFault
from conformance.simulators.consumer import Consumer
from conformance.simulators.consumer.mutants import MUTANTS
from tests.conformance.consumer.judging import SECRET, config_of, moving
from tests.conformance.judging import SEED

ONE = ("POD-ACK-001",)


def test_a_client_that_conforms_is_told_so(tmp_path: Path) -> None:
    outcome = session.run(
        config_of(), seed=SEED, only=ONE, move=moving(Consumer), out=tmp_path
    )  # fmt: skip
    assert (outcome.verdict.outcome, outcome.exit_code) == ("conforms", 0)
    assert outcome.directory is not None
    found = runfile.read_run(outcome.directory / "run.jsonl")
    assert (found.header.role, found.header.endpoint[:17]) == ("consumer", "http://127.0.0.1:")
    assert {one.direction for one in found.exchanges} == {"received"}
    assert {one.check for one in found.exchanges} == {
        "doctor",
        "first_request_for_data_carries_the_token",
    }


def test_a_finding_names_the_call_of_the_client() -> None:
    move = moving(MUTANTS["SendsNoMarker"])
    outcome = session.run(config_of(), seed=SEED, only=ONE, move=move, examine=False)
    (check,) = outcome.verdict.checks
    reason = r"GET connectors-\w+/requests/xStudents: header dataPrivacyMarker is not as expected"
    assert re.fullmatch(reason, check.reason)
    assert check.findings[0].exchange in check.exchanges
    assert (check.findings[0].actual, outcome.exit_code) == ("no such header", 1)


def test_the_same_seed_gives_the_same_verdict_file(tmp_path: Path) -> None:
    move = MUTANTS["QuotesMarkers"]
    both = [
        session.run(config_of(), seed=SEED, only=ONE, move=moving(move), out=tmp_path)
        for _ in range(2)
    ]
    texts = [(one.directory / "verdict.json").read_bytes() for one in both if one.directory]
    assert texts[0] == texts[1]


def test_a_client_that_does_not_come_is_a_set_up_fault() -> None:
    said: list[str] = []
    with pytest.raises(SetupFault, match=r"made no call in 0.05 s") as caught:
        session.run(config_of(), seed=SEED, only=ONE, tell=said.append)
    assert caught.value.exit_code == 3
    assert "Point the client to http://127.0.0.1:" in caught.value.fix
    assert "application key: demo-vendor" in said[0]
    assert "let your client read everything" in said[1]


def test_wrong_credentials_are_a_set_up_fault() -> None:
    def move(order: str, facts: Mapping[str, str]) -> bool:
        wrong = Consumer(facts["hub"], "demo-vendor", "not-the-secret")
        wrong.link.send("POST", "environments/environment")
        wrong.link.close()
        return True

    with pytest.raises(SetupFault, match="without the right credentials"):
        session.run(config_of(), seed=SEED, only=ONE, move=move)


def test_a_client_that_asks_by_itself_needs_no_command() -> None:
    config = config_of(consumer={"wait_seconds": 2.0, "poll_seconds": 0.05})
    said: list[str] = []
    clients: list[Consumer] = []

    def tell(text: str) -> None:
        said.append(text)
        if not clients:
            place = next(word for word in text.split() if word.startswith("http://"))
            clients.append(Consumer(place, "demo-vendor", SECRET))
            clients[0].interval_seconds = 0.05
            clients[0].start()

    only = (*ONE, "markers_of_two_zones_are_kept_apart")
    outcome = session.run(config, seed=SEED, only=only, tell=tell)
    clients[0].stop()
    clients[0].link.close()
    assert [check.verdict for check in outcome.verdict.checks] == [runfile.PASS, runfile.PASS]
    assert threading.active_count() < 10


@pytest.mark.parametrize("row", ["POD-ACK-008", "POD-ACK-015"])
def test_an_order_that_a_person_may_have_missed_decides_nothing(row: str) -> None:
    client: list[Consumer] = []

    def move(order: str, facts: Mapping[str, str]) -> bool:
        client[:] = client or [Consumer(facts["hub"], "demo-vendor", SECRET)]
        client[0].synchronise()
        client[0].link.close()
        return False

    def told(order: str, facts: Mapping[str, str]) -> bool:
        return move("synchronise", facts)

    from conformance.stage import play

    config = config_of()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(play.Stage, "by_machine", lambda *_: False)
        outcome = session.run(config, seed=SEED, only=(row,), examine=False, move=told)
    assert [check.verdict for check in outcome.verdict.checks] == [runfile.NOT_VERIFIED]


COMMAND = """
[vendor]
name = "Example Reading App"
role = "consumer"
[credentials]
key = "demo-vendor"
secret_env = "CONFORMANCE_SECRET"
[capabilities]
pod = true
[consumer]
wait_seconds = 20.0
watch_seconds = 0.1
synchronise = {command}
"""


def written(command: list[str]) -> None:
    """A target file with this command."""
    Path("conformance.toml").write_text(COMMAND.format(command=command), "utf-8")


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", SECRET)


def test_a_command_moves_the_client(capsys: pytest.CaptureFixture[str]) -> None:
    simulate = [sys.executable, "-m", "conformance", "simulate", "--role", "consumer"]
    written([*simulate, "--act", "synchronise"])
    assert main(["run", "--seed", "7", "--only", "POD-ACK-001"]) == 0
    shown = capsys.readouterr()
    assert "conforms (seed 7, exit code 0)" in shown.out
    assert "The suite's hub listens at http://127.0.0.1:" in shown.err


def test_a_simulated_client_moved_by_a_command_pauses_long_enough() -> None:
    simulate = [sys.executable, "-m", "conformance", "simulate", "--role", "consumer"]
    written([*simulate, "--act", "synchronise"])
    assert main(["run", "--seed", "7", "--only", "POD-GATE-014"]) == 0


def test_a_command_that_fails_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    written([sys.executable, "-c", "raise SystemExit(5)"])
    assert main(["doctor"]) == 3
    assert "the command [consumer] synchronise ended with 5" in capsys.readouterr().err


def test_the_page_for_engineers_names_every_key_and_order() -> None:
    page = (Path(session.__file__).parent.parent / "docs" / "consumer.md").read_text("utf-8")
    keys = [field.name for field in msgspec.structs.fields(target_tables.Consumer)]
    assert [key for key in keys if f"`{key}`" not in page] == []
    assert set(ORDERS) <= set(keys)


def test_the_mutants_of_consumers_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--role", "consumer", "--list"]) == 0
    assert "MixesZones  POD-ACK-007" in capsys.readouterr().out


def test_a_simulated_consumer_needs_a_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONFORMANCE_HUB", raising=False)
    assert main(["simulate", "--role", "consumer"]) == 64
