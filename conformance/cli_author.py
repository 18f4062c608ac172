"""The command for those who write checks: new-check."""

from __future__ import annotations

from pathlib import Path

import click

_LEVELS = click.Choice(["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"])
_BASES = click.Choice(["documented", "inferred", "profile"])


@click.command("new-check")
@click.argument("id", metavar="ID")
@click.argument("name", metavar="NAME")
@click.option("--like", required=True, help="A requirement whose check it shall stand beside.")
@click.option("--text", required=True, help="The requirement in our own words.")
@click.option("--source", required=True, help="Document, version and section it comes from.")
@click.option("--level", type=_LEVELS, default="MUST", show_default=True, help="How it binds.")
@click.option(
    "--basis", type=_BASES, default="documented", show_default=True, help="Where it comes from."
)
@click.option("--role", default="", help="The role, where --like is checked in several.")
@click.option("--negative", is_flag=True, help="It sends something wrong and waits for a refusal.")
def new_check(
    id: str,
    name: str,
    like: str,
    text: str,
    source: str,
    level: str,
    basis: str,
    role: str,
    negative: bool,
) -> None:
    """Begin a check in a checkout of the kit: catalogue row, check and mutant.

    \b
    Example:
      conformance new-check INF-HDR-900 every_answer_names_its_zone --like INF-HDR-003 \\
        --text "Each answer names the zone." --source "Base Architecture 3.2.1, 4.3"
    conformance/WRITING-CHECKS.md tells how to finish it.
    """
    from conformance import scaffold

    draft = scaffold.Draft(id, name, text, source, like, level, basis, negative, role)
    for one in scaffold.begin(draft):
        click.echo(f"{one.what}: {_short(one.file)}:{one.line}")
    click.echo("Write the check, then give the mutant its one mistake, and hold it against all:")
    click.echo("  make matrix MUTANTS=ROLE/NAME")


def _short(file: Path) -> str:
    here = Path.cwd()
    return file.relative_to(here).as_posix() if file.is_relative_to(here) else str(file)


COMMANDS: tuple[click.Command, ...] = (new_check,)
