"""Responses: XML bodies, empty ones, and the error element (INF-ERR-001 to 006)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from flask import Response, g, has_app_context, has_request_context, request
from lxml.etree import _Element

from reference_hub.codec.negotiate import OFFERED
from reference_hub.codec.tree import branch, leaf, root
from reference_hub.codec.xml import namespace_of, tostring
from reference_hub.model.infrastructure import INFRASTRUCTURE, version_of
from reference_hub.model.served import utility_of
from reference_hub.problems import Refusal
from reference_hub.web import notation
from reference_hub.web.services import services

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
XML = "application/xml"
MARKER = "dataPrivacyMarker"
_LONGEST_MESSAGE = 1024
# No limit in the schema of 3.3, but in all before it (contradiction C-13).
_LONGEST_SCOPE = 80
_RETRY_SECONDS = 5
_RICH_ERRORS = (3, 6)
_ABOUT_DATA = ("400-01", "400-02", "400-03")
_CHALLENGES = ('Basic realm="SIF"', 'SIF_HMACSHA256 realm="SIF"', 'Bearer realm="SIF"')


def xml(
    body: _Element | bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A response with an XML body."""
    content = body if isinstance(body, bytes) else tostring(body)
    return Response(content, status, dict(headers or {}), content_type=XML)


def verbatim(
    body: bytes | None, content_type: str, status: int, headers: Mapping[str, str]
) -> Response:
    """A body that somebody else wrote, in whatever notation, as it came."""
    response = Response(body or b"", status, dict(headers), content_type=content_type or None)
    if not content_type:
        del response.headers["Content-Type"]
    g.verbatim = response
    return response


def empty(status: int = 204, headers: Mapping[str, str] | None = None) -> Response:
    """A response without a body, hence without a Content-Type."""
    response = Response(status=status, headers=dict(headers or {}))
    del response.headers["Content-Type"]
    return response


def error(problem: Refusal, error_id: str = "") -> Response:
    """The answer to a request that is refused; `error_id` where the log names one."""
    element = error_element(problem, error_id or services().clock.new_uuid())
    response = xml(element, problem.status)
    if problem.status == 401:
        for challenge in _CHALLENGES:
            response.headers.add("WWW-Authenticate", challenge)
    if problem.status == 405 and "allowed" in g:
        response.headers["Allow"] = g.allowed
    if problem.status == 503:
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    if problem.status == 415:
        response.headers["Accept"] = ", ".join(OFFERED)
    return response


def error_element(problem: Refusal, error_id: str) -> _Element:
    """The `error` element in the caller's infrastructure namespace.

    Before infrastructure 3.6 there is no member for the sub-code, so it opens the description.
    """
    element = infrastructure("error", id=error_id)
    rich = version_of(namespace_of(element)) >= _RICH_ERRORS
    leaf(element, "code", str(problem.status))
    leaf(element, "scope", problem.scope[:_LONGEST_SCOPE])
    if rich:
        _classify(element, problem)
    leaf(element, "message", problem.message[:_LONGEST_MESSAGE])
    if rich:
        _detail(element, problem)
    elif problem.sub_code:
        leaf(element, "description", f"{problem.sub_code} {problem.message}")
    return element


def _classify(parent: _Element, problem: Refusal) -> None:
    leaf(parent, "type", "DATA" if _is_about_data(problem) else "INFRASTRUCTURE")
    if problem.sub_code:
        leaf(parent, "subCode", problem.sub_code)


def _detail(element: _Element, problem: Refusal) -> None:
    """One errorDetail for each fault that is known."""
    known = problem.details or ((problem.message,) if problem.sub_code else ())
    details = branch(element, "errorDetails") if known else element
    for text in known:
        detail = branch(details, "errorDetail")
        _classify(detail, problem)
        leaf(detail, "message", text[:_LONGEST_MESSAGE])


def _is_about_data(problem: Refusal) -> bool:
    # Which of the two an error is about the standard leaves open; this is the hub's reading.
    if not has_request_context():
        return False
    connector, _, rest = request.path.lstrip("/").partition("/")
    service = re.split("[/;.]", rest, maxsplit=1)[0]
    return (
        connector == "requests"
        and utility_of(service) is None
        and (problem.sub_code in _ABOUT_DATA or problem.status in (404, 409, 412, 413))
    )


def allow(methods: Iterable[str]) -> None:
    """Name the methods that an answer 405 to this request offers."""
    g.allowed = ", ".join(methods)


def not_offered(doing: str, methods: Iterable[str]) -> Refusal:
    """405 for a method that is none of these."""
    allow(methods)
    text = f"{request.method} is not offered here; offered: {g.allowed}."
    return Refusal(405, doing, text)


def speak(namespace: str) -> None:
    """Answer this request in the infrastructure namespace that the caller uses."""
    g.namespace = namespace


def spoken() -> str:
    """The infrastructure namespace this request is answered in, 3.3 outside of one."""
    if has_app_context() and "namespace" in g:
        return str(g.namespace)
    return notation.infrastructure_asked(request) if has_request_context() else INFRASTRUCTURE


def infrastructure(name: str, /, **attributes: str) -> _Element:
    """A root element in the namespace this request is answered in."""
    return root(name, spoken(), **attributes)
