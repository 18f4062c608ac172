"""JSON bytes to plain values and back: strict in reading, exact in numbers.

Numbers are read as the text they are spelled with, since XML knows only text; to be written, a
number is `msgspec.Raw`, so that no digit changes.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn, TypeAlias

import msgspec

from reference_hub.codec.xml import MalformedDocument

Json: TypeAlias = "bool | str | msgspec.Raw | list[Json] | dict[str, Json] | None"
DEEPEST = 200
_LONGEST_NUMBER = 400
# Possessive, so that a hostile text costs no backtracking.
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def loads(body: bytes) -> Json:
    """The value of a UTF-8 text.

    Raises MalformedDocument for another encoding, a name that stands twice in one object, NaN and
    Infinity, endless numbers and nesting, and whatever else RFC 8259 does not know.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise MalformedDocument(line, "a byte sequence is not UTF-8; send UTF-8") from None
    _refuse_depth(text)
    try:
        value: Json = json.loads(
            text,
            parse_int=_number,
            parse_float=_number,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise MalformedDocument(error.lineno, "not well-formed JSON") from None
    return value


def dumps(value: Json) -> bytes:
    """UTF-8 bytes without needless blanks."""
    return msgspec.json.encode(value)


def number(text: str) -> Json:
    """A number with exactly these digits; the text itself where JSON cannot spell it so."""
    stripped = text.strip(" \t\r\n")
    return msgspec.Raw(stripped.encode()) if _NUMBER.fullmatch(stripped) else text


def _refuse_depth(text: str) -> None:
    depth = 0
    for found in _BRACKETS.finditer(text):
        sign = found.group()
        if sign in "[{":
            depth += 1
            if depth > DEEPEST:
                raise MalformedDocument(0, f"the JSON nests deeper than {DEEPEST} levels")
        elif sign in "]}":
            depth -= 1


def _number(text: str) -> str:
    if len(text) > _LONGEST_NUMBER:
        raise MalformedDocument(0, f"a number has more than {_LONGEST_NUMBER} characters")
    return text


def _no_constant(_: str) -> NoReturn:
    raise MalformedDocument(0, "NaN and Infinity are no JSON; leave the member out")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise MalformedDocument(0, "a member stands twice in one object; use an array")
    return found
