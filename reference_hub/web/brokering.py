"""Requests of a brokered environment that a registered provider answers (INF-RQC)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from reference_hub.model.provider import Provider
from reference_hub.web.call import Call


def provider_of(_: Call) -> Provider | None:
    """The registered provider of the service; None where the hub's own store answers."""
    return None


def forwarder(provider: Provider) -> Callable[[Call], Response]:
    """A handler that passes the request on to `provider`."""
    raise NotImplementedError
