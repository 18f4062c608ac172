"""What a read-only run may send: whatever changes nothing but the suite's own session."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from conformance.problems import NotVerified

_HARMLESS = ("GET", "HEAD", "OPTIONS")
_FORM = "application/x-www-form-urlencoded"


def refuse_change(method: str, url: str, headers: Iterable[tuple[str, str]]) -> None:
    """Raise NotVerified for a request that could change data at the target.

    Let through are reads, queries by example (POST with `methodOverride: GET`, Base Architecture
    5.3), the suite's own environment, and requests for a token (RFC 6749, section 4.4).
    """
    lines = {name.lower(): value for name, value in headers}
    asked = lines.get("methodoverride", method).upper()
    is_session = "environments" in urlsplit(url).path.split("/")
    is_token = method == "POST" and lines.get("content-type", "").startswith(_FORM)
    if asked not in _HARMLESS and not is_session and not is_token:
        raise NotVerified(f"the run is read-only, so no {asked} was sent")
