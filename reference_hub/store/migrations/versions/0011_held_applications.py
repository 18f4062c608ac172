"""Which decision an application of the settings waits for: that of its district's policy."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column; what a command registered has '', as the command asked already."""
    op.execute("ALTER TABLE application ADD COLUMN decision TEXT DEFAULT '' NOT NULL")
    op.execute(
        "ALTER TABLE application ADD CONSTRAINT ck_application_decision"
        " CHECK (decision IN ('', 'required', 'console', 'optional'))"
    )
