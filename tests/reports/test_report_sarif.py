"""The file for code scanning."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.runfile import FAIL, RunFileError
from reports.sarif import write_sarif


def run_of(directory: Path) -> dict[str, Any]:
    told = json.loads(write_sarif(directory).read_bytes())
    assert told["version"] == "2.1.0"
    run: dict[str, Any] = told["runs"][0]
    return run


def results(directory: Path) -> dict[str, dict[str, Any]]:
    return {one["properties"]["check"]: one for one in run_of(directory)["results"]}


def test_a_failed_must_is_an_error_at_the_line_of_its_exchange(faulty: Path) -> None:
    found = results(faulty)["bad"]
    assert (found["ruleId"], found["kind"], found["level"]) == ("INF-BAD", "fail", "error")
    place = found["locations"][0]["physicalLocation"]
    lines = (faulty / "run.jsonl").read_text("utf-8").splitlines()
    line = json.loads(lines[place["region"]["startLine"] - 1])
    assert (place["artifactLocation"]["uri"], line["type"], line["number"]) == (
        *("run.jsonl", "exchange"),
        1,
    )


def test_the_message_tells_expected_and_received(faulty: Path) -> None:
    assert results(faulty)["bad"]["message"]["text"] == (
        "The family name came back changed.\nExpected: Müller\nReceived: Muller\n"
        "Path: xStudent/name/familyName"
    )


def test_what_passed_is_no_result(faulty: Path) -> None:
    assert sorted(results(faulty)) == ["absent", "bad"]
    assert results(faulty)["absent"]["kind"] == "notApplicable"


def test_what_stayed_open_is_for_review_and_our_fault_is_no_result(undecided: Path) -> None:
    run = run_of(undecided)
    told = [(one["properties"]["check"], one["kind"], one["level"]) for one in run["results"]]
    assert told == [("late", "review", "none")]
    invocation = run["invocations"][0]
    assert invocation["executionSuccessful"] is False
    notes = [one["message"]["text"] for one in invocation["toolExecutionNotifications"]]
    assert notes == ["broken: KeyError in the kit."]


def test_each_rule_index_names_its_rule(faulty: Path) -> None:
    run = run_of(faulty)
    rules = run["tool"]["driver"]["rules"]
    assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == [
        one["ruleId"] for one in run["results"]
    ]
    assert [rule["defaultConfiguration"]["level"] for rule in rules] == ["error"] * 3


def test_a_recommendation_is_a_warning_and_a_waiver_a_suppression(
    build: Callable[..., Path], make: Any
) -> None:
    check = make.check("bad", FAIL, findings=[make.finding(exchange=None)])
    row = make.row(check, level="SHOULD", waiver="mended in May")
    found = results(build([check], rows=[row]))["bad"]
    assert found["level"] == "warning"
    assert found["suppressions"] == [{"kind": "external", "justification": "mended in May"}]
    assert found["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


def test_two_runs_of_one_role_share_category_and_fingerprints(faulty: Path) -> None:
    run = run_of(faulty)
    assert run["automationDetails"]["id"] == "conformance/receiver/core/run-1"
    marks = [one["partialFingerprints"] for one in run["results"]]
    assert marks == [{"check/v1": "absent"}, {"check/v1": "bad"}]


def test_a_changed_run_gets_no_file(faulty: Path) -> None:
    file = faulty / "run.jsonl"
    file.write_bytes(file.read_bytes().replace(b"Muller", b"Miller"))
    with pytest.raises(RunFileError):
        write_sarif(faulty)
    assert not (faulty / "results.sarif").exists()
