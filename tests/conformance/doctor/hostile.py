"""Vendors that let the suite in and then answer as no product should.

An attack gets the connection after one whole request; environments and documents are answered by
a conforming vendor, so that the checks come as far as the attack.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import socket
import struct
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from tests.conformance.doctor.servers import Message, answered
from tests.conformance.engine.conftest import Listening, http, request_of

Attack = Callable[[socket.socket], None]
BODY = 1_000_000
XML = "Content-Type: application/xml"
_LET_IN = ("/environments", "/pods/")


def behind(url: str, attack: Attack, methods: tuple[str, ...] = ("GET",)) -> Listening:
    """A vendor that attacks whoever asks for data or exports by these methods."""
    parts = urlsplit(url)

    def conversation(connection: socket.socket) -> None:
        while data := request_of(connection):
            head, _, body = data.partition(b"\r\n\r\n")
            asked = Message(head, body)
            let_in = any(part in asked.line for part in _LET_IN)
            if asked.line.startswith(methods) and not let_in:
                attack(connection)
                return
            connection.sendall(answered(f"http://{parts.netloc}", asked))

    server = Listening(conversation)
    server.url += parts.path
    return server


def now_and_then(url: str, attack: Attack, every: int) -> Listening:
    """A product that attacks every so many requests; its operator's side is left alone."""
    parts = urlsplit(url)
    count = itertools.count(1)

    def conversation(connection: socket.socket) -> None:
        while data := request_of(connection):
            head, _, body = data.partition(b"\r\n\r\n")
            if next(count) % every == 0:
                attack(connection)
                return
            connection.sendall(answered(f"http://{parts.netloc}", Message(head, body)))

    server = Listening(conversation)
    server.url += parts.path
    return server


def at_once(attack: Attack) -> Attack:
    """A vendor that attacks whoever asks anything."""

    def conversation(connection: socket.socket) -> None:
        if request_of(connection):
            attack(connection)

    return conversation


def sends(*pieces: bytes) -> Attack:
    """These bytes, then the end."""

    def attack(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return attack


def floods(head: bytes, piece: bytes) -> Attack:
    """This piece after the head, as long as somebody takes it."""

    def attack(connection: socket.socket) -> None:
        connection.sendall(head)
        with contextlib.suppress(OSError):
            while True:
                connection.sendall(piece)

    return attack


def drips(head: bytes, pieces: Iterator[bytes]) -> Attack:
    """A piece now and then."""

    def attack(connection: socket.socket) -> None:
        connection.sendall(head)
        with contextlib.suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(0.02)

    return attack


def says(body: bytes, *headers: str, status: str = "200 OK") -> Attack:
    """One whole answer."""
    return sends(http(status, body, *headers))


def resets(connection: socket.socket) -> None:
    """Reset the connection instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


OK = b"HTTP/1.1 200 OK\r\n"
LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY b "haha">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(99, 110)
    )
    + b"]><a>&m;</a>"
)
STUDENT = b'<xStudent xmlns="http://www.sifassociation.org/datamodel/na/4.x" refId="1">'

ATTACKS: dict[str, Attack] = {
    "a body without end": floods(OK + b"\r\n", b"x" * 65536),
    "a gigabyte that was announced": floods(OK + b"Content-Length: 1000000000\r\n\r\n",
                                            b"x" * 65536),
    "chunks without end": floods(OK + b"Transfer-Encoding: chunked\r\n\r\n",
                                 b"8000\r\n" + b"x" * 32768 + b"\r\n"),
    "trailers without end": floods(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n",
                                   b"X-Trailer: yes\r\n" * 500),
    "headers without end": floods(OK, b"X-More: yes\r\n" * 500),
    "a header line without end": floods(OK + b"X-Long: ", b"x" * 65536),
    "interim answers without end": floods(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 500),
    "a status line without end": floods(b"HTTP/1.1 200 ", b"x" * 65536),
    "drops of a body": drips(OK + b"Content-Length: 9999\r\n\r\n", iter([b"x"] * 9999)),
    "drops of a header": drips(OK, iter([b"x"] * 9999)),
    "silence": lambda connection: time.sleep(1),
    "silence after the head": drips(OK + b"Content-Length: 9\r\n\r\n", iter([b""] * 40)),
    "a reset": resets,
    "nothing": sends(),
    "half a body": sends(OK + b"Content-Length: 99\r\n\r\nhalf"),
    "no status line": sends(b"<html>hello</html>"),
    "a status of letters": sends(b"HTTP/1.1 OK fine\r\n\r\n"),
    "a status of 999": sends(b"HTTP/1.1 999 Much\r\nContent-Length: 0\r\n\r\n"),
    "another protocol": sends(b"\x15\x03\x01\x00\x02\x02\x28"),
    "a length below nothing": sends(OK + b"Content-Length: -5\r\n\r\nhello"),
    "a length of letters": sends(OK + b"Content-Length: many\r\n\r\nhello"),
    "two lengths": sends(OK + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello"),
    "sizes of chunks that are none": sends(OK + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nx\r\n"),
    "a chunk of half the world": sends(OK + b"Transfer-Encoding: chunked\r\n\r\n7fffffff\r\nx\r\n"),
    "a bomb of gzip": says(gzip.compress(b"<" * 20_000_000, 1), XML, "Content-Encoding: gzip"),
    "gzip that is none": says(b"<a/>", XML, "Content-Encoding: gzip"),
    "a coding nobody knows": says(b"<a/>", XML, "Content-Encoding: middle-out"),
    "a document of entities": says(LAUGHS, XML),
    "a document from elsewhere": says(b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', XML),
    "a deep document": says(b"<a>" * 50_000 + b"</a>" * 50_000, XML),
    "a document of many tags": says(b"<a>" + b"<b/>" * 100_000 + b"</a>", XML),
    "a long attribute": says(b'<a b="' + b"x" * 900_000 + b'"/>', XML),
    "many attributes": says(b"<a " + b" ".join(b'b%d=""' % n for n in range(50_000)) + b"/>", XML),
    "invalid UTF-8": says(STUDENT + b"<name>\xff\xfe\xc3</name></xStudent>", XML),
    "another charset than it says": says("<a>\u00e9</a>".encode("utf-16"),
                                         f"{XML}; charset=utf-8"),
    "a charset nobody knows": says(b'<?xml version="1.0" encoding="klingon"?><a/>',
                                   f"{XML}; charset=klingon"),
    "zero bytes": says(b"\0" * 5000, XML),
    "zero bytes in a header": sends(OK + b"X-Zero: \0\0\r\nContent-Length: 0\r\n\r\n"),
    "broken JSON": says(b"[" * 500_000, "Content-Type: application/json"),
    "one long line of CSV": says(b'"' + b"x," * 400_000, "Content-Type: text/csv"),
    "a zip that is none": says(b"PK\x03\x04" + b"\xff" * 5000, "Content-Type: application/zip"),
    "a web page": says(b"<!DOCTYPE html><html><body>Hello</body></html>",
                       "Content-Type: text/html"),
    "a web page for errors": says(b"<html>sorry</html>", "Content-Type: text/html",
                                  status="500 Oops"),
    "a redirect to itself": says(b"", "Location: /sif3/rc/7/xStudents", status="302 Found"),
    "a redirect without a place": says(b"", status="308 Gone"),
    "busy without sense": says(b"", "Retry-After: soon", "Date: never", status="503 Busy"),
    "many cookies": says(b"<a/>", XML, *[f"Set-Cookie: c{n}={'x' * 500}" for n in range(60)]),
    "headers of other letters": sends(OK + b"X-\xff: \xe9\xff\r\nContent-Length: 0\r\n\r\n"),
    "a number in JSON": says(b"5", "Content-Type: application/json"),
    "a list in JSON": says(b'[{"pod": 5}]', "Content-Type: application/json"),
    "twice the answer": sends(http("200 OK", b"<a/>", XML) * 2),
}  # fmt: skip
