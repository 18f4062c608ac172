"""Hostile JSON documents, each with the canary in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.reference_hub.hostile.attack import CANARY, Aim, Attack
from tests.reference_hub.hostile.trees import DOORS, aimed

C = CANARY


def documents(root: str) -> Mapping[str, bytes]:
    """JSON that is deep, large, ambiguous, or none."""
    texts = {
        "deep arrays": "[" * 100_000,
        "deep closed arrays": "[" * 50_000 + "]" * 50_000,
        "deep objects": '{"a":' * 50_000 + f'"{C}"' + "}" * 50_000,
        "deep in place": f'{{"{root}": ' + '{"name": ' * 3000 + f'"{C}"' + "}" * 3001,
        "twice the same key": f'{{"{root}": {{"localId": "{C}", "localId": "{C}2"}}}}',
        "twice the same root": f'{{"{root}": {{"localId": "{C}"}}, "{root}": {{}}}}',
        "two roots": f'{{"{root}": {{"localId": "{C}"}}, "other": {{}}}}',
        "huge integer": f'{{"{root}": {{"localId": {"9" * 30_000}, "{C}": 1}}}}',
        "huge exponent": f'{{"{root}": {{"localId": 1e999999999, "{C}": 1}}}}',
        "nan": f'{{"{root}": {{"localId": NaN, "{C}": 1}}}}',
        "infinity": f'{{"{root}": {{"localId": -Infinity, "{C}": 1}}}}',
        "nul": f'{{"{root}": {{"localId": "{C}\\u0000"}}}}',
        "lone surrogate": f'{{"{root}": {{"localId": "{C}\\ud800"}}}}',
        "reversed surrogates": f'{{"{root}": {{"localId": "{C}\\udc00\\ud800"}}}}',
        "surrogate as name": f'{{"{root}": {{"\\ud800{C}": "1"}}}}',
        "control": f'{{"{root}": {{"localId": "{C}\\u0008"}}}}',
        "empty name": f'{{"{root}": {{"": "{C}"}}}}',
        "name with spaces": f'{{"{root}": {{"local id": "{C}"}}}}',
        "name of markup": f'{{"{root}": {{"a><b": "{C}"}}}}',
        "name with a colon": f'{{"{root}": {{"x:a": "{C}"}}}}',
        "name in braces": f'{{"{root}": {{"{{urn:{C}}}a": "1"}}}}',
        "attribute of markup": f'{{"{root}": {{"@a b": "{C}"}}}}',
        "namespace by attribute": f'{{"{root}": {{"@xmlns": "urn:{C}", "@xmlns:a": "b"}}}}',
        "attribute with members": f'{{"{root}": {{"@refId": {{"a": "{C}"}}}}}}',
        "text of arrays": f'{{"{root}": {{"#text": ["{C}"]}}}}',
        "nested arrays": f'{{"{root}": {{"localId": [[["{C}"]]]}}}}',
        "root of markup": f'{{"a b<{C}": {{}}}}',
        "null root": f'{{"{root}": null, "{C}": 1}}',
        "array root": f'[{{"{root}": {{"localId": "{C}"}}}}]',
        "number": "7",
        "string": f'"{C}"',
        "null": "null",
        "empty object": "{}",
        "comment": f'{{/* {C} */ "{root}": {{}}}}',
        "single quotes": f"{{'{root}': '{C}'}}",
        "trailing comma": f'{{"{root}": {{"localId": "{C}",}}}}',
        "text after": f'{{"{root}": {{}}}} {C}',
        "wide": f'{{"{root}": {{' + ",".join(f'"{C}{n}": 1' for n in range(50_000)) + "}}",
        "long string": f'{{"{root}": {{"{C}": "' + "x" * 400_000 + '"}}',
        "prototype": f'{{"{root}": {{"__proto__": {{"localId": "{C}"}}}}}}',
        "xml in place of json": f"<{root}>{C}</{root}>",
    }  # fmt: skip
    text = f'{{"{root}": {{"{C}": "\u00e9"}}}}'
    encoded = {
        "utf-16": text.encode("utf-16"),
        "utf-32": text.encode("utf-32"),
        "latin-1": text.encode("latin-1"),
        "raw surrogate": text.encode().replace(b"\xc3\xa9", b"\xed\xa0\x80"),
        "raw nul": text.encode().replace(b"\xc3\xa9", b"\x00"),
    }
    return {name: each.encode() for name, each in texts.items()} | encoded


def attacks(aim: Aim) -> Iterator[Attack]:
    """Every document at two doors in turn, half of them asking for JSON as the answer."""
    for turn, name in enumerate(documents("x")):
        for door in (DOORS[0], DOORS[(turn * 4 + 1) % len(DOORS)]):
            body = documents(door[3])[name]
            accept = {"Accept": "application/json"} if turn % 2 else {}
            yield aimed(aim, door, f"json {name}", body, Content_Type="application/json", **accept)
