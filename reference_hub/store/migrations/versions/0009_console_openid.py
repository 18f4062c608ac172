"""The console: accounts of people whom an OpenID provider knows, and sign-ins that are under way."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add them; written out so that later edits of `tables.py` cannot change it."""
    for statement in STATEMENTS:
        op.execute(statement)


STATEMENTS = (
    """
ALTER TABLE console_account
    ADD COLUMN issuer TEXT DEFAULT '' NOT NULL,
    ADD COLUMN subject TEXT DEFAULT '' NOT NULL,
    ADD CONSTRAINT ck_console_account_subject CHECK ((issuer = '') = (subject = ''))
    """,
    """
CREATE UNIQUE INDEX uq_console_account_subject ON console_account (issuer, subject)
    WHERE subject <> ''
    """,
    """
CREATE TABLE console_openid (
    state TEXT NOT NULL,
    browser TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    place TEXT NOT NULL,
    begun TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_console_openid PRIMARY KEY (state)
)
    """,
)
