"""The command `reference-hub conformance`: what of the standard the hub's own tests show."""

from __future__ import annotations

import click

from reference_hub import statement


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--area", default="", help="Only one area, for example QUE or INF-QUE.")
def conformance(as_json: bool, area: str) -> None:
    """Show which requirements of SIF 3 the hub's own tests show to be met.

    \b
    Example:
      reference-hub conformance --area QUE
    """
    rows = statement.stated()
    areas = statement.requirements().areas
    wanted = area.upper().removeprefix("INF-")
    if wanted:
        if wanted not in areas:
            raise click.UsageError(f"There is no such area; known are {', '.join(areas)}.")
        rows = [row for row in rows if row.area == wanted]
    text = statement.to_json(rows) if as_json else statement.to_text(rows, areas)
    click.echo(text, nl=False)


COMMANDS = (conformance,)
