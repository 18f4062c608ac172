"""Requests that break the rules of HTTP: heads, lengths, chunks, methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.reference_hub.hostile.attack import CANARY, Aim, Attack, head, whole

C = CANARY
LIST = "/requests/xStudents"
DOOR = "/requests/xStudents/xStudent"
OUTSIDE = frozenset({401, 404, 405})
NOT_OFFERED = frozenset({501})
# What is no HTTP may be hung up on.
HUNG_UP = frozenset({0})


def chunks(aim: Aim) -> Iterator[Attack]:
    """Chunked bodies that end early, lie about their size, or come with a length as well."""
    bodies: Mapping[str, bytes] = {
        "size is no number": b"zz\r\n<a/>\r\n0\r\n\r\n",
        "size is negative": b"-4\r\n<a/>\r\n0\r\n\r\n",
        "size is signed": b"+4\r\n<a/>\r\n0\r\n\r\n",
        "size is huge": b"ffffffffffffffffff\r\n<a/>\r\n0\r\n\r\n",
        "size with 0x": b"0x4\r\n<a/>\r\n0\r\n\r\n",
        "size with underscore": b"0_4\r\n<a/>\r\n0\r\n\r\n",
        "chunk is longer": b"4\r\n<aaaaa/>\r\n0\r\n\r\n",
        "chunk is shorter": b"99\r\n<a/>",
        "no end": b"4\r\n<a/>\r\n",
        "extension": b"4;a=" + C.encode() * 5000 + b"\r\n<a/>\r\n0\r\n\r\n",
        "trailer": b"4\r\n<a/>\r\n0\r\nAuthorization: " + C.encode() + b"\r\n\r\n",
        "trailer without end": b"4\r\n<a/>\r\n0\r\nX: " + C.encode(),
        "bare line feeds": b"4\n<a/>\n0\n\n",
        "one byte each": b"1\r\n<\r\n" * 3000 + b"0\r\n\r\n",
        "nothing": b"",
    }
    fields = [("Authorization", aim.session), ("Content-Type", "application/xml")]
    chunked = [*fields, ("Transfer-Encoding", "chunked")]
    for name, body in bodies.items():
        yield Attack(f"chunked, {name}", head("POST", DOOR, chunked) + body)
    for coding in ("chunked, chunked", "gzip, chunked", "identity", "xchunked", " chunked\x0b", C):
        sent = (
            head("POST", DOOR, [*fields, ("Transfer-Encoding", coding)]) + b"4\r\n<a/>\r\n0\r\n\r\n"
        )
        yield Attack(f"transfer coding {coding!r}", sent, NOT_OFFERED)


def lengths(aim: Aim) -> Iterator[Attack]:
    """Contradictory, malformed and enormous lengths."""
    fields = [("Authorization", aim.session), ("Content-Type", "application/xml")]
    body = f"<xStudent>{C}</xStudent>".encode()
    for given in (
        ["-1"], ["+4"], ["4 4"], ["4,4"], ["0x10"], ["1_0"], ["99999999999999999999999"],
        ["\u00b2"], ["4", "5"], ["4", "4"], [""], ["10", C], ["100000000"],
    ):  # fmt: skip
        lines = [*fields, *(("Content-Length", each) for each in given)]
        yield Attack(f"length {given}", head("POST", DOOR, lines) + body)
    both = [*fields, ("Content-Length", "4"), ("Transfer-Encoding", "chunked")]
    yield Attack("length and chunks", head("POST", DOOR, both) + b"0\r\n\r\nGET /")
    yield Attack("longer than said", whole("POST", DOOR, aim.session, body) + body * 100)
    for size, name in ((100_000_000, "100 MB"), (6_000_000, "over the limit")):
        start = head("POST", DOOR, [*fields, ("Content-Length", str(size))])
        yield Attack(name, start, filling=b" " * 1_000_000, times=size // 1_000_000)
    start = head("POST", DOOR, [*fields, ("Transfer-Encoding", "chunked")])
    chunk = b"f4240\r\n" + b" " * 1_000_000 + b"\r\n"
    yield Attack("100 MB in chunks", start, filling=chunk, times=100)


def heads(aim: Aim) -> Iterator[Attack]:
    """What is no HTTP/1.1 at all, or nearly is."""
    signed = f"Authorization: {aim.session}\r\nHost: hub\r\nConnection: close"
    texts = {
        "nothing": "",
        "line ends": "\r\n" * 200,
        "http 0.9": f"GET /{C}\r\n\r\n",
        "http 2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "http 9": f"GET /{C} HTTP/9.9\r\n\r\n",
        "http a": f"GET /{C} HTTP/1.a\r\n\r\n",
        "no target": f"GET HTTP/1.1\r\n{signed}\r\n\r\n",
        "target with spaces": f"GET /a {C} b HTTP/1.1\r\n{signed}\r\n\r\n",
        "two colons": f"GET {LIST} HTTP/1.1\r\n{signed}\r\n:{C}: a\r\n\r\n",
        "space before the colon": f"GET {LIST} HTTP/1.1\r\n{signed}\r\nzoneId : {C}\r\n\r\n",
        "folded": f"GET {LIST} HTTP/1.1\r\n{signed}\r\nzoneId: a\r\n {C}\r\n\r\n",
        "no colon": f"GET {LIST} HTTP/1.1\r\n{signed}\r\n{C}\r\n\r\n",
        "name of controls": f"GET {LIST} HTTP/1.1\r\n{signed}\r\nzone\x01Id: {C}\r\n\r\n",
        "nul in a value": f"GET {LIST} HTTP/1.1\r\n{signed}\r\nzoneId: {C}\x00\r\n\r\n",
        "return in a value": f"GET {LIST} HTTP/1.1\r\n{signed}\r\nzoneId: {C}\rX: 1\r\n\r\n",
        "many fields": f"GET {LIST} HTTP/1.1\r\n{signed}\r\n" + f"X: {C}\r\n" * 500 + "\r\n",
        "long field": f"GET {LIST} HTTP/1.1\r\n{signed}\r\nX: {C * 9000}\r\n\r\n",
        "long line": f"GET {LIST}?{C * 9000} HTTP/1.1\r\n{signed}\r\n\r\n",
        "unfinished": f"GET {LIST} HTTP/1.1\r\n{signed}\r\nX: {C}",
        "expectation": f"POST {DOOR} HTTP/1.1\r\n{signed}\r\nExpect: {C}\r\n\r\n",
        "tls": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + C * 20,
        "binary": "\x00\xff\xfe" * 1000,
        "smtp": f"EHLO {C}\r\n",
    }
    for name, text in texts.items():
        yield Attack(f"head, {name}", text.encode("latin-1"), HUNG_UP)


def methods(aim: Aim) -> Iterator[Attack]:
    """Verbs that the hub does not have, in places that it has."""
    verbs = (
        "PATCH",
        "TRACE",
        "PROPFIND",
        "MKCOL",
        "LOCK",
        "get",
        "G",
        C.upper(),
        "A" * 5000,
        "GET\x0b",
    )
    for number, verb in enumerate(verbs):
        for target in (LIST, ("/environments/environment", "/queues", "/", "*")[number % 4]):
            yield Attack(f"{verb[:9]} {target}", whole(verb, target, aim.session), OUTSIDE)
    yield Attack("CONNECT", whole("CONNECT", f"{C}:443", aim.session), OUTSIDE)


def attacks(aim: Aim) -> Iterator[Attack]:
    """All of them."""
    for family in (chunks, lengths, heads, methods):
        yield from family(aim)
