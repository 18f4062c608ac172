"""What a OneRoster client asks of a collection, in terms of the cells that the hub keeps for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

# Kinds of fields: how a member of an object comes out of the cells of its row.
KEY, STATUS, MOMENT = "key", "status", "moment"
TEXT, FLAG, NUMBER, DAY = "text", "flag", "number", "day"
LIST, REF, REFS, USER_IDS = "list", "ref", "refs", "user ids"
ROLES, FIRST_ROLE, ROLE_ORGS = "roles", "first role", "role orgs"
# Kinds that only a dotted path leads to: one cell of each item of a list, of each role.
EACH, EACH_ROLE, ID_TYPE, ID_VALUE = "each", "each role", "id type", "id value"

EQUAL, OTHER, CONTAINS = "=", "!=", "~"
OPERATORS = (OTHER, ">=", "<=", EQUAL, ">", "<", CONTAINS)
ORDERED = (TEXT, FLAG, KEY, STATUS, MOMENT, NUMBER, DAY, FIRST_ROLE)

Value = str | datetime | Decimal


@dataclass(frozen=True, slots=True)
class Field:
    """A member of an object: its kind, the column it is made of, and what a reference points to."""

    kind: str
    column: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Test:
    """One predicate of a filter."""

    field: Field
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Within:
    """One condition that the path of the request sets; `kind` is a name that
    `store/target_reading.py` knows, `value` an id or a word."""

    kind: str
    value: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Rows of one collection: of the path, met by all tests (or with `either` by any of them), in
    the order of a field, else of their first appearance. `after`: only those that appeared behind
    this number, instead of `offset`."""

    collection: str
    within: tuple[Within, ...] = ()
    tests: tuple[Test, ...] = ()
    either: bool = False
    order: Field | None = None
    descending: bool = False
    limit: int = 100
    offset: int = 0
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """One row as a vendor holds it: its cells, when they last changed, whether it was taken away;
    of a user also the cells of its roles. `position` grows with each new row."""

    position: int
    key: str
    body: dict[str, str | list[str]]
    changed: datetime
    is_gone: bool = False
    roles: tuple[dict[str, str], ...] = ()
