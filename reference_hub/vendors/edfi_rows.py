"""What goes into a reconciliation with an Ed-Fi host and what comes out of it. Pure data.

HubError
└── HostRefused      the host cannot be worked with as the connection is set
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reference_hub.clock import Clock
from reference_hub.problems import HubError
from reference_hub.translate.ledger import Loss

READY, GONE = "ready", "gone"
FIRST, EVERY = "first", "every"

SENT, DELETED, MOVED = "sent", "deleted", "moved"
HELD, WAITING, REFUSED, AGAIN = "held", "waiting", "refused", "again"


class HostRefused(HubError):
    """The host is of another version, or knows neither key nor secret; nothing was sent."""


@dataclass(eq=False)
class Paused(HubError):
    """The host cannot take anything now; `not_before` is when to try again."""

    reason: str
    not_before: datetime

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Row:
    """A record as the host should hold it (`ready`) or no longer hold it (`gone`).

    `collection` is the resource, `body` its JSON, `key` the natural key in one text. `remote_id`
    and `sent_hash` are what the host gave and took last; '' before that.
    """

    collection: str
    key: str
    entity: str
    refid: str
    body: Mapping[str, Any]
    hash: str
    state: str = READY
    sent_hash: str = ""
    remote_id: str = ""
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row.

    `state`: sent | deleted | moved (its record lives on under another key) | held (a code the host
    does not know) | waiting (for a parent, or for children to go) | refused | again (not before
    `not_before`). `answer`: the host's words or ours, without values of the record. `asked`:
    whether the host was asked at all.
    """

    row: Row
    state: str
    remote_id: str = ""
    answer: str = ""
    not_before: datetime | None = None
    losses: tuple[Loss, ...] = ()
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """A connection to an Ed-Fi host.

    `data_standard`: `4`, `5` or `6`. `keys`: the places of the natural key of each resource, such
    as `{"sessions": ("sessionName", "schoolReference/schoolId")}`. `crosswalk`: (resource, place)
    to field and crosswalk id, for the ledger. `read_back`: first of each resource | every.
    `descriptors`: our URI to the host's, where it has codes of its own.
    `resync`: send what the host has already. `tries` per request; `patience` in seconds is the
    longest wait inside one run, a longer Retry-After ends it. `at_once`: requests under way at the
    same time; rows of one resource do not need each other.
    """

    url: str
    key: str
    secret: str = field(repr=False)
    data_standard: str
    keys: Mapping[str, tuple[str, ...]]
    clock: Clock = field(default_factory=Clock)
    rng: random.Random = field(default_factory=random.Random)
    crosswalk: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    descriptors: Mapping[str, str] = field(default_factory=dict)
    read_back: str = FIRST
    resync: bool = False
    tries: int = 3
    patience: float = 10.0
    at_once: int = 1
