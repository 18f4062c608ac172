"""Hubs as an operator starts them: the command, a settings file, a port, a log."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

Start = Callable[..., "Served"]


@dataclass
class Served:
    """One running `reference-hub serve`; `log` holds all that it printed."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]
    scheme: str = "http"
    http: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **headers: str) -> requests.Response:
        """One GET without credentials."""
        return self.http.get(f"{self.scheme}://localhost:{self.port}{path}", headers=headers)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal the master and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(30)


def wait_until_listening(served: Served) -> None:
    """Until the port takes connections; the log is shown when it does not."""
    until = time.monotonic() + 60
    while time.monotonic() < until and served.process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", served.port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(served.log.read_text())
