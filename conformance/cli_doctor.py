"""`conformance doctor`: can the target be judged as it is set up?"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli_run import TARGET
from conformance.problems import SetupFault

if TYPE_CHECKING:
    from conformance.doctor import Diagnosis

_COLOURS = {"ok": "green", "note": "yellow", "FAULT": "red"}


@click.command()
@TARGET
@click.option("--role", help="Look in this role instead of the one in the file.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON on stdout.")
@click.pass_context
def doctor(context: click.Context, target: Path, role: str | None, as_json: bool) -> None:
    """Look whether the target can be judged at all; name key, value seen and fix of a fault.

    Environments are made and deleted again; a receiver gets one obligation document. Set NO_COLOR
    for plain text.

    \b
    Exit codes: 0 it can be judged, 3 it cannot.

    \b
    Examples:
      conformance doctor --target conformance.toml
      conformance doctor --json
    """
    try:
        diagnosis, fault = _examined(target, role), None
    except SetupFault as error:
        diagnosis, fault = None, error
    if as_json:
        click.echo(json.dumps(_value(diagnosis, fault), indent=2, ensure_ascii=False))
    elif fault is not None:
        _say("FAULT", fault.key, err=True)
        _say("seen", fault.seen, err=True)
        _say("fix", fault.fix, err=True)
    elif diagnosis is not None:
        for line in diagnosis.fine:
            _say("ok", line)
        for line in diagnosis.notes:
            _say("note", line)
        click.echo("The target can be judged.")
    context.exit(SetupFault.exit_code if fault is not None else 0)


def _examined(target: Path, role: str | None) -> Diagnosis:
    from contextlib import closing

    from conformance.cli_run import load_target, tell
    from conformance.evidence import Evidence
    from conformance.roles import Setting, tools_of
    from conformance.session import wire_to

    config, evidence = load_target(target, role), Evidence()
    with wire_to(config, evidence) as wire:
        setting = Setting(config, wire, evidence, tell=tell)
        with closing(tools_of(role or config.vendor.role, setting)) as tools:
            return tools.examine()


def _value(diagnosis: Diagnosis | None, fault: SetupFault | None) -> dict[str, object]:
    told = {"key": fault.key, "seen": fault.seen, "fix": fault.fix} if fault else None
    return {
        "can_be_judged": fault is None,
        "exit_code": SetupFault.exit_code if fault else 0,
        "ok": list(diagnosis.fine) if diagnosis else [],
        "notes": list(diagnosis.notes) if diagnosis else [],
        "fault": told,
    }


def _say(word: str, text: str, err: bool = False) -> None:
    shown = click.style(f"{word:5}", fg=_COLOURS.get(word), bold=word in _COLOURS)
    # https://no-color.org: any value but an empty one; a pipe gets no colours anyway.
    click.echo(f"{shown} {text}", err=err, color=False if os.environ.get("NO_COLOR") else None)


COMMANDS: tuple[click.Command, ...] = (doctor,)
