"""Where data lives: a zone (one district) and a context within it."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_CONTEXT = "DEFAULT"


@dataclass(frozen=True, slots=True)
class Scope:
    """Every row of the store belongs to one zone and context (Base Architecture 4.1.2, 4.1.3)."""

    zone_id: str
    context_id: str = DEFAULT_CONTEXT
