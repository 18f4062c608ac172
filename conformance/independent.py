"""Which checks may run at the same time as others: `independent.toml`, by role and area."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from conformance.verifies import CheckSpec

_FILE = Path(__file__).with_name("independent.toml")


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    all: bool = False
    alone: str = ""
    areas: list[str] = []
    but: list[str] = []
    without: list[str] = []
    needs: list[str] = []


@dataclass(frozen=True, slots=True)
class Independence:
    """What a role's checks allow; `alone` says why there are none that are independent."""

    everything: bool
    areas: frozenset[str]
    but: frozenset[str]
    alone: str

    def __call__(self, spec: CheckSpec) -> bool:
        """Whether this check can run beside others."""
        return self.everything or (spec.area in self.areas and spec.id not in self.but)


def of_target(role: str, capabilities: Set[str]) -> Independence:
    """What `independent.toml` says of a role, for a target that declares this."""
    told = _rows()[role]
    fits = capabilities.isdisjoint(told.without) and capabilities >= set(told.needs)
    areas = frozenset(told.areas if fits else ())
    return Independence(told.all, areas, frozenset(told.but), told.alone)


def roles() -> Sequence[str]:
    """The roles some of whose checks are independent."""
    return [role for role, one in _rows().items() if one.all or one.areas]


@cache
def _rows() -> dict[str, _Told]:
    return msgspec.convert(tomllib.loads(_FILE.read_text(encoding="utf-8")), dict[str, _Told])
