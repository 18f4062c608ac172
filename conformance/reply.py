"""An answer as it stood on the wire, with the request that caused it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from conformance import trees
from conformance.problems import Finding


@dataclass(frozen=True, slots=True)
class Headers:
    """Header lines in the order they arrived; names are looked up without regard to case."""

    pairs: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """The first value of this name."""
        return next(iter(self.all(name)), default)

    def all(self, name: str) -> list[str]:
        """Every value of this name."""
        wanted = name.lower()
        return [value for key, value in self.pairs if key.lower() == wanted]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.all(name))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete answer.

    `body` is without transfer and content encoding, `raw` is the body as it was sent, `head` the
    status line and headers byte for byte. `exchange` is the number in the run file.
    """

    status: int
    headers: Headers
    body: bytes
    exchange: int
    request: str = ""
    raw: bytes = field(default=b"", repr=False)
    head: bytes = field(default=b"", repr=False)

    @property
    def object(self) -> etree._Element:
        """The root element of the body; raises Finding if the body is not XML."""
        try:
            return trees.parse(self.body)
        except trees.Unreadable as error:
            raise Finding(
                f"{self.request} answered {self.status} with a body that cannot be read: {error}",
                expected="one well-formed XML document without DOCTYPE",
                actual=f"{len(self.body)} bytes of {self.headers.get('Content-Type') or 'no type'}",
                exchange=self.exchange,
            ) from None

    @property
    def marker(self) -> str:
        """The value of `dataPrivacyMarker`, empty if it is not there."""
        return self.headers.get("dataPrivacyMarker")

    @property
    def ok(self) -> bool:
        """Whether the status is any 2xx."""
        return 200 <= self.status < 300


def read_json(data: str | bytes, **options: Any) -> Any:
    """What JSON says; ValueError for anything else, also for what is nested too deeply to read."""
    try:
        return json.loads(data, **options)
    except RecursionError:
        raise ValueError("nested too deeply") from None
