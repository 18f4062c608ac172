"""A service that an application elsewhere provides, and where the hub forwards requests for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reference_hub.model.scope import Scope


@dataclass(frozen=True, slots=True)
class Provider:
    """One entry of the providers registry; zone, context, type and name are unique together.

    `endpoint` never leaves the hub (INF-PRG-004). `environment_id` is that of the registrant, None
    where the hub's operator named the address.
    """

    id: str
    application_key: str
    environment_id: str | None
    scope: Scope
    service_type: str
    service_name: str
    name: str
    endpoint: str
    query_support: Mapping[str, Any]
    media_types: tuple[str, ...]
