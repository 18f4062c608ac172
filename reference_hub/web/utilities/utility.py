"""What the utility services share: zones as a filter, no qualifiers, one way to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from flask import Response
from lxml.etree import _Element

from reference_hub.codec import releases
from reference_hub.codec.xml import parse
from reference_hub.journeys.pull import refuse_too_large
from reference_hub.model.scope import Scope
from reference_hub.problems import Refusal
from reference_hub.web import answers, parameters
from reference_hub.web.call import INSTANCE, Call, stands_for_all
from reference_hub.web.reads import paging_headers
from reference_hub.web.services import services

Entry = TypeVar("Entry")


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
    return stands_for_all(call.zone)


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


def paged(call: Call, found: Sequence[Entry]) -> tuple[Sequence[Entry], dict[str, str]]:
    """The page asked for, all where none is, and its header fields. Raises Refusal 400 or 413."""
    parameters.refuse_qualifiers(call.request)
    page = parameters.paging(call.request)
    size = len(found) if page.size is None else page.size
    refuse_too_large(size, services().settings.queries.largest_page, call.collection)
    part = found[(page.number - 1) * size : page.number * size]
    return part, paging_headers(page, len(part), len(found))


def one(
    call: Call, entries: Iterable[_Element], *, spelled: Callable[[str], str] = str
) -> Response:
    """200 with the entry that the path names, or 404; `spelled` makes equal ids equal."""
    refuse_extras(call)
    for entry in entries:
        if spelled(entry.get("id", "")) == spelled(call.refid):
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
    return releases.spoken(element, answers.spoken())
