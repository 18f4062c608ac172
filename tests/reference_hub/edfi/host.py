"""A conforming Ed-Fi host on a real socket, with faults that a test switches on."""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.reference_hub.edfi.records import Records, Refused, references, singular

KEY, SECRET = "a-key", "a-secret"


@dataclass
class Fault:
    """What goes wrong `times` times: a status, `late` (an answer after the work and too late) or
    `silent` (the connection closes after the work)."""

    method: str
    resource: str
    kind: str
    times: int = 1
    retry_after: str = ""


@dataclass
class Host:
    """The state of the server; `asked` lists method, resource and status of every request."""

    records: Records
    version: str = "5.2.0"
    lifetime: int = 1800
    orders: bool = True
    forbidden: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    given: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def changes(self) -> list[tuple[str, str, int]]:
        """What was asked of data that may change it."""
        return [one for one in self.asked if one[0] != "GET" and one[1] != "oauth"]

    def answer(
        self, method: str, target: str, headers: Any, body: bytes
    ) -> tuple[int, dict[str, str], Any, str]:
        """Status, headers, document, and the fault that befalls the answer."""
        parts = urlsplit(target)
        path = parts.path.strip("/").split("/")
        if path == [""]:
            return 200, {}, self.root(), ""
        if path == ["oauth", "token"]:
            return (*self.token(headers, body), "")
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return 401, {}, {"type": "urn:ed-fi:api:security:authentication"}, ""
        if path[0] == "metadata":
            return (200, {}, self.dependencies(), "") if self.orders else (404, {}, {}, "")
        return self.data(method, path[3:], dict(parse_qsl(parts.query)), body)

    def root(self) -> dict[str, Any]:
        """The root document."""
        return {
            "version": "7.3",
            "dataModels": [{"name": "Ed-Fi", "version": self.version}],
            "urls": {
                "dependencies": f"{self.url}/metadata/data/v3/dependencies",
                "oauth": f"{self.url}/oauth/token",
                "dataManagementApi": f"{self.url}/data/v3/",
            },
        }

    def token(self, headers: Any, body: bytes) -> tuple[int, dict[str, str], Any]:
        """OAuth 2 client credentials."""
        pair = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        wanted = dict(parse_qsl(body.decode())).get("grant_type") == "client_credentials"
        if headers.get("Authorization") != f"Basic {pair}" or not wanted:
            return 401, {}, {"error": "invalid_client"}
        token = uuid.uuid4().hex
        self.tokens.add(token)
        self.given += 1
        answer = {"access_token": token, "token_type": "bearer", "expires_in": self.lifetime}
        return 200, {}, answer

    def dependencies(self) -> list[dict[str, Any]]:
        """The order of loads, from the references of the resources."""
        groups: dict[str, int] = {}

        def group(name: str) -> int:
            if name not in groups:
                groups[name] = 1
                needed = {one for one in self.records.resources if points_to(one, self.of(name))}
                groups[name] = 1 + max((group(one) for one in needed - {name}), default=0)
            return groups[name]

        return [
            {"resource": f"/ed-fi/{name}", "order": group(name), "operations": ["Create", "Update"]}
            for name in self.records.resources
        ]

    def of(self, name: str) -> set[str]:
        """The references of a resource and of the items of its lists."""
        inside = {
            "sessions": {"gradingPeriodReference"},
            "sections": {"classPeriodReference"},
            "bellSchedules": {"classPeriodReference"},
            "studentAssessments": {"objectiveAssessmentReference"},
        }
        return {*self.records.resources[name].references, *inside.get(name, ())}

    def data(
        self, method: str, path: list[str], query: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], Any, str]:
        """A request for data."""
        name, number = path[0], path[1] if len(path) > 1 else ""
        fault = self.fault(method, name)
        if fault and fault.kind.isdigit():
            more = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            return int(fault.kind), more, {"detail": "not now"}, ""
        try:
            if name in self.forbidden and method != "GET":
                kind = "urn:ed-fi:api:security:authorization:access-denied:action"
                raise Refused(403, kind, detail="No claim to the resource.")
            with self.lock:
                status, more, document = self.work(method, name, number, query, body)
        except Refused as refused:
            status, more, document = refused.status, {}, refused.body
        return status, more, document, fault.kind if fault else ""

    def fault(self, method: str, name: str) -> Fault | None:
        """The fault that is on for this request."""
        for one in self.faults:
            if one.times and one.method == method and one.resource in (name, "*"):
                one.times -= 1
                return one
        return None

    def work(
        self, method: str, name: str, number: str, query: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], Any]:
        """Do what is asked."""
        if name.endswith("Descriptors"):
            return 200, {}, self.codes(name, int(query["offset"]), int(query["limit"]))
        if name not in self.records.resources:
            raise Refused(404, "urn:ed-fi:api:not-found")
        if method == "POST":
            status, made = self.records.post(name, json.loads(body))
            return status, {"Location": f"{self.url}/data/v3/ed-fi/{name}/{made}"}, None
        if method == "PUT":
            return self.records.put(name, number, json.loads(body)), {}, None
        if method == "DELETE":
            return self.records.delete(name, number), {}, None
        return self.read(name, number, query)

    def read(
        self, name: str, number: str, query: dict[str, str]
    ) -> tuple[int, dict[str, str], Any]:
        """One document, or a page of those that match."""
        held = self.records.bodies.get(name, {})
        if number:
            if number not in held:
                raise Refused(404, "urn:ed-fi:api:not-found")
            return 200, {}, shown(number, held[number])
        limit, offset = int(query.pop("limit", 25)), int(query.pop("offset", 0))
        query.pop("totalCount", None)
        identity = self.records.resources[name].identity
        found = [
            shown(one, body)
            for one, body in held.items()
            if all(str(identity(body).get(part)) == value for part, value in query.items())
        ]
        return 200, {"Total-Count": str(len(found))}, found[offset : offset + min(limit, 500)]

    def codes(self, name: str, offset: int, limit: int) -> list[dict[str, str]]:
        """A page of a descriptor's values."""
        kind = name[0].upper() + name[1:-1]
        uris = sorted(x for x in self.records.descriptors if x.split("#")[0].endswith(f"/{kind}"))
        pairs = (uri.split("#", 1) for uri in uris[offset : offset + limit])
        return [{"namespace": space, "codeValue": code} for space, code in pairs]


def points_to(name: str, found: set[str]) -> bool:
    """Whether one of these references means a resource."""
    one = singular(name)
    ends = (one[0].upper() + one[1:] + "Reference",)
    is_place = name in ("schools", "localEducationAgencies")
    return any(
        reference == f"{one}Reference"
        or reference.endswith(ends)
        or (is_place and reference.lower().endswith("educationorganizationreference"))
        for reference in found
        if not (name == "localEducationAgencies" and reference.startswith("parent"))
    )


def shown(number: str, body: dict[str, Any]) -> dict[str, Any]:
    """A document as the API gives it."""
    return {"id": number, **body, "_etag": "1", "_lastModifiedDate": "2026-11-26T00:00:00Z"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host: Host

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, more, document, fault = self.host.answer(
            self.command, self.path, self.headers, body
        )
        parts = urlsplit(self.path).path.strip("/").split("/")
        name = parts[3] if len(parts) > 3 and parts[0] == "data" else parts[0]
        self.host.asked.append((self.command, name, status))
        if fault == "late":
            time.sleep(1.2)
        if fault in ("late", "silent"):
            self.close_connection = True
            return
        content = b"" if document is None else json.dumps(document).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in more.items())
        self.wfile.write(head.encode() + b"Content-Type: application/json\r\n\r\n" + content)

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@contextmanager
def serving(records: Records, **more: Any) -> Iterator[Host]:
    """Serve on a free port of this machine."""
    host = Host(records, **more)
    handler = type("Handler", (_Handler,), {"host": host})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    host.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


__all__ = ["KEY", "SECRET", "Fault", "Host", "references", "serving"]
