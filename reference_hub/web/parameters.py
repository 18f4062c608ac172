"""SIF message parameters: what the request means, and whether the hub can do it."""

from __future__ import annotations

from flask import Request

from reference_hub.codec.numbers import whole
from reference_hub.journeys.pull import Page
from reference_hub.model.rights import SERVICE_TYPES
from reference_hub.problems import Refusal

SCOPE = "Message parameters"
_ACTIONS = {"GET": "QUERY", "HEAD": "HEAD", "POST": "CREATE", "PUT": "UPDATE", "DELETE": "DELETE"}
_OVERRIDES = {("POST", "GET"): "QUERY", ("PUT", "DELETE"): "DELETE"}
_LARGEST = 999_999_999
_KNOWN = {
    "messageType": ("REQUEST",),
    "requestType": ("IMMEDIATE", "DELAYED"),
    "serviceType": (*SERVICE_TYPES, "FUNCTION", "SERVICE"),
}
# Only the first two override anything, but a provider behind the hub might think otherwise.
_METHOD_OVERRIDES = {
    "POST": ("GET", "POST"),
    "PUT": ("UPDATE", "DELETE"),
    "GET": ("GET",),
    "HEAD": ("GET", "HEAD"),
    "DELETE": ("DELETE",),
}


def action(request: Request) -> str:
    """What the request does, by method and methodOverride (Base Architecture 4.3.2)."""
    override = request.headers.get("methodOverride", "").upper()
    overridden = _OVERRIDES.get((request.method, override))
    return overridden or _ACTIONS.get(request.method, "QUERY")


def refuse_unknown(request: Request) -> None:
    """Raise Refusal 400 for a value of an enumerated header that the hub cannot follow."""
    known = dict(_KNOWN)
    known["methodOverride"] = _METHOD_OVERRIDES.get(request.method, ())
    for name, values in known.items():
        value = request.headers.get(name, "")
        if value and value.upper() not in values:
            text = f"This value of {name} is not supported; send {' or '.join(values)}."
            raise Refusal(400, SCOPE, text)
    asked = request.headers.get("requestAction", "")
    if asked and asked.upper() != action(request):
        text = f"requestAction contradicts the method; this is {action(request)}."
        raise Refusal(400, SCOPE, text)


def service_type(request: Request) -> str:
    """The service type that the header names, OBJECT where it is silent."""
    named = request.headers.get("serviceType", "").upper() or "OBJECT"
    # Tables of the standard say FUNCTION, its schema FUNCTIONAL (contradiction C-03).
    return "FUNCTIONAL" if named == "FUNCTION" else named


def refuse_qualifiers(request: Request) -> None:
    """Raise Refusal 400 for what would change the result set; never answer unfiltered."""
    for name, sub_code in (("where", "400-02"), ("order", "400-03"), ("changesSinceMarker", "")):
        if name in request.args:
            raise Refusal(400, SCOPE, f"{name} is not supported; leave it out.", sub_code)


def has_paging(request: Request) -> bool:
    """Whether any paging parameter was sent."""
    names = ("navigationPage", "navigationPageSize", "navigationId")
    return any(value(request, name) is not None for name in names)


def paging(request: Request) -> Page:
    """The page asked for. Raises Refusal 400 for numbers that are none, 404 for a navigationId."""
    if value(request, "navigationId") is not None:
        raise Refusal(404, SCOPE, "This navigationId is not known; this service gives out none.")
    return page(request)


def page(request: Request) -> Page:
    """The page asked for, whatever the navigationId. Raises Refusal 400 as `paging` does."""
    number = _number(request, "navigationPage", least=1)
    size = _number(request, "navigationPageSize", least=0)
    if number is not None and size is None:
        raise Refusal(400, SCOPE, "navigationPage needs navigationPageSize.")
    return Page(number or 1, size)


def flag(request: Request, name: str) -> bool:
    """A boolean parameter, false when absent. Raises Refusal 400 for any other word."""
    word = (value(request, name) or "false").lower()
    if word not in ("true", "false"):
        raise Refusal(400, SCOPE, f"{name} is true or false.")
    return word == "true"


def value(request: Request, name: str) -> str | None:
    """A parameter from the header, else from the query (INF-HDR-002)."""
    found = request.headers.get(name)
    return request.args.get(name) if found is None else found


def _number(request: Request, name: str, *, least: int) -> int | None:
    text = value(request, name)
    if text is None:
        return None
    if name not in request.headers and len(request.args.getlist(name)) > 1:
        raise Refusal(400, SCOPE, f"{name} is given twice; send it once.")
    number = whole(text, _LARGEST)
    if number is None or number < least:
        raise Refusal(400, SCOPE, f"{name} must be a whole number from {least}.")
    return number
