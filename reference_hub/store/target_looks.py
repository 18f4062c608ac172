"""What functions looked at beside the paths of their table, so that a change there finds its rows.

A look is `Session.school=KEY` for the sessions that refer to a school, `Session:KEY` for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, text

from reference_hub.model.party import Subscriber

_FORGET = text(
    """
    DELETE FROM target_look l
    USING unnest(CAST(:entities AS text[]), CAST(:refids AS text[])) AS root(entity, refid)
    WHERE l.subscriber_id = :subscriber AND l.entity = root.entity AND l.refid = root.refid
    """
)
_FORGET_ALL = text("DELETE FROM target_look WHERE subscriber_id = :subscriber")
_ADD = text(
    """
    INSERT INTO target_look (subscriber_id, look, entity, refid)
    SELECT :subscriber, look, entity, refid
    FROM unnest(CAST(:looks AS text[]), CAST(:entities AS text[]), CAST(:refids AS text[]))
         AS added(look, entity, refid)
    ON CONFLICT DO NOTHING
    """
)
_ROOTS = text(
    """
    SELECT DISTINCT entity, refid FROM target_look
    WHERE subscriber_id = :subscriber AND look = ANY(CAST(:looks AS text[]))
    ORDER BY entity, refid
    """
)
Root = tuple[str, str]


def forget(connection: Connection, subscriber: Subscriber, roots: Sequence[Root]) -> None:
    """Forget the looks of these roots, each (entity, key)."""
    columns = {
        "subscriber": subscriber.id,
        "entities": [entity for entity, _ in roots],
        "refids": [refid for _, refid in roots],
    }
    connection.execute(_FORGET, columns)


def forget_all(connection: Connection, subscriber: Subscriber) -> None:
    """Forget every look of a connection."""
    connection.execute(_FORGET_ALL, {"subscriber": subscriber.id})


def add(connection: Connection, subscriber: Subscriber, looks: Sequence[tuple[str, Root]]) -> None:
    """Remember what the rows of a root came of."""
    if looks:
        added = {
            "subscriber": subscriber.id,
            "looks": [look for look, _ in looks],
            "entities": [root[0] for _, root in looks],
            "refids": [root[1] for _, root in looks],
        }
        connection.execute(_ADD, added)


def roots_of(connection: Connection, subscriber: Subscriber, looks: Iterable[str]) -> list[Root]:
    """The roots whose rows came of looking at one of these."""
    parameters = {"subscriber": subscriber.id, "looks": list(looks)}
    return [(row.entity, row.refid) for row in connection.execute(_ROOTS, parameters)]
