"""The first answer is no environment: a wrong place, something in between, or who asks.

What one answer leaves open, a second request tells that differs in one thing only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import msgspec

from conformance import auth, trees
from conformance.doctor_network import speaks_tls
from conformance.doctor_words import (
    MOST_SKEW_SECONDS,
    ahead,
    clock_skew,
    fault,
    fresh_instance,
    is_html,
    is_login,
    packed_badly,
)
from conformance.environments import build, read
from conformance.problems import NotVerified, SetupFault
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.target import TargetConfig
from conformance.trees import NA4
from conformance.versions import BUILT, VERSIONS

MODELS = (
    NA4,
    "http://www.sifassociation.org/datamodel/na/3.x",
    "http://www.sifassociation.org/datamodel/na/3.3",
    "http://www.sifassociation.org/datamodel/au/3.4",
)
_CURE = "Give the address below which environments/environment stands."


def refuse(config: TargetConfig, client: SifClient, reply: Reply) -> None:
    """Raise the SetupFault that this answer to an environment create shows, if any."""
    seen = f"{reply.request} answered {reply.status}"
    _refuse_way(config, client, reply, seen)
    _refuse_place(config, reply, seen)
    if reply.status in (401, 403):
        raise _credentials(config, client, reply)
    if 400 <= reply.status < 500 and reply.status != 409:
        _refuse_variant(config, client, seen)


def _refuse_way(config: TargetConfig, client: SifClient, reply: Reply, seen: str) -> None:
    """What stands between the suite and the product."""
    url = _at_url(config)
    if bad := packed_badly(reply):
        cure = "Correct the gzip of the product, or of what packs its answers on the way."
        raise url(f"{seen}, and its body {bad}", cure)
    if reply.status == 400 and speaks_tls(client.wire, config.base):
        raise url(f"{seen}, and the port speaks TLS", "Write https:// instead of http://.")
    if reply.status == 407:
        cure = "Name the environment variable that holds user:password for the proxy."
        told = config.network.proxy_login_env or "not set"
        raise fault(config, "network", "proxy_login_env", told, seen, cure)
    if reply.status == 503:
        wait = reply.headers.get("Retry-After")
        when = f"; it asks to wait {wait} s" if wait.isdecimal() else ""
        page = " with a web page" if is_html(reply) else ""
        cure = "Wait until it is in service again, look at its log, then run the doctor again."
        raise url(f"{seen}{page}: the product is down or in maintenance{when}", cure)
    if reply.status == 429:
        raise url(seen, "Set requests_per_second below the limit.")
    if reply.status == 413:
        cure = "Raise the largest body that the product, or the proxy before it, takes."
        raise url(f"{seen} to a body of some hundred bytes", cure)
    if reply.status == 415:
        cure = "Something changes Content-Type on the way, or this is not a SIF service."
        raise url(f"{seen} to a body of type application/xml", cure)


def _refuse_place(config: TargetConfig, reply: Reply, seen: str) -> None:
    url = _at_url(config)
    login = "Something asks people to log in (single sign-on, VPN): let the suite pass without."
    if 300 <= reply.status < 400:
        where = reply.headers.get("Location").partition("?")[0] or "nowhere"
        cure = "Give the final address; redirects are not followed."
        raise url(f"{seen}, to {where}", login if is_login(reply) else cure)
    refused = reply.status in (401, 403) and _offered(reply)
    if is_html(reply) and not refused:
        if read(reply) is not None:
            cure = "Something changes Content-Type on the way, or the product says it wrongly."
            raise url(f"{seen} with an environment that is called text/html", cure)
        page = "a login page" if is_login(reply) else "a web page"
        cure = login if is_login(reply) else _CURE
        raise url(f"{seen} with {page}", cure)
    if reply.status in (404, 405, 410, 501, 502, 504):
        raise url(seen, _CURE)
    if reply.status == 500:
        cure = "The product answers an error to the first request; look at its log."
        raise url(seen, cure)


def _at_url(config: TargetConfig) -> Callable[[str, str], SetupFault]:
    return lambda seen, cure: fault(config, "endpoint", "url", config.base, seen, cure)


# -- who asks ------------------------------------------------------------------------------------


def _credentials(config: TargetConfig, client: SifClient, reply: Reply) -> SetupFault:
    who = config.credentials
    skew = clock_skew(reply)
    if who.method == auth.HMAC and abs(skew) > MOST_SKEW_SECONDS:
        seen = f"answered {reply.status}, and its clock is {ahead(skew)} this machine's"
        cure = "Set both clocks by a time server; the signature covers the time."
        return SetupFault("the clock", f"the target {seen}.", cure)
    seen = f"the target refused key {who.key!r} with {reply.status}"
    if (offered := _offered(reply)) and who.method.lower() not in offered:
        cure = f"Use one of what it offers: {', '.join(sorted(offered))}."
        return fault(config, "credentials", "method", who.method, seen, cure)
    # Basic would show the secret to whoever listens, so only the other way round is tried.
    if who.method == auth.BASIC and _passes(client, auth.HMAC):
        cure = f'Write method = "{auth.HMAC}": with it the target lets us in.'
        return fault(config, "credentials", "method", who.method, seen, cure)
    if _passes(client, auth.HMAC, in_query=True):
        told = f"{seen} in the header, and takes it in the query"
        cure = "Something strips Authorization on the way: let the proxy pass it on."
        return fault(config, "endpoint", "url", config.base, told, cure)
    return _wrong_proof(config, client, reply, seen)


def _wrong_proof(config: TargetConfig, client: SifClient, reply: Reply, seen: str) -> SetupFault:
    who = config.credentials
    place = next(name for name in ("secret_env", "secret_file", "secret") if getattr(who, name))
    value = getattr(who, place) if place != "secret" else "in the file"
    if _knows_the_key(client, who.key, reply):
        told = f"{seen}, otherwise than an unknown key: so the secret is wrong"
        cure = f"Correct the secret that {place} leads to (method {who.method})."
        return fault(config, "credentials", place, value, told, cure)
    cure = f"Check key, method ({who.method}) and the secret that {place} leads to."
    found = fault(config, "credentials", place, value, seen, cure)
    return SetupFault(f"{found.key}, key = {who.key!r}", found.seen, found.fix)


def _offered(reply: Reply) -> set[str]:
    """The schemes of WWW-Authenticate in lower case, those that a target file can name."""
    told = " ".join(reply.headers.all("WWW-Authenticate")).lower().replace(",", " ").split()
    return {method.lower() for method in auth.METHODS} & set(told)


def _passes(client: SifClient, method: str, in_query: bool = False) -> bool:
    own = client.identity
    client.identity = replace(own, method=method)
    try:
        url = client.config.url("environments/environment")
        body = client.environment_body(fresh_instance())
        where: Literal["query", "header"] = "query" if in_query else "header"
        reply = client.request(
            "POST", url, body=body, auth="application", auth_in=where, marker=None
        )
        client.adopt(reply, client.identity)
        return reply.ok
    except NotVerified:
        return False
    finally:
        client.identity = own


def _knows_the_key(client: SifClient, key: str, reply: Reply) -> bool:
    """Whether an invented key gets another refusal than ours."""
    try:
        other = client.connect(key=f"{key}-unknown-{client.rng.getrandbits(32):x}")
    except NotVerified:
        return False
    return (_told(other) != _told(reply)) and not other.ok


def _told(reply: Reply) -> tuple[str, ...]:
    """Status and words of a refusal, without what differs from one to the next."""
    try:
        root = trees.parse(reply.body)
    except trees.Unreadable:
        return (str(reply.status),)
    words = (trees.text(root, name) for name in ("code", "scope", "message", "description"))
    return (str(reply.status), *words)


# -- what is asked for ---------------------------------------------------------------------------


def _refuse_variant(config: TargetConfig, client: SifClient, seen: str) -> None:
    """Ask again with another data model or infrastructure version; raise for what helps."""
    if _accepted(config, client, {}):
        return
    for key, others in (("data_model", MODELS), ("infrastructure", (BUILT, *VERSIONS))):
        own = getattr(config.endpoint, key)
        for other in others:
            if other != own and _accepted(config, client, {key: other}):
                cure = f'Write {key} = "{other}": the target takes that.'
                raise fault(config, "endpoint", key, own, seen, cure)


def _accepted(config: TargetConfig, client: SifClient, changes: dict[str, str]) -> bool:
    changed = replace(config, endpoint=msgspec.structs.replace(config.endpoint, **changes))
    instance = fresh_instance()
    own, client.config = client.config, changed
    try:
        return client.connect(body=build(changed, client.identity, instance)).ok
    except NotVerified:
        return False
    finally:
        client.config = own
