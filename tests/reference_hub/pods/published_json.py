"""The published JSON Schema of infrastructure 3.6, as far as PODs need it, without a YAML library.

Its root is an array, yet its `properties` stand beside `items`, where draft-07 lets them judge
objects only: read to the letter it never looks into a wrapper. Here they judge each wrapper.

The reader knows what that one file uses: mappings, lists of words or mappings, folded texts, which
it skips. The judge knows the draft-07 words that stand in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE = "schemas/official/infrastructure-3.6/json/jsonSchema_OpenAPI3.0_Create_IN.yaml"
_TYPES = {"object": dict, "array": list, "string": str}
Line = tuple[int, str]


def load(standards: Path) -> dict[str, Any]:
    """The schema as plain values."""
    lines = list(_lines((standards / FILE).read_text("utf-8")))
    found = _block(lines, 0)
    assert isinstance(found, dict)
    return found


def allows(schema: dict[str, Any], value: object) -> bool:
    """Whether the document is valid."""
    return isinstance(value, list) and all(
        isinstance(each, dict)
        and sum(rule["required"][0] in each for rule in schema["items"]["oneOf"]) == 1
        and all(_fits(schema, _definition(schema, name), one) for name, one in each.items())
        for each in value
    )


def _definition(schema: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = schema["properties"].get(name, {})
    return found


def _fits(schema: dict[str, Any], rule: dict[str, Any], value: Any) -> bool:
    if "$ref" in rule:
        return _fits(schema, schema["definitions"][rule["$ref"].rpartition("/")[2]], value)
    if "oneOf" in rule:
        return sum(value in each["enum"] for each in rule["oneOf"]) == 1
    kind = rule.get("type")
    if kind == "integer":
        return isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0
    if kind and not isinstance(value, _TYPES[kind]):
        return False
    if isinstance(value, list):
        return all(_fits(schema, rule["items"], each) for each in value)
    if isinstance(value, dict):
        inner = rule.get("properties", {}).items()
        return set(rule.get("required", ())) <= value.keys() and all(
            _fits(schema, each, value[name]) for name, each in inner if name in value
        )
    return "pattern" not in rule or bool(re.search(rule["pattern"], value))


def _lines(text: str) -> Iterator[Line]:
    folded = None
    for raw in text.splitlines():
        line = raw.strip()
        indent = len(raw) - len(raw.lstrip())
        if not line or line.startswith("#") or (folded is not None and indent > folded):
            continue
        folded = indent if line.endswith(">-") else None
        # A list may stand at the indent of its key; one column further in makes it a block.
        yield indent * 2 + line.startswith("- "), line


def _block(lines: list[Line], indent: int) -> Any:
    found: Any = None
    while lines and lines[0][0] >= indent:
        depth, line = lines.pop(0)
        if line.startswith("- "):
            found = [] if found is None else found
            rest = line.removeprefix("- ")
            if ":" in rest:
                lines.insert(0, (depth + 3, rest))
                found.append(_block(lines, depth + 3))
            else:
                found.append(_word(rest))
            continue
        found = {} if found is None else found
        name, _, rest = line.partition(":")
        inner = lines[0][0] if lines else -1
        nested = not rest.strip() and inner > depth
        found[name.strip("'\"")] = _block(lines, inner) if nested else _word(rest)
        if lines and lines[0][0] < depth:
            break
    return found


def _word(text: str) -> Any:
    text = text.strip()
    if text.startswith("["):
        return [_word(each) for each in text.strip("[]").split(",")]
    return text.strip("'\"")
