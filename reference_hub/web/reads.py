"""GET and HEAD of objects, and queries by example; a vendor passes the gate first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from flask import Response

from reference_hub.codec.xml import first_namespace
from reference_hub.journeys import changes, seals
from reference_hub.journeys.admit import admit, covering, look
from reference_hub.journeys.keep import Keeper
from reference_hub.journeys.pull import (
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
from reference_hub.journeys.visible import visible
from reference_hub.model.caller import Caller, asking
from reference_hub.model.pod import Pod
from reference_hub.privacy import gate
from reference_hub.problems import Refusal
from reference_hub.store import audits, identity, listings
from reference_hub.store import changes as history
from reference_hub.store.db import reading
from reference_hub.web import answers, qualifiers, tags
from reference_hub.web.call import COLLECTION, Call
from reference_hub.web.gatekeeping import fail_closed, refusals_noted
from reference_hub.web.qualifiers import Asked
from reference_hub.web.services import services

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Reply:
    """A page and the headers that only this way to it has; None: the caller holds it already."""

    shown: Shown | None
    headers: Mapping[str, str] = field(default_factory=dict)


def listing(call: Call) -> Response:
    """A page of what is asked for: 200, 204 where there is nothing on it, 304 where nothing of it
    changed."""
    asked = qualifiers.asked(call)
    keeps = asked.wants_result_set or asked.navigation_id is not None
    with opened(call, writes=keeps) as (connection, pod):
        view = View(connection, call.scope, pod, services().settings.queries.largest_scan)
        moment = history.now(connection) if _gives_marker(call, asked) else ""
        reply = _reply(call, view, asked)
        headers = marker(call, pod) | dict(reply.headers)
        if moment:
            headers["changesSinceMarker"] = _sealed(call, view, moment)
        if reply.shown is None:
            return answers.empty(304, headers)
        record(connection, call, reply.shown.number, pod, view.sent)
    headers |= paging_headers(asked.page, reply.shown.number, reply.shown.count)
    if not reply.shown.number:
        return answers.empty(204, headers)
    return answers.xml(_wrapped(call.collection, reply.shown.body), 200, headers)


def instance(call: Call) -> Response:
    """One object: 200, 404, or 304 where it has not changed."""
    qualifiers.refuse_on_instance(call)
    with opened(call) as (connection, pod):
        view = View(connection, call.scope, pod, services().settings.queries.largest_scan)
        # Where it is sure that all of it is shown, reading and audit are one statement.
        is_sure = view.is_granted_whole(call.object_type) and not tags.is_conditional(call.request)
        note = _note(call, 1, pod, {call.object_type: 1}) if is_sure else None
        moment = services().clock.now()
        found, epoch = pull_one(view, call.object_type, call.refid, note=note, at=moment)
        current = tags.of_object(call, view, epoch, found)
        headers = marker(call, pod) | {"ETag": current}
        if tags.unchanged(call.request, current):
            return answers.empty(304, headers)
        if note is None:
            record(connection, call, 1, pod, view.sent)
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


def paging_headers(page: Page, number: int, count: int) -> dict[str, str]:
    """Of a page with `number` of `count` objects; navigationLastPage only with a page size, as the
    standard has it (INF-PAG-004, 007)."""
    size = count if page.size is None else page.size
    headers = {
        "navigationPage": str(page.number),
        "navigationPageSize": str(number),
        "navigationCount": str(count),
    }
    if size:
        headers["navigationLastPage"] = str(-(-count // size))
    return headers


def marker(call: Call, pod: Pod | None) -> dict[str, str]:
    """The header that repeats the marker of a vendor that sent it."""
    asked = call.request.headers.get(answers.MARKER)
    return {answers.MARKER: pod.token} if pod is not None and pod.token and asked else {}


@contextmanager
def opened(call: Call, *, writes: bool = False) -> Iterator[tuple[Connection, Pod | None]]:
    """A connection and the POD to prune by, None where nothing is pruned; raises as `admitted`.

    It is a transaction only where something is written: an acknowledgement counts only if the data
    it opens can be read. Elsewhere each statement stands alone, and none goes to the server just to
    begin or to end.
    """
    engine = services().engine
    with refusals_noted(call.environment, call.scope, call.object_type):
        if not writes:
            with reading(engine) as connection:
                pod, acknowledges = _looked(connection, call)
                if not acknowledges:
                    yield connection, pod
                    return
        with engine.begin() as connection:
            yield connection, admitted(connection, call)


def admitted(connection: Connection, call: Call) -> Pod | None:
    """The POD to prune by, None where nothing is pruned. Raises Refusal 403 or 503."""
    if not call.environment.is_vendor:
        return None
    with fail_closed():
        caller, marker = _asking(call)
        return admit(connection, caller, marker, call.object_type, services().clock)


def in_force(connection: Connection, call: Call) -> Pod | None:
    """The vendor's POD in force today, whatever marker it sent; None as in `admitted`."""
    if not call.environment.is_vendor:
        return None
    with fail_closed():
        caller, _ = _asking(call)
        return covering(connection, caller, call.object_type, services().clock)


def record(
    connection: Connection, call: Call, count: int, pod: Pod | None, sent: Mapping[str, int]
) -> None:
    """Write down that a vendor read so many objects, and of how many each granted path.

    Raises Refusal 410 where the POD has ended since the gate was asked: nothing leaves then.
    """
    note = _note(call, count, pod, sent)
    if note is None:
        return
    now, pod_id = services().clock.now(), (pod.id or None) if pod else None
    excluded = pod.excluded if pod else ()
    if not audits.add_under(connection, call.scope, now, pod_id, note, excluded):
        raise gate.outdated()


def _note(call: Call, count: int, pod: Pod | None, sent: Mapping[str, int]) -> audits.Entry | None:
    if not call.environment.is_vendor or call.request.method == "HEAD":
        return None
    detail: dict[str, object] = {}
    if pod is not None and pod.id:
        detail = {"pod": pod.id, "version": pod.version, "fields": dict(sent)}
    return audits.Entry(call.environment.application.key, "read", call.object_type, count, detail)


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
    is_simple_and_whole = is_simple and view.is_granted_whole(call.object_type)
    if is_simple_and_whole and not tags.is_conditional(call.request):
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
    if query.is_plain:
        whole = view.shows_each(call.object_type)
        numbers = None if whole else visible(view, call.object_type)
        return _chosen(call, view, asked, numbers, headers)
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


def _looked(connection: Connection, call: Call) -> tuple[Pod | None, bool]:
    if not call.environment.is_vendor:
        return None, False
    with fail_closed():
        caller, marker = _asking(call)
        return look(connection, caller, marker, call.object_type, services().clock)


def _asking(call: Call) -> tuple[Caller, str | None]:
    vendor = call.environment.vendor
    if vendor is None or vendor.scope != call.scope:
        raise Refusal(403, "Data privacy", "You are not registered in this zone and context.")
    return asking(call.environment, vendor), call.request.headers.get(answers.MARKER)
