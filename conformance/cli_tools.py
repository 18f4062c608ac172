"""Commands beside a run: simulate a vendor, register schemas."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import click

from conformance.problems import UsageFault


@click.command()
@click.option("--role", type=click.Choice(["receiver"]), default="receiver", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True)
@click.option("--party", help="Name under which agreements are made; PODs for others are refused.")
@click.option("--mutant", "mutants", multiple=True, metavar="NAME", help="Add a mistake; repeat.")
@click.option("--list", "listing", is_flag=True, help="List the mutants and what they break.")
def simulate(
    role: str, port: int, party: str | None, mutants: tuple[str, ...], listing: bool
) -> None:
    """Serve a vendor that conforms, or one with chosen mistakes, until Ctrl-C.

    \b
    Examples:
      conformance simulate
      conformance simulate --list
      conformance simulate --port 8091 --mutant CreateAnswers200
    """
    from conformance import simulators
    from conformance.simulators.mutants import MUTANTS, compose
    from conformance.simulators.problems import SimulatorError

    if listing:
        for name, mutant in sorted(MUTANTS.items()):
            title = (mutant.__doc__ or "").strip().split("\n", 1)[0]
            click.echo(f"{name}  {' '.join(mutant.breaks) or 'special'}\n    {title}")
        return
    try:
        app = compose(mutants)(secret=os.environ.get("CONFORMANCE_SECRET"))
        app.party = party or app.party
        handle = simulators.serve(app, port)
    except SimulatorError as error:
        raise UsageFault(str(error)) from None
    click.echo(f"Simulated {role} at {handle.url}, application key {app.key}. Ctrl-C ends it.")
    _until_stopped()
    handle.close()


def _until_stopped() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()


@click.group()
def schemas() -> None:
    """Register schemas of further data models.

    \b
    Example:
      conformance schemas add au-3.4 SIF_Message.xsd --lax
    """


@schemas.command("list")
def list_schemas() -> None:
    """List the models that come with the suite and those that were added."""
    from conformance.schemas import entries
    from fixtures.standards import MODELS

    for model in MODELS.values():
        click.echo(f"{model.id}  {model.namespace}  strict  built in")
    for entry in entries().values():
        click.echo(f"{entry.model}  {entry.namespace}  {entry.mode}  {entry.path}")


@schemas.command()
@click.argument("model")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--namespace", default="", help="Refuse a schema for another namespace.")
@click.option("--lax", is_flag=True, help="The schema describes partial objects.")
def add(model: str, path: Path, namespace: str, lax: bool) -> None:
    """Register MODEL with the schema file PATH, if it compiles."""
    from conformance.schemas import add as register

    entry = register(model, path, namespace, "lax" if lax else "strict")
    click.echo(f"{entry.model} is registered for {entry.namespace or 'no namespace'}")


@schemas.command()
@click.argument("model")
def remove(model: str) -> None:
    """Forget MODEL."""
    from conformance.schemas import remove as forget

    forget(model)
    click.echo(f"{model} is forgotten")


COMMANDS: tuple[click.Command, ...] = (simulate, schemas)
