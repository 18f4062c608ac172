"""`report.html`: one self-contained page for people."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports import words
from reports.atomic import write_whole
from reports.source import Source, load
from reports.view import page
from reports.visible import visible

REPORT_FILE = "report.html"


def write_report(directory: Path) -> Path:
    """Turn `run.jsonl` and `verdict.json` of a run directory into `report.html` beside them.

    Returns the path of the page. Raises RunFileError if the run is incomplete or was changed.
    """
    return write_whole(directory / REPORT_FILE, render(load(directory)).encode())


def render(source: Source) -> str:
    """The page as HTML text; the same run gives the same text."""
    style, script = _asset("page.css"), _asset("page.js")
    return (
        _environment()
        .get_template("report.html")
        .render(
            page=page(source),
            style=Markup(style),  # noqa: S704  our own file
            script=Markup(script),  # noqa: S704  our own file
            policy=_policy(style, script),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals |= {"words": words}
    return environment


def _finalize(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _policy(style: str, script: str) -> str:
    # Should escaping ever fail, a browser still runs nothing but these two and fetches nothing.
    return f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (resources.files("reports") / "templates" / name).read_text(encoding="utf-8")
