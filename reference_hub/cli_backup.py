"""Commands that save the whole store into a file and bring it back."""

from __future__ import annotations

from pathlib import Path

import click

from reference_hub.settings import Settings

_FILE = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@_FILE
@click.pass_obj
def backup(settings: Settings, file: Path) -> None:
    """Write the whole store into FILE; the hub may go on running.

    The file holds students and secrets: it is readable by you alone, keep it so.

    \b
    Example:
      reference-hub backup hub.dump
    """
    from reference_hub.store.backup import backup as run

    click.echo("Writing the store ...", err=True)
    size = run(settings, file)
    click.echo(
        f"{file}: {size / 1_000_000:.1f} MB, mode 600. It holds personal data and secrets; keep it "
        "as safe as the store."
    )


@click.command()
@_FILE
@click.option("--replace", is_flag=True, help="Lose what the store holds now.")
@click.pass_obj
def restore(settings: Settings, file: Path, replace: bool) -> None:
    """Bring the store back from FILE, a backup.

    Serve, work and load must not run. What was accepted after the backup is gone; what was
    delivered after it is delivered again, with the same message ids. Consumers that read changes
    by marker get 410 once and start anew.

    \b
    Example (into a store that is not empty: add --replace):
      reference-hub restore hub.dump
    """
    from reference_hub.store.backup import restore as run

    click.echo("Reading the backup ...", err=True)
    run(settings, file, replace=replace)
    click.echo(f"The store is as it was when {file} was written; markers of before have expired.")


COMMANDS = (backup, restore)
