"""Requests of a brokered environment that a registered provider answers (INF-RQC)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Response

from reference_hub.journeys import broker
from reference_hub.model.environment import Environment
from reference_hub.model.forwarding import Inbound, Outbound
from reference_hub.model.headers import without
from reference_hub.model.pod import Pod
from reference_hub.model.provider import Provider
from reference_hub.model.scope import Scope
from reference_hub.model.served import utility_of
from reference_hub.privacy.filter import compiled
from reference_hub.privacy.grants import real_id
from reference_hub.problems import Refusal
from reference_hub.store import providers
from reference_hub.web import answers, bodies, parameters, reads
from reference_hub.web.call import (
    COLLECTION,
    INSTANCE,
    SCOPE,
    UTILITY_ALIASES,
    Call,
    raw_target,
)
from reference_hub.web.services import services
from reference_hub.web.utilities import utility

_CONTENT_TYPE = frozenset({"content-type"})


def provider_of(call: Call) -> Provider | None:
    """The registered provider of the service; None where the hub's own store answers, and for a
    utility of a zone that the caller has no part in."""
    own_utility = call.service_type == "UTILITY" and utility_of(call.collection) is not None
    if own_utility or not call.environment.is_brokered or not _is_visible(call):
        return None
    with services().engine.connect() as connection:
        found = (
            providers.find(connection, scope, call.service_type, call.service_name)
            for scope in _places(call)
        )
        return next((each for each in found if each is not None), None)


def forwarder(provider: Provider) -> Callable[[Call], Response]:
    """A handler that passes the request on to `provider`."""
    return lambda call: _forwarded(call, provider)


def place_of(call: Call) -> str:
    """The path of the request below its connector, zone and context added."""
    return broker.place(call.path, call.suffix, _place(call))


def _places(call: Call) -> tuple[Scope, ...]:
    if call.service_type != "UTILITY":
        return (call.scope,)
    # A utility stands for one zone, or in the utility zone for all (INF-ZON-007, 008).
    return (_place(call), call.scope, Scope(services().settings.utility_zone))


def _is_visible(call: Call) -> bool:
    # The rights were looked up in the own zone, whatever zone a utility is asked of.
    known = (*utility.visible_zones(call), *UTILITY_ALIASES)
    return call.service_type != "UTILITY" or not call.zone or call.zone in known


def _place(call: Call) -> Scope:
    if call.service_type == "UTILITY" and call.zone:
        return Scope(call.zone, call.scope.context_id)
    return call.scope


def _forwarded(call: Call, provider: Provider) -> Response:
    asked = call
    if call.environment.is_vendor:
        asked = _meant(call, _ready(call))
    request = _outbound(asked, provider)
    answer = services().forward(provider, _session_of(provider), request)
    answer = broker.returned(answer, provider)
    if call.environment.is_vendor:
        return _pruned(call, answer)
    headers = without(answer.headers.items(), _CONTENT_TYPE)
    media = next((v for n, v in answer.headers.items() if n.lower() in _CONTENT_TYPE), "")
    return answers.verbatim(answer.body, media, answer.status, headers)


def _outbound(call: Call, provider: Provider) -> Outbound:
    request, vendor = call.request, call.environment.is_vendor
    raw = raw_target(request).partition("?")[2]
    headers = broker.sent(
        list(request.headers.items()),
        call.environment,
        provider,
        utility=call.service_type == "UTILITY",
    )
    body = b"" if vendor else bodies.body_bytes(request)
    suffix = "" if vendor else call.suffix
    path = broker.place(call.path, suffix, _place(call)) + broker.query(raw, vendor=vendor)
    # Without the object nobody could tell whether it is one that the vendor may know of.
    method = "GET" if vendor and call.form == INSTANCE else request.method
    return Outbound(method, path, headers, body)


def _session_of(provider: Provider) -> Environment:
    with services().engine.connect() as connection:
        session = providers.session_of(connection, provider)
    if session is None:
        text = "The provider of this service has no environment now; try again later."
        raise Refusal(503, SCOPE, text)
    return session


def _ready(call: Call) -> Pod | None:
    _refuse_unprunable(call)
    with reads.opened(call, writes=True) as (_, pod):
        return pod


def _meant(call: Call, pod: Pod | None) -> Call:
    """The request with the RefId behind a pseudonym: who knows a RefId from elsewhere must not
    learn here as which pseudonym it is shown."""
    if pod is None or call.form != INSTANCE:
        return call
    meant = real_id(compiled(pod), call.object_type, call.refid)
    if not meant:
        raise broker.unknown(call.object_type)
    return replace(call, path=(call.path[0], meant))


def _refuse_unprunable(call: Call) -> None:
    reading = call.request.method in ("GET", "HEAD") and call.service_type == "OBJECT"
    if not reading or call.form not in (COLLECTION, INSTANCE):
        text = "From a forwarded service a vendor reads collections and single objects only."
        raise Refusal(403, SCOPE, text)
    for name in broker.QUALIFIERS:
        if parameters.value(call.request, name) is not None:
            text = f"{name} is not passed on to the provider of this service; leave it out."
            raise Refusal(400, SCOPE, text, "400-02")


def _pruned(call: Call, answer: Inbound) -> Response:
    collection = call.collection if call.form == COLLECTION else ""
    # Once more: the grant may have shrunk or ended while the provider was at work.
    with reads.opened(call, writes=True) as (connection, pod):
        headers, found = broker.shown(answer, collection, call.object_type, pod)
        reads.record(connection, call, len(found), pod, broker.told(found, pod))
    headers |= reads.marker(call, pod)
    if call.form == INSTANCE and not found:
        raise broker.unknown(call.object_type)
    if call.request.method == "HEAD":
        return answers.empty(200, headers)
    if call.form == INSTANCE:
        return answers.xml(found[0], 200, headers)
    if not found:
        return answers.empty(204, headers)
    return answers.xml(reads.collected(call.collection, found), 200, headers)
