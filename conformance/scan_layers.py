"""Layers of bytes: a file, and what was packed or encoded in it, down to the canaries.

A layer is fed piece by piece and keeps a margin, so that nothing is lost between two pieces. What
it finds packed (`scan_packed`), escaped (`scan_escapes`) or encoded (`scan_runs`) it unpacks into a
layer of its own while it reads on.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from conformance import scan_escapes, scan_packed, scan_runs
from conformance.scan_tokens import Hit, tokens

if TYPE_CHECKING:
    from conformance.scan import Scan

# Longer than any canary in plain bytes, than the head of a packed member, and than two lines of
# base64; a run of encoded text may be longer, it is followed through.
MARGIN = 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bytes of a layer come from: byte `at` stands at `offset + at * scale` there."""

    file: str
    inside: tuple[str, ...] = ()
    offset: int = 0
    line: int = 1
    scale: float = 1.0
    has_lines: bool = True
    depth: int = 0


class Stream(Protocol):
    """Something that is unpacked while it is read."""

    def take(self, data: bytes, at: int) -> int:
        """Take the bytes from a place on and say up to where they belong to it.

        What ends before the data does has ended; what belongs to nothing ends where it began.
        """

    def close(self) -> None:
        """Hear that nothing follows."""


class Layer:
    """Looks at one stream of bytes, piece by piece.

    `marks`: offsets of bytes that an escape stood for. With them only what holds such a byte
    counts, since all else has been seen in the layer around it.
    """

    def __init__(self, scan: Scan, place: Place, marks: list[int] | None = None) -> None:
        self.scan, self.place, self.marks = scan, place, marks
        self.gone = 0  # bytes before the window
        self.window = b""
        self._start = 0  # in the window: what has been looked at up to here
        self._lines = 0  # ends of lines before the window
        self._counted = 0, 0  # a place in the window, and the ends of lines before it there
        self._open: list[tuple[str, Stream]] = []
        self._taken: dict[str, list[tuple[int, int]]] = {}  # where streams began and ended
        self._members: list[scan_packed.Member] = []

    def feed(self, data: bytes) -> None:
        """Look at the bytes that follow."""
        if self.place.depth and not self.scan.allows(self.place, len(data)):
            return
        for kind, stream in self._open[:]:
            end = stream.take(data, 0)
            self._take(kind, len(self.window), len(self.window) + end)
            if end < len(data):
                self._open.remove((kind, stream))
                stream.close()
        self.window += data
        if len(self.window) >= self._start + 2 * MARGIN:
            self._look(len(self.window) - MARGIN)

    def close(self) -> None:
        """Look at what is left and end everything that is open."""
        self._look(len(self.window))
        for _, stream in self._open:
            stream.close()
        self._open.clear()
        self.window = b""

    def _look(self, limit: int) -> None:
        scan_packed.look(self, self._start, limit)
        for start, end in self._unpacked(self._start, limit):
            self._report(tokens(self.window, start, end, self.scan.readers))
            if not self.scan.is_too_deep(self.place):
                scan_escapes.look(self, start, end)
                scan_runs.look(self, start, end)
        keep = max(0, limit - MARGIN)
        self._lines = self.lines_before(keep)
        self.window, self._counted = self.window[keep:], (0, 0)
        self.gone += keep
        self._start = limit - keep
        self._members = [one for one in self._members if one.end > self.gone]
        for kind, parts in self._taken.items():
            self._taken[kind] = [one for one in parts if one[1] > self.gone]
        if self.marks:
            del self.marks[: bisect_left(self.marks, self.gone)]

    def _unpacked(self, start: int, limit: int) -> Iterator[tuple[int, int]]:
        """Give the parts of the window that are not packed."""
        for first, last in self._taken.get(scan_packed.KIND, ()):
            if start < first - self.gone:
                yield start, min(first - self.gone, limit)
            start = max(start, last - self.gone)
        if start < limit:
            yield start, limit

    def _report(self, hits: Iterable[Hit]) -> None:
        for start, end, sighting in hits:
            if self.is_new(start, end):
                text = self.window[start:end].decode("ascii")
                inside, offset, line = self._where(start)
                self.scan.tell(sighting, text, self.place, inside, (offset, line))

    def lines_before(self, at: int) -> int:
        """Count the ends of lines before a place in the window, where there are lines."""
        if not self.place.has_lines:
            return 0
        place, lines = self._counted
        if at < place:
            place, lines = 0, 0
        lines += self.window.count(b"\n", place, at)
        self._counted = at, lines
        return self._lines + lines

    def _where(self, start: int) -> tuple[tuple[str, ...], int, int]:
        """Say what a byte of the window is in, at which offset and line."""
        at, lines, inside = self.gone + start, self.lines_before(start), self.place.inside
        member = scan_packed.member_at(self._members, at) if self._members else None
        if member:
            at, lines, inside = at - member.start, lines - member.lines, (*inside, member.name)
        return inside, self.place.offset + int(at * self.place.scale), self.place.line + lines

    def is_new(self, start: int, end: int) -> bool:
        """Say whether a part of the window holds a byte that was escaped, if that is asked."""
        if self.marks is None:
            return True
        at = bisect_left(self.marks, self.gone + start)
        return at < len(self.marks) and self.marks[at] < self.gone + end

    def is_open(self, kind: str) -> bool:
        """Say whether a stream of a kind goes on beyond the window."""
        return any(kind == one for one, _ in self._open)

    def first_new(self, kind: str, start: int) -> int:
        """Say from where in the window streams of a kind have not been looked for."""
        parts = self._taken.get(kind)
        return max(start, parts[-1][1] - self.gone) if parts else start

    def end_of(self, kind: str, at: int) -> int:
        """Say where the stream of a kind ends that has taken a byte of the window; else `at`."""
        parts = self._taken.get(kind)
        if not parts:
            return at
        before = bisect_right(parts, self.gone + at, key=lambda part: part[0]) - 1
        return max(at, parts[before][1] - self.gone) if before >= 0 else at

    def open(self, kind: str, stream: Stream, at: int) -> int:
        """Unpack what begins in the window; says where in the window it ends."""
        end = stream.take(self.window, at)
        self._take(kind, at, end)
        if end < len(self.window):
            stream.close()
        else:
            self._open.append((kind, stream))
        return end

    def _take(self, kind: str, start: int, end: int) -> None:
        if start < end:
            self._taken.setdefault(kind, []).append((self.gone + start, self.gone + end))

    def add_member(self, name: str, at: int, size: int) -> None:
        """Remember that a file lies unpacked in the window from `at` on."""
        start = self.gone + at
        new = scan_packed.Member(name, start, start + size, self.lines_before(at))
        insort(self._members, new, key=lambda one: one.start)

    def end_members(self, at: int) -> None:
        """End files of unknown size where another one begins."""
        self._members = scan_packed.ended(self._members, self.gone + at)

    def encoded(
        self,
        label: str,
        at: int,
        scale: float = 1.0,
        *,
        has_lines: bool = False,
        marks: list[int] | None = None,
    ) -> Layer:
        """Make a layer for encoded text that begins in the window; offsets are those around it."""
        inside, offset, line = self._where(at)
        place = Place(
            self.place.file,
            (*inside, label),
            offset,
            line,
            self.place.scale * scale,
            has_lines and self.place.has_lines,
            self.place.depth + 1,
        )
        return Layer(self.scan, place, marks)

    def packed(self, label: str, at: int) -> Layer:
        """Make a layer for a packed file, which counts bytes and lines anew."""
        inside = (*self._where(at)[0], label)
        return Layer(self.scan, Place(self.place.file, inside, depth=self.place.depth + 1))
