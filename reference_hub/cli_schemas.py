"""`reference-hub schemas`: which published schemas the hub judges by.

The standard's schema files are not part of the kit; a user downloads them and registers them here.
A running serve reads the registry when it starts.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from fixtures import standards
from reference_hub import schemas as registry
from reference_hub.cli_parties import json_option, show
from reference_hub.codec.xsd import compile_schema
from reference_hub.problems import SetupError
from reference_hub.schemas import LAX, STRICT, Registered
from reference_hub.settings import Settings

_MODE = click.Choice([STRICT, LAX])


@click.group("schemas")
def schemas() -> None:
    """Published XSD files, by which the hub judges.

    A model has one strict file and, if wanted, a lax one for partial updates. A running serve
    reads them when it starts.
    """


@schemas.command("add")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--model", default="", metavar="ID", help="For example unity-4.3.")
@click.option("--mode", type=_MODE, default=STRICT, show_default=True, help="lax: partial updates.")
@click.option("--namespace", default="", metavar="URI", help="Refuse a file of another namespace.")
@click.pass_obj
def add(settings: Settings, path: Path, model: str, mode: str, namespace: str) -> None:
    """Register an XSD file, or a folder's, if it compiles.

    \b
    Example:
      reference-hub schemas add SIF_Message.xsd --model unity-4.3
    """
    entry = registry.entry_file(path)
    found = compile_schema(entry)
    if namespace not in ("", found.namespace):
        raise SetupError(f"{entry} is for the namespace {found.namespace}, not {namespace}.")
    added = Registered(model or registry.model_id(entry), found.namespace, mode, str(entry))
    registry.add(Path(settings.schemas.registry), added)
    click.echo(f"Registered {added}: {len(found.objects)} elements of {found.namespace}, {entry}.")


@schemas.command("remove")
@click.argument("model")
@click.option("--mode", type=_MODE, default=None, help="Only this mode.")
@click.pass_obj
def remove(settings: Settings, model: str, mode: str | None) -> None:
    """Forget the schemas of a model; the files stay.

    \b
    Example:
      reference-hub schemas remove unity-4.3
    """
    gone = registry.remove(Path(settings.schemas.registry), model, mode or "")
    click.echo(f"Removed {', '.join(str(entry) for entry in gone)}.")


@schemas.command("list")
@json_option
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """Show what is registered.

    \b
    Example:
      reference-hub schemas list
    """
    rows = [asdict(entry) for entry in registry.read(Path(settings.schemas.registry))]
    own = ", ".join(standards.MODELS)
    show(rows, as_json, f"No schema is registered; the kit's own judge: {own}.")
