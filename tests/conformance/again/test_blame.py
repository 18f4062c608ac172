"""Whose turn it is after a check that did not pass."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import msgspec
import pytest

from conformance import blame, session
from conformance.blame import CONFIGURATION, HUB, NETWORK, SUITE, VENDOR
from conformance.problems import Finding, NotVerified, RateLimited, TimedOut, Unreachable
from conformance.runfile import FAIL, NOT_APPLICABLE, NOT_VERIFIED, OUR_FAULT, PASS
from conformance.simulators import serve
from conformance.simulators.registry import registry
from reports.render import write_report
from tests.conformance.again.conftest import SECRET, Recorded, config_for


def party(role: str, verdict: str, kind: str = "", *requirements: str) -> str:
    found = blame.blame(role, verdict, kind, requirements)
    return found.party if found else "nobody"


@pytest.mark.parametrize(
    ("verdict", "kind", "told"),
    [
        (FAIL, "", VENDOR),
        (OUR_FAULT, "", SUITE),
        (NOT_VERIFIED, "timeout", NETWORK),
        (NOT_VERIFIED, "dns", NETWORK),
        (NOT_VERIFIED, "tls", CONFIGURATION),
        (NOT_VERIFIED, "rate limit", CONFIGURATION),
        (NOT_VERIFIED, "protocol", VENDOR),
        (NOT_VERIFIED, "preparation", VENDOR),
        (NOT_VERIFIED, "", "nobody"),
        (PASS, "", "nobody"),
        (NOT_APPLICABLE, "", "nobody"),
    ],
)
def test_each_end_of_a_check_is_somebodys_turn(verdict: str, kind: str, told: str) -> None:
    assert party("receiver", verdict, kind, "INF-CRE-001") == told


def test_the_product_of_a_broker_is_a_hub() -> None:
    assert party("broker", FAIL) == HUB


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimedOut("late"), "timeout"),
        (Unreachable("x", "tls-expired"), "tls"),
        (RateLimited("x"), "rate limit"),
        (Finding("x"), "preparation"),
        (NotVerified("x"), ""),
    ],
)
def test_what_stood_in_the_way_has_a_kind(error: BaseException, kind: str) -> None:
    assert blame.kind_of(error) == kind


def test_a_silent_vendor_is_a_timeout_and_no_failure(tmp_path: Path) -> None:
    with serve(registry("receiver").compose(("Silent",))(secret=SECRET)) as handle:
        config = config_for(handle.url)
        short = msgspec.structs.replace(config.endpoint, read_seconds=0.2, total_seconds=0.2)
        only = ("environment_can_be_created_without_a_body",)
        config = dataclasses.replace(config, endpoint=short)
        outcome = session.run(config, only=only, out=tmp_path, examine=False)
    (check,) = outcome.verdict.checks
    assert check.verdict == NOT_VERIFIED
    assert check.reason.startswith("timeout: ")
    assert check.blame is not None
    assert check.blame.party == NETWORK


def test_the_report_says_whose_turn_it_is(recorded: Recorded) -> None:
    page = write_report(recorded.folder).read_text("utf-8")
    assert page.count("<strong>Whose turn it is:</strong> vendor.") == len(recorded.failed())
