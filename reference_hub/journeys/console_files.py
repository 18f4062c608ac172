"""Files of the console: below one folder of the settings, named by the hub, never by a user."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reference_hub.journeys.console_target import SECRET
from reference_hub.model.console_run import Run
from reference_hub.settings import Console

# Variables that the suite needs to start and to reach others; it gets none of the hub's secrets.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY",
         "NO_PROXY", "SSL_CERT_FILE")  # fmt: skip
_MOST_ASKED = 8
PAGES = ("report.html", "summary.html", "summary.es.html")


def command(settings: Console) -> str:
    """The program of the suite: as the settings say, else the one beside this Python."""
    beside = Path(sys.executable).with_name("conformance")
    return settings.conformance or (str(beside) if beside.is_file() else "conformance")


def environ(secret: str) -> dict[str, str]:
    """The variables of a call of the suite."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {SECRET: secret, "NO_COLOR": "1"}


def folder(settings: Console, name: str) -> Path:
    """The folder of a run."""
    return Path(settings.folder).resolve() / "runs" / name


def result_folder(settings: Console, run: Run) -> Path | None:
    """Where the suite wrote verdict.json; None while it has not."""
    return next(
        (path.parent for path in folder(settings, run.folder).glob("out/*/verdict.json")), None
    )


def keep_secret(settings: Console, name: str, secret: str) -> str:
    """Write a secret to a file that this user alone may read; the words that say where it is."""
    place = Path(settings.folder).resolve() / "secrets"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = place / name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
    return f"file:{path}"


def read_json(path: Path) -> Mapping[str, Any]:
    """A JSON object of the suite; empty where there is none."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def progress(settings: Console, run: Run) -> Mapping[str, Any]:
    """The last line of progress: done, total, check, verdict; empty before the first one."""
    path = folder(settings, run.folder) / "progress.jsonl"
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - 4096, 0))
            lines = file.read().splitlines()
    except OSError:
        return {}
    for line in reversed(lines):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and "done" in found:
            return found
    return {}


def asks(settings: Console, run: Run) -> list[str]:
    """What the suite says to people while it runs: where it listens, what a product that comes has
    to do next; the last lines that are no progress."""
    path = folder(settings, run.folder) / "progress.jsonl"
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - 16384, 0))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    said = [line.strip()[:300] for line in lines if line.strip() and not line.startswith("{")]
    return said[-_MOST_ASKED:]


def last_words(path: Path) -> str:
    """The last line of what a call of the suite printed, at most 500 characters."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    said = next((line for line in reversed(lines) if line.strip()), "")
    return said.removeprefix("conformance: ")[:500]


def forget(path: Path) -> None:
    """Delete a folder of ours."""
    shutil.rmtree(path, ignore_errors=True)
