"""Which revision a store has, which ones this program knows."""

from __future__ import annotations

from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from reference_hub.problems import SetupError


def current(connection: Connection) -> str:
    """The revision of the store, '' when it has no tables yet."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def head() -> str:
    """The revision that this program works with."""
    return _scripts().get_current_head() or ""


def refuse_newer(revision: str) -> None:
    """Raise SetupError for the revision of a program that is newer than this one."""
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision and revision not in known:
        raise SetupError(
            f"The store has the schema {revision} of a newer reference-hub, and this one knows "
            f"{head()}. Run the newer program, or restore a backup that this one made."
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))
