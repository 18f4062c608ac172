"""The command `reference-hub conformance`: what of the standard the hub's own tests show."""

from __future__ import annotations

import click

from reference_hub import statement
from reference_hub.cli_parties import show


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print every row as JSON.")
@click.option("--area", default="", help="The rows of one area, for example QUE or INF-QUE.")
def conformance(as_json: bool, area: str) -> None:
    """Show which requirements of SIF 3 the hub's tests show met.

    Counts only, unless an area is named.

    \b
    Examples:
      reference-hub conformance --area QUE
      reference-hub conformance --json > statement.json
    """
    rows = statement.stated()
    areas = statement.requirements().areas
    wanted = area.upper().removeprefix("INF-")
    if wanted:
        if wanted not in areas:
            raise click.UsageError(f"There is no such area; known are {', '.join(areas)}.")
        rows = [row for row in rows if row.area == wanted]
    if as_json:
        click.echo(statement.to_json(rows), nl=False)
    elif wanted:
        click.echo(statement.to_text(rows, areas), nl=False)
    else:
        show(statement.by_level([r for r in rows if r.area not in statement.APART]), False, "")
        for area, title in statement.APART.items():
            click.echo(f"\n{title}, by basis (profile: a rule of this kit):")
            show(statement.by_basis([r for r in rows if r.area == area]), False, "")
        click.echo()
        show(statement.by_area(rows, areas), False, "")
        click.echo("\nThe rows of an area: --area QUE. Every row with its tests: --json.")


COMMANDS = (conformance,)
