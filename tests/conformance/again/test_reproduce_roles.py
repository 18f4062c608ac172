"""A script shows the fault of each role in which the suite is the client, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import replay, runfile
from conformance.repeats import write, write_repeats
from conformance.repro import repeat
from conformance.runfile import FAIL
from conformance.target import TargetConfig
from tests.conformance.judging import SEED
from tests.conformance.products import running

SECRETS = {"CONFORMANCE_SECRET": "demo-secret-1", "CONFORMANCE_SECOND_SECRET": "demo-secret-2"}
FAILURES = [
    ("edfi-receiver", "NamesNoPlace", "edfi_refusal_names_the_member"),
    ("oneroster-provider", "WrapsAnswersInData", "collections_are_json_under_their_name"),
]


def code(script: Path, place: TargetConfig) -> int:
    """The exit code of the script, run by somebody without the kit."""
    done = subprocess.run(
        [sys.executable, "-I", str(script)],
        env=os.environ | SECRETS | {"TARGET": place.base},
        capture_output=True,
        check=False,
    )
    return done.returncode


@pytest.mark.parametrize(("role", "mistake", "check"), FAILURES)
def test_a_script_gets_the_answer_of_the_run_at_the_product_and_another_elsewhere(
    role: str, mistake: str, check: str, tmp_path: Path
) -> None:
    with running(role, (mistake,)) as there, running(role) as good:
        folder = there.judged(seed=SEED, only=(check,), out=tmp_path).directory
        assert folder is not None
        run = runfile.read_run(folder / "run.jsonl")
        judged = replay.replay(run, there.config, [check])
        found = repeat(run, judged.checks[0], there.config, judged.memory, exact=True)
        assert found is not None
        script = write(tmp_path, found)
        assert [code(script, one.config) for one in (there, good)] == [0, 1]
        assert "demo-secret" not in script.read_text("utf-8")


def test_the_failure_of_a_file_receiver_has_no_script(tmp_path: Path) -> None:
    only = ("word_that_is_on_no_list_is_not_taken",)
    with running("file-receiver", ("TakesAnyWord",)) as up:
        outcome = up.judged(seed=SEED, only=only, out=tmp_path)
        assert outcome.directory is not None
        assert outcome.verdict.checks[0].verdict == FAIL
        assert write_repeats(outcome.directory, up.config) == []


def test_a_token_of_the_run_is_not_in_the_script(tmp_path: Path) -> None:
    role, mistake, check = FAILURES[0]
    with running(role, (mistake,)) as up:
        folder = up.judged(seed=SEED, only=(check,), out=tmp_path).directory
        assert folder is not None
        (script,) = write_repeats(folder, up.config)
        text = script.read_text("utf-8")
        assert "Bearer" in text
        assert up.config.edfi.expired_token not in text
        assert code(script, up.config) == 0
