"""Find a student by the local number without reading every document."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the index; written out so that later edits of `console_people.py` cannot change it."""
    op.execute(STATEMENT)


# In bytes as they are escaped, so that no document whatever its letters is refused by an index; of
# built-in functions alone, so that a backup needs no other.
STATEMENT = r"""
CREATE INDEX ix_object_version_local_id ON object_version (
    zone_id, context_id,
    (left(substring(encode(substring(body FROM 1 FOR 65536), 'escape')
                    FROM '<(?:[^<>:/ ]+:)?[Ll]ocalId *>\s*([^<]*[^<\s])\s*</'), 120))
) WHERE object_type IN ('xStudent', 'StudentPersonal') AND body IS NOT NULL
"""
