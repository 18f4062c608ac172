"""What the suite's own hub does to a client on purpose: faults, and lawful ways that are rare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from conformance.stage.calls import XML, Asked, Given
from conformance.stage.dress import Dress


def lists(asked: Asked) -> bool:
    """Whether the call reads a page or a whole list of students."""
    return asked.method == "GET" and asked.steps == ("requests", "xStudents") and not (
        {"changesSinceMarker"} & set(asked.given) or asked.headers.get("requestType")
    )  # fmt: skip


@dataclass(slots=True)
class Weather:
    """A fault for the next `left` calls that it is `about`, in one `zone` if it is named.

    `status` takes the place of the answer, with these `headers` and this `body`. `wait` (seconds)
    delays the answer, `half` cuts it in its middle, `lost` leaves it out. `before` is done before
    the first of these calls is looked at. `met` counts the calls that it struck.
    """

    left: int = 1
    about: Callable[[Asked], bool] = lists
    zone: str = ""
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    wait: float = 0.0
    half: bool = False
    lost: bool = False
    before: Callable[[], None] | None = None
    met: int = 0

    def strikes(self, asked: Asked) -> bool:
        """Whether it strikes this call; it is spent by one then."""
        here = self.zone in ("", asked.says("zoneId"))
        if self.left <= 0 or not here or not self.about(asked):
            return False
        self.left -= 1
        self.met += 1
        return True

    def over(self, given: Given, kind: str, zone: str) -> Given:
        """The answer as the fault leaves it."""
        if self.status:
            return Given(self.status, self.headers, self.body, kind, zone, given.service)
        return replace(given, wait=self.wait, cut=self.half, lost=self.lost)


@dataclass(slots=True)
class Manner:
    """Lawful ways of the hub, until the next check.

    `totals`: count and last page are told; `keeps`: a result is kept under a navigationId.
    `dress` writes bodies in another way, `zips` packs them where that is asked for, `chunks` sends
    them in pieces, `shouts` spells header names in capitals. `conflicts`: a second environment is
    answered 409. `min_wait` (seconds) is told for new queues; `holds`: delayed answers wait until
    they are let go. `empty` zones have no students.
    """

    totals: bool = True
    keeps: bool = False
    dress: Dress | None = None
    zips: bool = False
    chunks: bool = False
    shouts: bool = False
    conflicts: bool = False
    min_wait: int = 0
    holds: bool = False
    empty: frozenset[str] = frozenset()

    def worn(self, asked: Asked, given: Given) -> Given:
        """The answer in this manner."""
        if self.shouts:
            lines = tuple((name.upper(), value) for name, value in given.headers)
            given = replace(given, headers=(*lines, ("X-UNKNOWN-LINE", "of another product")))
        if not 200 <= given.status < 300 or not given.body or XML not in given.headers:
            return given
        if self.dress is not None and given.kind in self.dress.kinds:
            given = replace(given, body=self.dress.put_on(given.body))
        packed = self.zips and "gzip" in asked.headers.get("Accept-Encoding").lower()
        return replace(given, packed=packed, chunked=self.chunks)
