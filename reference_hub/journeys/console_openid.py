"""Sign in to the console at an OpenID provider: authorization code with PKCE, state and nonce
(OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700, 2.1).

What was begun can come back once, within WITHIN, from the browser that began it. The provider says
at each sign-in what somebody may; who is in no group of the settings gets no access, and the
sessions of that account end.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import structlog

from reference_hub.auth.id_token import Expected, about, claim_at, groups, verified
from reference_hub.clock import Clock
from reference_hub.journeys import console_accounts, console_sign_in
from reference_hub.journeys.console_sign_in import SignedIn, key_of
from reference_hub.model.console import ROLES, Account
from reference_hub.model.openid import NotProven, ProviderAway, Tokens, UnknownKey, Way
from reference_hub.model.scope import Scope
from reference_hub.problems import HubError
from reference_hub.settings import Console, OpenId, OpenIdRole
from reference_hub.store import audits, console_attempts, console_sessions
from reference_hub.store import console_openid as store
from reference_hub.store.console_attempts import ADDRESS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

log = structlog.get_logger(__name__)
WITHIN = timedelta(minutes=10)
_ACTOR = "console:openid"


class NotLetIn(HubError):
    """Nobody is signed in. The text is a word: state | denied | away | proof | role | disabled |
    taken."""


class Provider(Protocol):
    """The OpenID provider of the settings."""

    settings: OpenId

    def address(self, way: Way) -> str:
        """Where the browser is to go. Raises ProviderAway."""
        ...

    def tokens(self, code: str, way: Way, issuer: str) -> Tokens:
        """What a code is worth; `issuer` as the answer names it, '' where it does not. Raises
        ProviderAway, NotProven."""
        ...

    def userinfo(self, access: str) -> Mapping[str, Any] | str | None:
        """What it says of whom an access token was given for: claims, or a signed token with them;
        None where it names no such place. Raises ProviderAway, NotProven."""
        ...

    def keys(self, *, again: bool = False) -> Sequence[Mapping[str, Any]]:
        """The keys that it signs with (RFC 7517); `again`: a token names one that is not known.
        Raises ProviderAway."""
        ...

    def farewell(self, back: str) -> str:
        """Where one signs out of the provider itself, '' where it names no such place. Raises
        ProviderAway."""
        ...


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where the browser goes, and the cookie that it must bring back; or, without them, until when
    its address must wait."""

    address: str = ""
    browser: str = ""
    locked_until: datetime | None = None


def begin(
    engine: Engine, provider: Provider, back: str, place: str, address: str, settings: Console,
    clock: Clock,
) -> Leaving:  # fmt: skip
    """Begin a sign-in that ends at `back`, and leads to `place`. Raises ProviderAway."""
    now = clock.now()
    first = timedelta(seconds=settings.lock_seconds)
    with engine.begin() as connection:
        locked = console_attempts.charge(
            connection, ADDRESS, address, settings.address_failures, first, now
        )
    if locked:
        return Leaving(locked_until=locked)
    browser, state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
    way = Way(state, nonce, verifier, back)
    where = provider.address(way)
    begun = store.Begun(key_of(way.state), key_of(browser), way.nonce, way.verifier, place, now)
    with engine.begin() as connection:
        store.forget(connection, now - WITHIN)
        store.begin(connection, begun)
    return Leaving(where, browser)


@dataclass(frozen=True, slots=True)
class Return:
    """What the browser brought back: the parameters of the provider's answer, and its cookie."""

    state: str
    code: str
    error: str
    issuer: str
    browser: str


def finish(
    engine: Engine, provider: Provider, came: Return, back: str, address: str, settings: Console,
    clock: Clock,
) -> tuple[SignedIn, str]:  # fmt: skip
    """Begin a session for whoever came back; with it the place to go to. Raises NotLetIn."""
    now = clock.now()
    with engine.begin() as connection:
        begun = store.take(connection, key_of(came.state))
    if begun is None or now - begun.begun >= WITHIN or not _is(begun.browser, came.browser):
        raise _refused("state")
    if came.error or not came.code:
        raise _refused("denied")
    way = Way(came.state, begun.nonce, begun.verifier, back)
    try:
        claims = _claims(provider, came, way, now)
    except ProviderAway as error:
        raise _refused("away", str(error)) from None
    except NotProven as error:
        with engine.begin() as connection:
            _note(connection, now, "proof")
        raise _refused("proof", str(error)) from None
    account = _account(engine, provider.settings, claims, now)
    with engine.begin() as connection:
        console_attempts.give_back(connection, ADDRESS, address)
    return console_sign_in.begin(engine, account, settings, now, by="openid"), begun.place


def _claims(provider: Provider, came: Return, way: Way, now: datetime) -> Mapping[str, Any]:
    """Who came back, proven; the groups also from userinfo, where the ID token does not have them.
    Raises ProviderAway, NotProven."""
    tokens = provider.tokens(came.code, way, came.issuer)
    expected = Expected(provider.settings.issuer, provider.settings.client_id, way.nonce)
    claims = _proven(provider, lambda keys: verified(tokens.proof, keys, expected, now))
    place = provider.settings.claim
    told = provider.userinfo(tokens.access) if claim_at(claims, place) is None else None
    if told is None:
        return claims
    subject = str(claims["sub"])
    more = _proven(provider, lambda keys: about(told, keys, expected, subject, now))
    # The ID token stands before userinfo in all that both say, but it does not have the groups.
    return {**more, **claims, place: claim_at(more, place)}


def _proven(
    provider: Provider, judge: Callable[[Sequence[Mapping[str, Any]]], Mapping[str, Any]]
) -> Mapping[str, Any]:
    try:
        return judge(provider.keys())
    except UnknownKey:
        return judge(provider.keys(again=True))


def role_of(settings: OpenId, claims: Mapping[str, Any]) -> OpenIdRole | None:
    """The most that the groups of somebody allow; every district before a single one."""
    found = [
        settings.roles[name] for name in groups(claims, settings.claim) if name in settings.roles
    ]
    return min(found, key=lambda each: (ROLES.index(each.role), each.zone), default=None)


def _account(engine: Engine, settings: OpenId, claims: Mapping[str, Any], now: datetime) -> Account:
    identity, given = (settings.issuer, str(claims["sub"])), role_of(settings, claims)
    why = ""
    with engine.begin() as connection:
        known = store.find(connection, *identity)
        if given is None:
            why = "role"
            if known is not None:
                console_sessions.end_all(connection, known.id)
        elif known is None:
            known = _added(connection, settings, claims, given, now)
            why = "" if known else "taken"
        elif known.disabled:
            why = "disabled"
        elif (known.role, known.zone_id) != (given.role, given.zone):
            store.set_role(connection, known.id, given.role, given.zone)
            _note_role(connection, known, given, now)
            known = store.find(connection, *identity)
        if why:
            _note(connection, now, why)
    if why or known is None:
        raise _refused(why, _lacking(settings, claims) if why == "role" else "")
    return known


def _lacking(settings: OpenId, claims: Mapping[str, Any]) -> str:
    """For the log: whether the provider said nothing of groups, or named other ones."""
    if claim_at(claims, settings.claim) is None:
        return f"neither the ID token nor userinfo has the claim {settings.claim}"
    return f"the claim {settings.claim} names no group of [openid.roles]"


def _added(
    connection: Connection,
    settings: OpenId,
    claims: Mapping[str, Any],
    given: OpenIdRole,
    now: datetime,
) -> Account | None:
    # An account of the same name that has a password belongs to somebody else.
    identity = (settings.issuer, str(claims["sub"]))
    unknown = console_accounts.hashed(secrets.token_urlsafe(32))
    for name in _names(settings, claims):
        if store.add(connection, name, given.role, given.zone, identity, unknown, now):
            told = {"account": name, "role": given.role, "by": "openid"}
            entry = audits.Entry(_ACTOR, "console account added", detail=told)
            audits.add(connection, Scope(given.zone), now, entry)
            break
    return store.find(connection, *identity)


def _names(settings: OpenId, claims: Mapping[str, Any]) -> list[str]:
    subject = str(claims["sub"])
    told = (str(claims.get(place) or "") for place in (settings.name_claim, "email"))
    fit = (" ".join(each.split()) for each in (*told, subject))
    name = next(filter(console_accounts.is_name, fit), "openid")
    host = urlsplit(settings.issuer).hostname or ""
    others = [f"{name} ({host})", f"{name[:60]} ({key_of(subject)[:12]})"]
    return [name, *filter(console_accounts.is_name, others)]


def _note_role(connection: Connection, known: Account, given: OpenIdRole, now: datetime) -> None:
    told = {"account": known.name, "role": given.role, "before": known.role, "by": "openid"}
    entry = audits.Entry(_ACTOR, "console account changed", detail=told)
    audits.add(connection, Scope(given.zone), now, entry)


def _note(connection: Connection, now: datetime, why: str) -> None:
    entry = audits.Entry(_ACTOR, "console sign-in refused", detail={"why": why})
    audits.add(connection, Scope(""), now, entry)


def _refused(why: str, said: str = "") -> NotLetIn:
    log.warning("sign-in by the OpenID provider refused", why=why, said=said)
    return NotLetIn(why)


def tell(error: ProviderAway) -> None:
    """Write into the log why the provider cannot be asked."""
    log.warning("the OpenID provider is away", said=str(error))


def _is(known: str, token: str) -> bool:
    return hmac.compare_digest(known, key_of(token))
