"""The doors of OneRoster: what a vendor reads and writes over REST, behind the gate."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import unquote, urlencode, urlsplit

from flask import Blueprint, Response, g, request

from reference_hub.journeys.own_ids import Ancestor
from reference_hub.journeys.roster_read import Page, Reader, read_one, read_page
from reference_hub.privacy import gate
from reference_hub.problems import Refusal
from reference_hub.store import audits
from reference_hub.store.target_reading import TooSlow
from reference_hub.web import answers
from reference_hub.web.answers import METHODS
from reference_hub.web.call import raw_target
from reference_hub.web.gatekeeping import fail_closed
from reference_hub.web.oneroster import asking, callers, faults, gradebook, resources
from reference_hub.web.oneroster.callers import Client
from reference_hub.web.oneroster.members import SINGULAR, V1_1, V1_2
from reference_hub.web.oneroster.resources import SERVICES, Operation
from reference_hub.web.oneroster.shape import Shaper
from reference_hub.web.services import root_url, services

blueprint = Blueprint("oneroster", __name__)
SCOPE = "OneRoster"


@blueprint.route("/ims/oneroster/rostering/v1p2/<path:_>", methods=METHODS,
                 provide_automatic_options=False)  # fmt: skip
@blueprint.route("/ims/oneroster/gradebook/v1p2/<path:_>", methods=METHODS,
                 provide_automatic_options=False)  # fmt: skip
@blueprint.route("/ims/oneroster/v1p1/<path:_>", methods=METHODS,
                 provide_automatic_options=False)  # fmt: skip
def serve(_: str) -> Response:
    """One request; whoever it is from is known before anything is said about the path."""
    root, segments = _split(raw_target(request))
    service, version = SERVICES[root]
    client = callers.client(request, version)
    verb = "GET" if request.method == "HEAD" else request.method
    found = resources.operation(service, verb, segments)
    if not client.may(found.scopes):
        text = f"Your access token has none of the scopes {', '.join(found.scopes)}."
        raise Refusal(403, SCOPE, text)
    with _noted(client.reader, found.view.collection), fail_closed(), _in_time():
        if verb != "GET":
            return gradebook.write(client, found, version)
        answer = _single if found.sourced_id else _list
        return answer(client, found, version)


@blueprint.errorhandler(Refusal)
def refuse(problem: Refusal) -> Response:
    """The payload of the version whose root was asked."""
    return faults.answer(problem, _version())


@blueprint.after_request
def in_own_words(response: Response) -> Response:
    """What failed elsewhere in the hub is told in the payload of OneRoster too."""
    if response.status_code < 400 or response is g.get("verbatim"):
        return response
    text = {503: "The hub's store is away; try again later."}.get(
        response.status_code, "The hub failed on this request; its log has the details."
    )
    return faults.answer(Refusal(response.status_code, SCOPE, text), _version())


def _version() -> str:
    return V1_1 if request.path.startswith("/ims/oneroster/v1p1/") else V1_2


def _split(raw: str) -> tuple[str, tuple[str, ...]]:
    """The root of the service and the decoded segments below it: an id may hold a slash. Raises
    Refusal 400."""
    path = urlsplit(raw).path
    root = next((each for each in SERVICES if path.startswith(each)), None)
    if root is None:
        raise Refusal(404, SCOPE, "There is no such service.", resources.UNKNOWN)
    parts = path.removeprefix(root).split("/")
    try:
        decoded = tuple(unquote(part, errors="strict") for part in parts if part)
    except UnicodeDecodeError as error:
        raise Refusal(400, SCOPE, "The path is not UTF-8; percent-encode it as UTF-8.") from error
    if any("\x00" in part for part in decoded):
        raise Refusal(400, SCOPE, "The path holds a NUL character; leave it out.")
    return root, decoded


def _list(client: Client, found: Operation, version: str) -> Response:
    hub = services()
    view = found.view
    query = request.query_string.decode("latin-1")
    largest = hub.settings.queries.largest_page
    asked = asking.read(query, version, view.collection, view.within, largest)
    ancestors = [
        Ancestor(each.name, each.view.collection, each.id, each.view.within)
        for each in found.parents
    ]
    page = read_page(hub.engine, client.reader, asked.wanted, ancestors, hub.clock)
    shaper = Shaper(version, root_url())
    body = {
        view.collection: [shaper.shaped(view.collection, row, asked.fields) for row in page.rows]
    }
    return _json(body, {"X-Total-Count": str(page.count), "Link": _links(asked, page)})


def _single(client: Client, found: Operation, version: str) -> Response:
    hub = services()
    view = found.view
    query = request.query_string.decode("latin-1")
    only = asking.read_fields(query, version, view.collection)
    name = found.names[0]
    wanted = Ancestor(name, view.collection, found.sourced_id, view.within)
    row = read_one(hub.engine, client.reader, wanted, hub.clock)
    made = Shaper(version, root_url()).shaped(view.collection, row, only)
    return _json({SINGULAR[view.collection]: made}, {})


def _json(body: Mapping[str, object], headers: Mapping[str, str]) -> Response:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    # A roster is for nobody but who asked.
    own = {"Cache-Control": "no-store"} | dict(headers)
    return answers.verbatim(content, faults.JSON, 200, own)


def _links(asked: asking.Asked, page: Page) -> str:
    """First, prev, next and last page. `next` also names the last row, so that pages neither
    repeat nor skip an unchanged object when others leave a filtered list meanwhile."""
    wanted = asked.wanted
    limit, offset = wanted.limit, wanted.offset
    pages: dict[str, dict[str, int]] = {"first": {"offset": 0}}
    if offset:
        pages["prev"] = {"offset": max(offset - limit, 0)}
    if page.has_more:
        pages["next"] = {"offset": offset + limit}
        if wanted.order is None:
            pages["next"]["after"] = page.rows[-1].position
    pages["last"] = {"offset": max(page.count - 1, 0) // limit * limit}
    kept = {name: each for name, each in asked.words.items() if name not in ("offset", "after")}
    address = f"{root_url()}{urlsplit(raw_target(request)).path}"
    return ", ".join(
        f'<{address}?{urlencode(kept | {"limit": limit} | place)}>; rel="{name}"'
        for name, place in pages.items()
    )


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        yield
    except TooSlow as slow:
        raise Refusal(503, SCOPE, str(slow)) from slow


@contextmanager
def _noted(reader: Reader, collection: str) -> Iterator[None]:
    """A refusal of the gate stands in the audit trail (POD-AUD-001)."""
    try:
        yield
    except Refusal as refusal:
        if refusal.scope == gate.SCOPE and refusal.status < 500:
            hub = services()
            detail = {"status": refusal.status, "connection": reader.to.name}
            entry = audits.Entry(reader.key, "refused", collection, 1, detail)
            with hub.engine.begin() as connection:
                audits.add(connection, reader.to.scope, hub.clock.now(), entry)
        raise
