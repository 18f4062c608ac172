"""Read the body of a request that somebody sends to the suite: bounded, whatever its frame says.

Source: RFC 9112, sections 6 and 7.1.
"""

from __future__ import annotations

from typing import Protocol

LONGEST_LINE = 1024
MOST_TRAILERS = 100


class Garbled(Exception):
    """The frame makes no sense (400) or promises too much (413); `status` is what to answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"answer {status}")
        self.status = status


class Stream(Protocol):
    """The incoming side of a connection."""

    def readline(self, limit: int = -1, /) -> bytes:
        """One line."""

    def read(self, size: int = -1, /) -> bytes:
        """Exactly so many bytes, or fewer at the end."""


def body_of(stream: Stream, length: str, coding: str, limit: int) -> bytes:
    """The body by the values of Content-Length and Transfer-Encoding; raises Garbled."""
    if "chunked" in coding.lower():
        return _chunks(stream, limit)
    told = length.strip() or "0"
    if not (told.isascii() and told.isdecimal()):
        raise Garbled(400)
    if len(told) > 12 or int(told) > limit:
        raise Garbled(413)
    return stream.read(int(told))


def _chunks(stream: Stream, limit: int) -> bytes:
    whole = bytearray()
    while size := _size(stream.readline(LONGEST_LINE)):
        if len(whole) + size > limit:
            raise Garbled(413)
        piece = stream.read(size)
        whole += piece
        if len(piece) < size or stream.readline(LONGEST_LINE).strip():
            raise Garbled(400)
    for _ in range(MOST_TRAILERS):
        if not stream.readline(LONGEST_LINE).strip():
            return bytes(whole)
    raise Garbled(400)


def _size(line: bytes) -> int:
    told = line.partition(b";")[0].strip()
    try:
        if told.isalnum() and len(told) <= 8:
            return int(told, 16)
    except ValueError:
        raise Garbled(400) from None
    raise Garbled(400)
