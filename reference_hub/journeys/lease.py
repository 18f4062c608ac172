"""Keeps a claim alive while a vendor is slow, and knows when it was lost."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

import structlog

from reference_hub.clock import Clock
from reference_hub.model.message import Claimed
from reference_hub.store import claims
from reference_hub.store.wakeups import is_outage

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = structlog.get_logger(__name__)


class Lease:
    """Context manager: renews the lease of the unsettled messages each third of its time."""

    def __init__(self, engine: Engine, claim: claims.Claim, seconds: float, clock: Clock) -> None:
        self._engine, self._seconds, self._clock = engine, seconds, clock
        self._open: dict[int, Claimed] = {message.id: message for message in claim.messages}
        self._until = claim.until
        self._lost = False
        self._guard = threading.Lock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end.set()
        self._thread.join()

    def valid(self) -> bool:
        """Whether the claim is still ours: nobody else may be delivering these messages."""
        return not self._lost and self._clock.now() < self._until

    def settled(self, messages: Sequence[Claimed]) -> None:
        """These need no lease any more; call it before they are settled."""
        with self._guard:
            for message in messages:
                self._open.pop(message.id, None)

    def _keep(self) -> None:
        while not self._end.wait(self._seconds / 3):
            try:
                self._renew()
            except Exception as error:
                # Without the database the lease runs out by itself; `valid` then says so.
                if not is_outage(error):
                    raise
                log.warning("lease not renewed", error=type(error).__name__)

    def _renew(self) -> None:
        with self._guard:
            messages = list(self._open.values())
            until = self._clock.now() + timedelta(seconds=self._seconds)
            if not messages:
                return
            with self._engine.begin() as connection:
                kept = claims.renew(connection, messages, until)
            self._until, self._lost = until, kept < len(messages)
