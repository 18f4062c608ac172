"""Decode text that is encoded: base64, hexadecimal, UTF-16 and UTF-32, escapes.

A run is a stretch of bytes that belong to one encoding. Each is decoded piece by piece into a layer
of its own, however long it is. Where a run begins within its units is not known, so that all
beginnings are tried: four for base64, two for hexadecimal.
"""

from __future__ import annotations

import binascii
import re
import string
from typing import TYPE_CHECKING

from conformance import scan_escapes
from conformance.scan_tokens import HEX, has_shape, table

if TYPE_CHECKING:
    from conformance.scan_layers import Layer

BASE64, HEXADECIMAL = "base64", "hex"
_SIGNS = string.ascii_letters + string.digits + "+/_-"
_CLASS = table({_SIGNS: "b"})
# The shortest run that holds a canary of thirteen letters (or a number of ten digits) as a whole.
_SHORTEST_BASE64, _SHORTEST_HEX = b"b" * 14, b"h" * 20
_HYPHEN = ord("-")
_BREAKS = (b"\r", b"\n")
_LINES = re.compile(rb"(?:[A-Za-z0-9+/_-]+|[\r\n]+[ \t]*)+")
_MORE_LINES = re.compile(rb"[ \t]*(?:[A-Za-z0-9+/_-]+|[\r\n]+[ \t]*)*")
_HEX_LINE = re.compile(rb"[0-9A-Fa-f]+")
_HEX_LINES = re.compile(rb"(?:[0-9A-Fa-f]+|[\r\n]+[ \t]*)+")
_MORE_HEX = re.compile(rb"[ \t]*(?:[0-9A-Fa-f]+|[\r\n]+[ \t]*)*")
_UUID = re.compile(rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_BLANKS = b"\r\n \t"
# What decoded bytes must hold to be worth a look: text of some length, or a packed file.
_WORTH = re.compile(rb"[\0\t\n\r\x20-\x7e]{10}|\x1f\x8b\x08|PK\x03\x04")
# Beginnings of escapes, of characters of several bytes, and of packed files.
_SIGNS_OF_MORE = (b"%", b"\\", b"&", b"=\n", b"=\r", b"\0", b"\x1f\x8b\x08", b"PK\x03\x04")
# Bytes of a run that is decoded in one piece first, and of one that is remembered.
_SHORT, _NAME = 4096, 64
_WIDE = table({"\t\n\r" + "".join(map(chr, range(32, 127))): "p", "\0": "0"})


def look(layer: Layer, start: int, limit: int) -> None:
    """Decode the runs that begin in this part of the window."""
    _base64(layer, start, limit)
    _hex(layer, start, limit)
    if b"\0" in layer.window:
        _wide(layer, start, limit)


def _base64(layer: Layer, start: int, limit: int) -> None:
    if layer.is_open(BASE64):
        return
    window, known = layer.window, layer.scan.known(BASE64)
    signs = window.translate(_CLASS) + b"."
    at = signs.find(_SHORTEST_BASE64, layer.first_new(BASE64, start))
    while 0 <= at < limit:
        end = signs.find(b".", at)
        # Most are names of elements, or RefIds; but text may go on in the next line.
        seen = window[at:end] in known and window[end : end + 1] not in _BREAKS
        if not (seen or (window[at + 8] == _HYPHEN and _UUID.fullmatch(window, at, end))):
            end = _run(layer, at, end, BASE64)
        at = signs.find(_SHORTEST_BASE64, end)


def _hex(layer: Layer, start: int, limit: int) -> None:
    if layer.is_open(HEXADECIMAL):
        return
    window, known = layer.window, layer.scan.known(HEXADECIMAL)
    signs = window.translate(HEX) + b"."
    at = signs.find(_SHORTEST_HEX, layer.first_new(HEXADECIMAL, start))
    while 0 <= at < limit:
        match = _HEX_LINE.match(window, at)
        end = match.end() if match else at + 1
        if window[at:end] not in known or window[end : end + 1] in _BREAKS:
            end = _run(layer, at, end, HEXADECIMAL)
        at = signs.find(_SHORTEST_HEX, end)


def _run(layer: Layer, at: int, end: int, kind: str) -> int:
    """Decode the run that begins here and whose first line ends there; says where all ends."""
    window = layer.window
    decoded = scan_escapes.end_of_decoded(layer, at)
    if decoded > at:
        return decoded
    if window[end : end + 1] in _BREAKS:
        match = (_LINES if kind == BASE64 else _HEX_LINES).match(window, at)
        end = match.end() if match else end
    if end >= len(window):
        return layer.open(kind, Run(layer, at, kind), at)
    text = window[at:end]
    if len(text) <= _SHORT and not _worth(text, kind):
        if len(text) <= _NAME:
            layer.scan.remember(kind, text)
        return end
    before = layer.scan.told
    end = layer.open(kind, Run(layer, at, kind), at)
    if len(text) <= _NAME and layer.scan.told == before:
        layer.scan.remember(kind, text)
    return end


def _worth(text: bytes, kind: str) -> bool:
    """Say whether a short run may hold anything, in whatever place its units begin."""
    plain = text.translate(_STANDARD, _BLANKS)
    if kind == BASE64:
        decoded = (_from_base64(plain[n:]) for n in range(4))
    else:
        decoded = (_from_hex(plain[n:]) for n in range(2))
    return any(_WORTH.search(one) and _is_promising(one) for one in decoded)


def _is_promising(data: bytes) -> bool:
    return (
        has_shape(data)
        or _SHORTEST_BASE64 in data.translate(_CLASS)
        or any(sign in data for sign in _SIGNS_OF_MORE)
    )


def _from_base64(text: bytes) -> bytes:
    """Decode as many characters as make whole bytes."""
    over = len(text) % 4
    if over == 1:
        return binascii.a2b_base64(text[:-1])
    return binascii.a2b_base64(text + b"=" * (-over % 4))


def _from_hex(text: bytes) -> bytes:
    return binascii.unhexlify(text[: len(text) // 2 * 2])


class Run:
    """A run of base64 or hexadecimal text, over several lines or one; see `Stream`."""

    def __init__(self, layer: Layer, at: int, kind: str) -> None:
        self._kind, scale = kind, 4 / 3 if kind == BASE64 else 2.0
        self._unit = 4 if kind == BASE64 else 2
        self._layers = [layer.encoded(kind, at, scale) for _ in range(self._unit)]
        self._rests: list[bytes] | None = None
        self._broken = False  # the last piece ended in the blanks of a new line

    def take(self, data: bytes, at: int) -> int:
        """Take what belongs to the run."""
        first, more = (_LINES, _MORE_LINES) if self._kind == BASE64 else (_HEX_LINES, _MORE_HEX)
        match = (more if self._broken else first).match(data, at)
        end = match.end() if match else at
        self._broken = end > at and data[end - 1] in _BLANKS
        text = data[at:end].translate(_STANDARD, _BLANKS)
        if self._rests is None:
            self._rests = [text[n:] for n in range(self._unit)]
        else:
            self._rests = [rest + text for rest in self._rests]
        for n, layer in enumerate(self._layers):
            whole = len(self._rests[n]) // self._unit * self._unit
            layer.feed(self._decode(self._rests[n][:whole]))
            self._rests[n] = self._rests[n][whole:]
        return end

    def close(self) -> None:
        """Decode what is left."""
        for layer, rest in zip(self._layers, self._rests or (), strict=True):
            layer.feed(self._decode(rest))
            layer.close()

    def _decode(self, text: bytes) -> bytes:
        return _from_base64(text) if self._kind == BASE64 else _from_hex(text)


# Characters of two and of four bytes: name, what a run looks like, its bytes.
_WIDTHS = (
    ("utf-16", 2, b"p0" * 8, re.compile(rb"(?:[\t\n\r\x20-\x7e]\x00)*[\t\n\r\x20-\x7e]?")),
    ("utf-32", 4, b"p000" * 8, re.compile(rb"(?:[\t\n\r\x20-\x7e]\x00{3})*[\t\n\r\x20-\x7e]?")),
)


def _wide(layer: Layer, start: int, limit: int) -> None:
    signs = layer.window.translate(_WIDE)
    for kind, width, shape, run in _WIDTHS:
        if layer.is_open(kind):
            continue
        at = signs.find(shape, layer.first_new(kind, start))
        while 0 <= at < limit:
            end = at + 1
            if layer.is_new(at, at + 16):
                end = layer.open(kind, Wide(layer, at, kind, width, run), at)
            at = signs.find(shape, max(end, at + 1))


class Wide:
    """A run of characters of several bytes, of which all but one are zero; see `Stream`.

    Whether the zeros come before or behind makes no difference: the run begins with a character.
    """

    def __init__(
        self, layer: Layer, at: int, kind: str, width: int, run: re.Pattern[bytes]
    ) -> None:
        self._layer = layer.encoded(kind, at, float(width), has_lines=True)
        self._width, self._run = width, run
        self._over = b""  # a character without its zeros

    def take(self, data: bytes, at: int) -> int:
        """Take what belongs to the run."""
        before = len(self._over)
        joined = self._over + data if before else data
        match = self._run.match(joined, at)
        end = match.end() if match else at
        if 0 < len(joined) - end < self._width and not joined[end:].strip(b"\0"):
            end = len(joined)
        cut = end - ((end - at) % self._width if end == len(joined) else 0)
        self._layer.feed(joined[at : cut : self._width])
        self._over = joined[cut:end]
        return max(at, end - before)

    def close(self) -> None:
        """Look at a last character without zeros."""
        self._layer.feed(self._over[:1])
        self._layer.close()
