"""The published OpenAPI documents of OneRoster 1.2 as a judge of answers.

It knows the keywords that these documents use, and stops at any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAMES = ("rosters", "gradebook")
KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str, "object": dict, "array": list, "number": (int, float),
}  # fmt: skip
KEYWORDS = {
    "type", "properties", "required", "additionalProperties", "items", "minItems", "enum",
    "pattern", "format", "anyOf", "description", "$ref",
    "default",
}  # fmt: skip
FORMATS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    "uri": re.compile(r"https?://[A-Za-z0-9.:-]+(/[A-Za-z0-9._~@%-]+)+"),
}


@dataclass(frozen=True)
class Service:
    """One published service."""

    document: dict[str, Any]

    @property
    def operations(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Each operation by method and path, with `{}` for each id."""
        return {
            (verb.upper(), re.sub(r"\{[^}]*\}", "{}", path).strip("/")): told
            for path, verbs in self.document["paths"].items()
            for verb, told in verbs.items()
        }

    def faults(self, verb: str, form: str, status: int, body: object) -> list[str]:
        """What is wrong with an answer to an operation."""
        responses = self.operations[verb, form]["responses"]
        told = responses.get(str(status)) or responses["default"]
        return list(self._faults(body, told["content"]["application/json"]["schema"], "$"))

    def scopes(self, verb: str, form: str) -> set[str]:
        """The last part of each scope that allows an operation."""
        (needs,) = self.operations[verb, form]["security"]
        (listed,) = needs.values()
        return {each.rpartition("/")[2] for each in listed}

    def _faults(self, value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
        assert schema.keys() <= KEYWORDS, f"{at}: {schema.keys() - KEYWORDS}"
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            yield from self._faults(value, self.document["components"]["schemas"][name], at)
        elif "anyOf" in schema:
            if all(any(self._faults(value, one, at)) for one in schema["anyOf"]):
                yield f"{at}: nothing of what it may be"
        elif not isinstance(value, KINDS[schema["type"]]) or isinstance(value, bool):
            yield f"{at}: no {schema['type']}"
        elif isinstance(value, dict):
            yield from self._members(value, schema, at)
        elif isinstance(value, list):
            if len(value) < schema.get("minItems", 0):
                yield f"{at}: too few"
            for place, item in enumerate(value):
                yield from self._faults(item, schema["items"], f"{at}[{place}]")
        elif isinstance(value, str):
            yield from _texts(value, schema, at)

    def _members(self, value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{at}.{name}: missing"
        known = schema.get("properties", {})
        for name, member in value.items():
            if name in known:
                yield from self._faults(member, known[name], f"{at}.{name}")
            elif schema.get("additionalProperties") is False:
                yield f"{at}.{name}: not known"


def _texts(value: str, schema: dict[str, Any], at: str) -> Iterator[str]:
    if value not in schema.get("enum", (value,)):
        yield f"{at}: no word of the list"
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        yield f"{at}: not of the pattern"
    if "format" in schema and not FORMATS[schema["format"]].fullmatch(value):
        yield f"{at}: no {schema['format']}"


def published(standards: Path) -> dict[str, Service]:
    """The services by name."""
    folder = standards / "schemas/official/oneroster-1.2"
    files = {name: folder / f"onerosterv1p2{name}service_openapi3_v1p0.json" for name in NAMES}
    return {name: Service(json.loads(file.read_text("utf-8"))) for name, file in files.items()}
