"""Set-up faults as data and code: what is broken, and which key and words must name it.

Each seed changes the tables of a target that is fine, with a server before or instead of the
vendor where the fault is not in the file.
"""

from __future__ import annotations

import gzip
import socket
import struct
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from lxml import etree

from conformance.simulators import Receiver
from conformance.simulators.message import Request
from conformance.simulators.problems import Refusal
from conformance.simulators.tokens import Credentials
from tests.conformance.doctor.servers import Message, Proxy
from tests.conformance.doctor.world import Seeding, World
from tests.conformance.engine.conftest import SECRET, answering, http, request_of


@dataclass(frozen=True)
class Seed:
    """`key` must stand in the place of the fault, `words` in what was seen or in the fix."""

    name: str
    key: str
    words: str
    make: Seeding


def at(url: str, **more: Any) -> dict[str, dict[str, Any]]:
    """An endpoint table with this address."""
    return {"endpoint": {"url": url, **more}}


def closed() -> int:
    """A port at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def says(world: World, status: str, body: bytes = b"", *headers: str) -> dict[str, Any]:
    """A server that answers everything in the same way."""
    return at(world.listening(answering(http(status, body, *headers))))


def greets_tls(connection: socket.socket) -> bool:
    """Whether a handshake begins, for which request_of would wait in vain."""
    return connection.recv(1, socket.MSG_PEEK) == b"\x16"


def reset(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def raw(data: bytes) -> Any:
    """Answer these bytes and hang up."""

    def conversation(connection: socket.socket) -> None:
        if not greets_tls(connection):
            request_of(connection)
            connection.sendall(data)

    return conversation


IN_FILE = [
    Seed("a misspelt key", "line 8, [endpoint] ulr", "Did you mean url?",
         lambda w: {"endpoint": {"url": None, "ulr": w.url}}),
    Seed("a misspelt table", "[netwrok]", "Did you mean network?",
         lambda w: {"netwrok": {"proxy": "x"}}),
    Seed("a role that does not exist", "line 3, [vendor] role", "receiver",
         lambda w: {"vendor": {"role": "reciever"}}),
    Seed("no variable with the secret", "[credentials] secret_env", "export NOT_SET_ANYWHERE",
         lambda w: {"credentials": {"secret_env": "NOT_SET_ANYWHERE"}}),
    Seed("white space in the secret", "[credentials] secret_env", "white space",
         lambda w: {"environ": {"CONFORMANCE_SECRET": SECRET + "\n"}}),
    Seed("a secret file that is a folder", "[credentials] secret_file", "cannot be read",
         lambda w: {"credentials": {"secret_env": None, "secret_file": "."}}),
    Seed("no file of the issuer", "[endpoint] ca_file", "no file 'none.pem'",
         lambda w: at(w.url, ca_file="none.pem")),
    Seed("an issuer that is no certificate", "[endpoint] ca_file", "BEGIN CERTIFICATE",
         lambda w: at(w.url, ca_file=w.file("ca.txt", "no certificate"))),
    Seed("the key of another certificate", "[network] client_key", "another certificate",
         lambda w: {"network": {"client_certificate": w.good.certificate.name,
                                "client_key": w.authority.issue("another").key.name}}),
    Seed("an encrypted key without its password", "[network] client_key",
         "client_key_password_env",
         lambda w: {"network": {"client_certificate": w.locked.certificate.name,
                                "client_key": w.locked.key.name}}),
    Seed("a password in the address of the proxy", "[network] proxy", "proxy_login_env",
         lambda w: {"network": {"proxy": "http://jo:hush@proxy.example:3128"}}),
    Seed("a kind of proxy that is not spoken", "[network] proxy", "http://host:port",
         lambda w: {"network": {"proxy": "socks5://proxy.example"}}),
    Seed("a rate below nothing", "[network] requests_per_second", "0 or a number above",
         lambda w: {"network": {"requests_per_second": -2}}),
]  # fmt: skip

ON_THE_WAY = [
    Seed("an unknown host", "line 5, [endpoint] url", "name service",
         lambda w: at("http://no-such-host.invalid/sif3")),
    Seed("a closed port", "[endpoint] url", "Start the product",
         lambda w: at(f"http://127.0.0.1:{closed()}/sif3")),
    Seed("the other address of this machine", "[endpoint] url", "listens at 127.0.0.1",
         lambda w: at(w.url.replace("127.0.0.1", "[::1]"))),
    Seed("silence", "[endpoint] url", "raise read_seconds",
         lambda w: at(w.listening(lambda one: time.sleep(1)), read_seconds=0.2)),
    Seed("another protocol", "[endpoint] url", "another protocol",
         lambda w: at(w.listening(raw(b"SSH-2.0-OpenSSH_9.2\r\n")))),
    Seed("connections that are reset", "[endpoint] url", "firewall",
         lambda w: at(w.listening(reset))),
    Seed("a handshake that is reset", "[network] client_certificate", "look at its log",
         lambda w: at(w.listening(reset).replace("http://", "https://"))),
    Seed("http to a port with TLS", "[endpoint] url", "write https://",
         lambda w: at(w.tls(w.good).replace("https://", "http://"))),
    Seed("http to a port with TLS that says so", "[endpoint] url", "https:// instead of http://",
         lambda w: at(w.listening(tls_or_400))),
    Seed("https to a port without TLS", "[endpoint] url", "http:// instead of https://",
         lambda w: at(w.url.replace("http://", "https://"))),
    Seed("an expired certificate", "[endpoint] url", "Renew the certificate",
         lambda w: at(w.tls(w.authority.issue("old", since=-9, until=-1)), ca_file=w.issuer)),
    Seed("a certificate of tomorrow", "[endpoint] url", "not valid yet",
         lambda w: at(w.tls(w.authority.issue("new", since=1, until=9)), ca_file=w.issuer)),
    Seed("a self-signed certificate", "[endpoint] ca_file", "PEM file of its issuer",
         lambda w: at(w.tls(w.authority.issue("own", own=True)))),
    Seed("an issuer that is not trusted", "[endpoint] ca_file", "PEM file of its issuer",
         lambda w: at(w.tls(w.good))),
    Seed("a certificate for another host", "[endpoint] url", "host name that stands",
         lambda w: at(w.tls(w.authority.issue("far", host="sif.example.org")), ca_file=w.issuer)),
    Seed("a client certificate is demanded", "[network] client_certificate", "that the target",
         lambda w: at(w.tls(w.good, client_issuer=str(w.authority.file)), ca_file=w.issuer)),
    Seed("a client certificate of a stranger", "[network] client_certificate", "that the target",
         lambda w: at(w.tls(w.good, client_issuer=str(w.authority.file)), ca_file=w.issuer)
         | {"network": {"client_certificate": w.stranger.issue("them").certificate.name,
                        "client_key": "them.key"}}),
    Seed("a proxy that is not there", "[network] proxy", "address of the proxy",
         lambda w: {"network": {"proxy": f"http://127.0.0.1:{closed()}"}}),
    Seed("a proxy that wants a login", "[network] proxy_login_env", "user:password",
         lambda w: {"network": {"proxy": w.listening(Proxy(login="jo:hush"))}}),
    Seed("a proxy that wants a login before a tunnel", "[network] proxy_login_env",
         "user:password",
         lambda w: at(w.tls(w.good), ca_file=w.issuer)
         | {"network": {"proxy": w.listening(Proxy(login="jo:hush"))}}),
    Seed("a proxy that makes no tunnel", "[network] proxy", "Let the proxy connect",
         lambda w: at(w.tls(w.good), ca_file=w.issuer)
         | {"network": {"proxy": w.listening(Proxy(closed=True))}}),
    Seed("a body cut short", "[endpoint] url", "cuts answers short",
         lambda w: at(w.listening(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf")))),
    Seed("broken chunks", "[endpoint] url", "breaks the chunks",
         lambda w: at(w.between(answer=lambda asked, told: badly_chunked(told)))),
    Seed("gzip that is none", "[endpoint] url", "is not gzip",
         lambda w: at(w.between(answer=lambda asked, told: told.with_header(
             "Content-Encoding", "gzip")))),
    Seed("gzip without its end", "[endpoint] url", "without its end",
         lambda w: at(w.between(answer=lambda asked, told: packed(told, -9)))),
    Seed("gzip packed twice", "[endpoint] url", "packed twice",
         lambda w: at(w.between(answer=lambda asked, told: packed(
             told.with_body(gzip.compress(told.body)))))),
    Seed("a limit of bodies at the proxy", "[endpoint] url", "Raise the largest body",
         lambda w: at(w.between(request=small_only))),
    Seed("a type of request changed on the way", "[endpoint] url", "changes Content-Type",
         lambda w: at(w.between(request=lambda asked: asked.with_header(
             "Content-Type", "text/plain")))),
    Seed("a type of answer changed on the way", "[endpoint] url", "changes Content-Type",
         lambda w: at(w.between(answer=lambda asked, told: told.with_header(
             "Content-Type", "text/html")))),
    Seed("Authorization stripped", "[endpoint] url", "strips Authorization",
         lambda w: at(w.between(request=lambda asked: asked.without("Authorization")))),
    Seed("matrix parameters stripped", "[endpoint] url", "strips matrix parameters",
         lambda w: at(w.between(request=without_matrix))),
    Seed("paths with ; refused", "[endpoint] url", "paths with ;",
         lambda w: at(w.between(request=no_semicolon))),
]  # fmt: skip


def tls_or_400(connection: socket.socket) -> None:
    """Like a web server that tells in clear text that its port wants TLS."""
    if greets_tls(connection):
        connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")  # fatal alert: handshake failure
        return
    request_of(connection)
    page = b"<html>The plain HTTP request was sent to HTTPS port</html>"
    connection.sendall(http("400 Bad Request", page, "Content-Type: text/html"))


def packed(told: Message, cut: int | None = None) -> Message:
    """The same in gzip, said so, the end cut off."""
    body = gzip.compress(told.body)[:cut]
    return told.with_body(body).with_header("Content-Encoding", "gzip")


def badly_chunked(told: Message) -> Message:
    bare = told.without("Content-Length").with_header("Transfer-Encoding", "chunked")
    return replace(bare, body=b"not a size\r\n" + told.body)


def small_only(asked: Message) -> Message | bytes:
    return http("413 Too Large") if len(asked.body) > 100_000 else asked


def without_matrix(asked: Message) -> Message:
    method, target, version = asked.line.split(" ")
    line = f"{method} {target.partition(';')[0]} {version}"
    return replace(asked, head=asked.head.replace(asked.line.encode(), line.encode(), 1))


def no_semicolon(asked: Message) -> Message | bytes:
    return http("400 Bad Request") if ";" in asked.line else asked


LOGIN = b"<!DOCTYPE html><form>Sign in <input type='password'></form>"
YESTERDAY = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)

AT_THE_DOOR = [
    Seed("a wrong path", "[endpoint] url", "environments/environment stands",
         lambda w: at(w.url.replace("/sif3", "/sif"))),
    Seed("a web page", "[endpoint] url", "with a web page",
         lambda w: says(w, "200 OK", b"<!DOCTYPE html><html></html>")),
    Seed("a login page", "[endpoint] url", "log in",
         lambda w: says(w, "200 OK", LOGIN, "Content-Type: text/html")),
    Seed("a redirect to a login page", "[endpoint] url", "log in",
         lambda w: says(w, "302 Found", b"", "Location: https://sso.example/login?x=1")),
    Seed("a redirect to another place", "[endpoint] url", "final address",
         lambda w: says(w, "301 Moved", b"", "Location: https://sif.example/v2")),
    Seed("a page of maintenance", "[endpoint] url", "maintenance",
         lambda w: says(w, "503 Down", b"<html></html>", "Content-Type: text/html",
                        "Retry-After: 3600")),
    Seed("a limit of requests", "[network] requests_per_second", "asks to wait 3600 s",
         lambda w: says(w, "429 Too Many", b"", "Retry-After: 3600")),
    Seed("a proxy without its product", "[endpoint] url", "answered 502",
         lambda w: says(w, "502 Bad Gateway")),
    Seed("a body over the limit of the suite", "[endpoint] largest_body_mb", "largest_body_mb",
         lambda w: at(w.listening(answering(http("200 OK", b"x" * 5000))), largest_body_mb=0.001)),
    Seed("a wrong key", "[credentials] secret_env", "key = 'somebody'",
         lambda w: {"credentials": {"key": "somebody"}}),
    Seed("a wrong secret", "[credentials] secret_env", "the secret is wrong",
         lambda w: {"environ": {"CONFORMANCE_SECRET": "another"}}),
    Seed("a method that is not taken", "[credentials] method", "basic",
         lambda w: at(w.vendor(BasicOnly(secret=SECRET)))),
    Seed("Basic where it is not taken", "[credentials] method", "SIF_HMACSHA256",
         lambda w: at(w.vendor(HmacOnly(secret=SECRET))) | {
             "credentials": {"method": "Basic"}}),
    Seed("clocks that differ", "the clock", "time server",
         lambda w: at(w.between(answer=refused_yesterday))),
    Seed("another data model", "[endpoint] data_model", "datamodel/na/4.x",
         lambda w: at(w.url, data_model="http://www.sifassociation.org/datamodel/uk/2.0")),
    Seed("another infrastructure", "[endpoint] infrastructure", '"3.3"',
         lambda w: at(w.url, infrastructure="2.7")),
]  # fmt: skip


class BasicOnly(Receiver):
    """Knows Basic and says so."""

    def credentials(self, request: Request) -> Credentials:
        found = super().credentials(request)
        if found.method != "Basic":
            raise Refusal(401, "Basic only.")
        return found

    def error_headers(self, refusal: Refusal) -> tuple[tuple[str, str], ...]:
        return (("WWW-Authenticate", 'Basic realm="SIF"'),) if refusal.status == 401 else ()


class HmacOnly(Receiver):
    """Knows SIF_HMACSHA256 and says nothing."""

    def credentials(self, request: Request) -> Credentials:
        found = super().credentials(request)
        if found.method == "Basic":
            raise Refusal(401, "Basic is not taken.")
        return found

    def error_headers(self, refusal: Refusal) -> tuple[tuple[str, str], ...]:
        return ()


def refused_yesterday(asked: Message, told: Message) -> Message:
    head = told.head.replace(b"201 CREATED", b"401 No").replace(b"201 Created", b"401 No")
    return replace(told, head=head).with_header("Date", YESTERDAY)


class ReadsNothing(Receiver):
    """Lets nobody query."""

    def read_all(self, request: Request) -> Any:
        raise Refusal(403, "No right to query.")


class CreatesNothing(Receiver):
    """Says in its environments that CREATE was rejected."""

    def provisioned_zones(self) -> etree._Element:
        zones = super().provisioned_zones()
        for right in zones.iter("{*}right"):
            if right.get("type") == "CREATE":
                right.text = "REJECTED"
        return zones


def named_inside(asked: Message, told: Message) -> Message:
    """The product names the address under which it is known behind the proxy."""
    host = next(one for one in asked.head.split(b"\r\n") if one.lower().startswith(b"host: "))
    inside = f"127.0.0.1:{closed()}".encode()
    return told.with_body(told.body.replace(host.split()[1], inside))


BEHIND_IT = [
    Seed("addresses from inside", "[endpoint] url", "reached from outside",
         lambda w: at(w.between(answer=named_inside))),
    Seed("http addresses behind TLS", "[endpoint] url", "reached from outside",
         lambda w: at(w.tls(w.good, aware=False), ca_file=w.issuer)),
    Seed("an unknown zone", "[endpoint] zone", "names the zones demo-district",
         lambda w: at(w.url, zone="elsewhere")),
    Seed("an unknown context", "[endpoint] context", "a context that the target serves",
         lambda w: at(w.url, context="OTHER")),
    Seed("no right to read", "[capabilities] query", "may not read",
         lambda w: at(w.vendor(ReadsNothing(secret=SECRET)))),
    Seed("a right that was rejected", "[capabilities] create", "as REJECTED",
         lambda w: at(w.vendor(CreatesNothing(secret=SECRET)))),
    Seed("another party", "[pod] party", "name that your product expects",
         lambda w: {"vendor": {"name": "Another App"}}),
]  # fmt: skip

CSV = b"sourcedId,givenName\r\n"


def shows(world: World, status: str, body: bytes, *headers: str, **told: Any) -> dict[str, Any]:
    """A readback of its own beside a vendor that is fine."""
    url = world.listening(answering(http(status, body, *headers)))
    where = "users" if told.get("form", "csv") == "csv" else "address"
    return {"readback": {where: url, **told}}


READBACK = [
    Seed("a readback that is not there", "[readback] users", "answered 404",
         lambda w: {"readback": {"users": "export/nobody.csv"}}),
    Seed("a readback on a host that is down", "[readback] users", "nothing listens",
         lambda w: {"readback": {"users": f"http://127.0.0.1:{closed()}/users.csv"}}),
    Seed("a readback with other credentials", "[readback] users", "token_url",
         lambda w: shows(w, "401 No", b"")),
    Seed("a readback behind a login page", "[readback] users", "login page",
         lambda w: shows(w, "200 OK", LOGIN, "Content-Type: text/html")),
    Seed("an empty readback", "[readback] users", "without any content",
         lambda w: shows(w, "200 OK", b"")),
    Seed("another file", "[readback] users", "without the column sourcedId",
         lambda w: shows(w, "200 OK", b"id,name\r\n")),
    Seed("another delimiter", "[readback] delimiter", "';'",
         lambda w: shows(w, "200 OK", CSV.replace(b",", b";"))),
    Seed("another encoding", "[readback] encoding", "cp1252",
         lambda w: shows(w, "200 OK", CSV + b"1,Ren\xe9\r\n")),
    Seed("another form", "[readback] form", "is not a zip archive",
         lambda w: shows(w, "200 OK", CSV, form="zip")),
    Seed("no JSON", "[readback] form", "is not JSON",
         lambda w: shows(w, "200 OK", CSV, form="rest")),
    Seed("no token", "[readback] token_url", "client credentials",
         lambda w: {"readback": {"token_url": w.listening(answering(http("403 No")))}}),
    Seed("no folder", "[readback] address", "Make the folder",
         lambda w: {"readback": {"form": "folder", "address": "exports"}}),
]  # fmt: skip

RECEIVER = (*IN_FILE, *ON_THE_WAY, *AT_THE_DOOR, *BEHIND_IT, *READBACK)
