"""Runs of every role in which the suite is the client are judged again from what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from conformance import replay, runfile
from conformance.problems import UsageFault
from conformance.runfile import FAIL, NOT_VERIFIED
from conformance.simulators.registry import registry
from tests.conformance.again.recordings import recorded
from tests.conformance.judging import SEED
from tests.conformance.products import running

# A mistake, the area that finds it, and the check that fails.
MISTAKES = {
    "provider": ("DropsOrders", "provider/conditions", "unknown_order_of_a_reading_is_refused"),
    "edfi-receiver": ("NamesNoPlace", "edfi_receiver/errors", "edfi_refusal_names_the_member"),
    "oneroster-provider": (
        "WrapsAnswersInData",
        "oneroster_provider/objects",
        "collections_are_json_under_their_name",
    ),
    "file-receiver": (
        "OnlyEverAdds",
        "file_receiver/changes",
        "whole_file_removes_who_is_not_in_it",
    ),
}
# The least share of verdicts of a whole run against a conforming product that come again.
SHARES = {
    "provider": 0.9,
    "edfi-receiver": 0.8,
    "oneroster-provider": 0.25,
    "file-receiver": 0.55,
}


def flips(again: Sequence[replay.Replayed]) -> list[tuple[str, str, str]]:
    """Checks that came to another verdict than `could not verify` and that of the run."""
    return [
        (one.again.id, one.recorded.verdict, one.again.verdict)
        for one in again
        if not one.same and one.again.verdict != NOT_VERIFIED
    ]


@pytest.mark.parametrize("role", MISTAKES)
def test_a_failure_of_each_role_comes_again_and_nothing_flips(role: str, tmp_path: Path) -> None:
    mistake, area, check = MISTAKES[role]
    run, config = recorded(role, tmp_path, (mistake,), area)
    again = replay.replay(run, config).checks
    assert flips(again) == []
    (one,) = [each for each in again if each.again.id == check]
    assert (one.recorded.verdict, one.again.verdict) == (FAIL, FAIL)
    unsaid = [each.again.reason for each in again if not each.same]
    assert [reason for reason in unsaid if "not recorded" not in reason] == []


def test_a_replay_sends_nothing_beside_the_recording(tmp_path: Path) -> None:
    name = "same_new_record_at_once_is_stored_once"
    with running("edfi-receiver") as up:
        folder = up.judged(seed=SEED, out=tmp_path, only=(name,)).directory
        assert folder is not None
        run = runfile.read_run(folder / "run.jsonl")
        # The host is still there, and would take the record.
        (one,) = replay.replay(run, up.config).checks
    assert (one.recorded.verdict, one.again.verdict) == ("pass", NOT_VERIFIED)
    assert one.again.reason.startswith("not recorded")


def test_files_that_went_by_sftp_are_not_replayed(tmp_path: Path) -> None:
    run, config = recorded("file-receiver", tmp_path, (), "file_of_nothing_is_refused")
    files = msgspec.structs.replace(config.files, way="sftp")
    with pytest.raises(UsageFault, match="its files went by sftp, and only HTTP can be played"):
        replay.replay(run, replace(config, files=files))


def test_a_role_that_cannot_be_replayed_is_told_why(tmp_path: Path) -> None:
    role = "broker"
    run, config = recorded("edfi-receiver", tmp_path, (), "edfi_receiver/order")
    header = msgspec.structs.replace(run.header, role=role)
    with pytest.raises(UsageFault) as told:
        replay.replay(msgspec.structs.replace(run, header=header), config, ["one", "two"])
    assert f"a run of role {role} cannot be replayed: " in str(told.value)
    again = f"conformance run --role {role} --seed {SEED} --only one --only two."
    assert f"To judge again: {again}" in str(told.value)


@pytest.mark.soak
@pytest.mark.parametrize("role", SHARES)
def test_a_share_of_a_whole_run_comes_again(role: str, tmp_path: Path) -> None:
    run, config = recorded(role, tmp_path, ())
    again = replay.replay(run, config).checks
    assert flips(again) == []
    assert sum(one.same for one in again) >= SHARES[role] * len(again)


@pytest.mark.soak
@pytest.mark.parametrize("role", SHARES)
def test_no_mistake_makes_a_replay_flip(role: str, tmp_path: Path) -> None:
    known = registry(role).mutants
    names = sorted(name for name, mutant in known.items() if not mutant.special)
    for name in names[::12]:
        run, config = recorded(role, tmp_path, (name,))
        assert (name, flips(replay.replay(run, config).checks)) == (name, [])
