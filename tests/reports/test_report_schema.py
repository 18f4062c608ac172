"""The stored JSON Schema follows the run-file types."""

from __future__ import annotations

import json

from conformance.runfile import REDACTED, SECOND_SCHEMA, VERDICT_SCHEMA
from reports.schema import SCHEMA_PATH, verdict_schema


def test_the_stored_schema_is_current() -> None:
    hint = "run: python -c 'from reports.schema import write_schema; write_schema()'"
    assert SCHEMA_PATH.read_bytes() == verdict_schema(), hint


def test_the_schema_closes_the_words_of_a_verdict() -> None:
    check = json.loads(verdict_schema())["$defs"]["Check"]
    assert check["properties"]["verdict"]["enum"] == [
        "pass",
        "fail",
        "could not verify",
        "not applicable",
        "our fault",
    ]


def test_a_result_of_today_must_count_every_class_of_what_was_redacted() -> None:
    verdict = json.loads(verdict_schema())["$defs"]["Verdict"]
    counted = verdict["then"]["properties"]["redaction"]
    assert verdict["if"]["properties"] == {"schema": {"const": VERDICT_SCHEMA}}
    assert counted["propertyNames"]["enum"] == counted["required"] == list(REDACTED)
    assert verdict["properties"]["schema"]["enum"] == [VERDICT_SCHEMA, SECOND_SCHEMA, ""]
