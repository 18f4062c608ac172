"""The network of a replay: recorded answers, in order, for requests that were recorded."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from conformance import bodies, faults
from conformance.evidence import Evidence
from conformance.problems import NotVerified
from conformance.recall import Memory
from conformance.reply import Headers
from conformance.runfile import Exchange, Message
from conformance.wire import Capture

NOT_RECORDED = "not recorded"
# These differ from run to run, or are written by the connection.
_ASIDE = {"authorization", "timestamp", "host", "content-length", "cookie", "requestid",
          "messageid", "dataprivacymarker", "user-agent", "accept-encoding",
          "content-digest"}  # fmt: skip
# An environment, or a token: what follows rests upon it.
OPENS = re.compile(r"POST \S*(?:environments/environment|token) ")
_READ_OR_OPENED = re.compile(rf"GET |{OPENS.pattern}")
_LEFT_OUT = re.compile(r"\n\[\d+ more elements\]$")


class NotRecorded(NotVerified):
    """The recording holds no answer to this request, or not the whole of it."""


class Player:
    """Plays one recording to a suite that draws the same data again.

    `memory` tells recorded words in present ones. `played` holds check, number and capture of what
    was answered, in order; `unknown` how many masked values nobody could tell, by exchange. `keeps`
    says that the suite kept for the whole run what it had read: then an earlier check may have it.
    `now` says that the checks go by the clock of today, and not by that of the recording.
    """

    def __init__(
        self, exchanges: Sequence[Exchange], evidence: Evidence, *, keeps: bool = False,
        now: bool = True,
    ) -> None:  # fmt: skip
        self._evidence = evidence
        self.memory = Memory()
        self._now = now
        self._left: dict[str, list[Exchange]] = {}
        ours = [one for one in exchanges if one.direction == "to target"]
        for one in ours:
            self._left.setdefault(one.check, []).append(one)
        again = _READ_OR_OPENED if keeps else OPENS
        self._before = [one for one in ours if again.match(one.request.start)]
        self.played: list[tuple[str, int, Capture]] = []
        self.unknown: dict[int, int] = {}

    def play(
        self, method: str, url: str, lines: Sequence[tuple[str, str]], body: bytes
    ) -> tuple[int, NotVerified | None, Capture]:
        """The recorded answer to this request; raises NotRecorded."""
        exchange = self._next(method, url, lines, body)
        number = exchange.number
        start = f"{method} {_target(url)} HTTP/1.1"
        sent = head_of(start, lines)
        answer = exchange.response
        head, raw, decoded, headers = b"", b"", b"", Headers()
        if answer is not None:
            _refuse_partial(number, answer)
            head, raw, decoded, headers = self._answer(number, answer)
        capture = Capture(
            method=method,
            url=url,
            sent=sent,
            body=body,
            head=head,
            raw=raw,
            decoded=decoded,
            headers=headers,
            fault=exchange.fault,
            milliseconds=exchange.milliseconds,
        )
        self.played.append((self._evidence.check, number, capture))
        self._evidence.number = number - 1
        fault = faults.recalled(exchange.fault) if exchange.fault else None
        return status_of(answer), fault, capture

    def _next(
        self, method: str, url: str, lines: Sequence[tuple[str, str]], body: bytes
    ) -> Exchange:
        left = self._left.get(self._evidence.check, [])
        for place, one in enumerate(left):
            if self._fits(one.request, method, url, lines, body):
                del left[: place + 1]
                return one
        # Some roles keep an environment, or lists, that an earlier check of the run asked for.
        before = left[0].number if left else 0
        for one in reversed(self._before):
            if one.number < before and self._fits(one.request, method, url, lines, body):
                return one
        where = urlsplit(url).path
        raise NotRecorded(f"{NOT_RECORDED}: this request, {method} {where}, is not in the run")

    def _fits(
        self, message: Message, method: str, url: str, lines: Sequence[tuple[str, str]], body: bytes
    ) -> bool:
        verb, _, rest = message.start.partition(" ")
        memory = self.memory
        if verb != method or not memory.alike(rest.rpartition(" ")[0], _target(url)):
            return False
        if not memory.same_body(message.body, body):
            return False
        present = {name.lower(): value for name, value in lines}
        for name, value in message.headers:
            key = name.lower()
            if key == "timestamp":
                if self._now:
                    self._set_clock(value, present.get(key, ""))
            elif key == "dataprivacymarker":
                memory.alike(value, present.get(key, ""))
            elif key not in _ASIDE and not memory.alike(value, present.get(key, "")):
                return False
        return True

    def _set_clock(self, recorded: str, present: str) -> None:
        try:
            then, now = datetime.fromisoformat(recorded), datetime.fromisoformat(present)
            self.memory.ahead = now.astimezone(UTC) - then.astimezone(UTC)
        except ValueError:
            return

    def _answer(self, number: int, answer: Message) -> tuple[bytes, bytes, bytes, Headers]:
        memory = self.memory
        texts = [answer.body, *(value for _, value in answer.headers)]
        self.unknown[number] = sum(memory.unknown(text) for text in texts)
        pairs = [(name, memory.told(value)) for name, value in answer.headers]
        headers = Headers(tuple(pairs))
        decoded = memory.body(answer.body).encode(_charset(headers), "replace")
        packed = headers.get("Content-Encoding").strip().lower() in ("gzip", "x-gzip")
        raw = gzip.compress(decoded) if packed and decoded else decoded
        return head_of(answer.start, pairs), raw, decoded, headers


def _refuse_partial(number: int, answer: Message) -> None:
    if is_partial(answer):
        told = f"{NOT_RECORDED}: the answer of exchange {number} was written down in part only"
        raise NotRecorded(told)


def is_partial(message: Message) -> bool:
    """Whether the body may be cut: `bodies` writes so much of each kind and no more."""
    body = message.body
    if body.startswith("[zip]") or _LEFT_OUT.search(body) or len(body) >= bodies.MOST_TEXT:
        return True
    cut = len(body) == bodies.OTHER_TEXT and message.body_bytes != len(body)
    if body.startswith(("{", "[")):
        try:
            return _has_full_list(json.loads(body))
        except (ValueError, RecursionError):
            return cut
    if cut:
        return True
    return not body.startswith("<") and body.count("\n") >= bodies.MOST_ROWS


def _has_full_list(value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_full_list(one) for one in value.values())
    if isinstance(value, list):
        return len(value) >= bodies.MOST_CHILDREN or any(_has_full_list(one) for one in value)
    return False


def head_of(start: str, pairs: Iterable[tuple[str, str]]) -> bytes:
    """Start line and header lines as bytes."""
    lines = [start, *(f"{name}: {value}" for name, value in pairs)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def status_of(answer: Message | None) -> int:
    """The status of a recorded answer; 0 if there is none."""
    words = answer.start.split(" ") if answer is not None else []
    return int(words[1]) if len(words) > 1 and words[1].isdecimal() else 0


def _charset(headers: Headers) -> str:
    named = headers.get("Content-Type").lower().partition("charset=")[2].partition(";")[0]
    return named.strip(' "') if named.strip(' "') in ("utf-16", "iso-8859-1") else "utf-8"
