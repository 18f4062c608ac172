"""Which id an imported file gave to a thing that the hub knows by a key made of that id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, text

from reference_hub.model.scope import Scope

_CHUNK = 5000

_RECORD = text(
    """
    INSERT INTO imported_id (zone_id, context_id, collection, key, told, folded)
    SELECT :zone, :context, x.collection, x.key, x.told, x.folded
    FROM unnest(CAST(:collections AS text[]), CAST(:keys AS text[]), CAST(:tolds AS text[]),
                CAST(:foldeds AS text[])) AS x(collection, key, told, folded)
    ON CONFLICT (zone_id, context_id, collection, key) DO NOTHING
    """
)

_ANY = text(
    "SELECT EXISTS (SELECT FROM imported_id WHERE zone_id = :zone AND context_id = :context)"
)

_TOLD = text(
    """
    SELECT key, told FROM imported_id
    WHERE zone_id = :zone AND context_id = :context AND collection = ANY(:collections)
      AND key = ANY(:keys)
    """
)

_KEYS = text(
    """
    SELECT collection, folded, min(key) AS key FROM imported_id
    WHERE zone_id = :zone AND context_id = :context AND folded = ANY(:foldeds)
    GROUP BY collection, folded HAVING count(*) = 1
    """
)


def record(connection: Connection, scope: Scope, ids: Sequence[tuple[str, str, str, str]]) -> None:
    """Remember (collection, key, id as told, the same as readers fold it); once is enough."""
    for start in range(0, len(ids), _CHUNK):
        columns = zip(*ids[start : start + _CHUNK], strict=True)
        names = ("collections", "keys", "tolds", "foldeds")
        told = {name: list(each) for name, each in zip(names, columns, strict=True)}
        connection.execute(_RECORD, _of(scope) | told)


def any_of(connection: Connection, scope: Scope) -> bool:
    """Whether files with ids of their own were imported into this zone."""
    return bool(connection.execute(_ANY, _of(scope)).scalar_one())


def told(
    connection: Connection, scope: Scope, collections: Sequence[str], keys: Iterable[str]
) -> Mapping[str, str]:
    """The ids as files told them, by key."""
    wanted = {"collections": list(collections), "keys": sorted(set(keys))}
    rows = connection.execute(_TOLD, _of(scope) | wanted)
    return {row.key: row.told for row in rows}


def keys(
    connection: Connection, scope: Scope, folded: Iterable[str]
) -> Mapping[tuple[str, str], str]:
    """The keys behind folded ids, by collection and folded id; none where two ids fold alike."""
    rows = connection.execute(_KEYS, _of(scope) | {"foldeds": sorted(set(folded))})
    return {(row.collection, row.folded): row.key for row in rows}


def _of(scope: Scope) -> dict[str, object]:
    return {"zone": scope.zone_id, "context": scope.context_id}
