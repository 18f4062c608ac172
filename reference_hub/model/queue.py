"""Queues of consumers, subscriptions that fill them, and the messages that wait in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reference_hub.model.scope import Scope

IMMEDIATE = "IMMEDIATE"
LONG = "LONG"


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of one environment. `polling`: IMMEDIATE | LONG; times in seconds.

    A reader of a LONG queue is held up to `idle_timeout`; one that found an IMMEDIATE queue empty
    waits `min_wait_time` before it asks again.
    """

    id: str
    environment_id: str
    polling: str
    name: str
    idle_timeout: int
    min_wait_time: float
    max_connections: int
    created: datetime
    last_accessed: datetime
    last_modified: datetime
    message_count: int = 0


@dataclass(frozen=True, slots=True)
class Subscription:
    """Events of one service that are copied into a queue."""

    id: str
    environment_id: str
    queue_id: str
    scope: Scope
    service_type: str
    service_name: str


@dataclass(frozen=True, slots=True)
class Payload:
    """A message as somebody wrote it: SIF headers and body; None for an answer without one."""

    headers: Mapping[str, str]
    content_type: str
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Pulled:
    """The message a reader is at. It carries a payload, or names the versions of an own event."""

    id: int
    message_id: str
    kind: str
    scope: Scope
    object_type: str
    action: str
    created: datetime
    versions: tuple[int, ...] = ()
    payload: Payload | None = None
