"""The command `export`: one result for other readers."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.problems import PlaceFault, UsageFault

if TYPE_CHECKING:
    from reports.source import Source

NAMES = {"csv": "requirements.csv", "markdown": "result.md", "badge": "badge.svg",
         "pdf": "summary.pdf", "allure": "allure-results"}  # fmt: skip


@click.command(short_help="Give a result to other readers: CSV, Markdown, badge, PDF, Allure.")
@click.argument(
    "run_dir", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="RUN"
)
@click.option("--format", "form", type=click.Choice(list(NAMES)), required=True)
@click.option(
    "--out", type=click.Path(path_type=Path), help="File, or folder of Allure.  [default: in RUN]"
)
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Draw the badge as of this day.  [default: today]",
)
@click.option("--language", type=click.Choice(["en", "es"]), default="en", help="Of the PDF.")
def export(run_dir: Path, form: str, out: Path | None, day: datetime | None, language: str) -> None:
    """Give the result of RUN to other readers.

    \b
    csv       every requirement with its verdict, for a spreadsheet
    markdown  the result as a comment for a pull request
    badge     an SVG with counts and date; grey once the result is out of date
    pdf       the one page for districts; needs the extra `pdf` and Chromium
    allure    a folder of results for Allure; needs the extra `allure`

    \b
    Examples:
      conformance export reports/runs/20261125T221912Z-54c2c5 --format markdown --out comment.md
      conformance export reports/runs/20261125T221912Z-54c2c5 --format badge --out badge.svg
    """
    from conformance.runfile import RunFileError
    from reports.source import load

    try:
        source = load(run_dir)
    except RunFileError as error:
        raise UsageFault(str(error)) from None
    place = out or run_dir / NAMES[form]
    today = day.date() if day else datetime.now(UTC).date()
    try:
        told = _WRITERS[form](source, place, _Asked(run_dir, today, language))
    except OSError as error:
        raise PlaceFault(f"{place} cannot be written ({error.strerror or error})") from None
    click.echo(told or str(place))


class _Asked:
    """What a writer may need beside the result."""

    def __init__(self, run_dir: Path, today: date, language: str) -> None:
        self.run_dir, self.today, self.language = run_dir, today, language


def _csv(source: Source, place: Path, _: _Asked) -> str:
    from reports.table import table

    return _text(place, table(source))


def _markdown(source: Source, place: Path, _: _Asked) -> str:
    from reports.markdown import markdown

    return _text(place, markdown(source))


def _badge(source: Source, place: Path, asked: _Asked) -> str:
    from reports.badge import badge

    return _text(place, badge(source, asked.today))


def _text(place: Path, text: str) -> str:
    from reports.atomic import write_whole

    write_whole(place, text.encode())
    return ""


def _pdf(_: Source, place: Path, asked: _Asked) -> str:
    from reports.atomic import write_whole
    from reports.pdf import NoPrinter, printed
    from reports.summary import FILES, write_summaries

    write_summaries(asked.run_dir)
    try:
        write_whole(place, printed(asked.run_dir / FILES[asked.language]))
    except NoPrinter as error:
        raise UsageFault(str(error)) from None
    return ""


def _allure(source: Source, place: Path, _: _Asked) -> str:
    from conformance.bundle_scan import scrubber
    from conformance.cli_bundle import secrets_of
    from reports.allure_results import NoAllure, write_allure

    scrub = scrubber(source.run.header.seed, secrets_of(dict(os.environ)))
    try:
        number = write_allure(source, place, scrub)
    except NoAllure as error:
        raise UsageFault(str(error)) from None
    return (
        f"{place}: {number} files. Make the page with ALLURE_NO_ANALYTICS=true, and look into it: "
        "Allure's own pages call home unless told not to."
    )


_WRITERS: dict[str, Callable[[Source, Path, _Asked], str]] = {
    "csv": _csv, "markdown": _markdown, "badge": _badge, "pdf": _pdf, "allure": _allure,
}  # fmt: skip
COMMANDS: tuple[click.Command, ...] = (export,)
