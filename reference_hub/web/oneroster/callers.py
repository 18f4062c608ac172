"""Who asks: the application of a vendor, on the one connection of its that speaks this version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from secrets import token_hex

from flask import Request

from reference_hub.auth import bearer, oauth1
from reference_hub.auth.token import SCOPE, refused
from reference_hub.journeys.roster_read import Reader
from reference_hub.model.caller import reached, undecided_key
from reference_hub.model.party import Application, Subscriber
from reference_hub.problems import Refusal
from reference_hub.store import nonces, tokens, vendors
from reference_hub.store.db import reading
from reference_hub.web import notation
from reference_hub.web.bodies import body_bytes
from reference_hub.web.call import raw_target
from reference_hub.web.oneroster.members import V1_1
from reference_hub.web.services import root_url, services

FORMATS = {V1_1: "oneroster-1.1-rest", "1.2": "oneroster-1.2-rest"}
_ANY: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Client:
    """The reader behind a request, what its token allows (none: all), and the body if it was
    needed for the signature."""

    reader: Reader
    scopes: tuple[str, ...]
    body: bytes | None = None

    def may(self, any_of: tuple[str, ...]) -> bool:
        """Whether the token allows one of these."""
        return not self.scopes or not set(any_of).isdisjoint(self.scopes)


def client(request: Request, version: str) -> Client:
    """Authenticate. Raises Refusal 401, or 403 for an application without such a connection."""
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    body: bytes | None = None
    allowed = _ANY
    if scheme.lower() == oauth1.NAME.lower() and version == V1_1:
        body = body_bytes(request)
        application = _signed(request, body)
    elif scheme.lower() == bearer.NAME.lower() and token:
        application, allowed = _by_token(token.strip(), version)
    else:
        raise Refusal(401, SCOPE, f"Send {_schemes(version)} in the header Authorization.")
    notation.remember(application)
    return Client(_reader(application, version), allowed, body)


def _schemes(version: str) -> str:
    signed = ", or an OAuth 1.0a signature," if version == V1_1 else ""
    return f"Bearer and an access token{signed}"


def _by_token(token: str, version: str) -> tuple[Application, tuple[str, ...]]:
    hub = services()
    with reading(hub.engine) as connection:
        found = tokens.find_scoped(connection, bearer.digest(token), hub.clock.now())
        application = vendors.find_application(connection, found[0]) if found else None
    if found is None or application is None:
        raise refused()
    return application, _allowed(found[1], version)


def _allowed(scope: str, version: str) -> tuple[str, ...]:
    """The last parts of the scopes that were asked for. 1.1 leaves them open, 1.2 demands them."""
    part = f"/or/v{version.replace('.', 'p')}/scope/"
    found = tuple(each.rpartition("/")[2] for each in scope.split() if part in each)
    if found or (version == V1_1 and not scope.strip()):
        return found
    return ("none",)


def _signed(request: Request, body: bytes) -> Application:
    hub = services()
    signed = oauth1.read(request.headers["Authorization"])
    now = hub.clock.now()
    window = timedelta(seconds=hub.settings.access.hmac_window_seconds)
    with reading(hub.engine) as connection:
        application = vendors.find_application(connection, signed.key)
        # An unknown key costs the same comparison as a wrong secret.
        secret = application.secret if application else token_hex()
        url = f"{root_url()}{_target(request)}"
        proven = oauth1.proves(signed, secret, request.method, url, body, now, window)
        if application is None or not proven:
            raise refused()
        told = (signed.key, signed.nonce, signed.timestamp, now, window)
        if not nonces.use(connection, *told):
            raise refused()
    return application


def _target(request: Request) -> str:
    target = raw_target(request)
    # A proxy may pass the whole address on.
    return target if target.startswith("/") else "/" + target.partition("://")[2].partition("/")[2]


def _reader(application: Application, version: str) -> Reader:
    hub = services()
    with reading(hub.engine) as connection:
        vendor_id = application.vendor_id
        owner = vendors.vendor_by_id(connection, vendor_id) if vendor_id else None
        own = vendors.subscribers_of(connection, owner.id) if owner else []
    to = _connection(own, application, FORMATS[version])
    if owner is None or to is None or owner.scope != application.scope:
        text = (
            f"Your application has no connection for OneRoster {version}; the district makes one: "
            "reference-hub vendor connect."
        )
        raise Refusal(403, SCOPE, text)
    caller = replace(reached(owner, to), undecided_key=undecided_key(application))
    return Reader(to, caller, application.key)


def _connection(own: list[Subscriber], application: Application, format_: str) -> Subscriber | None:
    """The one for this product, else the one for all products of the vendor."""
    fitting = [each for each in own if each.format == format_]
    for app_id in (application.app_id, ""):
        named = [each for each in fitting if each.app_id == app_id]
        if len(named) == 1:
            return named[0]
    return None
