"""Commands that look at open sessions and their queues, never at a token or a message."""

from __future__ import annotations

import click

from reference_hub.cli_parties import json_option, show, transaction
from reference_hub.settings import Settings
from reference_hub.store import overviews


@click.command()
@json_option
@click.pass_obj
def sessions(settings: Settings, as_json: bool) -> None:
    """Show the open environments, never their tokens.

    Times are UTC. The last use is written down once a minute.

    \b
    Example:
      reference-hub sessions
    """
    with transaction(settings) as connection:
        rows = overviews.sessions(connection)
    show(rows, as_json, "No application has an environment: none has signed in, or all have left.")


@click.group()
def queue() -> None:
    """Queues from which applications fetch messages."""


@queue.command("list")
@json_option
@click.pass_obj
def list_queues(settings: Settings, as_json: bool) -> None:
    """Show each queue: what waits in it, for how long, when it was read.

    A message waits until its reader removes it. Times are UTC, the age is in seconds.

    \b
    Example:
      reference-hub queue list
    """
    with transaction(settings) as connection:
        rows = overviews.queues(connection)
    show(rows, as_json, "No application has a queue.")


COMMANDS = (sessions, queue)
