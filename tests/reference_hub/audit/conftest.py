"""Commands of the hub on the store of a test, and what a person sees of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from click import Context
from click.testing import CliRunner
from sqlalchemy import Engine

from reference_hub.cli import cli
from reference_hub.problems import HubError
from reference_hub.settings import Database, Settings


@dataclass(frozen=True)
class Done:
    """How a command ended: 0, 1, 2 for wrong words, 3 for what the person has to put right."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(store: Engine) -> Run:
    """Run one command; only refusals that the hub itself words are taken for an end."""
    url = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    settings = Settings(database=Database(url=url))

    def run(group: str, *words: str) -> Done:
        command = cli.get_command(Context(cli), group)
        assert command is not None
        done = CliRunner().invoke(command, words, obj=settings)
        if isinstance(done.exception, HubError):
            return Done(3, done.stdout, str(done.exception))
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    return run
