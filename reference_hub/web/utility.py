"""What the utility services share: zones as a filter, no qualifiers, one way to answer."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response
from lxml.etree import _Element

from reference_hub.codec import tree
from reference_hub.codec.xml import parse
from reference_hub.model.scope import Scope
from reference_hub.problems import Refusal
from reference_hub.web import answers, parameters
from reference_hub.web.call import INSTANCE, UTILITY_ALIASES, Call
from reference_hub.web.services import services


def refuse_extras(call: Call) -> None:
    """Raise Refusal 400 for qualifiers and paging, 405 for pages of one object."""
    parameters.refuse_qualifiers(call.request)
    if parameters.has_paging(call.request):
        status = 405 if call.form == INSTANCE else 400
        text = "This is not paged; leave the paging parameters out."
        raise Refusal(status, f"Query {call.collection}", text)


def refuse_example(call: Call) -> None:
    """Raise Refusal 400 for a POST that is meant as a query; nothing is created by it."""
    if parameters.action(call.request) != "CREATE":
        text = "Query by example is not offered on utility services; nothing was created."
        raise Refusal(400, f"Query {call.collection}", text, "400-02")


def visible_zones(call: Call) -> tuple[str, ...]:
    """The zones that the caller may know: its own first, the utility zone last."""
    places = (call.environment.scope, *call.environment.rights.scopes())
    zones = dict.fromkeys(place.zone_id for place in places)
    return tuple(dict.fromkeys((*zones, services().settings.utility_zone)))


def names_utility_zone(call: Call) -> bool:
    """Whether the request names the zone that stands for all."""
    return call.zone in (services().settings.utility_zone, *UTILITY_ALIASES)


def zones_shown(call: Call) -> tuple[str, ...]:
    """Whose entries are shown: a zone and the utility zone, or with the latter all (INF-ZON-008).

    The zone comes first, as its entries replace global ones.
    """
    visible = visible_zones(call)
    if names_utility_zone(call):
        return visible
    asked = call.zone or call.environment.scope.zone_id
    return tuple(each for each in visible if each in (asked, visible[-1]))


def place_written(call: Call) -> Scope:
    """Where an entry is made. Raises Refusal 403 for a zone that the caller has nothing in."""
    own = call.environment.scope
    if call.zone is None or names_utility_zone(call) or call.zone == own.zone_id:
        return own
    if call.zone not in visible_zones(call):
        raise Refusal(403, f"Create {call.object_type}", "You have no rights in this zone.")
    return Scope(call.zone)


def listing(call: Call, entries: Iterable[_Element]) -> Response:
    """200 with the collection, or 204 where there are none."""
    root = answers.infrastructure(call.collection)
    root.extend(entries)
    return answers.xml(root) if len(root) else answers.empty()


def one(call: Call, entries: Iterable[_Element]) -> Response:
    """200 with the entry that the path names, or 404."""
    refuse_extras(call)
    for entry in entries:
        if entry.get("id") == call.refid:
            return answers.xml(entry)
    raise missing(call)


def missing(call: Call) -> Refusal:
    """404 for an id that is not known here."""
    scope = f"{call.request.method} {call.object_type}"
    return Refusal(404, scope, f"There is no {call.object_type} with this id.")


def stored(document: bytes) -> _Element:
    """A stored document in the infrastructure namespace of the caller."""
    return told(parse(document))


def told(element: _Element) -> _Element:
    """The element in the infrastructure namespace of the caller."""
    return tree.respoken(element, answers.spoken())
