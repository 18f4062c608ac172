"""What of a request, and of its answer, passes between a consumer and a provider (INF-RQC).

A vendor's request passes only where the hub can hold it to the grant: it reads objects, page by
page. A condition, an order or a marker on fields that are not granted would let it guess them from
what the provider selects, so these are refused, and no other field of it goes out or comes back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import quote, unquote_plus, urlsplit

from lxml.etree import _Element

from reference_hub.codec.xml import MalformedDocument, children, local_name, read, tostring
from reference_hub.model.environment import Environment
from reference_hub.model.forwarding import Inbound
from reference_hub.model.headers import CREDENTIALS, HOP_BY_HOP, without
from reference_hub.model.pod import Pod
from reference_hub.model.provider import Provider
from reference_hub.model.scope import Scope
from reference_hub.privacy.filter import compiled
from reference_hub.privacy.tally import fields_of
from reference_hub.privacy.unbound import shown_part
from reference_hub.problems import Refusal

SCOPE = "Requests connector"
QUALIFIERS = ("where", "order", "changesSinceMarker")
_PAGING = ("navigationPage", "navigationPageSize", "navigationId", "queryIntention")
_IN_QUERY = frozenset(
    {"access_token", "authenticationmethod", "methodoverride", "requestaction", "servicetype"}
    | {"timestamp", "usertoken"}
)
# Zone and context travel in the path, and another method than the one permitted does not travel at
# all; the others only the hub may say (INF-AUT-018, 021).
_OURS = frozenset(
    {
        "accept-encoding",
        "authenticateduser",
        "contextid",
        "environmentid",
        "fingerprint",
        "queueid",
        "requesttype",
        "sourcename",
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
        "zoneid",
    }
)
_OF_VENDORS = frozenset(
    {"generatorid", "messageid", "messagetype", "requestaction", "requestid", "servicetype"}
    | {name.lower() for name in _PAGING}
)
_NUMBERS = frozenset(
    {"navigationcount", "navigationlastpage", "navigationpage", "navigationpagesize"}
)
_WORDS = frozenset({"messageid", "messagetype", "navigationid", "responseaction"})
_NUMBER, _WORD = re.compile(r"[0-9]{1,18}"), re.compile(r"[\w.:+/=-]{1,128}", re.ASCII)
# They tell where and what the provider is, or speak of the exchange between it and the hub.
_NOT_RETURNED = frozenset(
    {"alt-svc", "content-location", "date", "location", "proxy-status", "refresh", "server"}
    | {"strict-transport-security", "via", "www-authenticate", "x-powered-by"}
)
_FAILED = "The provider of this service gave an answer that cannot be passed on; try again later."


def place(segments: Iterable[str], suffix: str, scope: Scope) -> str:
    """The path below a connector; zone and context are always there (INF-RQC-002)."""
    path = "/".join(quote(segment, safe="") for segment in segments)
    zone, context = quote(scope.zone_id, safe=""), quote(scope.context_id, safe="")
    return f"{path}{suffix};zoneId={zone};contextId={context}"


def query(raw: str, *, vendor: bool) -> str:
    """The query to send on, with its `?`: without credentials, of a vendor's only the paging."""
    kept = [part for part in raw.split("&") if part and _passes(part, vendor)]
    return f"?{'&'.join(kept)}" if kept else ""


def sent(
    fields: Sequence[tuple[str, str]],
    environment: Environment,
    provider: Provider,
    *,
    utility: bool,
) -> dict[str, str]:
    """The header fields to send on: nothing that identifies the consumer to anyone but us.

    Raises Refusal 503 for a request that came from this provider: it would go round for ever.
    """
    trail = [value for name, value in fields if name.lower() == "via"]
    mark = f"1.1 hub-{provider.id}"
    if any(mark in value for value in trail):
        raise Refusal(503, SCOPE, _FAILED)
    if environment.is_vendor:
        fields = [each for each in fields if each[0].lower() in _OF_VENDORS]
    headers = without(fields, HOP_BY_HOP, CREDENTIALS, _OURS)
    if environment.is_vendor:
        headers["Accept"] = "application/xml"
    headers |= {
        "Accept-Encoding": "gzip, identity",
        "Via": ", ".join((*trail, mark)),
        "sourceName": _as_wsgi(environment.application.key),
        "fingerprint": environment.fingerprint,
    }
    return headers | ({"environmentId": environment.id} if utility else {})


def returned(answer: Inbound, provider: Provider) -> Inbound:
    """The answer without what names the provider. Raises Refusal 503 for one of no use.

    A redirect would lead around the hub, and a 401 is about the hub's token, not the consumer's.
    """
    usable = answer.status in _USABLE or 400 <= answer.status < 600
    if answer.status == 401 or not usable:
        raise Refusal(503, SCOPE, _FAILED)
    secrets = _names(provider)
    if answer.status >= 400 and any(each.encode() in answer.body for each in secrets):
        raise Refusal(answer.status, SCOPE, "The provider refused it; its reasons are withheld.")
    fields = [
        (name, value)
        for name, value in answer.headers.items()
        if not any(each in value for each in secrets)
    ]
    headers = without(fields, HOP_BY_HOP, CREDENTIALS, _NOT_RETURNED)
    return Inbound(answer.status, headers, answer.body)


def shown(
    answer: Inbound, collection: str, object_type: str, pod: Pod | None
) -> tuple[dict[str, str], tuple[bytes, ...]]:
    """What a vendor gets: header fields, and the objects pruned by `pod`; `collection` is '' where
    one object was asked for.

    Raises Refusal with the provider's status for a refusal, 503 for what cannot be pruned.
    """
    if answer.status == 404 and not collection:
        raise unknown(object_type)
    if answer.status >= 400:
        raise Refusal(answer.status, SCOPE, "The provider refused it; its reasons are withheld.")
    if answer.status == 304:
        raise Refusal(503, SCOPE, _FAILED)
    fields = answer.headers.items()
    headers = {name: value for name, value in fields if _is_for_vendors(name.lower(), value)}
    if not answer.body:
        return headers, ()
    found = _objects(answer.body, collection, object_type)
    return headers, tuple(_pruned(found, pod))


def unknown(object_type: str) -> Refusal:
    """One answer for an object that is not there, and for one that the vendor must not know of."""
    return Refusal(404, f"Query {object_type}", "There is no object with this id.")


def told(found: Iterable[bytes], pod: Pod | None) -> Counter[str]:
    """Of how many of these objects each granted path is shown."""
    grants = compiled(pod) if pod else None
    if grants is None:
        return Counter()
    return Counter(path for body in found for path in fields_of(read(body), grants))


_USABLE = (200, 201, 202, 204, 206, 304)


def _objects(body: bytes, collection: str, object_type: str) -> list[_Element]:
    try:
        root = read(body)
    except MalformedDocument:
        raise Refusal(503, SCOPE, _FAILED) from None
    found = children(root) if collection else [root]
    wrong = collection and local_name(root) != collection
    if wrong or any(local_name(each) != object_type for each in found):
        raise Refusal(503, SCOPE, _FAILED)
    return found


def _pruned(found: Iterable[_Element], pod: Pod | None) -> Iterable[bytes]:
    for element in found:
        kept = shown_part(element, pod)
        if kept is not None:
            yield tostring(kept)


def _is_for_vendors(name: str, value: str) -> bool:
    # A text would need a grant; a number or an opaque word does not read as one.
    if name in _NUMBERS:
        return _NUMBER.fullmatch(value) is not None
    return name in _WORDS and _WORD.fullmatch(value) is not None


def _passes(part: str, vendor: bool) -> bool:
    name = unquote_plus(part.partition("=")[0])
    return name in _PAGING if vendor else name.lower() not in _IN_QUERY | _OURS


def _names(provider: Provider) -> list[str]:
    address = urlsplit(provider.endpoint)
    host = address.hostname or ""
    return [address.netloc, *([host] if "." in host or ":" in host else [])]


def _as_wsgi(text: str) -> str:
    # Header text is Latin-1 on its way through the hub; these are its UTF-8 bytes.
    return text.encode().decode("latin-1")
