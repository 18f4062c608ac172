"""The command that looks whether a hub can run, and whether all is well with one that does."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from reference_hub.clock import Clock
from reference_hub.settings import Settings

EXIT_FAULTS = 3


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look for what is wrong, and say what to do about it.

    It looks at store, clock, worker, applications, schemas, TLS, port and settings. Exit code 3
    when something must be put right before the hub can run, else 0.

    \b
    Example (with the settings and variables that serve will have):
      reference-hub doctor
    """
    from reference_hub.doctor import FAIL, examine

    settings: Settings = context.obj
    found = list(examine(settings, Clock()))
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=2))
    else:
        for each in found:
            cure = f"; {each.cure}" if each.cure else ""
            click.echo(f"{each.subject:<9} {each.level:<5} {each.text}{cure}")
    context.exit(EXIT_FAULTS if any(each.level == FAIL for each in found) else 0)
