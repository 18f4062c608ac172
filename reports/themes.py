"""Which themes and which of the five questions of a district a requirement belongs to.

The map stands in `texts/themes.toml`. It is a decision of this kit, not of a standard.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

import msgspec

from conformance.runfile import RequirementVerdict

QUESTIONS = ("complete", "in_step", "allowed", "stops", "line")
REST = "rest"


class Theme(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Requirements that a school sees as one thing; `weight` (1 to 9) is what its failure costs.

    `aside`: the directions in which its failure alone does not show what the no of its question
    says.
    """

    question: str
    weight: int
    ids: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()


class Cause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a reason starts, and what else one of which it must hold, to have this name."""

    name: str
    starts: tuple[str, ...]
    holds: tuple[str, ...] = ()


class Map(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file: `roles` gives the direction of the data, `needs` is by question and it."""

    theme: dict[str, Theme]
    needs: dict[str, dict[str, tuple[str, ...]]]
    roles: dict[str, str]
    cause: tuple[Cause, ...]


@cache
def themes() -> Map:
    """The map as it is shipped."""
    file = resources.files("reports") / "texts" / "themes.toml"
    return msgspec.convert(tomllib.loads(file.read_text("utf-8")), Map)


def theme_of(row: RequirementVerdict) -> str:
    """The theme of a requirement: the longest start of its id, else its area, else `rest`."""
    return theme_named(row.id, row.area)


@cache
def theme_named(requirement: str, area: str) -> str:
    """The theme of a requirement with this id in this area."""
    known = themes().theme
    starts = [
        (len(start), name)
        for name, theme in known.items()
        for start in theme.ids
        if requirement == start or requirement.startswith(f"{start}-")
    ]
    if starts:
        return max(starts)[1]
    return next((name for name, theme in known.items() if area in theme.areas), REST)


def heaviest(names: set[str]) -> list[str]:
    """The themes in the order of what their failure costs, the worst first."""
    order = list(themes().theme)
    return sorted(names, key=lambda name: (-themes().theme[name].weight, order.index(name)))


def direction_of(role: str) -> str:
    """takes | fetches | gives | sends | passes; an unknown role is said to pass data on."""
    return themes().roles.get(role, "passes")


def cause_of(reason: str) -> str:
    """The name of the cause that this reason of a run tells, `other` if it fits none."""
    for cause in themes().cause:
        held = not cause.holds or any(word in reason for word in cause.holds)
        if reason.startswith(cause.starts) and held:
            return cause.name
    return "other"
