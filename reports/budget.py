"""How much of each exchange the page shows, so that the page of a full run stays under 5 MB.

The run file holds everything; the page gives the evidence of each finding first, then as much of
the rest as fits. The same run always gets the same room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.runfile import Exchange

# Of the 5 MB, the tables of all requirements and the checks that passed need the rest.
EVIDENCE_BYTES = 3_000_000
_CARD_BYTES = 3_000
_STEP_BYTES = 700
# Angle brackets become four characters, and indenting adds to that.
_GROWTH = 1.7


@dataclass(frozen=True, slots=True)
class Room:
    """At most so many exchanges a check, and so many characters of a body: of those that a finding
    points at, and of the others."""

    exchanges: int
    evident: int
    other: int


ROOMS = (
    Room(40, 20_000, 20_000),
    Room(40, 20_000, 4_000),
    Room(40, 8_000, 1_000),
    Room(30, 4_000, 300),
    Room(15, 2_000, 0),
    Room(6, 1_000, 0),
    Room(3, 300, 0),
    Room(1, 300, 0),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """The exchanges of one check in the order of their rank; the first `evident` are evidence."""

    exchanges: Sequence[Exchange]
    evident: int


def room_for(checks: Sequence[Shown]) -> Room:
    """The most generous room in which the evidence of all these checks fits."""
    fitting = (room for room in ROOMS if _size(checks, room) <= EVIDENCE_BYTES)
    return next(fitting, ROOMS[-1])


def _size(checks: Sequence[Shown], room: Room) -> float:
    return sum(
        _CARD_BYTES
        + sum(
            _step(one, room.evident if rank < shown.evident else room.other, rank < shown.evident)
            for rank, one in enumerate(shown.exchanges[: room.exchanges])
        )
        for shown in checks
    )


def _step(exchange: Exchange, limit: int, evident: bool) -> float:
    sides = [one for one in (exchange.request, exchange.response) if one is not None]
    heads = sum(len(name) + len(value) + 3 for one in sides for name, value in one.headers)
    bodies = sum(min(len(one.body), limit) for one in sides)
    again = heads + min(len(exchange.request.body), 2_000) if evident else 0
    return _STEP_BYTES + heads + _GROWTH * (bodies + again)
