"""Keep what happened: every exchange, redacted before it is written, one JSON line each.

Nothing reaches the run file except through this module. The lines are flushed one by one and a
running SHA-256 closes the file, so that a run that was cut short is recognised.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
from lxml import etree

from conformance import places, runfile
from conformance.bodies import Redactor
from conformance.exchange import Arrival
from conformance.problems import Finding
from conformance.redaction import SECRET, Mask, Scrubber
from conformance.wire import Capture

Observer = Callable[[runfile.Exchange], None]

_SECRET_HEADERS = {"authorization", "cookie", "set-cookie", "proxy-authorization", "usertoken",
                   "www-authenticate"}  # fmt: skip
_SECRET_QUERY = re.compile(r"\b(access_token|userToken)=[^&\s;]*", re.IGNORECASE)
# Bodies of so many exchanges are kept as they came, to tell where in them a finding stands.
_AT_HAND = 64
_encode = msgspec.json.Encoder().encode


class Evidence:
    """The recorder of one run.

    Without a path and an observer it only numbers exchanges and learns values, so that findings
    are redacted in the same way. `key` is that of the masks, if equal values have to look equal in
    more than one recording.
    """

    def __init__(
        self, path: Path | None = None, observer: Observer | None = None, key: bytes | None = None
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.mask = Mask(key)
        self.scrub = Scrubber(self.mask, self.counts)
        self.redactor = Redactor(self.mask, self.scrub, self.counts)
        self.check = ""
        self.number = 0
        self.tables: list[runfile.Fidelity] = []
        self.concerned: dict[str, set[str]] = {}
        self.watch: Callable[[Capture, int], None] | None = None
        self._taken: tuple[Capture, int, str, Arrival | None] | None = None
        self._path = path
        self._observer = observer
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._pending: list[bytes] = []
        self._theirs: deque[tuple[int, bytes]] = deque(maxlen=_AT_HAND)
        self._drawn: list[etree._Element] = []

    def register(self, *elements: etree._Element | str) -> None:
        """Recognise the personal values of these trees, or these strings, wherever they appear."""
        for one in elements:
            if isinstance(one, str):
                self.scrub.learn(one, is_name=True)
            else:
                self._drawn.append(one)

    def secret(self, *values: str) -> None:
        """Never write these values."""
        for value in values:
            self.scrub.learn_secret(value)

    def token(self, value: str) -> None:
        """Write this random identifier cut to eight characters."""
        self.scrub.learn_secret(value, self.mask.token(value))

    def open(self, header: runfile.Header) -> None:
        """Start the file with the header, then what was recorded before it."""
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("wb")
        pending, self._pending = self._pending, []
        self._write(_encode(header))
        for line in pending:
            self._write(line)

    def record(self, capture: Capture, arrival: Arrival | None = None) -> int:
        """Take one exchange and return its number; it is written by `settle`."""
        self.settle()
        self.number += 1
        self._taken = (capture, self.number, self.check, arrival)
        theirs = capture.body if capture.direction == "received" else capture.decoded
        self._theirs.append((self.number, theirs))
        if self.watch is not None:
            self.watch(capture, self.number)
        return self.number

    def settle(self) -> None:
        """Redact and append the exchange that was taken last."""
        taken, self._taken = self._taken, None
        if taken is None:
            return
        if taken[0].body and not taken[0].body.lstrip().startswith(b"<"):
            self._learn_drawn()
        if self._path is None and self._observer is None:
            self._learn(taken[0])
            return
        exchange = self._redacted(*taken)
        if self._observer is not None:
            self._observer(exchange)
        self._append(_encode(exchange))

    def finding(self, finding: Finding) -> runfile.Finding:
        """The finding as it may be written."""
        self.settle()
        self._learn_drawn()
        expected, actual = finding.expected, finding.actual
        if finding.personal:
            name = finding.path.rpartition("/")[2].partition("[")[0].lstrip("@")
            expected, actual = (self._personal(name, one) for one in (expected, actual))
        theirs = next((body for at, body in self._theirs if at == finding.exchange), b"")
        line, column = places.place(theirs, finding.path) or (None, None)
        return runfile.Finding(
            summary=self.scrub(finding.summary),
            expected=self.scrub(expected),
            actual=self.scrub(actual),
            exchange=finding.exchange,
            path=self.scrub(finding.path),
            line=line,
            column=column,
        )

    def said(self, text: str) -> str:
        """A sentence of ours as it may be written."""
        self.settle()
        self._learn_drawn()
        return self.scrub(text)

    def append(self, line: runfile.Check | runfile.OwnCheck) -> None:
        """Append the verdict of a check."""
        self.settle()
        self._drawn.clear()
        self._append(_encode(line))

    def adopt(self, line: runfile.Line) -> None:
        """Append a line that another recorder redacted, with the numbers it has in this run."""
        self.settle()
        if isinstance(line, runfile.Exchange):
            self.number += 1
            if self._observer is not None:
                self._observer(line)
        if isinstance(line, runfile.Fidelity):
            self.tables.append(line)
        self._append(_encode(line))

    def concerns(self, declared: str) -> None:
        """Note that the vendor's own profile says something about what this check looks at."""
        self.concerned.setdefault(self.check, set()).add(declared)

    def measured(self, what: str, milliseconds: Iterable[float]) -> None:
        """Append times that this check measured, such as those until a change was `visible`."""
        self.settle()
        times = [round(one, 3) for one in milliseconds]
        self._append(_encode(runfile.Measured(check=self.check, what=what, milliseconds=times)))

    def compared(self, table: runfile.Fidelity) -> None:
        """Append a table of fidelity; it holds counts and no values."""
        self.settle()
        self.tables.append(table)
        self._append(_encode(table))

    def close(self, answers_429: int = 0, waited_seconds: float = 0.0) -> None:
        """Append the end line: the SHA-256 over all lines before it, and what a 429 cost."""
        self.settle()
        if self._file is not None:
            end = runfile.End(
                finished=_now(),
                sha256=self._hash.hexdigest(),
                answers_429=answers_429,
                waited_seconds=round(waited_seconds, 3),
            )
            self._file.write(_encode(end) + b"\n")
            self._file.close()
            self._file = None

    def _personal(self, name: str, value: str) -> str:
        return value if value in ("nothing", "nothing at this place") else self.redactor.value(
            name, value
        )  # fmt: skip

    def _append(self, line: bytes) -> None:
        if self._file is None:
            self._pending.append(line)
        else:
            self._write(line)

    def _write(self, line: bytes) -> None:
        if self._file is not None:
            self._hash.update(line + b"\n")
            self._file.write(line + b"\n")
            self._file.flush()

    def _learn_drawn(self) -> None:
        """Learn what was drawn for this check; an XML body is learned as it is written."""
        for element in self._drawn:
            self.redactor.learn(element)
        self._drawn.clear()

    def _learn(self, capture: Capture) -> None:
        for data in (capture.body, capture.decoded):
            if data[:4] != b"PK\x03\x04":
                self.redactor.body(data, "")

    def _redacted(
        self, capture: Capture, number: int, check: str, arrival: Arrival | None
    ) -> runfile.Exchange:
        start, headers = _head(capture.sent)
        start = start or f"{capture.method} {capture.url}"
        request = self._message(start, headers, capture.body, len(capture.body))
        response = None
        if capture.head:
            start, headers = _head(capture.head)
            # Many answers are the very document that was sent.
            same = request.body if capture.decoded == capture.body else None
            response = self._message(start, headers, capture.decoded, len(capture.raw), same)
        return runfile.Exchange(
            number=number,
            check=check,
            direction=capture.direction,
            request=request,
            response=response,
            fault=self.scrub(capture.fault),
            milliseconds=round(capture.milliseconds, 3),
            arrival=arrival,
        )

    def _message(
        self,
        start: str,
        headers: list[tuple[str, str]],
        body: bytes,
        size: int,
        known: str | None = None,
    ) -> runfile.Message:
        text = self._text(headers, body) if known is None else known
        return runfile.Message(
            start=self._start(start),
            headers=[self._header(name, value) for name, value in headers],
            body=text,
            body_bytes=size,
        )

    def _start(self, line: str) -> str:
        return self.scrub(_SECRET_QUERY.sub(_without_value, line) if "?" in line else line)

    def _text(self, headers: list[tuple[str, str]], body: bytes) -> str:
        if not body:
            return ""
        kinds = [value for name, value in headers if name.lower() == "content-type"]
        return self.redactor.body(body, kinds[0].lower() if kinds else "")

    def _header(self, name: str, value: str) -> tuple[str, str]:
        key = name.lower()
        if key in _SECRET_HEADERS:
            self.counts["secret"] += 1
            return name, SECRET
        if key == "dataprivacymarker":
            self.counts["token"] += 1
            clean = self.scrub(value)
            return name, clean if clean != value else self.mask.token(value)
        return name, self.scrub(value)


def _without_value(match: re.Match[str]) -> str:
    return f"{match.group(1)}={SECRET}"


def _head(data: bytes) -> tuple[str, list[tuple[str, str]]]:
    """Start line and header lines of a message, as they stand there."""
    lines = data.partition(b"\r\n\r\n")[0].decode("latin-1").splitlines()
    pairs = [line.partition(":") for line in lines[1:]]
    return (lines[0] if lines else ""), [(name, value.strip()) for name, _, value in pairs]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
