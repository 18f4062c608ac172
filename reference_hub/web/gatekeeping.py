"""A gate that cannot decide stays closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from reference_hub.problems import HubError, Refusal, raised_at
from reference_hub.store.db import STORE_LOST

log = structlog.get_logger(__name__)


@contextmanager
def fail_closed() -> Iterator[None]:
    """Around the gate: whatever stops it from deciding stops the data too (POD-GATE-013).

    Raises Refusal 503 for an error of any kind that is no answer of the hub itself.
    """
    try:
        yield
    except (HubError, *STORE_LOST):
        raise
    except Exception as error:
        log.error("gate failed", error=type(error).__name__, where=raised_at(error))
        text = "The privacy gate cannot decide now; nothing is sent. Try again later."
        raise Refusal(503, "Data privacy", text) from error
