"""The named functions of the mapping tables that serve any entity.

A function gets the leaves its row names and says what to write, which leaves that carries, which it
could not carry, and what has to be remarked although it was carried.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reference_hub.codec.xml import fold
from reference_hub.translate.identity import sourced_id
from reference_hub.translate.ledger import (
    INFERRED,
    MULTI_TO_ONE,
    TRUNCATED,
    UNMAPPED_CODE,
)
from reference_hub.translate.record import Leaf, Record

NOT_A_CODE = "the value is not in the code set"
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class Call:
    """What a function works on: `leaves` in the order of the row's sources, then the document."""

    record: Record
    leaves: tuple[Leaf, ...]
    argument: str
    codes: Mapping[str, str]
    first_path: str


@dataclass(frozen=True, slots=True)
class Note:
    """A leaf and what befell it."""

    leaf: Leaf
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A cell: its value, the leaves it carries, those it leaves out, remarks on carried ones."""

    value: str = ""
    used: tuple[Leaf, ...] = ()
    lost: tuple[Note, ...] = ()
    remarks: tuple[Note, ...] = ()


Function = Callable[[Call], Written]

REGISTRY: dict[str, Function] = {}


def function(name: str) -> Callable[[Function], Function]:
    """Register a function under the name that mapping tables use."""

    def register(body: Function) -> Function:
        REGISTRY[name] = body
        return body

    return register


def further(leaves: Sequence[Leaf], text: str = "only one value has a place") -> tuple[Note, ...]:
    """Notes for values beside the one that was chosen."""
    return tuple(Note(leaf, MULTI_TO_ONE, text) for leaf in leaves)


@function("constant")
def constant(call: Call) -> Written:
    """Write the argument."""
    return Written(call.argument)


@function("text")
def text(call: Call) -> Written:
    """Write the first value as it stands, cut at as many characters as the argument says."""
    return _cut(call.leaves[0], int(call.argument), call.leaves[1:]) if call.leaves else Written()


def _cut(leaf: Leaf, limit: int, others: Sequence[Leaf] = ()) -> Written:
    value = leaf.value
    if len(value) <= limit:
        return Written(value, (leaf,), further(others))
    while limit and unicodedata.combining(value[limit]):
        limit -= 1
    cut = Note(leaf, TRUNCATED, f"cut after {limit} characters")
    return Written(value[:limit], (leaf,), further(others), (cut,))


@function("token")
def token(call: Call) -> Written:
    """Write the first value without blanks around it and with single blanks inside."""
    if not call.leaves:
        return Written()
    return Written(collapsed(call.leaves[0]), call.leaves[:1], further(call.leaves[1:]))


def collapsed(leaf: Leaf) -> str:
    """The value as the XML Schema type token has it."""
    return " ".join(leaf.value.split())


@function("name")
def name(call: Call) -> Written:
    """Write the name; the other name, marked as inferred, when this one is missing."""
    if not call.leaves:
        return Written()
    leaf = call.leaves[0]
    written = _cut(leaf, 255)
    if leaf.path == call.first_path:
        return written
    note = Note(leaf, INFERRED, "the only name stands in both places")
    return Written(written.value, (leaf,), remarks=(*written.remarks, note))


@function("first")
def first(call: Call) -> Written:
    """Write the first value in the order of the sources."""
    return _cut(call.leaves[0], 255, call.leaves[1:]) if call.leaves else Written()


@function("code")
def code(call: Call) -> Written:
    """Look the value up in the code set; a value that is not in it leaves the cell blank."""
    if not call.leaves:
        return Written()
    leaf, *others = call.leaves
    value = call.codes.get(leaf.value.strip())
    if value is None:
        note = Note(leaf, UNMAPPED_CODE, NOT_A_CODE)
        return Written(lost=(note, *further(others)))
    return Written(value, (leaf,), further(others))


@function("date")
def day(call: Call) -> Written:
    """Write a calendar day; a zone suffix is cut off, the day never shifts."""
    return _day(call, 0)


@function("day_after")
def day_after(call: Call) -> Written:
    """Write the day after: OneRoster ends are exclusive."""
    return _day(call, 1)


def _day(call: Call, later: int) -> Written:
    if not call.leaves:
        return Written()
    leaf, *others = call.leaves
    match = _DAY.fullmatch(leaf.value.strip())
    try:
        found = date.fromisoformat(match[1]) + timedelta(later) if match else None
    except (ValueError, OverflowError):
        found = None
    if found is None:
        return Written(lost=(Note(leaf, UNMAPPED_CODE, "the value is no calendar day"),))
    return Written(found.isoformat(), (leaf,), further(others))


@function("guid")
def guid(call: Call) -> Written:
    """Write a RefId in lower case with hyphens."""
    if not call.leaves:
        return Written()
    leaf, *others = call.leaves
    return Written(sourced_id(leaf.value), (leaf,), further(others))


@function("parent")
def parent(call: Call) -> Written:
    """Write the RefId of the organisation above; nothing when it is this organisation itself."""
    own = call.record.under(call.record.object_type, "@refId")
    written = guid(call)
    if own and written.used and fold(own.value.strip()) == fold(written.used[0].value.strip()):
        return Written(used=written.used, lost=written.lost)
    return written
