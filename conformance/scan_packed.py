"""Open packed files wherever they begin: gzip, zip members, tar.

Each is recognised by its first bytes, at the beginning of a file or in the middle of a recording
of traffic, and unpacked while it is read: the list at the end of a zip is not needed.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.scan_layers import Layer

KIND = "packed"
_PIECE = 1 << 18  # bytes that are unpacked at a time
_LITTLE = 4096  # bytes that may come out of what only looks packed
_ZIP_HEAD, _LONGEST_NAME = 30, 512
_STORED, _DEFLATED = 0, 8
_TAR_HEAD, _TAR_MAGIC = 512, 257  # bytes of a header, and where `ustar` stands in it
_ENCRYPTED, _SIZE_FOLLOWS, _UTF8 = 0x1, 0x8, 0x800
_ENDLESS = 1 << 62
# What a member may be packed with that Python does not unpack while reading, by number.
_OTHER = {9: "deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz", 98: "PPMd", 99: "AES"}


@dataclass(frozen=True, slots=True)
class Member:
    """A file that lies unpacked in its archive from `start` up to `end`; `lines` are before it."""

    name: str
    start: int
    end: int
    lines: int


def member_at(members: Sequence[Member], at: int) -> Member | None:
    """Give the innermost member that holds a byte; `members` are sorted by their starts."""
    place = bisect_right(members, at, key=lambda one: one.start) - 1
    while place >= 0 and members[place].end <= at:
        place -= 1
    return members[place] if place >= 0 else None


def ended(members: Sequence[Member], at: int) -> list[Member]:
    """End members whose size was not known where another one begins."""
    return [replace(one, end=min(one.end, at)) if one.end > _ENDLESS else one for one in members]


def look(layer: Layer, start: int, limit: int) -> None:
    """Open what begins in this part of the window, one after the other."""
    if layer.is_open(KIND):
        return
    at = layer.first_new(KIND, start)
    found = {magic: layer.window.find(magic, at) for magic in _OPENINGS}
    while places := [(place, magic) for magic, place in found.items() if 0 <= place < limit]:
        at, magic = min(places)
        end = _OPENINGS[magic](layer, at) if layer.is_new(at, at + len(magic)) else at
        for one, place in found.items():
            if 0 <= place < max(end, at + 1):
                found[one] = layer.window.find(one, max(end, at + 1))


def _gzip(layer: Layer, at: int) -> int:
    flags = layer.window[at + 3 : at + 4]
    if flags and flags[0] < 0x20:
        return _unpack(layer, "gzip", at, 0, zlib.MAX_WBITS | 16)
    return at


def _zip(layer: Layer, at: int) -> int:
    head = layer.window[at : at + _ZIP_HEAD]
    if len(head) < _ZIP_HEAD:
        return at
    flags, method = _number(head, 6), _number(head, 8)
    size = int.from_bytes(head[18:22], "little")
    name_size, begin = _number(head, 26), at + _ZIP_HEAD + _number(head, 26) + _number(head, 28)
    raw = layer.window[at + _ZIP_HEAD : at + _ZIP_HEAD + name_size]
    if not 0 < name_size <= _LONGEST_NAME or method not in (_STORED, _DEFLATED, *_OTHER):
        return at
    layer.end_members(at)
    name = "zip:" + raw.decode("utf-8" if flags & _UTF8 else "cp437", "replace")
    if flags & _ENCRYPTED or method in _OTHER:
        how = "encrypted" if flags & _ENCRYPTED else f"packed with {_OTHER[method]}"
        layer.scan.unread(f"{layer.place.file}: {name} is {how}")
    elif method == _DEFLATED:
        return _unpack(layer, name, at, begin - at, -zlib.MAX_WBITS)
    else:
        layer.add_member(name, begin, _ENDLESS if flags & _SIZE_FOLLOWS else size)
    return at


def _number(head: bytes, at: int) -> int:
    return int.from_bytes(head[at : at + 2], "little")


def _tar(layer: Layer, at: int) -> int:
    begin = at - _TAR_MAGIC
    head = layer.window[max(0, begin) : begin + _TAR_HEAD]
    if len(head) < _TAR_HEAD:
        return at
    fields = (head[:100], head[345:500])
    name, prefix = (one.partition(b"\0")[0].decode("utf-8", "replace") for one in fields)
    digits = head[124:136].strip(b" \0")
    if name and digits.isdigit() and not digits.strip(b"01234567"):
        path = f"{prefix}/{name}" if prefix else name
        layer.add_member(f"tar:{path}", begin + _TAR_HEAD, int(digits, 8))
    return at


_OPENINGS = {b"\x1f\x8b\x08": _gzip, b"PK\x03\x04": _zip, b"ustar": _tar}


def _unpack(layer: Layer, label: str, at: int, skip: int, bits: int) -> int:
    if layer.scan.is_too_deep(layer.place):
        many = f"more than {layer.scan.deepest} layers lie around it"
        layer.scan.unread(f"{layer.place.file}: {label} stays packed: {many}")
        return at
    return layer.open(KIND, Inflating(layer, label, at, skip, bits), at)


_GZIP_MAGIC = b"\x1f\x8b\x08"
MOST_TAKEN = 1 << 20  # bytes of an endless header that are still looked at as they are


class Inflating:
    """Unpacks deflated bytes into a layer of their own.

    What is not really packed, because its first bytes look so by chance, ends without a word; it
    counts as damaged when it is the file itself or when it gave more than a little.
    """

    def __init__(self, layer: Layer, label: str, at: int, skip: int, bits: int) -> None:
        self._layer = layer.packed(label, at)
        self._whole = layer.gone + at == 0
        self._skip, self._bits = skip, bits
        self._unpacker = zlib.decompressobj(bits)
        self._given = 0
        self._taken = bytearray()  # while nothing came out: perhaps it was not packed at all

    def take(self, data: bytes, at: int) -> int:
        """Take packed bytes; see `Stream`."""
        begin = min(len(data), at + self._skip)
        self._skip -= begin - at
        rest: bytes | memoryview = memoryview(data)[begin:]
        if not self._given and len(self._taken) < MOST_TAKEN:
            self._taken += rest
        while rest:
            try:
                piece = self._unpacker.decompress(rest, _PIECE)
            except zlib.error:
                self._fails("is damaged")
                return at
            self._given += len(piece)
            self._layer.feed(piece)
            if self._layer.scan.is_full:  # which has been told
                self._whole, self._given = False, 0
                return at
            rest = self._unpacker.unconsumed_tail
            if self._unpacker.eof:
                return len(data) - len(self._unpacker.unused_data)
        return len(data)

    def close(self) -> None:
        """Hear that nothing follows."""
        if not self._unpacker.eof:
            nothing = not self._given
            self._fails("is cut short")
            if nothing:
                self._layer.feed(bytes(self._taken.replace(_GZIP_MAGIC, b"   ")))
        self._layer.close()

    def _fails(self, how: str) -> None:
        if self._whole or self._given > _LITTLE:
            place = self._layer.place
            where = f"{place.file}: {' > '.join(place.inside)}"
            self._layer.scan.unread(f"{where} {how} after {self._given} bytes")
            self._whole, self._given = False, 0
