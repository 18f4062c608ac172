"""A delayed request is carried out, and its answer put into the queue of whoever sent it.

At least once: a worker that dies leaves the request to another. The queue gets each answer once, as
the same transaction puts it there and settles the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from reference_hub.clock import Clock
from reference_hub.codec import tree
from reference_hub.codec.numbers import whole
from reference_hub.codec.xml import tostring
from reference_hub.model.delayed import Delayed, Replay, Reply
from reference_hub.model.environment import Environment
from reference_hub.model.headers import CREDENTIALS, HOP_BY_HOP, without
from reference_hub.model.queue import Payload
from reference_hub.settings import Settings
from reference_hub.store import delayed_requests, environments, mailbox

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

ATTEMPTS = 5
# They speak of the exchange inside the hub.
_OF_EXCHANGE = frozenset({"allow", "content-type", "date", "retry-after", "server", "vary"})


def answer_next(engine: Engine, settings: Settings, replay: Replay, clock: Clock) -> bool:
    """Carry out the request whose turn it is; False when there is none."""
    lease = timedelta(seconds=settings.worker.lease_seconds + 2 * settings.broker.timeout_seconds)
    with engine.begin() as connection:
        request = delayed_requests.claim(connection, clock.now(), lease)
    if request is None:
        return False
    # Apart from the claim: whoever ends the session locks the two in the other order.
    with engine.begin() as connection:
        session = environments.lock(connection, request.environment_id)
    if session is None:
        return True
    exhausted = request.attempts > ATTEMPTS
    reply = _given_up(session, clock) if exhausted else replay(session, _paged(request))
    with engine.begin() as connection:
        _settle(connection, request, reply, clock)
    return True


def _paged(request: Delayed) -> Delayed:
    if request.page is None:
        return request
    headers = {**_folded(request.headers), "navigationpage": str(request.page)}
    if request.navigation_id:
        headers["navigationid"] = request.navigation_id
    return replace(request, headers=headers)


def _settle(connection: Connection, request: Delayed, reply: Reply, clock: Clock) -> None:
    given = _folded(reply.headers)
    delayed_requests.hold_queue(connection, request)
    if following := _following(request, reply, given):
        navigation_id = given.get("navigationid", request.navigation_id)
        now = clock.now()
        held = delayed_requests.turn(connection, request, following, navigation_id, now)
    else:
        held = delayed_requests.finish(connection, request)
    if held:
        kind = "error" if reply.status >= 400 else "response"
        _put(connection, request, kind, reply, given)


def _put(
    connection: Connection, request: Delayed, kind: str, reply: Reply, given: Mapping[str, str]
) -> None:
    kept = without(reply.headers.items(), HOP_BY_HOP, CREDENTIALS, _OF_EXCHANGE)
    headers = kept | dict(request.envelope)
    headers |= {"messageType": kind.upper(), "status": str(reply.status)}
    media = given.get("content-type", "") if reply.body else ""
    payload = Payload(headers, media, reply.body or None)
    mailbox.put(
        connection,
        request.queue_id,
        kind,
        request.scope,
        request.object_type,
        request.action,
        payload,
    )


def _following(request: Delayed, reply: Reply, given: Mapping[str, str]) -> int | None:
    """The page to ask for next: a paged query goes on until 204 or its last page (INF-PAG-014)."""
    size = _asked(request, "navigationPageSize")
    if request.action != "QUERY" or reply.status != 200 or not size:
        return None
    page = request.page or _asked(request, "navigationPage") or 1
    # A provider that does not name the page does not page: it would give the same for ever.
    if given.get("navigationpage") != str(page):
        return None
    last = given.get("navigationlastpage", "")
    if last.isdecimal() and page >= int(last):
        return None
    return page + 1


def _asked(request: Delayed, name: str) -> int | None:
    query = parse_qs(request.target.partition("?")[2]).get(name, [""])
    text = _folded(request.headers).get(name.lower(), query[0])
    return whole(text)


def _folded(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _given_up(session: Environment, clock: Clock) -> Reply:
    root = tree.root("error", session.namespace, id=clock.new_uuid())
    text = "The hub could not carry the request out; it is not tried again."
    tree.leaves(root, (("code", "500"), ("scope", "Delayed request"), ("message", text)))
    return Reply(500, {"Content-Type": "application/xml"}, tostring(root))
