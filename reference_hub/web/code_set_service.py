"""The code sets: in bulk, paged and by id (INF-CDS)."""

from __future__ import annotations

from flask import Response

from reference_hub.codec.code_set_xml import write
from reference_hub.journeys.code_sets import shown
from reference_hub.model.code_set import CodeSet
from reference_hub.problems import Refusal
from reference_hub.web import answers, parameters, utility
from reference_hub.web.call import COLLECTION, INSTANCE, Call
from reference_hub.web.services import services


def listing(call: Call) -> Response:
    """A page of the sets, or all of them: 200, or 204 where there is nothing on it."""
    parameters.refuse_qualifiers(call.request)
    page = parameters.paging(call.request)
    found = _shown(call)
    size = len(found) if page.size is None else page.size
    if size > services().settings.queries.largest_page:
        largest = services().settings.queries.largest_page
        raise Refusal(413, "Query codeSets", f"A page holds at most {largest} objects.")
    part = found[(page.number - 1) * size : page.number * size]
    headers = {
        "navigationPage": str(page.number),
        "navigationPageSize": str(len(part)),
        "navigationCount": str(len(found)),
    }
    if size:
        headers["navigationLastPage"] = str(-(-len(found) // size))
    if not part:
        return answers.empty(204, headers)
    root = answers.infrastructure("codeSets")
    root.extend(write(codes, answers.spoken()) for codes in part)
    return answers.xml(root, 200, headers)


def instance(call: Call) -> Response:
    """One set by its id, that of the zone before the general one."""
    return utility.one(call, (write(each, answers.spoken()) for each in _shown(call)))


def _shown(call: Call) -> list[CodeSet]:
    zones = utility.zones_shown(call)
    with services().engine.connect() as connection:
        return shown(connection, zones, merged=not utility.names_utility_zone(call))


HANDLERS = {
    (method, form): handler
    for form, handler in ((COLLECTION, listing), (INSTANCE, instance))
    for method in ("GET", "HEAD")
}
