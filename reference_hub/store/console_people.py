"""Where the data of one person went: what the store knows of each vendor. Never a value of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from reference_hub.codec.lookup_words import is_refid, named_word, number_word
from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope
from reference_hub.store.pod_rows import COLUMNS, from_row

_CURRENT = """
    JOIN object_version v ON v.id = w.version_id
    JOIN sif_object o ON o.zone_id = v.zone_id AND o.context_id = v.context_id
      AND o.object_type = v.object_type AND o.refid = v.refid AND o.version_id = v.id
      AND o.tombstone IS NOT TRUE
    WHERE v.zone_id = :zone AND v.context_id = :context
"""
# Two numbers may have the same word, so what is found is read and compared.
HOLDING = f"""
    SELECT o.object_type, o.refid, v.body
    FROM (SELECT version_id FROM version_word WHERE word = :word) w {_CURRENT}
      AND v.object_type = ANY(CAST(:types AS text[]))
    ORDER BY o.object_type, o.position LIMIT 200
"""  # noqa: S608 constants only
_HOLDING = text(HOLDING)
OWN = """
    SELECT o.object_type, o.refid, v.body FROM sif_object o
    JOIN object_version v ON v.id = o.version_id
    WHERE o.zone_id = :zone AND o.context_id = :context AND o.refid = :refid
      AND o.object_type = ANY(CAST(:types AS text[])) AND o.tombstone IS NOT TRUE
"""
_OWN = text(OWN)
_NAMES = """
    replace(lower(convert_from(v.body, 'UTF8')), '-', '')
      LIKE ANY(SELECT '%' || refid || '%' FROM unnest(CAST(:refids AS text[])) AS refid)
"""
# No student's own object names another student, so these, most of all, are not looked at.
ABOUT = f"""
    SELECT * FROM (
      SELECT o.object_type, o.refid, v.body, o.position
      FROM (SELECT id AS version_id FROM object_version
            WHERE refid = ANY(CAST(:refids AS text[]))) w {_CURRENT}
      UNION ALL
      SELECT o.object_type, o.refid, v.body, o.position
      FROM (SELECT DISTINCT version_id FROM version_word
            WHERE word = ANY(CAST(:words AS bigint[]))) w {_CURRENT}
        AND v.object_type NOT IN ('xStudent', 'StudentPersonal')
        AND v.refid <> ALL(CAST(:refids AS text[])) AND {_NAMES}
    ) found
    ORDER BY object_type, position LIMIT 5000
"""  # noqa: S608 constants only
_ABOUT = text(ABOUT)
# Files may bring ids of another form, which the index does not have.
_ABOUT_READ = text(
    f"""
    SELECT o.object_type, o.refid, v.body, o.position FROM sif_object o
    JOIN object_version v ON v.id = o.version_id
    WHERE o.zone_id = :zone AND o.context_id = :context AND NOT o.tombstone
      AND (o.refid = ANY(CAST(:refids AS text[]))
           OR o.object_type NOT IN ('xStudent', 'StudentPersonal') AND {_NAMES})
    ORDER BY o.object_type, o.position LIMIT 5000
    """  # noqa: S608 constants only
)
_KNOWN = text(
    """
    SELECT s.vendor_id, min(i.first_seen) AS since,
           count(*) FILTER (WHERE i.retired IS NULL AND i.refid = ANY(CAST(:own AS text[])))
             AS there,
           array_agg(DISTINCT i.entity) FILTER (WHERE i.retired IS NULL) AS types,
           max(i.retired) AS gone
    FROM id_map i JOIN subscriber s ON s.id = i.subscriber_id
    WHERE i.zone_id = :zone AND i.context_id = :context AND i.refid = ANY(CAST(:refids AS text[]))
    GROUP BY s.vendor_id
    """
)
# Names of columns only; what is empty was not told.
_ROWS = text(
    """
    SELECT s.vendor_id, min(t.sent) AS since, max(t.sent) AS last,
           count(*) FILTER (WHERE t.state <> 'gone') AS there,
           coalesce(array_agg(DISTINCT t.collection || '/' || f.key)
                    FILTER (WHERE f.key IS NOT NULL), '{}') AS fields
    FROM subscriber s JOIN target_row t ON t.subscriber_id = s.id
    LEFT JOIN LATERAL jsonb_each(t.sent_body) f
      ON t.state <> 'gone' AND f.value NOT IN ('null', '""', '[]', '{}')
    WHERE s.zone_id = :zone AND s.context_id = :context AND t.sent IS NOT NULL
      AND t.refid = ANY(CAST(:own AS text[]))
    GROUP BY s.vendor_id
    """
)
_DELIVERED = text(
    """
    SELECT s.vendor_id, count(*) AS number, min(m.settled) AS first, max(m.settled) AS last,
           count(*) FILTER (WHERE m.state IN ('waiting', 'leased', 'held')) AS waiting
    FROM object_version v JOIN message m ON m.version_id = v.id
    JOIN subscriber s ON s.id = m.subscriber_id
    WHERE v.zone_id = :zone AND v.context_id = :context AND v.refid = ANY(CAST(:refids AS text[]))
      AND m.kind = 'event' AND m.state IN ('done', 'waiting', 'leased', 'held')
    GROUP BY s.vendor_id
    """
)
_COMES = text(
    """
    SELECT a.vendor_id, max(e.last_used) AS last FROM application a
    JOIN environment e ON e.application_key = a.key
    WHERE a.zone_id = :zone AND a.context_id = :context AND a.vendor_id IS NOT NULL
    GROUP BY a.vendor_id
    """
)
_PARTIES = text(
    f"""
    SELECT v.name AS vendor_name, v.party_id, v.pod_policy, v.secret, v.id AS of_vendor, p.*
    FROM vendor v LEFT JOIN LATERAL (
      SELECT {COLUMNS} FROM pod
      WHERE pod.vendor_id = v.id AND pod.status <> 'Draft' AND pod.acknowledged IS NOT NULL
      ORDER BY (pod.status = 'Expired'), pod.created DESC, pod.id LIMIT 1) p ON true
    WHERE v.zone_id = :zone AND v.context_id = :context
      AND v.id = ANY(CAST(:vendors AS integer[]))
    ORDER BY lower(v.name), v.id
    """  # noqa: S608 constants only
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored object; `refid` is folded."""

    object_type: str
    refid: str
    body: bytes


@dataclass(slots=True)
class Trace:
    """What the store knows of one vendor and the objects of one person: how many it has, which
    types, names of what it was told in rows; when first and last; deliveries; whether it comes."""

    there: int = 0
    types: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    since: datetime | None = None
    last: datetime | None = None
    gone: datetime | None = None
    deliveries: int = 0
    waiting: int = 0
    came: datetime | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """A vendor with the POD that it acknowledged last, None for none."""

    id: int
    name: str
    party_id: str
    pod_policy: str
    pod: Pod | None


def holding(
    connection: Connection, scope: Scope, number: str, types: Sequence[str]
) -> list[Stored]:
    """People of these types who may have this number, at most 200."""
    asked = _at(scope) | {"word": number_word(number), "types": list(types)}
    return [_stored(*row) for row in connection.execute(_HOLDING, asked)]


def own(connection: Connection, scope: Scope, refid: str, types: Sequence[str]) -> list[Stored]:
    """The own objects of a person of these types."""
    asked = _at(scope) | {"types": list(types), "refid": refid}
    return [_stored(*row) for row in connection.execute(_OWN, asked)]


def about(connection: Connection, scope: Scope, refids: Sequence[str]) -> list[Stored]:
    """The objects that are, or name, one of these (folded RefIds)."""
    asked: dict[str, object] = _at(scope) | {"refids": list(refids)}
    if not all(map(is_refid, refids)):
        return [_stored(*row[:3]) for row in connection.execute(_ABOUT_READ, asked)]
    words = [named_word(each) for each in refids]
    return [_stored(*row[:3]) for row in connection.execute(_ABOUT, asked | {"words": words})]


def traces(
    connection: Connection, scope: Scope, own: Sequence[str], refids: Sequence[str]
) -> dict[int, Trace]:
    """What is known of each vendor that got, waits for, or may come for objects: `own` are the
    person's, `refids` all that are about the person."""
    asked = _at(scope) | {"own": list(own), "refids": list(refids)}
    found: dict[int, Trace] = {}
    for row in connection.execute(_KNOWN, asked):
        each = found.setdefault(row.vendor_id, Trace())
        each.there, each.types = row.there, tuple(sorted(row.types or ()))
        each.since, each.gone = row.since, row.gone
    for row in connection.execute(_ROWS, asked):
        each = found.setdefault(row.vendor_id, Trace())
        each.there += row.there
        each.fields = tuple(sorted(row.fields))
        each.since = min(filter(None, (each.since, row.since)))
        each.last = row.last
    for row in connection.execute(_DELIVERED, asked):
        each = found.setdefault(row.vendor_id, Trace())
        each.deliveries, each.waiting = row.number - row.waiting, row.waiting
        each.since = min(filter(None, (each.since, row.first)), default=None)
        each.last = max(filter(None, (each.last, row.last)), default=None)
    for row in connection.execute(_COMES, asked):
        found.setdefault(row.vendor_id, Trace()).came = row.last
    return found


def parties(connection: Connection, scope: Scope, vendor_ids: Sequence[int]) -> list[Party]:
    """These vendors by name, each with its POD as the filter needs it, without the document."""
    asked = _at(scope) | {"vendors": list(vendor_ids)}
    return [
        Party(
            row.of_vendor,
            row.vendor_name,
            row.party_id,
            row.pod_policy,
            from_row(row).for_vendor(frozenset(), bytes(row.secret)) if row.id else None,
        )
        for row in connection.execute(_PARTIES, asked)
    ]


def _stored(object_type: str, refid: str, body: bytes) -> Stored:
    return Stored(object_type, refid, bytes(body))


def _at(scope: Scope) -> dict[str, object]:
    return {"zone": scope.zone_id, "context": scope.context_id}
