"""GET and HEAD of objects; a vendor passes the gate first."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import structlog
from flask import Response

from reference_hub.codec.xml import namespace_of, parse
from reference_hub.journeys.admit import admit
from reference_hub.journeys.pull import Listing, Page, pull, pull_one
from reference_hub.model.pod import Pod
from reference_hub.problems import HubError, Refusal
from reference_hub.store import audits, vendors
from reference_hub.web import answers, parameters
from reference_hub.web.call import Call
from reference_hub.web.services import services

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)


def listing(call: Call) -> Response:
    """A page of the collection: 200, or 204 where there is nothing on it."""
    parameters.refuse_qualifiers(call.request)
    page = parameters.paging(call.request)
    # One transaction: the acknowledgement counts only if the data it opens can be read.
    with services().engine.begin() as connection:
        pod = _admitted(connection, call)
        found = pull(connection, call.scope, call.object_type, page, pod)
        _record(connection, call, len(found.bodies))
    headers = _marker(call, pod) | paging_headers(page, found)
    if not found.bodies:
        return answers.empty(204, headers)
    return answers.xml(collected(call.collection, found.bodies), 200, headers)


def instance(call: Call) -> Response:
    """One object: 200 or 404."""
    parameters.refuse_qualifiers(call.request)
    if parameters.has_paging(call.request):
        text = "One object has no pages; leave the paging parameters out."
        raise Refusal(405, f"Query {call.object_type}", text)
    with services().engine.begin() as connection:
        pod = _admitted(connection, call)
        body = pull_one(connection, call.scope, call.object_type, call.refid, pod)
        _record(connection, call, 1)
    return answers.xml(body, 200, _marker(call, pod))


def collected(collection: str, bodies: tuple[bytes, ...]) -> bytes:
    """The objects under their collection element; each brings the namespaces it needs."""
    namespace = namespace_of(parse(bodies[0]))
    declared = f" xmlns={quoteattr(namespace)}" if namespace else ""
    opening, closing = f"<{collection}{declared}>".encode(), f"</{collection}>".encode()
    return b"".join((opening, *bodies, closing))


def paging_headers(page: Page, found: Listing) -> dict[str, str]:
    """navigationLastPage only with a page size, as the standard has it (INF-PAG-004, 007)."""
    size = found.count if page.size is None else page.size
    headers = {
        "navigationPage": str(page.number),
        "navigationPageSize": str(len(found.bodies)),
        "navigationCount": str(found.count),
    }
    if size:
        headers["navigationLastPage"] = str(-(-found.count // size))
    return headers


def _marker(call: Call, pod: Pod | None) -> dict[str, str]:
    asked = call.request.headers.get(answers.MARKER)
    return {answers.MARKER: pod.token} if pod is not None and asked else {}


def _admitted(connection: Connection, call: Call) -> Pod | None:
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


def _gate(connection: Connection, call: Call) -> Pod | None:
    vendor_id = call.environment.application.vendor_id
    vendor = vendors.vendor_by_id(connection, vendor_id) if vendor_id is not None else None
    if vendor is None or vendor.scope != call.scope:
        raise Refusal(403, "Data privacy", "You are not registered in this zone and context.")
    marker = call.request.headers.get(answers.MARKER)
    return admit(connection, vendor, marker, call.object_type, services().clock)


def _record(connection: Connection, call: Call, count: int) -> None:
    if call.environment.is_vendor and call.request.method == "GET":
        entry = audits.Entry(call.environment.application.key, "read", call.object_type, count)
        audits.add(connection, call.scope, services().clock.now(), entry)


def _where(error: Exception) -> list[str]:
    return [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
