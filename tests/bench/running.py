"""A hub and a bare server on one database, and a client that costs little itself."""

from __future__ import annotations

import base64
import http.client
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec
from lxml import etree

from reference_hub.codec.pod_document import Obligations, write_pod
from reference_hub.model.pod import PENDING, Pod, Terms
from reference_hub.model.scope import Scope
from reference_hub.settings import load
from reference_hub.store import pods, vendors
from reference_hub.store.db import open_engine, url_of
from tests.system.processes import ROOT, Processes, end, free_port, wait_for_port

SCOPE = Scope("demo-district")
SECRET = "bench-secret"


@dataclass(frozen=True, slots=True)
class Caller:
    """An open environment over one kept-alive connection."""

    connection: http.client.HTTPConnection
    headers: Mapping[str, str]

    def ask(self, method: str, path: str, body: bytes | None = None, **more: str) -> bytes:
        """One request that must succeed; the body of the answer."""
        self.connection.request(method, path, body, {**self.headers, **more})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path} was answered {answer.status}: {content[:500]!r}")
        return content


@dataclass(frozen=True, slots=True)
class Bench:
    """Ports of the hub and of the bare server, the folder and the database they share."""

    folder: Path
    hub: int
    bare: int
    url: str

    def caller(self, key: str, *, granted: tuple[str, ...] = ()) -> Caller:
        """A source, or with a grant a vendor under an acknowledged POD."""
        engine = open_engine(load(None, {"DATABASE_URL": self.url}))
        marker = {}
        with engine.begin() as connection:
            vendor = vendors.add_vendor(connection, key, key, SCOPE) if granted else None
            vendors.add_application(connection, key, SECRET, SCOPE, vendor_id=vendor)
            if vendor:
                pod = _pod(vendor, granted)
                pods.insert(connection, pod)
                marker = {"dataPrivacyMarker": pod.token}
        engine.dispose()
        http_connection = http.client.HTTPConnection("127.0.0.1", self.hub, timeout=60)
        opening = Caller(http_connection, {"Authorization": _basic(key)})
        environment = etree.fromstring(opening.ask("POST", "/environments/environment"))
        token = environment.findtext("{*}sessionToken") or ""
        headers = {"Authorization": _basic(token), "Content-Type": "application/xml"} | marker
        return Caller(http_connection, headers)

    def floor(self) -> Caller:
        """A client of the bare server."""
        return Caller(http.client.HTTPConnection("127.0.0.1", self.bare, timeout=60), {})


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Bench]:
    """Start both, one server process each."""
    folder.mkdir()
    hub, bare = free_port(), free_port()
    with Processes(folder, {}) as kit:
        kit.start("reference-hub", "serve", "--port", str(hub), *options, port=hub)
        settings = load(None, {})
        place = msgspec.structs.replace(
            settings.database, directory=str(folder / settings.database.directory)
        )
        url = url_of(msgspec.structs.replace(settings, database=place))
        url = url.replace("postgresql+psycopg://", "postgresql://")
        command = [sys.executable, "-m", "tests.bench.bare", str(bare), url]
        with (folder / "bare.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            wait_for_port(process, bare, folder / "bare.log")
            yield Bench(folder, hub, bare, url)
        finally:
            end(process)


def _basic(user: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{SECRET}".encode()).decode()


def _pod(vendor: int, granted: tuple[str, ...]) -> Pod:
    pod_id, token = str(uuid.uuid4()), str(uuid.uuid4())
    begins, ends = date(2025, 7, 1), date(2035, 6, 30)
    terms = Obligations(
        "https://registry.example/1", "Bench", "1", begins, ends, "District", "https://d.example",
        "Vendor", "https://v.example", ("Practice",), (), 60,
    )  # fmt: skip
    document = write_pod(pod_id, token, "1.0.0", "Vendor", SCOPE, granted, terms)
    entries = (Terms(granted=granted),)
    return Pod(
        pod_id, vendor, SCOPE, "1.0.0", token, PENDING, begins, ends, document, None, entries
    )
