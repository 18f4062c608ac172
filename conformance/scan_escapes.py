"""Undo escapes in text: percent, JSON, character references, quoted-printable.

Most text that has escapes has none that matter: a canary is letters, digits and hyphens. Only where
one stands for such a sign, or for a sign or a line break within base64, the run of text around it
is decoded into a layer of its own, in which only what holds an escaped byte counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.scan_layers import Layer

Decode = Callable[[re.Match[bytes]], bytes]

_BACK = 1000  # how far before its first escape that matters a run may begin
_SHORT = 256  # bytes of a run that is remembered when it held nothing
_SIGNS = rb"[A-Za-z0-9+/_-]"
_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_%&#;\\-"
# In hexadecimal: what matters everywhere, and what matters in base64 and RefIds.
_ALWAYS = rb"(?:3[0-9]|[46][1-9A-Fa-f]|5[0-9Aa]|7[0-9Aa]|25)"
_WITHIN = rb"(?:2[BbDdFf]|5[Ff]|0[AaDd])"


@dataclass(frozen=True, slots=True)
class Escape:
    """A way to escape: its first sign, which matter, which there are, and text with them.

    `half` is the beginning of one at the end of a piece, or a whole one that may go on.
    """

    name: str
    sign: bytes
    telling: re.Pattern[bytes]
    any: re.Pattern[bytes]
    half: re.Pattern[bytes]
    run: re.Pattern[bytes]
    decode: Decode


def _escape(
    name: str, sign: bytes, every: bytes, half: bytes, always: bytes, within: bytes, decode: Decode
) -> Escape:
    """Make an escape from what follows its sign; the patterns say so in bytes.

    `within` matters with ten signs before or behind it only. That every pattern begins with the
    sign itself makes the search for it fast.
    """
    lead = re.escape(sign)
    after = rb"(?<=" + _SIGNS + rb"{10}" + lead + rb")(?:" + within + rb")"
    before = rb"(?:" + within + rb")(?=" + _SIGNS + rb"{10})"
    telling = lead + rb"(?:" + always + rb"|" + after + rb"|" + before + rb")"
    plain_every = re.sub(rb"\?P<\w+>", b"?:", every)
    # An escaped end of line may be followed by a real one.
    whole = rb"(?:" + plain_every + rb")[\r\n]*"
    other = b"[" + re.escape(_PLAIN.replace(sign, b"")) + b"]+"
    run = rb"(?:" + lead + whole + rb"|" + other + rb"|" + lead + rb")*"
    return Escape(
        name,
        sign,
        re.compile(telling),
        re.compile(lead + rb"(?:" + every + rb")"),
        re.compile(lead + rb"(?:" + whole + rb"|" + half + rb")?\Z"),
        re.compile(run),
        decode,
    )


def _character(code: int) -> bytes:
    return chr(code).encode("utf-8", "surrogatepass") if code <= 0x10FFFF else b"?"


def _of_percent(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),))


def _of_json(match: re.Match[bytes]) -> bytes:
    if match["sign"]:
        return {b"n": b"\n", b"r": b"\r"}.get(match["sign"], match["sign"])
    return _character(int(match["code"] or match["byte"], 16))


def _of_reference(match: re.Match[bytes]) -> bytes:
    if match["hex"]:
        return _character(int(match["hex"], 16))
    return _character(int(match["dec"])) if match["dec"] else b"&"


def _of_printable(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),)) if match[1] else b""


ESCAPES = (
    _escape(
        "percent-encoded",
        b"%",
        every=rb"([0-9A-Fa-f]{2})",
        half=rb"[0-9A-Fa-f]",
        always=_ALWAYS + rb"|26(?=%23|#|amp)|5[Cc](?=[ux])",
        within=_WITHIN,
        decode=_of_percent,
    ),
    _escape(
        "JSON escapes",
        b"\\",
        # Several backslashes: JSON within JSON.
        every=rb"\\*(?:u(?P<code>[0-9A-Fa-f]{4})|x(?P<byte>[0-9A-Fa-f]{2})|(?P<sign>[/nr]))",
        half=rb"\\*(?:u[0-9A-Fa-f]{0,3}|x[0-9A-Fa-f]?)?",
        always=rb"(?:u00|x)" + _ALWAYS + rb"|u0026(?=#|amp)|u005[Cc](?=[ux])",
        within=rb"(?:u00|x)" + _WITHIN + rb"|[/nr]",
        decode=_of_json,
    ),
    _escape(
        "character references",
        b"&",
        every=rb"#(?:[xX](?P<hex>[0-9A-Fa-f]{1,6})|(?P<dec>[0-9]{1,7}));|amp;",
        half=rb"#(?:[xX][0-9A-Fa-f]{0,6}|[0-9]{0,7})?|a|am|amp",
        always=rb"#(?:[xX]0*" + _ALWAYS + rb"|0*(?:37|4[89]|5[0-7]|6[5-9]|[78][0-9]|90|9[7-9]"
        rb"|1[01][0-9]|12[0-2]));|amp;(?=#|amp;)",
        within=rb"#(?:[xX]0*" + _WITHIN.replace(b"0[", b"[") + rb"|0*(?:1[03]|4[357]|95));",
        decode=_of_reference,
    ),
    _escape(
        "quoted-printable",
        b"=",
        every=rb"([0-9A-F]{2})|[ \t]*\r?\n",
        half=rb"[0-9A-F]|[ \t]*\r?",
        # A full line with a break in the middle of a word.
        always=rb"(?<=[^\r\n]{59}[A-Za-z0-9+/_-]=)\r?\n(?=[A-Za-z0-9+/_-])",
        within=rb"2[BDF]|5F",
        decode=_of_printable,
    ),
)


def end_of_decoded(layer: Layer, at: int) -> int:
    """Say where in the window a run with escapes ends that has taken a byte; else `at`."""
    return max(layer.end_of(escape.name, at) for escape in ESCAPES)


def look(layer: Layer, start: int, limit: int) -> None:
    """Decode the runs whose first escape that matters stands in this part of the window."""
    for escape in ESCAPES:
        if escape.sign in layer.window and not layer.is_open(escape.name):
            _look(layer, escape, layer.first_new(escape.name, start), limit)


def _look(layer: Layer, escape: Escape, first: int, limit: int) -> None:
    window = layer.window
    match = escape.telling.search(window, first)
    while match and match.start() < limit:
        at = match.start()
        floor = max(layer.first_new(escape.name, 0), at - _BACK, 0)
        begin = floor + len(window[floor:at].rstrip(_PLAIN))
        end = _run(layer, escape, begin)
        match = escape.telling.search(window, max(end, match.end()))


def _run(layer: Layer, escape: Escape, at: int) -> int:
    """Decode the run that begins here, unless one like it held nothing; says where it ends."""
    match = escape.run.match(layer.window, at)
    end = match.end() if match else at
    text = layer.window[at:end]
    if text in layer.scan.known(escape.name) or not layer.is_new(at, end):
        return end
    before = layer.scan.told
    end = layer.open(escape.name, Escaped(layer, at, escape), at)
    if len(text) <= _SHORT and end < len(layer.window) and layer.scan.told == before:
        layer.scan.remember(escape.name, text)
    return end


class Escaped:
    """A run of text with escapes; see `Stream`."""

    def __init__(self, layer: Layer, at: int, escape: Escape) -> None:
        self._escape, self._marks = escape, list[int]()
        self._layer = layer.encoded(escape.name, at, has_lines=True, marks=self._marks)
        self._given = 0
        self._over = b""  # an escape, or the beginning of one

    def take(self, data: bytes, at: int) -> int:
        """Take what belongs to the run."""
        before = len(self._over)
        joined = self._over + data if before else data
        match = self._escape.run.match(joined, at)
        end = match.end() if match else at
        half = self._escape.half.search(joined, max(at, len(joined) - 16))
        cut = end
        if half and half.start() <= end:
            end, cut = len(joined), half.start()
        self._feed(joined[at:cut])
        self._over = joined[cut:end]
        return max(at, end - before)

    def close(self) -> None:
        """Take what was kept back."""
        self._feed(self._over)
        self._layer.close()

    def _feed(self, text: bytes) -> None:
        parts, at, given = [], 0, self._given
        for match in self._escape.any.finditer(text):
            parts.append(text[at : match.start()])
            given += match.start() - at
            parts.append(self._escape.decode(match))
            self._marks.extend(range(given, given + max(1, len(parts[-1]))))
            given += len(parts[-1])
            at = match.end()
        parts.append(text[at:])
        self._given = given + len(text) - at
        self._layer.feed(b"".join(parts))
