"""An Ed-Fi host in a process of its own that takes everything; what it knows stands in a file.

python -m tests.bench.edfi_sink PORT DESCRIPTORS     one descriptor URI a line
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


class _Host(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    url = ""
    known: tuple[str, ...] = ()
    numbers = count()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        name = parts.path.rsplit("/", 1)[-1]
        if parts.path == "/":
            self._say(200, self._root())
        elif name.endswith("Descriptors"):
            self._say(200, self._codes(name, parse_qs(parts.query)))
        else:
            self._say(404, {})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/oauth/token"):
            token = {"access_token": "t", "token_type": "bearer", "expires_in": 3600}
            self._say(200, token)
        else:
            self._say(201, None, f"{self.url}{self.path}/{next(self.numbers):032x}")

    def _root(self) -> dict[str, object]:
        at = self.url
        urls = {
            "dependencies": f"{at}/metadata/data/v3/dependencies",
            "oauth": f"{at}/oauth/token",
            "dataManagementApi": f"{at}/data/v3/",
        }
        models = [{"name": "Ed-Fi", "version": "5.2.0"}]
        return {"version": "7.3", "dataModels": models, "urls": urls}

    def _codes(self, name: str, query: dict[str, list[str]]) -> list[dict[str, str]]:
        kind = f"/{name[0].upper()}{name[1:-1]}"
        found = [x.split("#", 1) for x in self.known if x.split("#")[0].endswith(kind)]
        start, limit = int(query["offset"][0]), int(query["limit"][0])
        return [{"namespace": x, "codeValue": y} for x, y in found[start : start + limit]]

    def _say(self, status: int, document: object, place: str = "") -> None:
        content = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Type", "application/json")
        if place:
            self.send_header("Location", place)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


def main(port: int, known: Path) -> None:
    """Serve until the process is ended."""
    _Host.url = f"http://127.0.0.1:{port}"
    _Host.known = tuple(known.read_text("utf-8").split("\n"))
    # Headers and body go out in one packet: no waiting for an acknowledgement between them.
    _Host.wbufsize = -1
    ThreadingHTTPServer(("127.0.0.1", port), _Host).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
