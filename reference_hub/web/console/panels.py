"""Sections that other pages add to the page of a vendor, each for the roles that may read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reference_hub.model.party import Vendor
from reference_hub.web.console.visit import Here

Filled = Callable[[Here, Vendor], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """`template` below templates/console/ is shown with what `fill` gives, as `panel`; None: the
    vendor has nothing of the kind."""

    template: str
    roles: tuple[str, ...]
    fill: Filled


PANELS: list[Panel] = []


def panel(template: str, roles: tuple[str, ...]) -> Callable[[Filled], Filled]:
    """Add a section to the page of each vendor."""

    def register(fill: Filled) -> Filled:
        PANELS.append(Panel(template, roles, fill))
        return fill

    return register


def filled(here: Here, vendor: Vendor) -> list[tuple[str, Mapping[str, Any]]]:
    """The sections of this vendor that the account may read: template and values."""
    found = []
    for each in PANELS:
        if here.may(*each.roles) and (values := each.fill(here, vendor)) is not None:
            found.append((each.template, values))
    return found
