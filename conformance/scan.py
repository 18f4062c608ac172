"""Find canaries in any bytes, also packed and encoded ones, with bounded memory.

scan = Scan([Reader(seed=7, students=1000)], found=print, unread=print)
with open(path, "rb") as file:
    scan.stream(str(path), iter(lambda: file.read(CHUNK), b""))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from conformance.scan_layers import Layer, Place
from fixtures.canary import Sighting
from fixtures.sightings import Reader

CHUNK = 1 << 20  # bytes that are read at a time
DEEPEST = 8  # layers in each other
# Bytes that may come out of a file, in all and for each of its own: as much as real exports hold,
# a small part of what bombs do.
ROOM, TIMES = 64 << 20, 100
REMEMBERED = 20_000  # short texts, in each way to decode


@dataclass(frozen=True, slots=True)
class Found:
    """A canary and where it is.

    `inside` tells what had to be unpacked, from the outside in; `offset` and `line` count in the
    innermost file or packed member, and lead to the beginning of encoded text that has no lines.
    """

    sighting: Sighting
    text: str
    file: str
    inside: tuple[str, ...]
    offset: int
    line: int


@dataclass(slots=True)
class Scan:
    """What is looked for, who hears of it, and how much may still be unpacked.

    `found` hears of each canary, `unread` of each place that could not be looked at, in words.
    """

    readers: Sequence[Reader]
    found: Callable[[Found], None]
    unread: Callable[[str], None]
    deepest: int = DEEPEST
    room: int = ROOM
    scanned: int = 0
    told: int = 0
    is_full: bool = False  # the file that is looked at has unpacked to more than is allowed
    _left: int = 0
    _known: dict[str, set[bytes]] = field(default_factory=dict)

    def stream(self, name: str, chunks: Iterable[bytes]) -> None:
        """Look through one file that comes in chunks."""
        self._left, self.is_full = self.room, False
        layer = Layer(self, Place(name))
        for chunk in chunks:
            self.scanned += len(chunk)
            self._left += TIMES * len(chunk)
            layer.feed(chunk)
        layer.close()

    def allows(self, place: Place, size: int) -> bool:
        """Say whether so many bytes more may be unpacked; the first refusal of a file is told."""
        self._left -= size
        if self._left >= 0:
            return True
        if not self.is_full:
            self.is_full = True
            limit = f"more than {self.room >> 20} MiB and {TIMES} times its size"
            self.unread(f"{place.file}: unpacks to {limit}; a zip bomb? The rest stays packed.")
        return False

    def tell(
        self,
        sighting: Sighting,
        text: str,
        place: Place,
        inside: tuple[str, ...],
        at: tuple[int, int],
    ) -> None:
        """Hand on a canary that stands at an offset and in a line of a place."""
        self.told += 1
        self.found(Found(sighting, text, place.file, inside, *at))

    def known(self, kind: str) -> set[bytes]:
        """Give short texts that are known to hold nothing when they are decoded in one way."""
        return self._known.setdefault(kind, set())

    def remember(self, kind: str, text: bytes) -> None:
        """Remember such a text."""
        texts = self.known(kind)
        if len(texts) >= REMEMBERED:
            texts.clear()
        texts.add(text)

    def is_too_deep(self, place: Place) -> bool:
        """Say whether nothing in this place is unpacked, because too much lies around it."""
        return place.depth >= self.deepest
