"""A text with canaries of every kind, and scans of it in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest

from conformance.scan import Found, Scan
from fixtures import canary
from fixtures.sightings import Reader

SEED, STUDENTS = 7, 100
OWNER = canary.student_owner
TOKENS = (
    *(canary.name(SEED, OWNER(12), element) for element in canary.ELEMENTS),
    canary.word(SEED, canary.contact_owner(5), "restrictions", 3),
    canary.word(SEED, canary.staff_owner(101), "loginId"),
    *(canary.number(SEED, 5, prefix) for prefix in canary.PREFIXES),
    *(canary.refid(SEED, kind, 9) for kind in canary.KINDS),
    canary.refid(SEED, "student", 10).lower(),
    canary.refid(SEED, "student", 11).replace("-", ""),
    canary.refid(SEED, "student", 12).replace("-", "").lower(),
)
LINES = [f"<name>Jos\u00e9 {one}</name> {n}, ... \u00e9" for n, one in enumerate(TOKENS, 2)]
TEXT = "\n".join(["First line", *LINES, "end"])


@dataclass(slots=True)
class Seen:
    """What a scan told: canaries, and what it could not read."""

    found: list[Found] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """The canaries in one spelling, sorted."""
        return sorted(plain(one.text) for one in self.found)


def plain(token: str) -> str:
    """One spelling of a canary."""
    return token.replace("-", "").lower()


ALL = sorted(map(plain, TOKENS))
Look = Callable[..., Seen]


@pytest.fixture(scope="session")
def look() -> Look:
    """Scan bytes that come in pieces of a size; keywords go to the scan."""

    def run(data: bytes, size: int = 1 << 20, **limits: int) -> Seen:
        seen = Seen()
        pieces: Iterable[bytes] = (data[at : at + size] for at in range(0, len(data), size))
        reader = Reader(SEED, STUDENTS, 2)
        Scan([reader], seen.found.append, seen.unread.append, **limits).stream("f", pieces)
        return seen

    return run
