"""Names of header fields: SIF's own spelling, and those that end at the hub."""

from __future__ import annotations

from collections.abc import Iterable

SIF = (
    "authenticatedUser",
    "changesSinceMarker",
    "contextId",
    "dataPrivacyMarker",
    "environmentId",
    "environmentURI",
    "eventAction",
    "fingerprint",
    "generatorId",
    "messageId",
    "messageType",
    "methodOverride",
    "mustUseAdvisory",
    "navigationCount",
    "navigationId",
    "navigationLastPage",
    "navigationPage",
    "navigationPageSize",
    "queryIntention",
    "queueId",
    "relativeServicePath",
    "replacement",
    "requestAction",
    "requestId",
    "requestType",
    "responseAction",
    "serviceName",
    "serviceSubType",
    "serviceType",
    "sourceName",
    "timestamp",
    "zoneId",
)
_SPELLED = {name.lower(): name for name in SIF}

# RFC 9110 7.6.1, and what belongs to one exchange.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
CREDENTIALS = frozenset({"authorization", "cookie", "set-cookie", "usertoken"})


def spelled(name: str) -> str:
    """The name as the standard writes it; WSGI hands over `Requesttype`."""
    return _SPELLED.get(name.lower(), name)


def without(fields: Iterable[tuple[str, str]], *dropped: frozenset[str]) -> dict[str, str]:
    """The fields but those named, in the spelling of the standard."""
    gone = frozenset().union(*dropped)
    return {spelled(name): value for name, value in fields if name.lower() not in gone}
