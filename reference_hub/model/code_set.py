"""A code set: which codes there are, and since when (Utility Services 5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ADD, CHANGE, DELETE = "ADD", "CHANGE", "DELETE"


@dataclass(frozen=True, slots=True)
class CodeItem:
    """`action`: ADD | CHANGE | DELETE, what happened to the code last and when."""

    code: str
    value: str
    description: str
    action: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CodeSet:
    """`zone_id` is the utility zone for a set that holds wherever a zone has none of its own."""

    id: str
    zone_id: str
    version: str
    changed: datetime
    items: tuple[CodeItem, ...]
