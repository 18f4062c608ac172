"""What can stand between the suite and a vendor: TLS, a proxy, something that meddles."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance.simulators import Receiver
from tests.conformance.doctor.certificates import Pair
from tests.conformance.engine.conftest import Listening, request_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class BehindTls:
    """A vendor that knows that it is reached by https."""

    def __init__(self, vendor: Receiver) -> None:
        self.vendor, self.base = vendor, vendor.base

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.url_scheme"] = "https"
        return self.vendor(environ, start_response)


def tls(url: str, pair: Pair, client_issuer: str = "") -> Listening:
    """Speaks TLS with this certificate and passes the bytes on; may demand a client's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    if client_issuer:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_issuer)
    parts = urlsplit(url)

    def conversation(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(connection, True) as inner:
            _pipe(inner, socket.create_connection((parts.hostname or "", parts.port or 0)))

    server = Listening(conversation)
    server.url = server.url.replace("http://", "https://") + parts.path
    return server


def _pipe(near: socket.socket, far: socket.socket) -> None:
    """Pass bytes on in both directions until one side ends."""

    def back() -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(65536):
                near.sendall(data)
            near.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=back, daemon=True)
    thread.start()
    with far, contextlib.suppress(OSError):
        while data := near.recv(65536):
            far.sendall(data)
        far.shutdown(socket.SHUT_RDWR)


@dataclass
class Proxy:
    """An HTTP proxy: CONNECT and plain. `asked` are the request lines it was given."""

    login: str = ""
    closed: bool = False
    asked: list[str] = field(default_factory=list)

    def __call__(self, connection: socket.socket) -> None:
        while request := request_of(connection):
            line = request.partition(b"\r\n")[0].decode()
            self.asked.append(line)
            method, target, _ = line.split(" ")
            if self.login and _login(request) != self.login:
                connection.sendall(b"HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n")
            elif method == "CONNECT":
                self._tunnel(connection, target)
                break
            else:
                connection.sendall(self._forwarded(request, target))

    def _tunnel(self, connection: socket.socket, target: str) -> None:
        if self.closed:
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        host, _, port = target.rpartition(":")
        far = socket.create_connection((host, int(port)))
        connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        _pipe(connection, far)

    def _forwarded(self, request: bytes, target: str) -> bytes:
        parts = urlsplit(target)
        head, _, body = request.partition(b"\r\n\r\n")
        path = target[len(f"{parts.scheme}://{parts.netloc}") :]
        passed = Message(head.replace(target.encode(), path.encode(), 1), body)
        return answered(f"http://{parts.netloc}", passed)


def _login(request: bytes) -> str:
    for line in request.split(b"\r\n"):
        if line.lower().startswith(b"proxy-authorization: basic "):
            return base64.b64decode(line.split()[-1]).decode()
    return ""


@dataclass(frozen=True)
class Message:
    """A request or an answer: start line with header lines, and the body as it is framed."""

    head: bytes
    body: bytes

    @property
    def line(self) -> str:
        return self.head.partition(b"\r\n")[0].decode("latin-1")

    def without(self, header: str) -> Message:
        lines = self.head.split(b"\r\n")
        kept = [one for one in lines if not one.lower().startswith(header.lower().encode() + b":")]
        return replace(self, head=b"\r\n".join(kept))

    def with_header(self, name: str, value: str) -> Message:
        bare = self.without(name)
        return replace(bare, head=bare.head + f"\r\n{name}: {value}".encode())

    def with_body(self, body: bytes) -> Message:
        return replace(self, body=body).with_header("Content-Length", str(len(body)))


Change = Callable[[Message], Message | bytes]
Alter = Callable[[Message, Message], Message | bytes]


def as_it_is(request: Message) -> Message:
    """No change."""
    return request


def meddler(
    url: str, request: Change = as_it_is, answer: Alter = lambda _, given: given
) -> Listening:
    """Stands before a vendor and changes requests or answers; bytes are answered as they are."""
    parts = urlsplit(url)

    def conversation(connection: socket.socket) -> None:
        while (data := request_of(connection)) and data[:1].isalpha():
            head, _, body = data.partition(b"\r\n\r\n")
            asked = request(Message(head, body))
            if isinstance(asked, bytes):
                connection.sendall(asked)
                continue
            told = answered(f"http://{parts.netloc}", asked)
            head, _, body = told.partition(b"\r\n\r\n")
            changed = answer(asked, Message(head, body))
            if isinstance(changed, bytes):
                connection.sendall(changed)
                return
            connection.sendall(changed.head + b"\r\n\r\n" + changed.body)

    server = Listening(conversation)
    server.url += parts.path
    return server


def answered(url: str, request: Message) -> bytes:
    """Send a request to a vendor; the answer as bytes with a length."""
    parts = urlsplit(url)
    link = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    method, target, _ = request.line.split(" ")
    pairs = [line.partition(b": ") for line in request.head.split(b"\r\n")[1:]]
    link.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, _, value in pairs:
        if name.lower() not in (b"connection", b"proxy-authorization"):
            link.putheader(name.decode(), value.decode("latin-1"))
    link.endheaders(request.body or None)
    reply = link.getresponse()
    body = reply.read()
    lines = [f"HTTP/1.1 {reply.status} {reply.reason}"]
    lines += [f"{name}: {value}" for name, value in reply.getheaders()]
    link.close()
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body
