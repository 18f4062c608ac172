"""SARIF 2.1.0 for code scanning: a rule per requirement, a result per check that did not pass.

Shape after OASIS "Static Analysis Results Interchange Format", version 2.1.0: `runs[].results[]`
(3.27), `kind` and `level` (3.27.9, 3.27.10), `invocations[]` (3.20).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance import runfile
from conformance.runfile import Check, RequirementVerdict
from reports.atomic import write_whole
from reports.source import RUN_FILE, Source, is_binding, load
from reports.visible import visible

VERSION = "2.1.0"
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# What is no failure has the level none (3.27.10).
_KINDS = {
    runfile.FAIL: "fail",
    runfile.NOT_VERIFIED: "review",
    runfile.NOT_APPLICABLE: "notApplicable",
}


def write_sarif(directory: Path) -> Path:
    """Write `results.sarif` beside the run file; RunFileError for evidence not to be trusted.

    Failures are errors (MUST) or warnings (SHOULD, MAY); what could not be verified is for review.
    A fault of the suite is a notification of the tool and no result of the vendor.
    """
    source = load(directory)
    rules = sorted(source.verdict.requirements, key=lambda row: row.id)
    places = {row.id: place for place, row in enumerate(rules)}
    lines = _lines(directory / RUN_FILE)
    run = {
        "tool": {"driver": _driver(source, rules)},
        "automationDetails": {"id": _category(source)},
        "invocations": [_invocation(source)],
        "results": [
            _result(check, source, places, lines)
            for check in sorted(source.run.checks, key=lambda check: check.id)
            if check.verdict in _KINDS
        ],
        "columnKind": "unicodeCodePoints",
    }
    told = {"$schema": _SCHEMA, "version": VERSION, "runs": [run]}
    text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    return write_whole(directory / "results.sarif", text.encode())


def _driver(source: Source, rules: list[RequirementVerdict]) -> dict[str, Any]:
    return {
        "name": "SIF conformance kit",
        "semanticVersion": source.run.header.suite_version,
        "rules": [_rule(row) for row in rules],
    }


def _rule(row: RequirementVerdict) -> dict[str, Any]:
    text = visible(row.text)
    return {
        "id": row.id,
        "shortDescription": {"text": text},
        "help": {"text": visible(f"{text} ({row.level}, {row.basis}; {row.source})")},
        "defaultConfiguration": {"level": _level(row)},
        "properties": {"tags": [row.area, row.level, row.basis]},
    }


def _level(row: RequirementVerdict) -> str:
    return "error" if is_binding(row.level) else "warning"


def _category(source: Source) -> str:
    """Runs of one category replace each other; the run's id comes after the last slash (3.17.3)."""
    header = source.run.header
    return f"conformance/{header.role}/{header.tier}/{header.run_id}"


def _invocation(source: Source) -> dict[str, Any]:
    faults = [check for check in source.run.checks if check.verdict == runfile.OUR_FAULT]
    told: dict[str, Any] = {"executionSuccessful": not faults}
    told["startTimeUtc"] = source.run.header.started
    told["endTimeUtc"] = source.run.end.finished
    told["toolExecutionNotifications"] = [
        {"level": "error", "message": {"text": visible(f"{check.id}: {check.reason}")}}
        for check in sorted(faults, key=lambda check: check.id)
    ]
    return told


def _result(
    check: Check, source: Source, places: dict[str, int], lines: dict[int, int]
) -> dict[str, Any]:
    """The check stands under its first requirement; the others are named with it."""
    rule = next((one for one in check.requirements if one in places), "")
    row = source.requirements.get(rule)
    failed = check.verdict == runfile.FAIL
    result: dict[str, Any] = {
        "ruleId": rule or check.id,
        "kind": _KINDS[check.verdict],
        "level": (_level(row) if row else "error") if failed else "none",
        "message": {"text": visible(_message(check))},
        "locations": [_location(check, lines)],
        "partialFingerprints": {"check/v1": check.id},
        "properties": {"check": check.id, "requirements": check.requirements},
    }
    if rule:
        result["ruleIndex"] = places[rule]
    if row and row.waiver and "(expired)" not in row.waiver:
        # Whoever waived it accepts it; the raw verdict stays what it is (3.35).
        result["suppressions"] = [{"kind": "external", "justification": visible(row.waiver)}]
    return result


def _message(check: Check) -> str:
    if not check.findings:
        return f"{check.title} {check.verdict}: {check.reason}"
    first = check.findings[0]
    told = f"{first.summary}\nExpected: {first.expected}\nReceived: {first.actual}"
    return f"{told}\nPath: {first.path}" if first.path else told


def _location(check: Check, lines: dict[int, int]) -> dict[str, Any]:
    """The line in the run file of the exchange that showed it, else of the first."""
    shown = [one.exchange for one in check.findings if one.exchange]
    numbers = [number for number in (*shown, *check.exchanges) if number in lines]
    line = lines[numbers[0]] if numbers else 1
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": RUN_FILE},
            "region": {"startLine": line},
        },
        "logicalLocations": [{"fullyQualifiedName": f"{check.area}/{check.id}", "kind": "module"}],
    }


def _lines(path: Path) -> dict[int, int]:
    """The line of the run file on which each exchange stands, both counted from 1."""
    return {
        line.number: place
        for place, line in enumerate(runfile.read_lines(path), 1)
        if isinstance(line, runfile.Exchange)
    }
