"""Entity tags: opaque words for the state of a type, or of one object.

SIF has the caller send a tag back in a request header ETag; HTTP has If-None-Match for it. A tag
has two parts: the first stands for the state (all that SIF asks for), the second for the page and
the notation, so that a cache of HTTP never takes one page for another.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Request

from reference_hub.journeys.pull import One
from reference_hub.journeys.seals import grant_of, tag
from reference_hub.journeys.view import View
from reference_hub.problems import Refusal
from reference_hub.store.listings import State
from reference_hub.web import parameters
from reference_hub.web.call import Call
from reference_hub.web.qualifiers import Asked

_FORM = ("Accept", "Accept-Profile")
_PAGE = ("navigationPage", "navigationPageSize")


def is_conditional(request: Request) -> bool:
    """Whether the caller holds a tag."""
    return bool(request.headers.get("ETag") or request.headers.get("If-None-Match"))


def of_listing(call: Call, view: View, asked: Asked, state: State) -> str:
    """Changes with any object of the types that the query looks at (INF-QRY-008)."""
    scope, words = view.scope, sorted(asked.words.items())
    place = (scope.zone_id, scope.context_id, *call.path)
    stem = tag(state.epoch, "list", state.changes, place, words, grant_of(view.pod))
    page = [parameters.value(call.request, name) for name in _PAGE]
    return _quoted(stem, tag(state.epoch, stem, page, *_form(call)))


def of_object(call: Call, view: View, epoch: str, found: One) -> str:
    """Of what a vendor may see, so that it does not change with what the vendor may not see."""
    what = found.version_id if view.is_whole else (found.body, grant_of(view.pod))
    stem = tag(epoch, "object", what)
    return _quoted(stem, tag(epoch, stem, *_form(call)))


def unchanged(request: Request, current: str) -> bool:
    """Whether the caller holds what it would get: answer 304."""
    if any(_stem(each) == _stem(current) for each in _listed(request, "ETag")):
        return True
    return any(each in ("*", current) for each in _listed(request, "If-None-Match"))


def is_guarded(request: Request) -> bool:
    """Whether a change shall only happen to the state that the caller knows."""
    return bool(request.headers.get("If-Match") or request.headers.get("ETag"))


def refuse_stale(request: Request, current: str, doing: str) -> None:
    """Raise Refusal 412 when the caller's tag is of another state (INF-UPD-005)."""
    known = [*_listed(request, "If-Match"), *_listed(request, "ETag")]
    if not any(each == "*" or _stem(each) == _stem(current) for each in known):
        text = "The object has changed since you read it; read it again, then send the change."
        raise Refusal(412, doing, text)


def _listed(request: Request, name: str) -> Sequence[str]:
    words = (word.strip() for word in request.headers.get(name, "").split(","))
    return [word.removeprefix("W/") for word in words if word]


def _stem(word: str) -> str:
    return word.strip('"').partition(".")[0]


def _quoted(stem: str, rest: str) -> str:
    return f'"{stem}.{rest}"'


def _form(call: Call) -> list[str]:
    return [call.suffix, *(call.request.headers.get(name, "") for name in _FORM)]
