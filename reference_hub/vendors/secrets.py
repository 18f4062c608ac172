"""Secrets of connections: where they are is stored, what they are is read at each delivery."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from reference_hub.model.message import Batch, Delivery, Transport
from reference_hub.problems import SetupError

ENV, FILE = "env:", "file:"
# What of the credentials may be named instead of written down.
_SECRET = ("secret", "private_key")


class Resolving:
    """A Transport that hands its own secrets to another one."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner

    def deliver(self, batch: Batch) -> Delivery:
        """Deliver with the secrets as they are now. Raises SetupError when one is not there."""
        to = batch.subscriber
        resolved = replace(to, credentials=with_secrets(to.credentials))
        return self.inner.deliver(replace(batch, subscriber=resolved))


def with_secrets(credentials: Mapping[str, str]) -> dict[str, str]:
    """The credentials with each secret in place of the words that say where it is."""
    return {
        name: secret(value) if name in _SECRET else value for name, value in credentials.items()
    }


def secret(value: str) -> str:
    """What `env:NAME` or `file:PATH` names, stripped; any other value is the secret itself.

    Raises SetupError, which names the place and never the content.
    """
    if value.startswith(ENV):
        return _in_variable(value.removeprefix(ENV))
    if value.startswith(FILE):
        return _in_file(Path(value.removeprefix(FILE)))
    return value


def _in_variable(name: str) -> str:
    if not os.environ.get(name):
        raise SetupError(f"The environment variable {name} is not set; put the secret into it.")
    return os.environ[name]


def _in_file(file: Path) -> str:
    if not file.is_file():
        raise SetupError(f"There is no secret file {file}; write the secret into it.")
    try:
        found = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{file} cannot be read as UTF-8 text; correct the file.") from error
    if not found:
        raise SetupError(f"The secret file {file} is empty; write the secret into it.")
    return found
