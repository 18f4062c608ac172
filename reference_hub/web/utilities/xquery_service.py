"""The registry of named XQueries (INF-XQR), and the answer to whoever wants one run (INF-XQT).

The hub has no interpreter: an entry stays PENDING and is never executed.
"""

from __future__ import annotations

import re
from typing import NoReturn

from flask import Response

from reference_hub.codec.xml import parse, tostring
from reference_hub.codec.xquery_xml import parameters_of, registered
from reference_hub.problems import Refusal
from reference_hub.store import xqueries
from reference_hub.store.xqueries import XQuery
from reference_hub.web import answers, bodies
from reference_hub.web.call import COLLECTION, INSTANCE, SINGULAR, Call, Table, reading
from reference_hub.web.services import services
from reference_hub.web.utilities import utility

# Letters, digits, decimal numbers, spaces or nothing: the values that cannot change a script.
_HARMLESS = re.compile(r"-?(?:[^\W_]| |(?<=[0-9])\.(?=[0-9]))*")
_NO_PARAMETERS = (
    "access_token",
    "authenticationMethod",
    "applicationKey",
    "timestamp",
    "navigationPage",
    "navigationPageSize",
)


def create(call: Call) -> Response:
    """201 with the entry: the consumer's id, the registry's type and status; 409 for a known id."""
    utility.refuse_example(call)
    place = utility.place_written(call)
    entry = registered(bodies.document(call.request, call.suffix))
    key = call.environment.application.key
    stored = XQuery(entry.get("id", ""), place.zone_id, key, tostring(entry))
    with services().engine.begin() as connection:
        if not xqueries.insert(connection, stored):
            text = "An xquery with this id is registered already; choose another id."
            raise Refusal(409, "Create xquery", text, "409-01")
    return answers.xml(utility.told(entry), 201)


def listing(call: Call) -> Response:
    """The entries of the zone."""
    utility.refuse_extras(call)
    return utility.listing(call, (utility.stored(each.document) for each in _shown(call)))


def instance(call: Call) -> Response:
    """One entry by its id."""
    return utility.one(call, (utility.stored(each.document) for each in _shown(call)))


def delete(call: Call) -> Response:
    """204 for one's own entry, 403 for another's."""
    found = next((each for each in _shown(call) if each.id == call.refid), None)
    if found is None:
        raise utility.missing(call)
    if found.application_key != call.environment.application.key:
        raise Refusal(403, "Delete xquery", "Only who registered an xquery may delete it.")
    with services().engine.begin() as connection:
        xqueries.delete(connection, found)
    return answers.empty()


def run(call: Call) -> NoReturn:
    """400 for parameters that do not fit, otherwise 404: there is nothing that could run it."""
    scope = "Named XQuery"
    if "where" in call.request.args or "order" in call.request.args:
        raise Refusal(400, scope, "where and order cannot be combined with an XQuery.", "400-02")
    found = next((each for each in _shown(call) if each.id == call.collection), None)
    if found is not None:
        _refuse_parameters(call, parameters_of(parse(found.document)))
    raise Refusal(404, scope, "No XQuery of this name can be run here; the hub runs none.")


def _refuse_parameters(call: Call, listed: dict[str, bool]) -> None:
    given = {name: value for name, value in call.request.args.items() if name not in _NO_PARAMETERS}
    if listed and not set(given) <= set(listed):
        raise Refusal(400, "Named XQuery", "The XQuery has no parameter of one of these names.")
    if any(needed and name not in given for name, needed in listed.items()):
        raise Refusal(400, "Named XQuery", "A required parameter of the XQuery is missing.")
    if not all(_HARMLESS.fullmatch(value) for value in given.values()):
        text = "A parameter holds more than letters, digits, decimal numbers and spaces."
        raise Refusal(400, "Named XQuery", text)


def _shown(call: Call) -> list[XQuery]:
    with services().engine.connect() as connection:
        return xqueries.of_zones(connection, utility.zones_shown(call))


HANDLERS: Table = {
    **reading(COLLECTION, listing),
    ("POST", SINGULAR): create,
    **reading(INSTANCE, instance),
    ("DELETE", INSTANCE): delete,
}
TEMPLATES: Table = reading(COLLECTION, run)
