"""Read the head of an ordinary answer in one piece.

The parser of http.client is made for mail: it takes longer than most targets take to answer. What
is not plain HTTP/1.1 in every byte, or did not come whole in the first packet, is left to it.
Source: RFC 9112, sections 4 and 5.
"""

from __future__ import annotations

import http.client
import re

# As http.client has it.
MOST_LINES = 100
_HEAD = re.compile(
    rb"HTTP/1\.1 ([2-5]\d\d)(?: ([\x20-\x7e]*))?\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e]*\r\n)*)\r\n"
)


def take(response: http.client.HTTPResponse, ready: bytes) -> bytes:
    """Fill in an answer from the bytes that are there; gives its head, empty if it cannot."""
    match = _HEAD.match(ready)
    lines = match[3].decode("ascii").split("\r\n")[:-1] if match else []
    if match is None or len(lines) >= MOST_LINES:
        return b""
    message = http.client.HTTPMessage()
    for line in lines:
        name, _, value = line.partition(":")
        message.set_raw(name, value.lstrip(" \t"))
    response.headers = response.msg = message
    response.version = 11
    response.status = int(match[1])
    response.reason = (match[2] or b"").decode("ascii").strip()
    response.chunked = (message.get("transfer-encoding") or "").lower() == "chunked"
    response.chunk_left = None
    response.length = _length(response, message)
    closing = "close" in (message.get("connection") or "").lower()
    # What tells no length ends with the connection.
    response.will_close = closing or (response.length is None and not response.chunked)
    return match.group()


def _length(response: http.client.HTTPResponse, message: http.client.HTTPMessage) -> int | None:
    if response.status in (204, 304) or response._method == "HEAD":  # type: ignore[attr-defined]
        return 0
    told = message.get("content-length")
    if not told or response.chunked:
        return None
    try:
        return length if (length := int(told)) >= 0 else None
    except ValueError:
        return None
