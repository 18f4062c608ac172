"""Pages of what a vendor should hold, chosen and sorted by PostgreSQL.

Every piece of SQL stands in this file; what a client sends is only ever bound as a parameter, names
of columns among it. A statement that takes too long is given up.

HubError
└── TooSlow              a query that is not answered within the time that one may take
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg.errors import QueryCanceled
from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import OperationalError

from reference_hub.model import roster_query as kinds
from reference_hub.model.roster_query import Field, Kept, Test, Wanted, Within
from reference_hub.problems import HubError

USERS, ROLES = "users", "roles"
# How long one statement may take.
SECONDS = 10.0

# The roles of a user: those in force, for one that was taken away the last ones.
_OWN_ROLE = """
    r.subscriber_id = t.subscriber_id AND r.collection = 'roles'
    AND r.body->>'userSourcedId' = t.key AND (r.state = 'ready' OR t.state = 'gone')
"""
_ENROLLED = """
    EXISTS (SELECT FROM target_row e
            WHERE e.subscriber_id = t.subscriber_id AND e.collection = 'enrollments'
              AND e.state = 'ready'
"""
_LIST = """
    CASE jsonb_typeof(t.body->CAST(:{name} AS text)) WHEN 'array' THEN t.body->CAST(:{name} AS text)
         WHEN 'string' THEN jsonb_build_array(t.body->CAST(:{name} AS text)) ELSE '[]'::jsonb END
"""
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
# OneRoster 1.1 has one role and knows fewer of them.
ROLE_IN_1_1 = {
    "counselor": "aide",
    "principal": "administrator",
    "siteAdministrator": "administrator",
    "districtAdministrator": "administrator",
    "systemAdministrator": "administrator",
}
_FIRST_ROLE = f"""
    (SELECT coalesce(CAST(:roles_1_1 AS jsonb)->>(r.body->>'role'), r.body->>'role') COLLATE "C"
     FROM target_row r WHERE {_OWN_ROLE}
     ORDER BY r.body->>'roleType', r.key COLLATE "C" LIMIT 1)
"""  # noqa: S608 constants only
# A user changes with its roles, which have no moment of their own in REST.
_CHANGED_USER = """
    date_trunc('milliseconds', greatest(t.changed, (
      SELECT max(r.changed) FROM target_row r
      WHERE r.subscriber_id = t.subscriber_id AND r.collection = 'roles'
        AND r.body->>'userSourcedId' = t.key)))
"""
_CHANGED = "date_trunc('milliseconds', t.changed)"

# The value of a field; {name} is the parameter that holds its column.
_ONE = {
    kinds.KEY: 't.key COLLATE "C"',
    kinds.STATUS: "CASE t.state WHEN 'gone' THEN 'tobedeleted' ELSE 'active' END",
    kinds.TEXT: '(t.body->>CAST(:{name} AS text)) COLLATE "C"',
    kinds.FLAG: '(t.body->>CAST(:{name} AS text)) COLLATE "C"',
    # A day in CSV is a moment in REST.
    kinds.DAY: "(CASE WHEN strpos(t.body->>CAST(:{name} AS text), 'T') > 0"
    " THEN t.body->>CAST(:{name} AS text)"
    " ELSE (t.body->>CAST(:{name} AS text)) || 'T00:00:00.000Z' END) COLLATE \"C\"",
    kinds.NUMBER: f"CASE WHEN t.body->>CAST(:{{name}} AS text) ~ '{_NUMBER}'"
    " THEN CAST(t.body->>CAST(:{name} AS text) AS numeric) END",
    kinds.FIRST_ROLE: _FIRST_ROLE,
}
_ITEMS = f"SELECT e AS item FROM jsonb_array_elements_text({_LIST}) e"  # noqa: S608
# What is between the braces of a cell of userIds.
_BARE = "trim(BOTH chr(123) || chr(125) FROM e)"
_ROLE_ROWS, _ROLE_CELL = f"target_row r WHERE {_OWN_ROLE}", "r.body->>CAST(:{name} AS text)"
# Where a field has many values, each of them as `item`.
_MANY = {
    kinds.EACH: _ITEMS,
    kinds.EACH_ROLE: f"SELECT {_ROLE_CELL} AS item FROM {_ROLE_ROWS}",  # noqa: S608
    kinds.ID_TYPE: _ITEMS.replace("e AS", f"split_part({_BARE}, ':', 1) AS", 1),
    kinds.ID_VALUE: _ITEMS.replace("e AS", f"substr({_BARE}, strpos({_BARE}, ':') + 1) AS", 1),
}
_COMPARED = {
    "=": "{left} = {right}",
    "!=": "{left} IS DISTINCT FROM {right}",
    ">": "{left} > {right}",
    ">=": "{left} >= {right}",
    "<": "{left} < {right}",
    "<=": "{left} <= {right}",
    "~": "strpos({left}, {right}) > 0",
}
_LISTS = {
    "=": f"({_LIST}) @> CAST({{right}} AS jsonb) AND ({_LIST}) <@ CAST({{right}} AS jsonb)",
    "~": f"({_LIST}) @> CAST({{right}} AS jsonb)",
}
_WITHIN = {
    "cell": "t.body->>CAST(:{name} AS text) = :{value}",
    "item": f"({_LIST}) @> to_jsonb(CAST(:{{value}} AS text))",
    "key": "t.key = :{value}",
    "role": f"EXISTS (SELECT FROM target_row r WHERE {_OWN_ROLE} AND r.body->>'role' = :{{value}})",
    "role at": f"EXISTS (SELECT FROM target_row r WHERE {_OWN_ROLE}"
    " AND r.body->>'role' = :{name} AND r.body->>'orgSourcedId' = :{value})",
    "member": f"{_ENROLLED} AND e.body->>'userSourcedId' = t.key"
    " AND e.body->>'role' = :{name} AND e.body->>'classSourcedId' = :{value})",
    "attended": f"{_ENROLLED} AND e.body->>'classSourcedId' = t.key"
    " AND e.body->>'userSourcedId' = :{value})",
    "term of school": "EXISTS (SELECT FROM target_row c WHERE c.subscriber_id = t.subscriber_id"
    " AND c.collection = 'classes' AND c.state = 'ready' AND c.body->>'schoolSourcedId' = :{value}"
    " AND c.body->'termSourcedIds' @> to_jsonb(t.key))",
    "result of class": "EXISTS (SELECT FROM target_row l WHERE l.subscriber_id = t.subscriber_id"
    " AND l.collection = 'lineItems' AND l.key = t.body->>'lineItemSourcedId'"
    " AND l.body->>'classSourcedId' = :{value})",
    "category of class": "EXISTS (SELECT FROM target_row l WHERE l.subscriber_id = t.subscriber_id"
    " AND l.collection = 'lineItems' AND l.state = 'ready'"
    " AND l.body->>'categorySourcedId' = t.key AND l.body->>'classSourcedId' = :{value})",
}
_SHOWN = """
    t.subscriber_id = :subscriber AND t.collection = :collection
    AND (t.state = 'ready' OR t.state = 'gone' AND t.changed > :since)
"""
# REST wants a role of each user, so one that has none is not shown.
_HAS_ROLE = f"EXISTS (SELECT FROM target_row r WHERE {_OWN_ROLE})"
_COLUMNS = "t.position, t.key, t.body, t.state = 'gone' AS is_gone"
_ROLES_OF = text(
    """
    SELECT r.body FROM target_row r
    WHERE r.subscriber_id = :subscriber AND r.collection = 'roles'
      AND r.body->>'userSourcedId' = ANY(CAST(:users AS text[])) AND r.state = :state
    ORDER BY r.body->>'roleType', r.key COLLATE "C"
    """
)


# Objects that a vendor made keep the ids that it chose; in the rows they have the hub's.
_CHOSEN = text(
    """
    SELECT refid, target_id FROM id_map
    WHERE subscriber_id = :subscriber AND entity LIKE 'Grading%'
      AND (refid = ANY(CAST(:refids AS text[])) OR target_id = ANY(CAST(:targets AS text[])))
    """
)


@dataclass(eq=False)
class TooSlow(HubError):
    """The statement was given up; nothing was read."""

    def __str__(self) -> str:
        return f"The query took longer than {SECONDS:g} s; ask for less, or filter by fewer fields."


def page(
    connection: Connection, subscriber_id: int, wanted: Wanted, since: datetime
) -> tuple[list[Kept], int]:
    """The rows of one page, and how many there are on all. Rows taken away before `since` are not
    told of any more. Raises TooSlow."""
    given = _given(subscriber_id, wanted.collection, since)
    condition = " AND ".join(_conditions(wanted, given))
    counted = text(f"SELECT count(*) FROM target_row t WHERE {condition}")  # noqa: S608
    listed = text(
        f"SELECT {_COLUMNS}, {_moment(wanted.collection)} AS changed FROM target_row t"  # noqa: S608
        f" WHERE {condition} AND (CAST(:after AS bigint) IS NULL OR t.position > :after)"
        f" ORDER BY {_order(wanted, given)} LIMIT :limit OFFSET :offset"
    )
    offset = wanted.offset if wanted.after is None else 0
    given |= {"after": wanted.after, "limit": wanted.limit, "offset": offset}
    with _in_time(connection):
        count = int(connection.execute(counted, given).scalar_one())
        rows = list(map(_kept, connection.execute(listed, given)))
        return _with_roles(connection, subscriber_id, wanted.collection, rows), count


def one(
    connection: Connection,
    subscriber_id: int,
    collection: str,
    key: str,
    within: tuple[Within, ...],
    since: datetime,
) -> Kept | None:
    """A single row by its key, None where there is none to show. Raises TooSlow."""
    wanted = Wanted(collection, (*within, Within("key", key)), limit=1)
    found, _ = page(connection, subscriber_id, wanted, since)
    return found[0] if found else None


def chosen(
    connection: Connection, subscriber_id: int, refids: Iterable[str] = (), ids: Iterable[str] = ()
) -> dict[str, str]:
    """The ids that the vendor chose for objects of the gradebook, by folded RefId: of these RefIds,
    and of the objects that it knows by these `ids`."""
    asked = {"subscriber": subscriber_id, "refids": list(refids), "targets": list(ids)}
    return {row.refid: row.target_id for row in connection.execute(_CHOSEN, asked)}


@contextmanager
def _in_time(connection: Connection) -> Iterator[None]:
    connection.execute(text(f"SET LOCAL statement_timeout = '{SECONDS}s'"))
    try:
        yield
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceled):
            raise TooSlow from error
        raise


def _given(subscriber_id: int, collection: str, since: datetime) -> dict[str, Any]:
    return {
        "subscriber": subscriber_id,
        "collection": collection,
        "since": since,
        "roles_1_1": json.dumps(ROLE_IN_1_1),
    }


def _conditions(wanted: Wanted, given: dict[str, Any]) -> Iterator[str]:
    yield _SHOWN
    if wanted.collection == USERS:
        yield _HAS_ROLE
    for index, within in enumerate(wanted.within):
        name, value = f"w{index}", f"wv{index}"
        given |= {name: within.column, value: within.value}
        yield _WITHIN[within.kind].format(name=name, value=value)
    tests = [_test(test, wanted, index, given) for index, test in enumerate(wanted.tests)]
    if tests:
        yield f"({(' OR ' if wanted.either else ' AND ').join(tests)})"


def _test(test: Test, wanted: Wanted, index: int, given: dict[str, Any]) -> str:
    name, value = f"t{index}", f"v{index}"
    given[name] = test.field.column
    if test.field.kind == kinds.LIST:
        items = [item.strip() for item in str(test.value).split(",")]
        given[value] = json.dumps(items)
        found = _LISTS["~" if test.operator == kinds.CONTAINS else "="]
        found = found.format(name=name, right=f":{value}")
        return f"NOT ({found})" if test.operator == kinds.OTHER else f"({found})"
    given[value] = test.value
    if test.field.kind in _MANY:
        return _any_of(test, name, value)
    left = _value(test.field, wanted.collection, name)
    return f"({_COMPARED[test.operator].format(left=left, right=f':{value}')})"


def _any_of(test: Test, name: str, value: str) -> str:
    is_other = test.operator == kinds.OTHER
    compared = _COMPARED["=" if is_other else test.operator]
    compared = compared.format(left='items.item COLLATE "C"', right=f":{value}")
    items = _MANY[test.field.kind].format(name=name)
    found = f"EXISTS (SELECT FROM ({items}) items WHERE {compared})"
    return f"NOT {found}" if is_other else found


def _value(field: Field, collection: str, name: str) -> str:
    if field.kind == kinds.MOMENT:
        return _moment(collection)
    return _ONE[field.kind].format(name=name)


def _moment(collection: str) -> str:
    return _CHANGED_USER if collection == USERS else _CHANGED


def _order(wanted: Wanted, given: dict[str, Any]) -> str:
    if wanted.order is None:
        return "t.position"
    given["order"] = wanted.order.column
    way = "DESC" if wanted.descending else "ASC"
    return f"{_value(wanted.order, wanted.collection, 'order')} {way} NULLS LAST, t.position"


def _kept(row: Row[Any]) -> Kept:
    return Kept(row.position, row.key, row.body, row.changed, row.is_gone)


def _with_roles(
    connection: Connection, subscriber_id: int, collection: str, rows: Sequence[Kept]
) -> list[Kept]:
    if collection != USERS:
        return list(rows)
    current = _roles_of(connection, subscriber_id, [each.key for each in rows], "ready")
    gone = [each.key for each in rows if each.is_gone and each.key not in current]
    last = _roles_of(connection, subscriber_id, gone, "gone")
    own = current | last
    return [replace(each, roles=tuple(own.get(each.key, ()))) for each in rows]


def _roles_of(
    connection: Connection, subscriber_id: int, users: Iterable[str], state: str
) -> dict[str, list[dict[str, str]]]:
    found: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    asked = {"subscriber": subscriber_id, "users": list(users), "state": state}
    for (body,) in connection.execute(_ROLES_OF, asked) if asked["users"] else ():
        found[body["userSourcedId"]].append(body)
    return found
