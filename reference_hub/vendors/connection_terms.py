"""In which form and when a connection is sent what it gets: the settings of every transport."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_hub.codec.negotiate import GOESSNER, PESC
from reference_hub.model.party import FILE_TRANSPORTS
from reference_hub.model.windows import AT, WINDOW, times_of_day
from reference_hub.problems import SetupError
from reference_hub.vendors.file_set import EACH, FILES, ZIP

NOTATION = "notation"
"""The setting of a connection by SIF push: pesc or goessner; XML without it."""
NOTATIONS = (PESC, GOESSNER)
_CHOICES = {NOTATION: NOTATIONS, FILES: (ZIP, EACH)}


def refuse_wrong(delivery: Mapping[str, Any], transport: str) -> None:
    """Raise SetupError for a value that is none, or that this transport has no use for."""
    for name, allowed in _CHOICES.items():
        if name in delivery and delivery[name] not in allowed:
            raise SetupError(f"{name} is one of {', '.join(allowed)}.")
    if NOTATION in delivery and transport != "sif_push":
        raise SetupError(f"{NOTATION} goes with a connection that SIF objects are pushed by.")
    for name in (FILES, WINDOW, AT):
        if name in delivery and transport not in FILE_TRANSPORTS:
            raise SetupError(f"{name} goes with a connection that takes files.")
    window = delivery.get(WINDOW, 0)
    if isinstance(window, bool) or not isinstance(window, int | float) or window < 0:
        raise SetupError(f"{WINDOW} is a number of seconds.")
    try:
        times_of_day(delivery)
    except (TypeError, ValueError):
        raise SetupError(
            f'{AT} lists times of day in the district\'s time zone: at = ["02:00", "13:30"]'
        ) from None
