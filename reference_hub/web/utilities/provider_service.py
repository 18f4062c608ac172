"""The providers registry: who answers for which service, never where (INF-PRG)."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response
from lxml.etree import _Element

from reference_hub.codec.provider_xml import SCOPE, read_provider, write_provider
from reference_hub.codec.xml import children, fold, local_name
from reference_hub.journeys.provide import provide, withdraw
from reference_hub.model.outcome import Outcome, failed
from reference_hub.model.provider import Provider
from reference_hub.model.scope import Scope
from reference_hub.model.uuids import canonical, derived
from reference_hub.problems import Refusal
from reference_hub.store import providers
from reference_hub.web import answers, bodies, multi
from reference_hub.web.call import COLLECTION, INSTANCE, SINGULAR, Call, Table, reading
from reference_hub.web.services import services
from reference_hub.web.utilities import utility

_OWN_MEDIA = ("application/xml", "application/json")
_QUERIES = ("dynamicQuery", "queryByExample", "changesSinceMarker", "paged", "totalCount")
_PAGED = ("codeSets", "pods")
_OWN_PRODUCT = {"applicationProduct": {"productName": "Reference hub"}}


def listing(call: Call) -> Response:
    """One entry for each service of the zone, or of all zones."""
    utility.refuse_extras(call)
    return utility.listing(call, _shown(call))


def instance(call: Call) -> Response:
    """One entry by its id."""
    return utility.one(call, _shown(call), spelled=fold)


def create_one(call: Call) -> Response:
    """201 with the entry."""
    utility.refuse_example(call)
    _refuse_direct(call)
    root = bodies.document(call.request, call.suffix)
    return answers.xml(write_provider(_made(call, root), call.environment.namespace), 201)


def create_many(call: Call) -> Response:
    """200 with one result per entry."""
    utility.refuse_example(call)
    _refuse_direct(call)
    root = bodies.document(call.request, call.suffix)
    if local_name(root) != "providers" or not children(root):
        text = "The body must be providers, with at least one provider."
        raise Refusal(400, SCOPE, text, "400-01")
    return answers.xml(multi.created([_outcome(call, each) for each in children(root)]))


def delete(call: Call) -> Response:
    """204; whoever asks for the service from then on gets 404."""
    _refuse_direct(call)
    if call.refid in (entry.id for entry in _own(call)):
        raise Refusal(403, "Delete provider", "The hub itself provides this service.")
    hub = services()
    provider_id = canonical(call.refid)
    if not provider_id:
        raise utility.missing(call)
    with hub.engine.begin() as connection:
        withdraw(connection, call.environment, provider_id, hub.clock, hub.settings.utility_zone)
    return answers.empty()


def _outcome(call: Call, element: _Element) -> Outcome:
    advisory = element.get("id", "")
    try:
        return Outcome(201, _made(call, element).id, advisory)
    except Refusal as problem:
        return failed(problem, advisory=advisory)


def _made(call: Call, element: _Element) -> Provider:
    hub = services()
    draft = read_provider(element)
    with hub.engine.begin() as connection:
        return provide(
            connection,
            call.environment,
            draft,
            hub.clock,
            hub.settings.utility_zone,
            local_endpoints=hub.settings.broker.local_endpoints,
        )


def _refuse_direct(call: Call) -> None:
    if not call.environment.is_brokered:
        answers.allow(("GET", "HEAD"))
        text = "In a direct environment the hub provides everything itself."
        raise Refusal(405, f"{call.request.method} providers", text)


def _shown(call: Call) -> Iterator[_Element]:
    zones = utility.zones_shown(call)
    with services().engine.connect() as connection:
        registered = providers.everywhere(connection)
    entries = {_place(entry): entry for entry in (*_own(call), *registered)}
    for place in sorted(entries):
        if entries[place].scope.zone_id in zones:
            yield write_provider(entries[place], call.environment.namespace)


def _place(entry: Provider) -> tuple[str, str, str, str]:
    scope = entry.scope
    return scope.zone_id, entry.service_type, entry.service_name, scope.context_id


def _own(call: Call) -> Iterator[Provider]:
    # The table of the utilities, which that module reads, holds this one.
    from reference_hub.web import offered

    for grant in offered.listed(call.environment):
        yield _own_entry(grant.scope, grant.service_type, grant.name)
    with services().engine.connect() as connection:
        for scope, object_type in providers.stored(connection, utility.zones_shown(call)):
            yield _own_entry(scope, "OBJECT", f"{object_type}s")


def _own_entry(scope: Scope, kind: str, name: str) -> Provider:
    place = "/".join((scope.zone_id, scope.context_id, kind, name))
    return Provider(
        id=derived(place),
        application_key="",
        environment_id=None,
        scope=scope,
        service_type=kind,
        service_name=name,
        name="Reference hub",
        endpoint="",
        query_support=_own_support(kind, name) | _OWN_PRODUCT,
        media_types=_OWN_MEDIA,
    )


def _own_support(kind: str, name: str) -> dict[str, object]:
    queried = kind in ("OBJECT", "SERVICEPATH")
    support: dict[str, object] = dict.fromkeys(_QUERIES, queried)
    support["changesSinceMarker"] = kind == "OBJECT"
    support["paged"] = support["totalCount"] = queried or name in _PAGED
    if support["paged"]:
        support["maxPageSize"] = services().settings.queries.largest_page
    return support


HANDLERS: Table = {
    **reading(COLLECTION, listing),
    **reading(INSTANCE, instance),
    ("POST", COLLECTION): create_many,
    ("POST", SINGULAR): create_one,
    ("DELETE", INSTANCE): delete,
}
