"""The zones registry: the zones a consumer may see (INF-ZRG)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import Response
from lxml.etree import _Element

from reference_hub.codec.tree import leaf
from reference_hub.web import answers
from reference_hub.web.call import COLLECTION, INSTANCE, Call, Table, reading
from reference_hub.web.services import services
from reference_hub.web.utilities import utility

UTILITY_TEXT = "Utility services"


def listing(call: Call) -> Response:
    """All of them, or those that the zone of the request leaves."""
    utility.refuse_extras(call)
    return utility.listing(call, _zones(call))


def instance(call: Call) -> Response:
    """One zone by its id."""
    return utility.one(call, _zones(call))


def _zones(call: Call) -> Iterator[_Element]:
    described = _descriptions()
    shown = utility.zones_shown(call) if call.zone else utility.visible_zones(call)
    for zone_id in shown:
        zone = answers.infrastructure("zone", id=zone_id)
        if described.get(zone_id):
            leaf(zone, "description", described[zone_id])
        yield zone


def _descriptions() -> Mapping[str, str]:
    settings = services().settings
    zones = {zone_id: zone.description for zone_id, zone in settings.zones.items()}
    return {settings.utility_zone: UTILITY_TEXT} | zones


HANDLERS: Table = {**reading(COLLECTION, listing), **reading(INSTANCE, instance)}
