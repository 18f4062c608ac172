"""Which revision a store has, which ones this program knows.

Alembic writes the revision and runs the steps; looking needs none of it, and each command looks.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from reference_hub.problems import SetupError

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def current(connection: Connection) -> str:
    """The revision of the store, '' when it has no tables yet."""
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar_one() is None:
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def head() -> str:
    """The revision that this program works with."""
    return max(_known())


def refuse_newer(revision: str) -> None:
    """Raise SetupError for the revision of a program that is newer than this one."""
    if revision and revision not in _known():
        raise SetupError(
            f"The store has the schema {revision} of a newer reference-hub, and this one knows "
            f"{head()}. Run the newer program, or restore a backup that this one made."
        )


def _known() -> set[str]:
    """Each file of a revision begins with it."""
    return {file.name[:4] for file in VERSIONS.glob("[0-9]*.py")}
