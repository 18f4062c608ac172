"""One request and its answer as a run file holds them, redacted.

A check of a product that calls gives orders, looks at what came, and changes the scene between.
Each of these is a step, so that a call can be played again where it stood: before the same look,
in the same scene.
"""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One side of an exchange, redacted. `body_bytes` is the size on the wire."""

    start: str
    headers: list[tuple[str, str]]
    body: str
    body_bytes: int


class Arrival(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a call of the product came, and what of it no line of the exchange shows.

    `order` counts the orders of `check` so far, `step` all that it did since; `seconds` are those
    since the hub opened. `connection` numbers the connections, and `early` says that more came on
    it before the answer. `signed` and `address` tell who called, by the header and by the address,
    without any secret (see `stage.signing`). `door` names the host where it came, if that is not
    the hub itself: `elsewhere` is no part of it, `second` another hub of the suite. `moved`: orders
    were carried out by a program. `facts` are the masks of what the product's people were told to
    enter; `said` are words of ours by the hash of their mask, `told` the ids and times of an
    answer in which they are masked. `drawn`
    are the moments, in seconds since 1970, of what the hub changed since the call before.
    """

    check: str
    seconds: float
    order: int = 0
    step: int = 0
    connection: int = 0
    early: bool = False
    signed: str = ""
    address: str = ""
    door: str = ""
    moved: bool = False
    facts: dict[str, str] = {}
    said: dict[str, str] = {}
    told: list[str] = []
    drawn: list[float] = []


class Exchange(
    msgspec.Struct, frozen=True, tag="exchange", tag_field="type", kw_only=True, omit_defaults=True
):
    """One request and its answer as they stood on the wire, numbered from 1 in the whole run.

    `arrival` says when a call of the product came; neither other exchanges nor older runs have it.
    """

    number: int
    check: str
    direction: str
    request: Message
    response: Message | None
    fault: str
    milliseconds: float
    arrival: Arrival | None = None
