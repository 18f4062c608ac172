"""The district's operator as an address: runs the hub's own commands, without starting each anew.

    python -m tests.system.hub_operator PORT      in the folder of the hub's settings

A command starts in a second; a run of the suite gives some two hundred.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from click.testing import CliRunner, Result

from reference_hub.cli import cli as hub

VERBS = {
    "load": ("load", "--quiet", "{file}"),
    "publish": ("pod", "import", "{vendor}", "{file}"),
    "draft": ("pod", "import", "{vendor}", "{file}", "--draft"),
    "end": ("pod", "end", "{vendor}"),
    "policy": ("vendor", "acknowledge-by", "{vendor}", "{policy}"),
    "audit": ("audit", "export"),
}
# A command prints to the one standard output.
ONE_AT_A_TIME = threading.Lock()


class Operator(BaseHTTPRequestHandler):
    """One verb per request: 200 with what the command printed, 422 if it failed."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        done = run(json.loads(self.rfile.read(length)))
        body = (done.stdout if done.exit_code == 0 else done.output).encode()
        if done.exit_code:
            sys.stderr.write(f"{done.output[-500:]} {done.exception!r}\n")
        self.send_response(200 if done.exit_code == 0 else 422)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: requests hold data of persons."""


def run(told: dict[str, str]) -> Result:
    """Run the command of a verb as it is run at a terminal."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "document.xml"
        file.write_text(told.get("document", ""), "utf-8")
        words = [word.format(file=file, **told) for word in VERBS[told["verb"]]]
        with ONE_AT_A_TIME:
            return CliRunner().invoke(hub, words)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Operator).serve_forever()
