"""A message on its way to a subscriber, and how its delivery ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from reference_hub.model.party import Subscriber
from reference_hub.model.pod import Pod
from reference_hub.model.statement import Heard


@dataclass(frozen=True, slots=True)
class Claimed:
    """A leased message row joined with the version it names. `body` is unfiltered.

    `faults`: how often the vendor answered to it with a fault."""

    id: int
    message_id: str
    kind: str
    action: str
    object_type: str
    refid: str
    body: bytes | None
    pod_id: str | None
    attempts: int
    faults: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What leaves the hub for one message: already filtered and translated.

    `refid` is spelled as the receiver knows it; `attempts` counts this delivery too; `fields` are
    the granted paths that are in it."""

    id: int
    message_id: str
    kind: str
    action: str
    object_type: str
    refid: str
    body: bytes | None
    attempts: int = 1
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """A run of messages of one subscriber in queue order, under the POD that is live now."""

    subscriber: Subscriber
    pod: Pod | None
    messages: tuple[Outgoing, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """How one message ended: done | waiting (again at `not_before`) | dead | held | purged.

    `at_fault`: the vendor is there and answered to this very message with a fault."""

    id: int
    state: str
    reason: str = ""
    not_before: datetime | None = None
    target_id: str = ""
    at_fault: bool = False


@dataclass(frozen=True, slots=True)
class ResultFile:
    """What a vendor wrote about a delivery, as it was fetched from its folder."""

    name: str
    content: bytes


@dataclass(slots=True)
class Delivery:
    """What a transport reports: messages in order (a missing one was not tried), how a POD was
    answered, new session, files that the vendor left for us."""

    settled: list[Settled] = field(default_factory=list)
    heard: Heard | None = None
    session: dict[str, object] | None = None
    results: tuple[ResultFile, ...] = ()


class Transport(Protocol):
    """How a batch reaches a vendor."""

    def deliver(self, batch: Batch) -> Delivery:
        """Deliver in order; stop at the first message that must be tried again."""
        ...
