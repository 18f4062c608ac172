"""The JSON Schema of `verdict.json`, made from the run-file types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from conformance.runfile import REDACTED, SCHEMAS, VERDICT_SCHEMA, VERDICTS, Verdict
from reports.source import OUTCOMES

SCHEMA_PATH = Path(__file__).parent / "schemas" / "verdict.schema.json"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def verdict_schema() -> bytes:
    """Canonical bytes of the schema: sorted keys, two-space indent, closed vocabularies."""
    schema = {"$schema": _DIALECT, "title": "verdict.json of a conformance run"}
    schema |= msgspec.json.schema(Verdict) | {"$id": f"urn:sif-conformance-kit:{VERDICT_SCHEMA}"}
    _close(schema, "Verdict", "schema", SCHEMAS)
    _name_classes(schema)
    _close(schema, "Verdict", "outcome", OUTCOMES)
    _close(schema, "Check", "verdict", VERDICTS)
    _close(schema, "RequirementVerdict", "verdict", VERDICTS)
    _close(schema, "RequirementVerdict", "own_verdict", ("", *VERDICTS))
    _close(schema, "OwnCheck", "verdict", VERDICTS)
    _close(schema, "OwnVerdict", "outcome", OUTCOMES)
    return msgspec.json.format(msgspec.json.encode(schema, order="sorted"), indent=2) + b"\n"


def _name_classes(schema: dict[str, Any]) -> None:
    """Say in the schema which classes a result of today counts; older ones had other words."""
    verdict = schema["$defs"]["Verdict"]
    today = {"properties": {"schema": {"const": VERDICT_SCHEMA}}, "required": ["schema"]}
    counted = {"propertyNames": {"enum": list(REDACTED)}, "required": list(REDACTED)}
    verdict |= {"if": today, "then": {"properties": {"redaction": counted}}}


def write_schema(path: Path = SCHEMA_PATH) -> Path:
    """Bring the stored schema up to date after a change of the run-file types."""
    path.write_bytes(verdict_schema())
    return path


def _close(schema: dict[str, Any], name: str, field: str, words: tuple[str, ...]) -> None:
    schema["$defs"][name]["properties"][field]["enum"] = list(words)
