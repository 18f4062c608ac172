"""Watch a vendor for canaries it must not show: whatever it sends, however it is encoded.

A check tells which students it knows and which of their elements may be shown; the watch then looks
through every exchange of the run and every call that reaches the listener, head and body, with the
layers of `conformance.scan` (packed, escaped, base64 ...). Values without a canary, such as dates
and codes, are not looked for; RefIds neither, since whoever asks for one may be told it; nor staff.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lxml import etree

from conformance import trees
from conformance.evidence import Evidence
from conformance.listener import Relayed
from conformance.problems import Finding
from conformance.scan import Found, Scan
from conformance.scan_tokens import tokens
from conformance.wire import Capture
from fixtures.canary import Sighting
from fixtures.sightings import Reader

WHOLE = ("xStudent",)
# Staff are named in the records of many students, so they tell nothing of one.
_SHARED = {"homeRoomTeacher", "counselor"}
_NUMBERED = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Leak:
    """An element of a student of the check (counted from 1) where it must not stand.

    `where` says in which layers of what it was, `exchange` its number; never the value.
    """

    path: str
    student: int
    where: str
    exchange: int | None


@dataclass(frozen=True, slots=True)
class _Element:
    student: int
    path: str


class _Shapes(Reader):
    """Takes whatever has the shape of a canary for one, whosever it is."""

    def __init__(self) -> None:
        super().__init__(0, 0, 0)

    def word(self, text: str) -> Sighting | None:
        return Sighting(0, "anybody", text.lower(), 0, None)

    def number(self, prefix: str, digits: str) -> Sighting | None:
        return Sighting(0, "anybody", prefix + digits, 0, None)

    def refid(self, text: str) -> Sighting | None:  # noqa: ARG002
        return None


class _Known(Reader):
    """Reads the canaries of the students of a check, and no others."""

    def __init__(self) -> None:
        super().__init__(0, 0, 0)
        self.elements: dict[str, list[_Element]] = {}

    def word(self, text: str) -> Sighting | None:
        return self._sighting_of(text.lower())

    def number(self, prefix: str, digits: str) -> Sighting | None:
        return self._sighting_of(prefix + digits)

    def refid(self, text: str) -> Sighting | None:  # noqa: ARG002
        return None

    def _sighting_of(self, text: str) -> Sighting | None:
        if text not in self.elements:
            return None
        first = self.elements[text][0]
        return Sighting(0, f"student {first.student}", text, 0, first.student)


@dataclass(slots=True)
class Watch:
    """What is known of the students of a check, and what was seen of them."""

    leaks: list[Leak] = field(default_factory=list)
    seen: set[tuple[int, str]] = field(default_factory=set)
    _known: _Known = field(default_factory=_Known)
    _granted: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def know(self, student: etree._Element, may_show: Iterable[str] = ()) -> int:
        """Look for the canaries of a student from now on; its number, counted from 1.

        `may_show` are paths such as `xStudent/name` that were given to the vendor by right.
        """
        number = len(self._granted) + 1
        self._granted[number] = tuple(may_show)
        own = (one for one in trees.leaves(student) if _SHARED.isdisjoint(one[0].split("/")))
        for path, value in own:
            element = _Element(number, _NUMBERED.sub("", path))
            for text in _canaries(value.encode()):
                self._known.elements.setdefault(text, []).append(element)
        return number

    def allow(self, number: int, may_show: Iterable[str]) -> None:
        """From now on these elements of a student may be shown, and no others."""
        self._granted[number] = tuple(may_show)

    def said(self, capture: Capture, exchange: int) -> None:
        """Look through what the target said in one exchange: its answer, or its own request."""
        if capture.direction == "received":
            self.look("a request of the target", capture.sent, exchange)
        else:
            self.look("the head of the answer", capture.head, exchange)
            self.look("the body of the answer", capture.decoded, exchange)

    def called(self, call: Relayed, number: int) -> None:
        """Look through a call that came to the listener, the n-th there."""
        head = "\n".join([call.request.path, *(f"{k}: {v}" for k, v in call.request.headers)])
        self.look(f"call {number} at the listener", head.encode() + b"\n" + call.request.body)

    def look(self, what: str, data: bytes, exchange: int | None = None) -> None:
        """Look through some bytes, whatever they are called."""

        def found(one: Found) -> None:
            self._note(one.sighting.element, " in ".join((*reversed(one.inside), what)), exchange)

        if data:
            Scan([self._known], found, lambda _: None).stream(what, [data])

    def _note(self, text: str, where: str, exchange: int | None) -> None:
        elements = self._known.elements[text]
        allowed = [one for one in elements if self._may_show(one)]
        self.seen.update((one.student, one.path) for one in allowed)
        if not allowed:
            first = elements[0]
            self.leaks.append(Leak(first.path, first.student, where, exchange))

    def _may_show(self, element: _Element) -> bool:
        return any(
            element.path == path or element.path.startswith(f"{path}/")
            for path in self._granted[element.student]
        )


def _canaries(value: bytes) -> set[str]:
    """What stands alone in a value and has the shape of a canary; parts of codes have it too."""
    return {
        sighting.element
        for start, end, sighting in tokens(value, 0, len(value), [_Shapes()])
        if not (value[max(0, start - 1) : start].isalnum() or value[end : end + 1].isalnum())
    }


@contextmanager
def watching(evidence: Evidence) -> Iterator[Watch]:
    """A watch over every exchange of the run inside the block."""
    watch = Watch()
    evidence.watch = watch.said
    try:
        yield watch
    finally:
        evidence.watch = None


def refuse(watch: Watch) -> None:
    """A Finding for the first leak: element, number of the student, exchange; no value."""
    for leak in watch.leaks:
        raise Finding(
            f"{leak.path} of student {leak.student} of this check stands in {leak.where}",
            "no value that was refused, belongs to another district or is not granted",
            f"{len(watch.leaks)} canaries",
            leak.exchange,
            leak.path,
        )
