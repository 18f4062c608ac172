"""The command `history`: an index of all runs, and which of them are thrown away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.problems import PlaceFault, UsageFault

if TYPE_CHECKING:
    from conformance.runfile import Run
    from reports.history import Past

RUNS = click.option(
    "--runs",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reports/runs"),
    show_default=True,
    help="The folder of the runs.",
)
# A run without a result may still be running.
_STILL_RUNNING = timedelta(days=1)


@click.group(invoke_without_command=True, short_help="Write an index of all runs; prune old ones.")
@RUNS
@click.pass_context
def history(context: click.Context, runs: Path) -> None:
    """Write index.html: all runs, per product, with what changed in words and in counts.

    \b
    Examples:
      conformance history
      conformance history prune --keep 10 --older-than 90 --dry-run
    """
    if context.invoked_subcommand is not None:
        context.obj = runs
        return
    from reports.atomic import write_whole
    from reports.history import INDEX, history_page, stories

    found = _found(runs)
    try:
        page = write_whole(runs / INDEX, history_page(found, _told).encode())
    except OSError as error:
        raise PlaceFault(f"{runs / INDEX} cannot be written ({error.strerror})") from None
    for story in stories(found, _told):
        click.echo(f"{story.name} ({story.role}): {story.sentence}")
    for one in found:
        if one.verdict is None:
            click.echo(f"{one.folder.name} {one.why}")
    click.echo(str(page))


@history.command()
@click.option("--keep", type=click.IntRange(1), help="Keep so many of each product, the newest.")
@click.option("--older-than", "days", type=click.IntRange(0), help="Only what is older, in days.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and delete nothing.")
@click.pass_obj
def prune(runs: Path, keep: int | None, days: int | None, dry_run: bool) -> None:
    """Delete runs: those beyond --keep, if both are given only those that are old as well.

    Bundles and whatever is no run stay. A run without a result stays for a day, for it may still
    be running.

    \b
    Examples:
      conformance history prune --keep 10 --dry-run
      conformance history prune --older-than 365
    """
    if keep is None and days is None:
        raise UsageFault("say what may go: --keep N, --older-than DAYS or both")
    gone = list(doomed(_found(runs), keep, days, datetime.now(UTC)))
    size = 0
    for one in gone:
        size += sum(file.stat().st_size for file in one.folder.rglob("*") if file.is_file())
        click.echo(f"{'would delete' if dry_run else 'deleted'} {one.folder.name}")
        if not dry_run:
            _delete(one.folder)
    what = "would be deleted" if dry_run else "deleted"
    click.echo(f"{len(gone)} run{'s' * (len(gone) != 1)} {what}, {size / 1e6:.1f} MB")


def doomed(
    found: Sequence[Past], keep: int | None, days: int | None, now: datetime
) -> Iterator[Past]:
    """The runs that go, newest first: beyond the newest `keep` of a product, older than `days`."""
    kept: dict[tuple[str, str, str], int] = {}
    for one in sorted(found, key=lambda one: (one.started, one.folder.name), reverse=True):
        age = now - one.started
        if one.verdict is None and age < _STILL_RUNNING:
            continue
        if one.verdict is not None:
            kept[one.whose] = kept.get(one.whose, 0) + 1
            if keep is not None and kept[one.whose] <= keep:
                continue
        if days is None or age > timedelta(days=days):
            yield one


def _delete(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise PlaceFault(f"{folder} cannot be deleted ({error.strerror})") from None


def _found(runs: Path) -> list[Past]:
    from reports.history import pasts

    if not runs.is_dir():
        raise UsageFault(f"{runs} is no folder; --runs names the one with your runs")
    return list(pasts(runs))


def _told(before: Run, after: Run) -> list[str]:
    from conformance.change import changes

    return changes(before, after).lines()


COMMANDS: tuple[click.Command, ...] = (history,)
