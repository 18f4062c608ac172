"""Find people of every kind, and objects that name them, without reading every document."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Connection, text

from reference_hub.codec.lookup_words import words_of

revision = "0012"
down_revision = "0011"

_PAGE = 1000
_CURRENT = text(
    """
    SELECT v.id, v.object_type, v.refid, v.body FROM object_version v
    WHERE v.id > :after AND v.body IS NOT NULL AND EXISTS (
      SELECT FROM sif_object o
      WHERE o.zone_id = v.zone_id AND o.context_id = v.context_id
        AND o.object_type = v.object_type AND o.refid = v.refid AND o.version_id = v.id)
    ORDER BY v.id LIMIT :page
    """
)
_ADD = text(
    """
    INSERT INTO version_word (word, version_id)
    SELECT word, version_id
    FROM unnest(CAST(:words AS bigint[]), CAST(:versions AS bigint[])) AS added(word, version_id)
    """
)


def upgrade() -> None:
    """Add the table, fill it from what is stored, and drop the index that it replaces."""
    op.execute("CREATE TABLE version_word (word BIGINT NOT NULL, version_id BIGINT NOT NULL)")
    _fill(op.get_bind())
    op.execute(
        "ALTER TABLE version_word ADD CONSTRAINT pk_version_word PRIMARY KEY (word, version_id)"
    )
    op.execute("DROP INDEX IF EXISTS ix_object_version_local_id")


def _fill(connection: Connection) -> None:
    """The words of current versions; older ones are never looked up again."""
    after = 0
    while rows := connection.execute(_CURRENT, {"after": after, "page": _PAGE}).all():
        pairs = [
            (word, row.id)
            for row in rows
            for word in words_of(row.object_type, row.refid, bytes(row.body))
        ]
        if pairs:
            words, versions = (list(column) for column in zip(*pairs, strict=True))
            connection.execute(_ADD, {"words": words, "versions": versions})
        after = rows[-1].id
