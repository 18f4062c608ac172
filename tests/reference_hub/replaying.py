"""Timelines in a folder for tests of a replay: a generated year, and a few events by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from fixtures import timeline
from fixtures.generate import Plan
from fixtures.writers import notation, xpress
from fixtures.writers.models import model_of
from reference_hub import cli

PLAN = Plan(4, 40, 2)
ID = "8A2A0C1B-55F3-4B6C-9C0F-0123456789A"


@dataclass(frozen=True)
class Run:
    """How a call ended."""

    code: object
    out: str
    err: str


Hub = Callable[..., Run]


def caller(
    store: Engine,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Hub:
    """Give a function that runs `reference-hub` on the store, in a folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DATABASE_URL", store.url.render_as_string(hide_password=False))

    def call(*arguments: object) -> Run:
        monkeypatch.setattr(sys, "argv", ["reference-hub", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return Run(end.value.code, *capsys.readouterr())

    return call


def versions(engine: Engine) -> int:
    """How many changes the store holds."""
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM object_version")).scalar_one())


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
                "timestamp": f"2026-09-01T{12 + number // 60}:{number % 60:02d}:00Z",
                "messageId": f"6D1E4B2A-7C8D-4E9F-8A0B-1C2D3E4F5A{number:02d}",
            }
        )
    write(folder, "timeline/index.json", json.dumps(lines).encode())
    return folder


def one(number: int, inner: str = "") -> str:
    """A student."""
    return f'<xStudent refId="{ID}{number}">{inner}</xStudent>'
