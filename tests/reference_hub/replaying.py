"""Timelines in a folder for tests of a replay: a generated year, and a few events by hand."""

from __future__ import annotations

import json
from pathlib import Path

from fixtures import timeline
from fixtures.generate import Plan
from fixtures.writers import notation, xpress
from fixtures.writers.models import model_of

PLAN = Plan(4, 40, 2)
ID = "8A2A0C1B-55F3-4B6C-9C0F-0123456789A"


def write(folder: Path, name: str, content: bytes) -> None:
    """Write a file, with the folders it needs."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def generate(folder: Path, model: str) -> Path:
    """Write a district and its year as `conformance generate --timeline` does."""
    of = model_of(model)
    for name, members in of.collections(PLAN).items():
        chunks = notation.stream(name, members, of.namespace)
        write(folder, f"{name}.xml", b"".join(chunks))
    for name, chunks in timeline.files(PLAN, model).items():
        write(folder, name, b"".join(chunks))
    return folder


def index_of(folder: Path) -> list[dict[str, str]]:
    """The lines of the index."""
    rows: list[dict[str, str]] = json.loads((folder / "timeline/index.json").read_text())
    return rows


def small(folder: Path, *rows: tuple[str, str, str]) -> Path:
    """Write a timeline of events on students: action, replacement, members."""
    lines = []
    for number, (action, replacement, members) in enumerate(rows, 1):
        root = f'<xStudents xmlns="{xpress.NA4}">{members}</xStudents>'
        write(folder, f"timeline/{number}.xml", root.encode())
        lines.append(
            {
                "file": f"{number}.xml",
                "service": "xStudents",
                "eventAction": action,
                "replacement": replacement,
                "timestamp": f"2026-09-{number:02d}T12:00:00Z",
                "messageId": f"6D1E4B2A-7C8D-4E9F-8A0B-1C2D3E4F5A{number:02d}",
            }
        )
    write(folder, "timeline/index.json", json.dumps(lines).encode())
    return folder


def one(number: int, inner: str = "") -> str:
    """A student."""
    return f'<xStudent refId="{ID}{number}">{inner}</xStudent>'
