"""What a query asks for beyond the type: conditions, an order. Pure; nothing here reads an object.

`where` is a list of comparisons, joined by `and` or by `or`, never by both (Base Architecture 5.7);
`order` a list of paths (5.8). A path names elements from the object's root downward, the last step
may be an attribute; predicates, functions and axes of XPath are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from reference_hub.problems import Refusal

WHERE, ORDER = "400-02", "400-03"
MOST_CONDITIONS = 100

_NAME = r"(?:[^\W\d][\w.\-]*:)?[^\W\d][\w.\-]*"
_PATH = rf"(?:\.?/)?(?:{_NAME}/)*@?{_NAME}"
_TEXT = r'"(?:[^"]|"")*"'
_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_CONDITION = re.compile(
    rf"\s*(?P<open>\()?\s*(?P<path>{_PATH})\s*(?P<operator>!=|<=|>=|=|<|>)\s*"
    rf"(?:(?P<text>{_TEXT})|(?P<number>{_NUMBER}))\s*(?P<close>\))?\s*",
    re.ASCII,
)
_WORD = re.compile(r"(and|or)\b", re.IGNORECASE)
_KEY = re.compile(rf"\s*(?P<path>{_PATH})\s*=\s*(?P<way>ascending|descending)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Path:
    """Element steps from the object's root, then an attribute or ''."""

    steps: tuple[str, ...]
    attribute: str = ""


OWN_ID = Path(())


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison; `number` is set where the value was written without quotes."""

    path: Path
    operator: str
    value: str
    number: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """All conditions, or with `any_of` at least one."""

    conditions: tuple[Condition, ...]
    any_of: bool = False


@dataclass(frozen=True, slots=True)
class SortKey:
    """A path to sort by; the first key of several is the primary one."""

    path: Path
    descending: bool = False


def read_where(text: str, object_type: str) -> Where:
    """Read `[(a/b="x")and(@c>5)]`. Raises Refusal 400 for anything else, never ignores a part."""
    inner = _inside(text, "where", WHERE)
    conditions: list[Condition] = []
    words: set[str] = set()
    at = 0
    while True:
        found = _CONDITION.match(inner, at)
        if found is None or bool(found["open"]) is not bool(found["close"]):
            raise _not_where()
        conditions.append(_condition(found, object_type))
        at = found.end()
        if at == len(inner):
            break
        word = _WORD.match(inner, at)
        if word is None or len(conditions) >= MOST_CONDITIONS:
            raise _not_where()
        words.add(word[1].lower())
        at = word.end()
    if len(words) > 1:
        raise Refusal(400, "Query", "where joins by and, or by or, but not by both.", WHERE)
    return Where(tuple(conditions), "or" in words)


def read_order(text: str, object_type: str) -> tuple[SortKey, ...]:
    """Read `[a/b=ascending;@c=descending]`. Raises Refusal 400."""
    parts = _inside(text, "order", ORDER).split(";")
    keys = [_KEY.fullmatch(part) for part in parts]
    if not all(keys) or len(keys) > MOST_CONDITIONS:
        raise Refusal(400, "Query", "order reads [path=ascending;path2=descending].", ORDER)
    return tuple(
        SortKey(read_path(key["path"], object_type), key["way"] == "descending")
        for key in keys
        if key is not None
    )


def read_path(text: str, object_type: str = "") -> Path:
    """A path relative to the object; its root's name in front, a leading slash or a namespace
    prefix of an element change nothing."""
    *steps, last = text.removeprefix(".").removeprefix("/").split("/")
    if last.startswith("@"):
        path = Path(tuple(_local(step) for step in steps), _local(last[1:]))
    else:
        path = Path((*(_local(step) for step in steps), _local(last)))
    named = path.steps[:1] == (object_type,) and (len(path.steps) > 1 or path.attribute)
    return Path(path.steps[1:], path.attribute) if named else path


def _local(step: str) -> str:
    return step.rpartition(":")[2]


def _condition(found: re.Match[str], object_type: str) -> Condition:
    path = read_path(found["path"], object_type)
    if found["number"] is not None:
        return Condition(path, found["operator"], found["number"], Decimal(found["number"]))
    # XPath 2.0 writes a quotation mark inside of a string twice.
    return Condition(path, found["operator"], found["text"][1:-1].replace('""', '"'))


def _inside(text: str, name: str, sub_code: str) -> str:
    trimmed = text.strip()
    if len(trimmed) < 2 or not (trimmed.startswith("[") and trimmed.endswith("]")):
        text = f"{name} stands in square brackets, percent-encoded in the URL (%5B and %5D)."
        raise Refusal(400, "Query", text, sub_code)
    return trimmed[1:-1]


def _not_where() -> Refusal:
    text = (
        'where cannot be followed; it reads [path="text"] or [(path="text")and(path2!=7)]: texts '
        "in double quotes, neither in single ones nor bare, numbers without; at most "
        f"{MOST_CONDITIONS} conditions. Percent-encode it in the URL; a double quote is %22."
    )
    return Refusal(400, "Query", text, WHERE)
