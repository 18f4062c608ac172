"""The command `compare`: products side by side, and one product over time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.problems import PlaceFault, UsageFault

if TYPE_CHECKING:
    from reports.compare import Comparison, Story
    from reports.source import Source
    from reports.summary_words import Words

NOT_COMPARABLE = 2


@click.command(short_help="Put products side by side for what you need.")
@click.argument(
    "runs",
    nargs=-1,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="RUN...",
)
@click.option(
    "--needs",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Only the use cases that this file names, in its order.",
)
@click.option("--list-needs", is_flag=True, help="List the use cases that come with the kit.")
@click.option(
    "--language",
    type=click.Choice(["en", "es"]),
    default="en",
    show_default=True,
    help="English or Spanish, on the terminal and on the page; JSON keeps its keys.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page to this file."
)
def compare(
    runs: tuple[Path, ...],
    needs: Path | None,
    list_needs: bool,
    language: str,
    as_json: bool,
    html: Path | None,
) -> int:
    """Put the results of several products side by side, differences first.

    Of a product that is named with several runs the newest is compared; all of them are told
    over time, in words.

    \b
    Exit codes: 0 compared, 2 not comparable: another suite, role, tier, part,
    variant or seed.

    \b
    Examples:
      conformance compare reports/runs/20261125T221912Z-54c2c5 reports/runs/20261125T222530Z-09ab11
      conformance compare --needs needs.toml --html comparison.html reports/runs/*
      conformance compare --language es --html comparacion.html reports/runs/*
    """
    from reports.compare import as_json as told
    from reports.compare_text import compare_page, lines

    if list_needs:
        return _list_needs(language)
    if not runs:
        raise UsageFault("name the folders of the runs to compare")
    found = _compared(list(dict.fromkeys(one.resolve() for one in runs)), needs, language)
    if html is not None:
        _write(html, compare_page(found, datetime.now(UTC).date()))
    if as_json:
        click.echo(json.dumps(told(found), indent=2))
    else:
        for line in lines(found):
            click.echo(line)
        if html is not None:
            click.echo("\n" + found.say.say("page", "written", path=html))
    return NOT_COMPARABLE if found.refused else 0


def _list_needs(language: str) -> int:
    from reports.needs import in_words, shipped
    from reports.summary_words import words

    for one in in_words(shipped(), words(language, "compare")):
        click.echo(f"{one.id}: {one.title}. {one.says}")
    return 0


def _compared(folders: Sequence[Path], needs: Path | None, language: str = "en") -> Comparison:
    from conformance.runfile import RunFileError
    from reports import needs as use_cases
    from reports.compare import compare
    from reports.source import load
    from reports.summary_words import words

    try:
        sources = sorted((load(one) for one in folders), key=lambda one: one.run.header.started)
        cases = use_cases.chosen(needs) if needs else use_cases.shipped()
    except (RunFileError, use_cases.NeedsError) as error:
        raise UsageFault(str(error)) from None
    groups: dict[tuple[str, ...], list[Source]] = {}
    for one in sources:
        groups.setdefault(_whose(one), []).append(one)
    newest = [group[-1] for group in groups.values()]
    say = words(language, "compare")
    stories = [_story(group, say) for group in groups.values() if len(group) > 1]
    return compare(newest, cases, rest=needs is None, stories=stories, say=say)


def _whose(source: Source) -> tuple[str, ...]:
    header = source.run.header
    return header.vendor.get("name", ""), header.vendor.get("product", ""), header.role


def _story(group: Sequence[Source], say: Words) -> Story:
    from conformance.change import changes
    from reports.compare import Story, product

    told = [product(one.run.header, one.verdict.outcome, say) for one in group]
    after = [tuple(changes(old.run, new.run).lines()) for old, new in pairwise(group)]
    return Story(told[-1].name, tuple(zip(told, [(), *after], strict=True)))


def _write(path: Path, text: str) -> None:
    from reports.atomic import write_whole

    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise PlaceFault(f"{path} cannot be written ({error.strerror})") from None


COMMANDS: tuple[click.Command, ...] = (compare,)
