"""Which checks only look, so that they can be asked of the traffic with any hub.

    @through_relay
    @verifies("INF-AUT-007")
    def check_no_timestamp_serves_twice(stage): ...

Every other check moves the suite's own hub, and is not applicable through a relay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., None])
_LOOKING: set[object] = set()


def through_relay(function: Function) -> Function:
    """Say that this check needs nothing of the hub but its traffic."""
    _LOOKING.add(function)
    return function


def only_looks(function: object) -> bool:
    """Whether a check was said to."""
    return function in _LOOKING
