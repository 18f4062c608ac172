"""GET and HEAD of objects, and queries by example; a vendor passes the gate first."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import structlog
from flask import Response

from reference_hub.codec.xml import first_namespace
from reference_hub.journeys import changes, seals
from reference_hub.journeys.admit import admit
from reference_hub.journeys.keep import Keeper
from reference_hub.journeys.pull import (
    Listing,
    Page,
    Shown,
    part,
    pull,
    pull_kept,
    pull_one,
    refuse_too_large,
)
from reference_hub.journeys.query import select
from reference_hub.journeys.view import View
from reference_hub.model.pod import Pod
from reference_hub.problems import HubError, Refusal
from reference_hub.store import audits, identity, listings, vendors
from reference_hub.store import changes as history
from reference_hub.web import answers, qualifiers, tags
from reference_hub.web.call import COLLECTION, Call
from reference_hub.web.qualifiers import Asked
from reference_hub.web.services import services

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """A page and the headers that only this way to it has; None: the caller holds it already."""

    shown: Shown | None
    headers: Mapping[str, str] = field(default_factory=dict)


def listing(call: Call) -> Response:
    """A page of what is asked for: 200, 204 where there is nothing on it, 304 where nothing of it
    changed."""
    asked = qualifiers.asked(call)
    # One transaction: the acknowledgement counts only if the data it opens can be read.
    with services().engine.begin() as connection:
        pod = admitted(connection, call)
        view = View(connection, call.scope, pod, services().settings.queries.largest_scan)
        moment = history.now(connection) if _gives_marker(call, asked) else ""
        reply = _reply(call, view, asked)
        headers = marker(call, pod) | dict(reply.headers)
        if moment:
            headers["changesSinceMarker"] = _sealed(call, view, moment)
        if reply.shown is None:
            return answers.empty(304, headers)
        record(connection, call, reply.shown.number)
    headers |= _page_headers(asked.page, reply.shown.number, reply.shown.count)
    if not reply.shown.number:
        return answers.empty(204, headers)
    return answers.xml(_wrapped(call.collection, reply.shown.body), 200, headers)


def instance(call: Call) -> Response:
    """One object: 200, 404, or 304 where it has not changed."""
    qualifiers.refuse_on_instance(call)
    with services().engine.begin() as connection:
        pod = admitted(connection, call)
        view = View(connection, call.scope, pod, services().settings.queries.largest_scan)
        found, epoch = pull_one(view, call.object_type, call.refid)
        current = tags.of_object(call, view, epoch, found)
        headers = marker(call, pod) | {"ETag": current}
        if tags.unchanged(call.request, current):
            return answers.empty(304, headers)
        record(connection, call, 1)
    return answers.xml(found.body, 200, headers)


def refuse_stale(connection: Connection, call: Call) -> None:
    """Raise Refusal 412 for a change of one object that is based on another state of it."""
    if not tags.is_guarded(call.request):
        return
    view = View(connection, call.scope, admitted(connection, call), 1)
    found, epoch = pull_one(view, call.object_type, call.refid, lock=True)
    current = tags.of_object(call, view, epoch, found)
    tags.refuse_stale(call.request, current, f"{call.request.method} {call.object_type}")


def collected(collection: str, bodies: tuple[bytes, ...]) -> bytes:
    """The objects under their collection element; each brings the namespaces it needs."""
    return _wrapped(collection, b"".join(bodies))


def paging_headers(page: Page, found: Listing) -> dict[str, str]:
    """navigationLastPage only with a page size, as the standard has it (INF-PAG-004, 007)."""
    return _page_headers(page, len(found.bodies), found.count)


def marker(call: Call, pod: Pod | None) -> dict[str, str]:
    """The header that repeats the marker of a vendor that sent it."""
    asked = call.request.headers.get(answers.MARKER)
    return {answers.MARKER: pod.token} if pod is not None and asked else {}


def admitted(connection: Connection, call: Call) -> Pod | None:
    """The POD to prune by, None where nothing is pruned. Raises Refusal 403 or 503."""
    if not call.environment.is_vendor:
        return None
    try:
        return _gate(connection, call)
    except HubError:
        raise
    except Exception as error:
        # Whatever stops the gate from deciding must stop the data as well (POD-GATE-013).
        log.error("gate failed", error=type(error).__name__, where=_where(error))
        text = "The privacy gate cannot decide now; nothing is sent. Try again later."
        raise Refusal(503, "Data privacy", text) from error


def record(connection: Connection, call: Call, count: int) -> None:
    """Write down that a vendor read so many objects."""
    if call.environment.is_vendor and call.request.method != "HEAD":
        entry = audits.Entry(call.environment.application.key, "read", call.object_type, count)
        audits.add(connection, call.scope, services().clock.now(), entry)


def _reply(call: Call, view: View, asked: Asked) -> Reply:
    largest = services().settings.queries.largest_page
    if asked.navigation_id is not None:
        renew = asked.intention == qualifiers.ALL
        kept = _keeper(call, asked).kept(view, asked.navigation_id, renew=renew)
        shown = pull_kept(view, kept, call.object_type, asked.page, largest)
        return Reply(shown, {"navigationId": kept.id})
    if asked.since is not None:
        return _since(call, view, asked, asked.since)
    return _queried(call, view, asked)


def _since(call: Call, view: View, asked: Asked, since: str) -> Reply:
    epoch, grant = identity.epoch(view.connection), seals.grant_of(view.pod)
    moment = seals.unseal(since, epoch, view.scope, call.object_type, grant)
    numbers = changes.since(view, call.object_type, moment)
    return _chosen(call, view, asked, numbers, {})


def _queried(call: Call, view: View, asked: Asked) -> Reply:
    queries, query = services().settings.queries, asked.query
    refuse_too_large(asked.page.size or 0, queries.largest_page, call.object_type)
    is_simple = query.is_plain and not asked.wants_result_set
    if is_simple and view.is_whole and not tags.is_conditional(call.request):
        # The commonest query of all costs one statement.
        shown = pull(view, query, asked.page, queries.largest_page)
        state = shown.state or listings.state(view.connection, view.scope, query.types)
        return Reply(shown, {"ETag": tags.of_listing(call, view, asked, state)})
    state = listings.state(view.connection, view.scope, query.types)
    headers = {"ETag": tags.of_listing(call, view, asked, state)}
    if tags.unchanged(call.request, headers["ETag"]):
        return Reply(None, headers)
    if is_simple:
        return Reply(pull(view, query, asked.page, queries.largest_page), headers)
    if query.is_plain and view.shows_each(call.object_type):
        return _chosen(call, view, asked, None, headers)
    return _chosen(call, view, asked, select(view, query), headers)


def _chosen(
    call: Call,
    view: View,
    asked: Asked,
    numbers: list[int] | None,
    headers: Mapping[str, str],
) -> Reply:
    largest = services().settings.queries.largest_page
    if not asked.wants_result_set:
        shown = part(view, call.object_type, numbers or (), asked.page, largest)
        return Reply(shown, headers)
    refuse_too_large(asked.page.size or 0, largest, call.object_type)
    kept = _keeper(call, asked).keep(view, asked.query, numbers)
    shown = pull_kept(view, kept, call.object_type, asked.page, largest)
    return Reply(shown, {**headers, "navigationId": kept.id})


def _keeper(call: Call, asked: Asked) -> Keeper:
    hub = services()
    seconds = hub.settings.queries.result_set_seconds
    service = "/".join((call.scope.zone_id, call.scope.context_id, *call.path))
    return Keeper(call.environment.id, service, asked.words, hub.clock, seconds)


def _gives_marker(call: Call, asked: Asked) -> bool:
    """HEAD gives the first marker, an answer to an old one the next, but not on every page."""
    if call.form != COLLECTION or asked.navigation_id is not None or asked.page.number > 1:
        return False
    return call.request.method == "HEAD" or asked.since is not None


def _sealed(call: Call, view: View, moment: str) -> str:
    epoch, grant = identity.epoch(view.connection), seals.grant_of(view.pod)
    return seals.seal(epoch, view.scope, call.object_type, grant, moment)


def _wrapped(collection: str, joined: bytes) -> bytes:
    namespace = first_namespace(joined)
    declared = f" xmlns={quoteattr(namespace)}" if namespace else ""
    return b"".join((f"<{collection}{declared}>".encode(), joined, f"</{collection}>".encode()))


def _page_headers(page: Page, number: int, count: int) -> dict[str, str]:
    size = count if page.size is None else page.size
    headers = {
        "navigationPage": str(page.number),
        "navigationPageSize": str(number),
        "navigationCount": str(count),
    }
    if size:
        headers["navigationLastPage"] = str(-(-count // size))
    return headers


def _gate(connection: Connection, call: Call) -> Pod | None:
    vendor_id = call.environment.application.vendor_id
    vendor = vendors.vendor_by_id(connection, vendor_id) if vendor_id is not None else None
    if vendor is None or vendor.scope != call.scope:
        raise Refusal(403, "Data privacy", "You are not registered in this zone and context.")
    marker = call.request.headers.get(answers.MARKER)
    return admit(connection, vendor, marker, call.object_type, services().clock)


def _where(error: Exception) -> list[str]:
    return [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
