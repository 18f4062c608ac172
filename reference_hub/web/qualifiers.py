"""What a list query asks for: page, conditions, order, example, marker, intention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from flask import Request

from reference_hub.codec.example import Example, read_example
from reference_hub.codec.xml import local_name, tostring
from reference_hub.journeys.pull import Page
from reference_hub.journeys.query import Query
from reference_hub.model.query import read_order, read_where
from reference_hub.problems import Refusal
from reference_hub.web import bodies, parameters
from reference_hub.web.call import COLLECTION, Call, object_of

ALL, ONE_OFF, NO_CACHING = "ALL", "ONE-OFF", "NO-CACHING"
# A constant of the Java framework reads NO-CACHE.
_INTENTIONS = {"": "", ALL: ALL, ONE_OFF: ONE_OFF, NO_CACHING: NO_CACHING, "NO-CACHE": NO_CACHING}
_SUB_CODES = {"where": "400-02", "order": "400-03", "changesSinceMarker": "400-02"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A list query, understood. `words` are the qualifiers as they were written; `intention` is ''
    where the caller named none."""

    page: Page
    query: Query
    words: Mapping[str, str]
    intention: str = ""
    navigation_id: str | None = None
    since: str | None = None

    @property
    def wants_result_set(self) -> bool:
        """Whether the pages that follow shall show the same set (INF-PAG-011, INF-CHG-006)."""
        if not self.page.size or self.navigation_id is not None:
            return False
        return self.intention == ALL or (self.since is not None and not self.intention)


def asked(call: Call) -> Asked:
    """Read the request; one with methodOverride GET brings an example. Raises Refusal 400."""
    request = call.request
    example = _example(call) if request.method == "POST" else None
    since = _once(request, "changesSinceMarker")
    if since is not None:
        _refuse_since(call)
    where = None if since is not None else _once(request, "where")
    order = None if since is not None else _once(request, "order")
    words = {"where": where, "order": order, "since": since, "example": _digest(example)}
    kinds = [object_of(name) for name in call.path[:-1:2]] if len(call.path) > 2 else []
    query = Query(
        call.object_type,
        tuple(zip(kinds, call.path[1::2], strict=True)) if kinds else (),
        None if where is None else read_where(where, call.object_type),
        () if order is None else read_order(order, call.object_type),
        None if example is None else example[0],
    )
    return Asked(
        parameters.page(request),
        query,
        {name: word for name, word in words.items() if word is not None},
        _intention(request),
        parameters.value(request, "navigationId"),
        since,
    )


def refuse_on_instance(call: Call) -> None:
    """Raise Refusal 405 for paging of one object, 400 for what chooses among several."""
    for name, sub_code in _SUB_CODES.items():
        if name in call.request.args:
            text = f"{name} is for collections; one object is not chosen twice, leave it out."
            raise Refusal(400, f"Query {call.object_type}", text, sub_code)
    if parameters.has_paging(call.request):
        text = "One object has no pages; leave the paging parameters out."
        raise Refusal(405, f"Query {call.object_type}", text)


def _once(request: Request, name: str) -> str | None:
    given = request.args.getlist(name)
    if len(given) > 1:
        raise Refusal(400, "Query", f"{name} is given twice; send it once.", _SUB_CODES[name])
    return given[0] if given else None


def _refuse_since(call: Call) -> None:
    doing = f"Query {call.collection}"
    if call.request.method == "POST":
        text = "changesSinceMarker and query by example cannot be combined; leave one out."
        raise Refusal(400, doing, text, "400-02")
    if call.form != COLLECTION:
        text = "changesSinceMarker is for a whole collection, not for a service path."
        raise Refusal(400, doing, text, "400-02")


def _intention(request: Request) -> str:
    word = request.headers.get("queryIntention", "").upper()
    if word not in _INTENTIONS:
        text = f"queryIntention is {ALL}, {ONE_OFF} or {NO_CACHING}."
        raise Refusal(400, "Query", text)
    return _INTENTIONS[word]


def _example(call: Call) -> tuple[Example, str]:
    root = bodies.document(call.request, call.suffix)
    if local_name(root) != call.object_type:
        text = f"The example must be one {call.object_type}; nothing was looked up or created."
        raise Refusal(400, f"Query {call.collection}", text, "400-02")
    return read_example(root), sha256(tostring(root)).hexdigest()


def _digest(example: tuple[Example, str] | None) -> str | None:
    return None if example is None else example[1]
