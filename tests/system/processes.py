"""Start the kit's own commands as processes, wait until they answer, end them by id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]


class StartError(RuntimeError):
    """A command did not come up; the text holds the end of what it printed."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Processes:
    """Commands running in one folder; closing ends exactly those, newest first."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.environ = {**os.environ, **environ}
        self._running: list[tuple[subprocess.Popen[bytes], Path]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process, _log in reversed(self._running):
            end(process)

    def start(self, *command: str, port: int | None = None) -> subprocess.Popen[bytes]:
        """Start a command of the kit; with a port, wait until it accepts connections."""
        log = self.folder / f"{command[0]}-{len(self._running)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [str(BIN / command[0]), *command[1:]],
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self._running.append((process, log))
        if port is not None:
            wait_for_port(process, port, log)
        return process

    def run(self, *command: str, ok: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        """Run a command of the kit to its end; another exit code than `ok` is a StartError."""
        done = ended(self.folder, self.environ, *command)
        if done.returncode not in ok:
            raise StartError(
                f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}"
            )
        return done


def ended(
    folder: Path, environ: Mapping[str, str], *command: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of the kit to its end, whatever that is."""
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def wait_for_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait up to a minute until the port accepts a connection; StartError when the process ends."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    told = log.read_text("utf-8")[-2000:] if log.is_file() else ""
    raise StartError(f"Nothing answers on port {port}: {told}")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask one of our processes to stop, and insist after 10 s."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
