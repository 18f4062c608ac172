"""A provider's end point that notes what reaches it and always gives the same answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Heard:
    """One request as it came; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Recorder:
    """What was heard, and what is answered."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    url: str = ""


@contextmanager
def recording(recorder: Recorder) -> Iterator[Recorder]:
    """Listen until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self) -> None:
            fields = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(fields.get("content-length", "0")))
            recorder.heard.append(Heard(self.command, self.path, fields, body))
            self.send_response(200)
            given = {"Content-Type": "application/xml", "Content-Length": str(len(recorder.body))}
            for name, value in (given | recorder.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(recorder.body)

        do_GET = do_POST = do_PUT = do_DELETE = serve

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    recorder.url = f"http://127.0.0.1:{server.server_port}/far/sif3"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
