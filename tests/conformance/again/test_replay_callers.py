"""Runs of products that call are judged again: their recorded calls come to the hub once more."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conformance import replay, runfile, session
from conformance.claims import CALLERS
from conformance.cli import main
from conformance.problems import UsageFault
from conformance.runfile import FAIL, NOT_VERIFIED, PASS, Run
from conformance.simulators.consumer import Consumer
from conformance.simulators.registry import registry
from conformance.target import TargetConfig
from tests.conformance.again.recordings import recorded
from tests.conformance.consumer.judging import SECRET, config_of, moving
from tests.conformance.judging import SEED
from tests.conformance.products import running

# What a conforming product is asked, and the mistakes that something of it finds.
ASKED = {
    "consumer": ("consumer/receipts", "DAT-CON-002", "INF-AUT-008"),
    "publisher": ("publisher/session", "publisher/changes", "INF-AUT-019"),
    "oneroster-consumer": ("DAT-ORC-001", "DAT-ORC-003", "DAT-ORC-004", "DAT-ORC-012"),
}
MISTAKES = {
    "consumer": ("SendsNoReceipt", "HashesTheXml", "SignsWithTheKeyThroughout"),
    "publisher": ("ClockIsAnHourSlow", "SendsTheWholeClass", "LetsEverybodyIn"),
    "oneroster-consumer": ("AsksByGetFirst", "TokenInTheAddress", "TokenInTheRedirect"),
}
# The least share of verdicts, and of failures of mutants, that come again.
SHARE, FAILURES = 0.95, 0.9
PAIRS = [(role, mistake) for role, mistakes in MISTAKES.items() for mistake in mistakes]


def differences(again: Sequence[replay.Replayed]) -> list[tuple[str, str, str, str]]:
    return [
        (one.again.id, one.recorded.verdict, one.again.verdict, one.again.reason)
        for one in again
        if not one.same
    ]


def without(run: Run, *numbers: int) -> Run:
    left = [one for one in run.exchanges if one.number not in numbers]
    return msgspec.structs.replace(run, exchanges=left)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, TargetConfig]:
    """A run of a publisher that sends too much."""
    out = tmp_path_factory.mktemp("runs")
    return recorded("publisher", out, ("SendsTheWholeClass",), "publisher/changes")


@pytest.mark.parametrize("role", CALLERS)
def test_every_verdict_on_a_conforming_product_comes_again(role: str, tmp_path: Path) -> None:
    run, config = recorded(role, tmp_path, (), *ASKED[role])
    again = replay.replay(run, config).checks
    assert differences(again) == []
    assert len(again) >= 4
    assert {one.again.verdict for one in again} == {PASS}


@pytest.mark.parametrize(("role", "mistake"), PAIRS)
def test_a_failure_comes_again_in_the_same_words(role: str, mistake: str, tmp_path: Path) -> None:
    rows = registry(role).mutants[mistake].breaks
    run, config = recorded(role, tmp_path, (mistake,), *rows)
    again = replay.replay(run, config).checks
    assert differences(again) == []
    failed = [one for one in again if one.recorded.verdict == FAIL]
    assert failed
    for one in failed:
        assert [(found.summary, found.exchange) for found in one.again.findings] == [
            (found.summary, found.exchange) for found in one.recorded.findings
        ]
        assert one.again.exchanges == one.recorded.exchanges


def test_one_check_is_judged_with_all_that_came_before_it(
    sent: tuple[Run, TargetConfig],
) -> None:
    run, config = sent
    last = max(run.checks, key=lambda one: max(one.exchanges, default=0)).id
    (one,) = replay.replay(run, config, [last]).checks
    assert (one.again.id, one.same) == (last, True)
    assert one.again.exchanges == one.recorded.exchanges


def test_a_call_that_is_missing_is_nobodys_failure(tmp_path: Path) -> None:
    run, config = recorded("publisher", tmp_path, (), "publisher/changes")
    calls = [number for check in run.checks for number in check.exchanges]
    for number in (calls[len(calls) // 3], calls[-1]):
        again = replay.replay(without(run, number), config).checks
        assert FAIL not in {one.again.verdict for one in again}
        (mine,) = [one for one in again if number in one.recorded.exchanges]
        assert mine.again.verdict == NOT_VERIFIED
        assert mine.again.reason == f"not recorded: exchange {number} is not in the run"


def test_what_the_product_was_not_answered_is_no_ground_for_a_verdict(
    sent: tuple[Run, TargetConfig],
) -> None:
    run, config = sent
    changed = [
        msgspec.structs.replace(
            one, response=msgspec.structs.replace(one.response, start="HTTP/1.1 503 Not now")
        )
        if one.response is not None and one.number == run.exchanges[-1].number
        else one
        for one in run.exchanges
    ]
    again = replay.replay(msgspec.structs.replace(run, exchanges=changed), config).checks
    (check,) = [one for one in run.checks if run.exchanges[-1].number in one.exchanges]
    (one,) = [each.again for each in again if each.again.id == check.id]
    number = run.exchanges[-1].number
    assert one.verdict == NOT_VERIFIED
    assert one.reason.startswith(f"not recorded: the call {number} was answered 503 then, and is")


def test_another_suite_does_not_praise_what_it_cannot_see(tmp_path: Path) -> None:
    run, config = recorded("publisher", tmp_path, ("DeclaresLatin1",), "INF-TRN-006")
    header = msgspec.structs.replace(run.header, suite_hash="0" * 64)
    (one,) = replay.replay(msgspec.structs.replace(run, header=header), config).checks
    assert (one.recorded.verdict, one.again.verdict) == (FAIL, NOT_VERIFIED)
    assert one.again.reason.endswith("values of what failed then stayed masked")


@pytest.mark.parametrize("role", CALLERS)
def test_a_run_that_tells_no_moments_is_not_replayed(role: str, tmp_path: Path) -> None:
    run, config = recorded("publisher", tmp_path, (), "DAT-PUB-001")
    older = [msgspec.structs.replace(one, arrival=None) for one in run.exchanges]
    header = msgspec.structs.replace(run.header, role=role)
    with pytest.raises(UsageFault, match="the run does not say at which order") as told:
        replay.replay(msgspec.structs.replace(run, header=header, exchanges=older), config)
    assert f"conformance run --role {role} --seed {SEED} --only DAT-PUB-001." in str(told.value)


def test_calls_that_went_through_a_relay_are_not_replayed(
    sent: tuple[Run, TargetConfig],
) -> None:
    run, config = sent
    consumer = msgspec.structs.replace(config.consumer, relay="http://127.0.0.1:9/hub")
    with pytest.raises(UsageFault, match="went through a relay to another hub"):
        replay.replay(run, replace(config, consumer=consumer))


def test_nobody_is_waited_for_and_no_port_is_opened(tmp_path: Path) -> None:
    run, config = recorded("publisher", tmp_path, ("NeverDeletes",), "DAT-PUB-023")
    waits: Any = msgspec.structs.replace(config.publisher, wait_seconds=3600, watch_seconds=3600)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listener = msgspec.structs.replace(config.listener, port=taken.getsockname()[1])
        patient = replace(config, publisher=waits, listener=listener)
        again = replay.replay(run, patient).checks
    assert differences(again) == []


def test_an_exchange_that_came_says_when(sent: tuple[Run, TargetConfig]) -> None:
    run, config = sent
    came = [one.arrival for one in run.exchanges if one.direction == "received"]
    assert came
    assert None not in came
    orders = [(one.check, one.order, one.step) for one in came if one is not None]
    assert len(set(orders)) > 3
    seconds = [one.seconds for one in came if one is not None]
    assert seconds == sorted(seconds)
    # What a system sends of its people is not told by other words either.
    assert {str(one.said) + str(one.told) for one in came if one is not None} == {"{}[]"}
    words = msgspec.json.encode(came).decode()
    assert config.secret not in words
    assert '"signed":"SIF_HMACSHA256 key right"' in words


def judged_again(
    out: Path, only: Sequence[str], move: Any = None, tell: Any = print, **tables: dict[str, Any]
) -> Sequence[replay.Replayed]:
    """A run of a consumer with these tables of its target changed, judged again."""
    config = config_of(**tables)
    outcome = session.run(config, seed=SEED, only=only, out=out, move=move, tell=tell)
    assert outcome.directory is not None
    return replay.replay(runfile.read_run(outcome.directory / "run.jsonl"), config).checks


def test_a_client_that_speaks_json_is_judged_again(tmp_path: Path) -> None:
    only = ("POD-ACK-010", "DAT-CON-003", "each_message_is_deleted_by_its_id")
    again = judged_again(tmp_path, only, moving(Consumer), endpoint={"notation": "pesc"})
    assert differences(again) == []
    assert [one.again.verdict for one in again] == [PASS, PASS, PASS]


def test_a_client_of_two_hubs_is_judged_again(tmp_path: Path) -> None:
    again = judged_again(tmp_path, ("DAT-CON-016",), moving(Consumer))
    assert differences(again) == []
    assert [one.again.verdict for one in again] == [PASS]


@pytest.mark.soak
def test_a_client_that_asks_by_itself_is_judged_again(tmp_path: Path) -> None:
    clients: list[Consumer] = []

    def tell(text: str) -> None:
        if not clients:
            place = next(word for word in text.split() if word.startswith("http://"))
            clients.append(Consumer(place, "demo-vendor", SECRET))
            clients[0].interval_seconds = 0.05
            clients[0].start()

    waits = {"wait_seconds": 2.0, "poll_seconds": 0.05}
    only = ("POD-ACK-001", "POD-ACK-007", "POD-ACK-010")
    again = judged_again(tmp_path, only, tell=tell, consumer=waits)
    clients[0].stop()
    clients[0].link.close()
    assert differences(again) == []


DOCTORED = {
    "consumer": "DAT-CON-011",
    "publisher": "DAT-PUB-023",
    "oneroster-consumer": "DAT-ORC-009",
}


@pytest.mark.parametrize("role", CALLERS)
def test_what_came_before_the_first_check_is_played_too(role: str, tmp_path: Path) -> None:
    with running(role) as up:
        outcome = session.run(
            up.config, seed=SEED, only=(DOCTORED[role],), out=tmp_path, move=up.move
        )
    assert outcome.directory is not None
    run = runfile.read_run(outcome.directory / "run.jsonl")
    assert {one.check for one in run.exchanges} > {"doctor"}
    again = replay.replay(run, up.config).checks
    assert differences(again) == []
    lost = [one.number for one in run.exchanges if one.check == "doctor"]
    with pytest.raises(UsageFault, match="the calls before its first check are not recorded"):
        replay.replay(without(run, *lost[:1], *lost[1:-1]), up.config)


TARGET = """
[vendor]
name = "Example School System"
role = "publisher"
[credentials]
key = "demo-vendor"
secret_env = "NOBODY_SET_THIS"
[capabilities]
post = true
provide = true
[publisher]
wait_seconds = 0.05
watch_seconds = 0.02
add = ["{python}", "-c", "open({mark!r}, 'w')"]
"""


def test_the_command_needs_no_product_and_gives_no_orders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark = tmp_path / "an-order-was-given"
    with running("publisher", ("ClockIsAnHourSlow",)) as up:
        folder = up.judged(seed=SEED, out=tmp_path, only=("DAT-PUB-001",)).directory
    file = tmp_path / "conformance.toml"
    file.write_text(TARGET.format(python=sys.executable, mark=str(mark)), encoding="utf-8")
    words = [str(folder), "signed_timestamps_are_of_the_moment", "--target", str(file)]
    assert main(["replay", *words]) == 1
    out = capsys.readouterr().out
    assert out.startswith("signed_timestamps_are_of_the_moment: fail, as in the run (")
    assert "1 of 1 verdicts are those of the run." in out
    assert not mark.exists()
    assert main(["reproduce", *words]) == 64
    told = capsys.readouterr().err
    assert "in the role publisher the product calls" in told
    assert f"conformance replay {folder} signed_timestamps_are_of_the_moment" in told


@pytest.mark.soak
@pytest.mark.parametrize("role", CALLERS)
def test_a_whole_run_comes_again(role: str, tmp_path: Path) -> None:
    run, config = recorded(role, tmp_path, ())
    again = replay.replay(run, config).checks
    assert {one.again.verdict for one in again if not one.same} <= {NOT_VERIFIED}
    assert sum(one.same for one in again) >= SHARE * len(again)


@pytest.mark.soak
@pytest.mark.parametrize("role", CALLERS)
def test_no_mistake_makes_a_replay_flip(role: str, tmp_path: Path) -> None:
    known = {name: one for name, one in registry(role).mutants.items() if not one.special}
    failed = again_failed = 0
    for name in sorted(known)[::4]:
        run, config = recorded(role, tmp_path, (name,), *known[name].breaks)
        again = replay.replay(run, config).checks
        flips = [one for one in differences(again) if one[2] != NOT_VERIFIED]
        assert (name, flips) == (name, [])
        failed += sum(one.recorded.verdict == FAIL for one in again)
        again_failed += sum(one.recorded.verdict == one.again.verdict == FAIL for one in again)
    assert again_failed >= FAILURES * failed > 0
