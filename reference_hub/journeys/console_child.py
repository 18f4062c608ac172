"""A process between hub and suite: it ends the suite when its time is over or the hub is gone.

Called as `python -m reference_hub.journeys.console_child SECONDS COMMAND...`. Its standard input is
a pipe that the hub holds open: when that closes, by the hub's wish or by its death, all ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

LATE = 75
_PATIENCE = 10.0


def main(arguments: list[str]) -> int:
    """Run the command; its exit code, or LATE where its seconds were not enough."""
    command = arguments[1:]
    # What was started in the background may have been told to ignore Ctrl-C, and its children too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 the hub's own call
    threading.Thread(target=_watch_hub, args=(child,), daemon=True).start()
    try:
        return child.wait(float(arguments[0]))
    except subprocess.TimeoutExpired:
        _stop(child)
        return LATE


def _watch_hub(child: subprocess.Popen[bytes]) -> None:
    # Not through sys.stdin: its lock would be held when this process ends.
    while os.read(0, 1024):
        continue
    _stop(child)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """First as Ctrl-C does, so that the suite deletes what it made at the vendor."""
    for sign in (signal.SIGINT, signal.SIGKILL):
        if child.poll() is not None:
            return
        os.killpg(child.pid, sign)
        try:
            child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
