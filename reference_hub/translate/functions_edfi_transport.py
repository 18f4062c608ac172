"""Functions of the Ed-Fi table for rides to school (Data Standard 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_hub.translate.calls import Call, Note, Written, function
from reference_hub.translate.canonical import Record, key
from reference_hub.translate.edfi_words import uri
from reference_hub.translate.functions_edfi_school import text_of
from reference_hub.translate.ledger import MULTI_TO_ONE, NARROWED

_DAYS = {"Mo": "Monday", "Tu": "Tuesday", "We": "Wednesday", "Th": "Thursday", "Fr": "Friday"}
_DAYS |= {"Sa": "Saturday", "Su": "Sunday"}
_BOTH = "To and From School"
_DIRECTIONS = {"Inbound": "To School", "Outbound": "From School", "Both": _BOTH}


@function("edfi_bus")
def bus(call: Call) -> Written:
    """Write how a student rides: days, directions, and the route where the connection's settings
    say which bus drives it (`bus_routes`: route to number of the bus; the host wants both)."""
    graph = call.graph
    rides = list(graph.referring("Transport", "student", key(call.record))) if graph else []
    numbers: Mapping[str, Any] = call.settings.get("bus_routes", {})
    known = [each for each in rides if text_of(each, "route") in numbers]
    if not known:
        text = (
            "the settings of the connection (bus_routes) have no number for the bus of this route"
        )
        return Written(None, (Note(NARROWED, text),))
    route = text_of(known[0], "route")
    text = "a student has one bus here"
    further = tuple(
        Note(MULTI_TO_ONE, text, item=at)
        for at, each in enumerate(rides)
        if text_of(each, "route") != route
    )
    return Written(
        {
            "busNumber": str(numbers[route]),
            "busRouteDescriptor": uri("BusRoute", route),
            **_when(rides),
        },
        further,
    )


def _when(rides: list[Record]) -> dict[str, Any]:
    told = [day for each in rides for day in each.get("days", ()) if isinstance(day, str)]
    days = [name for word, name in _DAYS.items() if word in told]
    ways = {_DIRECTIONS[x] for each in rides if (x := text_of(each, "direction")) in _DIRECTIONS}
    way = _BOTH if len(ways) > 1 else next(iter(ways), "")
    found: dict[str, Any] = {}
    if days:
        kind = "travelDayofWeekDescriptor"
        found["travelDayofWeeks"] = [{kind: uri("TravelDayofWeek", day)} for day in days]
    if way:
        found["travelDirections"] = [{"travelDirectionDescriptor": uri("TravelDirection", way)}]
    return found
