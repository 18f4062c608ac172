"""The query string of a OneRoster request: limit, offset, sort, orderBy, filter, fields.

OneRoster 1.2 rostering, sections 4.3 to 4.5; 1.1, section 3.4. What the texts leave open is a
rule of ours (profile): names and values compare as written, in the order of Unicode; a list equals
words with commas when it holds just these, and contains them when it holds all of these. No refusal
repeats what the client sent, for a filter may hold a person's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qsl

from reference_hub.model import roster_query as kinds
from reference_hub.model.roster_query import OPERATORS, ORDERED, Field, Test, Value, Wanted, Within
from reference_hub.problems import Refusal
from reference_hub.web.oneroster import members
from reference_hub.web.oneroster.members import V1_1

SCOPE = "Query"
BAD_FILTER, BAD_FIELD, BAD_DATA = "invalid_filter_field", "invalid_selection_field", "invaliddata"
BAD_SORT = "invalid_sort_field"
_KNOWN = ("limit", "offset", "sort", "orderBy", "filter", "fields", "after")
_USUAL_LIMIT = 100
_LARGEST = 2**62
_LONGEST = 2000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")
_OPERATOR = "|".join(map(re.escape, OPERATORS))
# A value ends at the quote that stands before the end or another predicate: O'Brien is one value.
_PREDICATE = re.compile(
    rf"\s*({_NAME.pattern})\s*({_OPERATOR})\s*'(.*?)'"
    rf"(?:\s*$|\s+(AND|OR)\s+(?={_NAME.pattern}\s*(?:{_OPERATOR})\s*'))",
    re.S,
)
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_MOST_PREDICATES = 2
# How the cells of userIds write these letters of an id.
_ESCAPED = {ord(letter): f"%{ord(letter):02X}" for letter in "%,:{}"}
# Members with numbers and moments are compared as such, so no part of them is looked for.
_WHOLE_ONLY = (kinds.NUMBER, kinds.MOMENT)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted, the members to show (none: all), and the parameters as they were sent."""

    wanted: Wanted
    fields: tuple[str, ...]
    words: Mapping[str, str]


def read(
    query: str, version: str, collection: str, within: tuple[Within, ...], largest_page: int
) -> Asked:
    """Read a raw query string; a limit above `largest_page` is lowered. Raises Refusal 400."""
    words = _words(query)
    tests, either = _tests(words.get("filter"), version, collection)
    if {"after", "sort"} <= words.keys():
        raise _bad("after goes on in the order of appearance; leave sort out.")
    wanted = Wanted(
        collection,
        within,
        tests,
        either,
        _order(words.get("sort"), version, collection),
        _is_descending(words.get("orderBy")),
        min(_number("limit", words, _USUAL_LIMIT, 1), largest_page),
        _number("offset", words, 0, 0),
        _number("after", words, 0, 0) if "after" in words else None,
    )
    return Asked(wanted, _fields(words.get("fields"), version, collection), words)


def read_fields(query: str, version: str, collection: str) -> tuple[str, ...]:
    """The members to show of a single object. Raises Refusal 400."""
    return _fields(_words(query).get("fields"), version, collection)


def _words(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as error:
        raise _bad("The query string is not UTF-8, or has too many parts.") from error
    known = [(name, value) for name, value in pairs if name in _KNOWN]
    words = dict(known)
    if len(words) != len(known):
        raise _bad("A parameter is given twice; give each once.")
    if any("\x00" in value or len(value) > _LONGEST for value in words.values()):
        raise _bad(f"A parameter holds a NUL character, or more than {_LONGEST} characters.")
    return words


def _number(name: str, words: Mapping[str, str], usual: int, least: int) -> int:
    text = words.get(name)
    if text is None:
        return usual
    value = int(text) if re.fullmatch(r"[0-9]{1,19}", text) else -1
    if not least <= value <= _LARGEST:
        raise _bad(f"{name} must be a whole number, at least {least}.")
    return value


def _is_descending(text: str | None) -> bool:
    if text not in (None, "asc", "desc"):
        raise _bad("orderBy is asc or desc.")
    return text == "desc"


def _order(path: str | None, version: str, collection: str) -> Field | None:
    if path is None:
        return None
    field = _field(path, version, collection)
    if field is None or field.kind not in ORDERED:
        minor = BAD_SORT if version == V1_1 else BAD_DATA
        text = f"sort must name one field of {collection} that has a single value."
        raise Refusal(400, SCOPE, text, minor)
    return field


def _fields(text: str | None, version: str, collection: str) -> tuple[str, ...]:
    if text is None:
        return ()
    names = tuple(name.strip() for name in text.split(","))
    known = (*members.members(version, collection), "metadata")
    if any(name not in known for name in names):
        text = f"fields must name members of {collection} with commas: {', '.join(known)}."
        raise Refusal(400, SCOPE, text, BAD_FIELD)
    return names


def _tests(text: str | None, version: str, collection: str) -> tuple[tuple[Test, ...], bool]:
    if text is None:
        return (), False
    found: list[Test] = []
    at, joint, is_either = 0, "", False
    while at < len(text) or joint:
        match = _PREDICATE.match(text, at)
        if match is None or len(found) == _MOST_PREDICATES:
            raise _bad_filter()
        found.append(_test(match, version, collection))
        at, joint = match.end(), match[4] or ""
        is_either = joint == "OR" if len(found) == 1 else is_either
    if not found:
        raise _bad_filter()
    return tuple(found), is_either


def _test(match: re.Match[str], version: str, collection: str) -> Test:
    field, operator, text = _field(match[1], version, collection), match[2], match[3]
    if field is None:
        text = f"The filter names a field that {collection} do not have, or a whole reference."
        raise Refusal(400, SCOPE, text, BAD_FILTER)
    is_list = field.kind == kinds.LIST
    if (is_list and operator not in ("=", "!=", "~")) or (
        operator == kinds.CONTAINS and field.kind in _WHOLE_ONLY
    ):
        raise Refusal(400, SCOPE, "A field of this kind has not this predicate.", BAD_FILTER)
    return Test(field, operator, _value(field, text))


def _field(path: str, version: str, collection: str) -> Field | None:
    return members.found(version, collection, path) if _NAME.fullmatch(path) else None


def _value(field: Field, text: str) -> Value:
    if field.kind == kinds.NUMBER:
        if not _NUMBER.fullmatch(text):
            raise _bad("The filter compares a number with something else.")
        return Decimal(text)
    if field.kind == kinds.DAY and "T" not in text:
        return f"{text}T00:00:00.000Z"
    if field.kind == kinds.ID_VALUE:
        return text.translate(_ESCAPED)
    if field.kind != kinds.MOMENT:
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        text = "dateLastModified is compared with a moment such as 2026-08-12T06:00:00.000Z."
        raise _bad(text) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bad(text: str) -> Refusal:
    return Refusal(400, SCOPE, text, BAD_DATA)


def _bad_filter() -> Refusal:
    text = "A filter reads field='value', or two of these joined by one AND or OR."
    return Refusal(400, SCOPE, text, BAD_FILTER)
