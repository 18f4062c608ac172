"""What the OneRoster face does wrong on purpose, or lawfully and seldom: one answer at a time.

Each function gives a trick: it sees the answer that the face would give and may give another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.stage import oneroster_pages as pages
from conformance.stage.calls import Asked, Given
from conformance.stage.oneroster_face import Face, Trick
from conformance.stage.oneroster_pages import ROSTER, start_of

When = Callable[[Asked, Given], bool]


def answered(asked: Asked, given: Given) -> bool:  # noqa: ARG001
    """Any call for rosters that would succeed."""
    return given.kind == ROSTER and given.status == 200


def later(asked: Asked, given: Given) -> bool:
    """A page that is not the first of its collection."""
    return answered(asked, given) and start_of(asked) > 0


def about(collection: str) -> When:
    """A call for this collection or a part of it that would succeed."""
    return lambda asked, given: answered(asked, given) and given.zone == collection


def of_kind(kind: str) -> When:
    """A call of this kind that would succeed."""
    return lambda _, given: given.kind == kind and given.status == 200


class Times:
    """How often a trick was played; the first `most` calls that it fits get it."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.played = 0

    def take(self) -> bool:
        """Whether it is to be played once more."""
        if self.played >= self.most:
            return False
        self.played += 1
        return True


def refuse(when: When, status: int, *lines: tuple[str, str], times: int = 10_000) -> Trick:
    """Refuse with this status and an error of OneRoster."""
    minor = {403: "forbidden", 404: "unknownobject", 429: "server_busy", 503: "server_busy"}
    left = Times(times)

    def trick(face: Face, asked: Asked, given: Given) -> Given | None:
        if not (when(asked, given) and left.take()):
            return None
        text = minor.get(status, "internal_server_error")
        made = pages.refused(status, text, "Not now.", face.old, *lines, kind=given.kind)
        return replace(made, zone=given.zone, service=given.service)

    return trick


def instead(when: When, change: Callable[[Given], Given], times: int = 10_000) -> Trick:
    """Give what `change` makes of the answer."""
    left = Times(times)
    return lambda _, asked, given: (
        change(given) if when(asked, given) and left.take() else None
    )  # fmt: skip


def forget(when: When, times: int = 1) -> Trick:
    """Restart in the middle: every token is unknown from now on, and this call is told so."""
    left = Times(times)

    def trick(face: Face, asked: Asked, given: Given) -> Given | None:
        if not (when(asked, given) and left.take()):
            return None
        face.counter.given.clear()
        return face.answer(asked)

    return trick


def lose_place() -> Trick:
    """Places in one collection are unknown, until its first page was asked for again."""
    lost: list[str] = []
    found: list[str] = []

    def trick(face: Face, asked: Asked, given: Given) -> Given | None:
        if later(asked, given) and not lost:
            lost.append(given.service)
        if given.service not in lost or given.service in found:
            return None
        if not later(asked, given):
            found.append(given.service)
            return None
        made = pages.refused(404, "unknownobject", "There is no such page.", face.old)
        return replace(made, zone=given.zone, service=given.service)

    return trick


def redirect(when: When, address: Callable[[Asked], str], times: int = 10_000) -> Trick:
    """Send the client to another address."""
    left = Times(times)

    def trick(_: Face, asked: Asked, given: Given) -> Given | None:
        if not (when(asked, given) and left.take()):
            return None
        return replace(given, status=302, headers=(("Location", address(asked)),), body=b"")

    return trick


def astray(when: When, url: str, other: str) -> Trick:
    """Links lead to the same place on another host."""

    def trick(_: Face, asked: Asked, given: Given) -> Given | None:
        if not when(asked, given):
            return None
        lines = tuple(
            (name, value.replace(url, other) if name.lower() == "link" else value)
            for name, value in given.headers
        )
        return replace(given, headers=lines)

    return trick


def then(when: When, do: Callable[[Face], None], times: int = 1) -> Trick:
    """Give the answer as it is, and change something behind it."""
    left = Times(times)

    def trick(face: Face, asked: Asked, given: Given) -> Given | None:
        if when(asked, given) and left.take():
            do(face)
        return None

    return trick
