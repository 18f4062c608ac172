"""A run against a OneRoster client as a vendor meets it: set-up faults, orders, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance import session, target
from conformance.cli import main
from conformance.problems import SetupFault, TargetError
from conformance.simulators.oneroster_consumer import RosterClient
from conformance.simulators.oneroster_consumer.mutants import MUTANTS
from tests.conformance.judging import SEED
from tests.conformance.oneroster_consumer.judging import SECRET, config_of, judged, moving

NOBODY = "http://127.0.0.1"
ONE = ("DAT-ORC-001",)
NO_EXPORT = {"capabilities": {"readback": False}}


def examined(client: RosterClient, **tables: Any) -> SetupFault:
    """The fault that the doctor finds with this client."""
    config = config_of(**NO_EXPORT | tables)
    with pytest.raises(SetupFault) as caught:
        session.run(config, seed=SEED, only=ONE, move=moving(client))
    return caught.value


class OfGrades(RosterClient):
    """Asks for the scopes of another service."""

    scopes = ("https://purl.imsglobal.org/spec/or/v1p2/scope/gradebook.readonly",)


class Lost(RosterClient):
    """Looks for the rosters at another place."""

    @property
    def root(self) -> str:
        return f"{self.hub}/api/v2"


class Hasty(RosterClient):
    """Never acknowledges its document."""

    papers = False


@pytest.mark.parametrize(
    ("client", "key", "seen"),
    [
        (RosterClient(NOBODY, "demo-vendor", "another"), "[credentials] key", "another one"),
        (RosterClient(NOBODY, "somebody", SECRET), "[credentials] key = 'demo", "another one"),
        (OfGrades(NOBODY), "[roster] scopes", "other scopes"),
        (Lost(NOBODY), "[roster] version = '1.2'", "such as /hub/api/v2/academicSessions"),
        (Hasty(NOBODY), "[roster]", "was answered 403"),
    ],
)
def test_a_client_that_is_not_let_in_is_named(client: RosterClient, key: str, seen: str) -> None:
    found = examined(client)
    assert key in found.key
    assert seen in found.seen


def test_an_export_that_is_not_there_is_named() -> None:
    config = config_of(endpoint={"url": "http://127.0.0.1:1"})
    with pytest.raises(SetupFault, match=r"\[readback\] users"):
        session.run(config, seed=SEED, only=ONE, move=moving(RosterClient(NOBODY)))


def test_a_client_that_conforms_is_told_so(tmp_path: Path) -> None:
    client = RosterClient(NOBODY)
    outcome = session.run(
        config_of(**NO_EXPORT), seed=SEED, only=ONE, move=moving(client), out=tmp_path
    )
    assert (outcome.verdict.outcome, outcome.exit_code) == ("conforms", 0)
    assert outcome.directory is not None
    text = (outcome.directory / "run.jsonl").read_text("utf-8")
    secrets = (SECRET, client.token, str(client.store.rows("users")[1]["email"]))
    assert [one for one in secrets if one in text] == []


def test_a_finding_names_the_call_of_the_client() -> None:
    (check,) = judged(MUTANTS["TakesTheOffsetOfALink"](NOBODY), ["DAT-ORC-021"])
    assert check.reason.startswith("not so: every object is read")
    assert check.findings[0].exchange in check.exchanges
    assert check.findings[0].actual == "12 objects of demographics and others are missing"


def test_the_same_seed_gives_the_same_verdict_file(tmp_path: Path) -> None:
    both = [
        session.run(
            config_of(**NO_EXPORT), seed=SEED, only=("DAT-ORC-020",), out=tmp_path, examine=False,
            move=moving(MUTANTS["StopsAtAShortPage"](NOBODY)),
        )
        for _ in range(2)
    ]  # fmt: skip
    texts = [(one.directory / "verdict.json").read_bytes() for one in both if one.directory]
    assert texts[0] == texts[1]


def test_an_order_comes_with_the_addresses() -> None:
    told: list[Mapping[str, str]] = []

    def move(order: str, facts: Mapping[str, str]) -> bool:
        told.append(facts)
        return True

    session.run(config_of(**NO_EXPORT), seed=SEED, only=ONE, move=move, examine=False)
    assert told[0]["roster"] == f"{told[0]['hub']}/ims/oneroster/rostering/v1p2"
    assert told[0]["token_url"] == f"{told[0]['hub']}/oauth/token"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"version": "2.0"}, "1.1, 1.2"),
        ({"scopes": ["all"]}, "roster-core.readonly"),
        ({"collections": ["pupils"]}, "academicSessions"),
        ({"tries": 0}, "1 or more"),
    ],
)
def test_a_wrong_agreement_is_a_fault_of_the_target_file(table: Any, words: str) -> None:
    with pytest.raises(TargetError, match=words):
        target.from_table(
            {
                "vendor": {"name": "A", "role": "oneroster-consumer"},
                "credentials": {"key": "a", "secret": "secret"},
                "roster": table,
            }
        )


COMMAND = """
[vendor]
name = "Example Reading App"
role = "oneroster-consumer"
[credentials]
key = "demo-vendor"
secret_env = "CONFORMANCE_SECRET"
[consumer]
wait_seconds = 20.0
watch_seconds = 0.1
synchronise = {command}
"""


def test_a_command_moves_the_simulated_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFORMANCE_SECRET", SECRET)
    simulate = [sys.executable, "-m", "conformance", "simulate", "--role", "oneroster-consumer"]
    text = COMMAND.format(command=[*simulate, "--act", "synchronise"])
    (tmp_path / "conformance.toml").write_text(
        text + "[capabilities]\ntokens = true\npod = true\n", "utf-8"
    )
    assert main(["run", "--seed", "7", "--only", "DAT-ORC-001"]) == 0


def test_a_simulated_client_needs_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONFORMANCE_HUB", raising=False)
    assert main(["simulate", "--role", "oneroster-consumer"]) == 64
