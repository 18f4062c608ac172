"""Heads of answers that are read in one piece say what the parser of http.client says."""

from __future__ import annotations

import http.client
import io
from typing import Any

import pytest

from conformance import heads

TOLD = ("status", "reason", "version", "chunked", "length", "will_close")
ORDINARY = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nContent-Type: application/xml\r\n\r\n",
    b"HTTP/1.1 201 Created\r\nContent-Length:0\r\nX-Odd:  two  \r\nx-odd: more\r\n\r\n",
    b"HTTP/1.1 204\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
    b"HTTP/1.1 200  OK \r\nTransfer-Encoding: Chunked\r\nContent-Length: 3\r\n\r\n",
    b"HTTP/1.1 500 Oh\r\nConnection: Close\r\nContent-Length: 1, 2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n",
    b"HTTP/1.1 404 Not Found\r\nContent-Length: +4\r\nEmpty:\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
]
ODD = [
    b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 200 OK\nContent-Length: 1\n\n",
    b"HTTP/1.1 200 OK\r\nFolded: one\r\n two\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nBlank : one\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nName: Jos\xe9\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n",
    b"HTTP/1.1 2000 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 100 + b"\r\n",
    b"\x16\x03\x01",
    b"",
]


class Bytes:
    """As much of a socket as an answer asks for."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: Any) -> io.BytesIO:
        """What it brings."""
        return io.BytesIO(self._data)


def answer(data: bytes, method: str = "GET") -> http.client.HTTPResponse:
    """An answer that nothing was read of."""
    sock: Any = Bytes(data)
    return http.client.HTTPResponse(sock, method=method)


@pytest.mark.parametrize("head", ORDINARY)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_ordinary_head_is_read_as_http_client_reads_it(head: bytes, method: str) -> None:
    usual, quick = answer(head, method), answer(head, method)
    usual.begin()
    assert heads.take(quick, head + b"<body/>") == head
    assert [getattr(quick, name) for name in TOLD] == [getattr(usual, name) for name in TOLD]
    assert quick.getheaders() == usual.getheaders()


@pytest.mark.parametrize("head", ODD)
def test_what_is_odd_is_left_to_http_client(head: bytes) -> None:
    untouched = answer(head)
    assert heads.take(untouched, head) == b""
    assert vars(untouched)["headers"] is None
