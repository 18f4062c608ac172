"""Whether a pooled connection still lives is asked only after a rest, not at each request.

A question costs a tenth of a millisecond, several times a request; a connection that worked a
moment ago seldom died since, and one that did is answered with 503 like any outage.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

REST_SECONDS = 1.0
_RESTED = "rested"


def ping_rested(engine: Engine) -> None:
    """Look at each connection that comes back from a rest; a dead one is replaced silently."""

    def note(_: object, record: Any) -> None:
        record.info[_RESTED] = time.monotonic()

    def look(connection: Any, record: Any, _: object) -> None:
        rested: float | None = record.info.get(_RESTED)
        if rested is None or time.monotonic() - rested < REST_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise DisconnectionError from error

    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", look)
