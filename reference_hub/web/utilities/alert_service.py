"""The alerts service: report one, read one's own (INF-ALR)."""

from __future__ import annotations

from flask import Response
from lxml.etree import _Element

from reference_hub.codec.xml import fold
from reference_hub.journeys.alert import file_alert, read_alert
from reference_hub.store import alerts
from reference_hub.web import answers, bodies
from reference_hub.web.call import COLLECTION, INSTANCE, SINGULAR, Call, Table, reading
from reference_hub.web.services import services
from reference_hub.web.utilities import utility


def create(call: Call) -> Response:
    """201 with the alert as it was reported and its id."""
    utility.refuse_example(call)
    place = utility.place_written(call)
    fields = read_alert(bodies.document(call.request, call.suffix))
    key = call.environment.application.key
    with services().engine.begin() as connection:
        alert = file_alert(connection, services().clock, place, key, fields)
    return answers.xml(utility.told(alert), 201)


def listing(call: Call) -> Response:
    """What the caller itself reported."""
    utility.refuse_extras(call)
    return utility.listing(call, _own(call))


def instance(call: Call) -> Response:
    """One of the caller's alerts; somebody else's is not known."""
    return utility.one(call, _own(call), spelled=fold)


def _own(call: Call) -> list[_Element]:
    key = call.environment.application.key
    with services().engine.connect() as connection:
        found = alerts.own(connection, key, utility.zones_shown(call))
    return [utility.stored(document) for document in found]


HANDLERS: Table = {
    **reading(COLLECTION, listing),
    ("POST", SINGULAR): create,
    **reading(INSTANCE, instance),
}
