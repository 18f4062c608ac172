"""What a vendor remembers: sessions, students, markers and files, all in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock

from lxml import etree

from conformance.simulators.agreements import Pod
from conformance.simulators.oneroster import Row

Place = tuple[str, str]  # zone and context


@dataclass(frozen=True, slots=True)
class Session:
    """One environment: who made it, how it authenticates, and the document handed out."""

    id: str
    token: str
    key: str
    identity: tuple[str, str, str]
    method: str
    document: etree._Element
    created: datetime


@dataclass(slots=True)
class Markers:
    """Tokens by place: `current` in force, `retired` once in force.

    `known` are the PODs that were acknowledged, by id and version.
    """

    current: dict[Place, Pod] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)
    known: dict[tuple[str, str], Pod] = field(default_factory=dict)

    def enforce(self, pod: Pod, places: tuple[Place, ...]) -> None:
        """Put a POD in force: it replaces the one of the same id and those of its places."""
        for place, old in list(self.current.items()):
            if (place in places or old.id == pod.id) and old.token != pod.token:
                self.retire(old.token)
        self.retired.discard(pod.token)
        self.known[pod.id, pod.version] = pod
        self.current.update(dict.fromkeys(places, pod))

    def retire(self, token: str) -> None:
        """Take a token out of force everywhere."""
        self.retired.add(token)
        self.current = {place: pod for place, pod in self.current.items() if pod.token != token}


@dataclass(slots=True)
class State:
    """Everything. Hold `lock` while reading or writing; students are keyed by folded refId.

    `place` is the district that the request under way is about. `sets` are results by navigationId,
    `marks` what was stored when a changesSinceMarker was given.
    """

    lock: RLock = field(default_factory=RLock)
    sessions: dict[str, Session] = field(default_factory=dict)
    place: Place = ("", "DEFAULT")
    districts: dict[Place, dict[str, etree._Element]] = field(default_factory=dict)
    markers: Markers = field(default_factory=Markers)
    files: dict[str, bytes] = field(default_factory=dict)
    rows: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    message_ids: set[str] = field(default_factory=set)
    sets: dict[str, list[etree._Element]] = field(default_factory=dict)
    marks: dict[str, dict[str, str]] = field(default_factory=dict)
    translated: dict[bytes, tuple[Row, list[Row], Row]] = field(default_factory=dict)

    @property
    def students(self) -> dict[str, etree._Element]:
        """The students of the district that is spoken of."""
        return self.districts.setdefault(self.place, {})
