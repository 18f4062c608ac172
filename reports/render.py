"""`report.html`: one self-contained page for engineers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from reports.atomic import write_whole
from reports.causes import Matrix, read_matrix
from reports.earlier import EarlierRun, earlier_runs
from reports.markup import asset, environment, policy
from reports.source import Source, load
from reports.view import page

REPORT_FILE = "report.html"


def write_report(directory: Path) -> Path:
    """Turn `run.jsonl` and `verdict.json` of a run directory into `report.html` beside them.

    Earlier runs of the product are looked up beside it. Returns the path of the page. Raises
    RunFileError if the run is incomplete or was changed.
    """
    source = load(directory)
    earlier = earlier_runs(directory, source.run.header)
    text = render(source, earlier, read_matrix())
    return write_whole(directory / REPORT_FILE, text.encode())


def render(source: Source, earlier: Sequence[EarlierRun] = (), matrix: Matrix | None = None) -> str:
    """The page as HTML text; the same run among the same earlier ones gives the same text."""
    style, script = asset("page.css"), asset("page.js")
    return (
        environment()
        .get_template("report.html")
        .render(
            page=page(source, earlier, matrix),
            style=Markup(style),  # noqa: S704  our own file
            script=Markup(script),  # noqa: S704  our own file
            policy=policy(style, script),
        )
    )
