"""What all answers of the console have in common: headers, and errors as a page for people."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, g

from reference_hub.web.console import site

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    # Not no-referrer: browsers would name no origin with the forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ID = re.compile(rb'id="([0-9a-f-]{36})"')
_KNOWN = (403, 404, 413, 422, 500, 503)


@site.blueprint.after_request
def close(response: Any) -> Any:
    """The last step of each answer; what the hub says in XML becomes a page."""
    if response.status_code >= 400 and response.mimetype == "application/xml":
        response = _failed(response)
    if not response.is_streamed:
        g.verbatim = response
    site.keep_language(response)
    response.headers.setdefault("Cache-Control", "no-store")
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _failed(answer: Response) -> Response:
    status = answer.status_code
    found = _ID.search(answer.get_data()) if status == 500 else None
    page = site.visitor().show(
        "failed.html",
        status,
        why=status if status in _KNOWN else 500,
        fault_id=found[1].decode() if found else "",
    )
    for name in ("Retry-After", "Allow"):
        if name in answer.headers:
            page.headers[name] = answer.headers[name]
    return page
