"""The suite judges the reference hub as a broker: privacy over the wire, the district by commands.

The hub, its commands and the suite run as they do at a district; only the data is synthetic.
"""

from __future__ import annotations

import pytest

from conformance import runfile
from tests.system.hub_judged import judge_hub


@pytest.fixture(scope="module", params=[(), ("--contrary", "7")], ids=["plain", "contrary"])
def verdict(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> runfile.Verdict:
    """What the suite says of the hub, also when that answers in unusual ways."""
    directory = judge_hub(tmp_path_factory.mktemp("hub-privacy"), *request.param)
    return runfile.read_verdict(directory / "verdict.json")


def with_verdict(verdict: runfile.Verdict, word: str) -> list[str]:
    """The checks that came to this verdict, with their reasons."""
    return [f"{one.id}: {one.reason}" for one in verdict.checks if one.verdict == word]


@pytest.mark.soak
def test_the_hub_fails_no_privacy_check(verdict: runfile.Verdict) -> None:
    assert with_verdict(verdict, runfile.FAIL) == []


@pytest.mark.soak
def test_no_privacy_check_is_left_undecided(verdict: runfile.Verdict) -> None:
    assert with_verdict(verdict, runfile.NOT_VERIFIED) == []
    assert with_verdict(verdict, runfile.OUR_FAULT) == []


@pytest.mark.soak
def test_what_is_not_judged_is_what_the_hub_does_not_offer(verdict: runfile.Verdict) -> None:
    left = [line.partition(":")[0] for line in with_verdict(verdict, runfile.NOT_APPLICABLE)]
    assert left == ["oneroster_shows_nothing_beyond_the_grant"]
