"""A request on its way to a provider, and what came back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reference_hub.model.environment import Environment
from reference_hub.model.provider import Provider


@dataclass(frozen=True, slots=True)
class Outbound:
    """`path` follows the end point: segments, matrix parameters, query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Inbound:
    """The provider's answer, its body decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# Signs with the session of the provider's own environment. Raises Refusal 503 without an answer.
Forward = Callable[[Provider, Environment, Outbound], Inbound]
