"""Responses: XML bodies, empty ones, and the error element (INF-ERR-001 to 006)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response, g, has_app_context
from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.xml import tostring
from reference_hub.model.pod_document import INFRASTRUCTURE
from reference_hub.problems import Refusal
from reference_hub.web.services import services

XML = "application/xml"
MARKER = "dataPrivacyMarker"
_LONGEST_MESSAGE = 1024
_RETRY_SECONDS = 5
_CHALLENGES = ('Basic realm="SIF"', 'SIF_HMACSHA256 realm="SIF"')


def xml(
    body: _Element | bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A response with an XML body."""
    content = body if isinstance(body, bytes) else tostring(body)
    return Response(content, status, dict(headers or {}), content_type=XML)


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
        response.headers["Accept"] = f"{XML}, text/xml"
    return response


def error_element(problem: Refusal, error_id: str) -> _Element:
    """The `error` element in the caller's infrastructure namespace.

    Infrastructure 3.3 has no member for the sub-code of 3.6, so it opens the description.
    """
    element = infrastructure("error", id=error_id)
    leaf(element, "code", str(problem.status))
    leaf(element, "scope", problem.scope)
    leaf(element, "message", problem.message[:_LONGEST_MESSAGE])
    if problem.sub_code:
        leaf(element, "description", f"{problem.sub_code} {problem.message}")
    return element


def allow(methods: Iterable[str]) -> None:
    """Name the methods that an answer 405 to this request offers."""
    g.allowed = ", ".join(methods)


def speak(namespace: str) -> None:
    """Answer this request in the infrastructure namespace that the caller uses."""
    g.namespace = namespace


def infrastructure(name: str, /, **attributes: str) -> _Element:
    """A root element in the namespace this request is answered in, 3.3 outside of one."""
    namespace: str = (has_app_context() and g.get("namespace")) or INFRASTRUCTURE
    nsmap: dict[str, str] = {None: namespace}  # type: ignore[dict-item]  # stubs lack None
    return etree.Element(f"{{{namespace}}}{name}", attributes, nsmap=nsmap)


def leaf(parent: _Element, tag: str, text: str, /, **attributes: str) -> _Element:
    """Append a child with text, in its parent's namespace."""
    child = branch(parent, tag, **attributes)
    child.text = text
    return child


def branch(parent: _Element, tag: str, /, **attributes: str) -> _Element:
    """Append an empty child, in its parent's namespace."""
    namespace = etree.QName(parent).namespace
    return etree.SubElement(parent, f"{{{namespace}}}{tag}", attributes)
