"""The ids that imported files gave to things without a UUID, beside the keys made of them."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table; written out so that later edits of `tables.py` cannot change it."""
    for statement in STATEMENTS:
        op.execute(statement)


STATEMENTS = (
    """
CREATE TABLE imported_id (
    zone_id TEXT NOT NULL,
    context_id TEXT NOT NULL,
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    told TEXT NOT NULL,
    folded TEXT NOT NULL,
    CONSTRAINT pk_imported_id PRIMARY KEY (zone_id, context_id, collection, key)
)
""",
    """
CREATE INDEX ix_imported_id_zone_id_context_id_collection_folded
    ON imported_id (zone_id, context_id, collection, folded)
""",
)
