"""A recorded run is judged again offline and comes to the same verdicts."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from conformance import replay, runfile, session, verdict
from conformance.cli import main
from conformance.problems import TargetError
from conformance.simulators import serve
from conformance.simulators.registry import registry
from tests.conformance.again.conftest import SECRET, SEED, Recorded, config_for

STATUS = "single_create_returns_the_new_object"


def with_answers(run: runfile.Run, check: str, old: str, new: str) -> runfile.Run:
    """The run with other words in the first lines of a check's answers."""
    changed = [
        msgspec.structs.replace(
            one,
            response=msgspec.structs.replace(
                one.response, start=one.response.start.replace(old, new)
            ),
        )
        if one.check == check and one.response is not None
        else one
        for one in run.exchanges
    ]
    return msgspec.structs.replace(run, exchanges=changed)


def by_another_suite(run: runfile.Run) -> runfile.Run:
    """The run as if another version of the suite had recorded it."""
    return msgspec.structs.replace(
        run, header=msgspec.structs.replace(run.header, suite_hash="0" * 64)
    )


def judged(recorded: Recorded, run: runfile.Run, *only: str) -> Sequence[replay.Replayed]:
    return replay.replay(run, recorded.config, only).checks


def test_every_verdict_of_a_run_comes_again(recorded: Recorded) -> None:
    again = judged(recorded, recorded.run)
    assert len(again) == len(recorded.run.checks) > 20
    assert [one.again.id for one in again if not one.same] == []
    assert Counter(one.again.verdict for one in again)["fail"] == len(recorded.failed()) >= 4


def test_a_finding_comes_again_in_the_same_words(recorded: Recorded) -> None:
    (one,) = judged(recorded, recorded.run, STATUS)
    before, now = one.recorded.findings[0], one.again.findings[0]
    assert (now.summary, now.exchange) == (before.summary, before.exchange)


def test_another_answer_gets_another_verdict(recorded: Recorded) -> None:
    mended = with_answers(recorded.run, STATUS, "200 OK", "201 Created")
    (one,) = judged(recorded, by_another_suite(mended), STATUS)
    assert (one.recorded.verdict, one.again.verdict) == (runfile.FAIL, runfile.PASS)


def test_a_request_that_was_not_recorded_is_nobodys_failure(recorded: Recorded) -> None:
    cut = [one for one in recorded.run.exchanges if one.check != STATUS]
    (one,) = judged(recorded, msgspec.structs.replace(recorded.run, exchanges=cut), STATUS)
    assert one.again.verdict == runfile.NOT_VERIFIED
    assert "not recorded: this request, POST" in one.again.reason


def test_an_answer_that_was_cut_is_nobodys_failure(recorded: Recorded) -> None:
    cut = [
        msgspec.structs.replace(
            one, response=msgspec.structs.replace(one.response, body="[zip]\na.csv 3 bytes")
        )
        if one.response is not None and one.check == STATUS
        else one
        for one in recorded.run.exchanges
    ]
    (one,) = judged(recorded, msgspec.structs.replace(recorded.run, exchanges=cut), STATUS)
    assert one.again.verdict == runfile.NOT_VERIFIED
    assert "written down in part only" in one.again.reason


def test_the_same_suite_never_turns_a_pass_into_a_failure(recorded: Recorded) -> None:
    name = "charset_parameter_does_no_harm"
    broken = with_answers(recorded.run, name, "200 OK", "415 Unsupported Media Type")
    (one,) = judged(recorded, broken, name)
    assert (one.recorded.verdict, one.again.verdict) == (runfile.PASS, runfile.NOT_VERIFIED)
    assert one.again.reason.startswith("not recorded: the answers were written down without")


def test_a_fault_of_the_connection_comes_again(tmp_path: Path) -> None:
    silent = registry("receiver").compose(("Silent",))
    with serve(silent(secret=SECRET)) as handle:
        config = config_for(handle.url)
        endpoint = msgspec.structs.replace(config.endpoint, read_seconds=0.2, total_seconds=0.2)
        config = dataclasses.replace(config, endpoint=endpoint)
        only = ("environment_can_be_created_without_a_body",)
        outcome = session.run(config, seed=1, only=only, out=tmp_path, examine=False)
    assert outcome.directory is not None
    run = runfile.read_run(outcome.directory / "run.jsonl")
    (one,) = replay.replay(run, config).checks
    assert one.same
    assert one.again.verdict == runfile.NOT_VERIFIED
    assert one.again.reason == verdict.stable(one.recorded.reason)


TARGET = """
[vendor]
name = "Example Reading App"
[endpoint]
url = "http://127.0.0.1:9"
[credentials]
key = "demo-vendor"
secret_env = "NOBODY_SET_THIS"
[capabilities]
{capabilities}
"""


@pytest.fixture
def target_file(tmp_path: Path, recorded: Recorded) -> Path:
    """A target file that names a secret which is not there, and a port where nobody listens."""
    lines = "\n".join(f"{name} = true" for name in sorted(recorded.config.capabilities))
    path = tmp_path / "conformance.toml"
    path.write_text(TARGET.format(capabilities=lines), encoding="utf-8")
    return path


def test_the_command_needs_neither_network_nor_secret(
    recorded: Recorded, target_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["replay", str(recorded.folder), STATUS, "--target", str(target_file), "--json"]
    assert main(words) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["same_suite"] is True
    assert [(one["id"], one["recorded"], one["verdict"]) for one in told["checks"]] == [
        (STATUS, "fail", "fail")
    ]


def test_the_command_says_in_words_what_came_again(
    recorded: Recorded, target_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["replay", str(recorded.folder), "assigned_id_is_kept", "--target", str(target_file)]
    assert main(words) == 0
    out = capsys.readouterr().out.splitlines()
    assert out == [
        "assigned_id_is_kept: pass, as in the run",
        "1 of 1 verdicts are those of the run.",
    ]


def test_the_target_of_another_product_is_refused(recorded: Recorded, target_file: Path) -> None:
    text = target_file.read_text("utf-8").replace("Example Reading App", "Another App")
    target_file.write_text(text, encoding="utf-8")
    with pytest.raises(TargetError, match="the run judged 'Example Reading App'"):
        replay.load_target(target_file, recorded.run.header)


@pytest.mark.soak
@pytest.mark.parametrize("faults", [(), ("CreateAnswers200", "StripsMarkup")])
def test_nine_of_ten_verdicts_of_a_whole_run_come_again(
    tmp_path: Path, faults: tuple[str, ...]
) -> None:
    with serve(registry("receiver").compose(faults)(secret=SECRET)) as handle:
        config = config_for(handle.url)
        outcome = session.run(config, seed=SEED, out=tmp_path, examine=False)
    assert outcome.directory is not None
    run = runfile.read_run(outcome.directory / "run.jsonl")
    again = replay.replay(run, config).checks
    assert sum(one.same for one in again) >= 0.9 * len(again)
    other = {one.again.verdict for one in again if not one.same}
    assert other <= {runfile.NOT_VERIFIED}
