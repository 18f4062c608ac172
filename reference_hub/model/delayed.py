"""A request that is answered later, in a queue of whoever sent it (INF-DLY)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reference_hub.model.environment import Environment
from reference_hub.model.scope import Scope


@dataclass(frozen=True, slots=True)
class Delayed:
    """The request as it came, without credentials, and the fields that its answers carry.

    `envelope`: requestId, relativeServicePath, serviceType and the like. `page`: the next one of a
    paged query, None before its first; `navigation_id`: what the page before it gave.
    """

    environment_id: str
    queue_id: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    scope: Scope
    object_type: str
    envelope: Mapping[str, str]
    page: int | None = None
    navigation_id: str = ""
    id: int = 0
    attempts: int = 0

    @property
    def action(self) -> str:
        """What the request does: QUERY, CREATE, ..."""
        return self.envelope["responseAction"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the hub answers to the request."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# Carries a delayed request out in the name of the session.
Replay = Callable[[Environment, Delayed], Reply]
