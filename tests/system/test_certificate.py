"""What reports/reference-hub shows is the result of this suite, whole and without dates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance import planning, runfile
from tests.system.certificate import FOLDER, VERDICT, rendered, steady
from tests.system.hub_judged import SEED, judge_hub

STALE = "reports/reference-hub is stale: run `make certificate`"


@pytest.fixture(scope="module")
def shown() -> runfile.Verdict:
    if not VERDICT.is_file():
        pytest.fail(STALE, pytrace=False)
    return runfile.read_verdict(VERDICT)


def test_the_hubs_own_result_is_that_of_this_suite(shown: runfile.Verdict) -> None:
    assert shown.suite_hash == planning.suite_hash(), STALE
    planned = planning.plan("broker", shown.tier)
    assert shown.planned == sorted(planned.checks), STALE
    assert [row.id for row in shown.requirements] == list(planned.rows), STALE
    assert (shown.seed, shown.only, shown.outcome) == (SEED, [], "conforms")


def test_its_pages_say_what_it_says(shown: runfile.Verdict) -> None:
    for name, text in rendered(shown).items():
        assert (FOLDER / name).read_text("utf-8") == text, STALE


def test_nothing_in_it_depends_on_the_day_or_the_commit(shown: runfile.Verdict) -> None:
    assert shown == steady(shown)
    text = "".join(one.read_text("utf-8") for one in sorted(FOLDER.iterdir()))
    dated = re.findall(r"\b20\d\d-\d\d-\d\dT|\bcommit [0-9a-f]{7}", text)
    assert dated == []


@pytest.mark.soak
def test_a_new_run_of_the_hub_gives_the_same_verdicts(
    shown: runfile.Verdict, tmp_path: Path
) -> None:
    again = steady(runfile.read_verdict(judge_hub(tmp_path) / "verdict.json"))
    assert again == shown
