"""Who calls: an application that opens an environment, or a session in one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from flask import Request

from reference_hub.auth import basic, bearer
from reference_hub.auth.check import Known, check, scheme_of
from reference_hub.auth.token import SCOPE, Presented, presented, refused
from reference_hub.codec.xml import fold
from reference_hub.journeys.enrol import user_digest
from reference_hub.model.environment import Environment, passing
from reference_hub.model.party import Application
from reference_hub.problems import Refusal
from reference_hub.store import environments, tokens, vendors
from reference_hub.store.db import reading
from reference_hub.web import notation, parameters, parking
from reference_hub.web.services import services

SESSION = "reference_hub.session"


def application(request: Request) -> tuple[Application, str]:
    """The application behind the credentials and the method used. Raises Refusal 401."""
    shown = _shown(request)
    if _is_bearer(shown):
        return _bearer_application(request, shown), bearer.NAME
    hub = services()

    def find(key: str) -> Known[Application] | None:
        with reading(hub.engine) as connection:
            found = vendors.find_application(connection, key)
        return Known(found.secret, found) if found else None

    found = check(shown, find, hub.clock.now(), _window())
    notation.remember(found)
    return found, scheme_of(shown).name


def session(request: Request) -> Environment:
    """The environment that the request is made in, by its session token or, with Bearer, by the
    application. Raises Refusal 401."""
    # Names from a request begin with HTTP_, so only the hub itself can set this.
    if known := request.environ.get(SESSION):
        return cast(Environment, known)
    shown = _shown(request)
    if _is_bearer(shown):
        return _used(_only(request, _of_application(request, shown)))
    return _used(_by_session_token(request, shown))


def party(request: Request) -> Environment:
    """The session; for a vendor's application that shows an access token and has none, as a client
    of OneRoster, one of the moment, with which it reads and acknowledges documents (profile).
    Raises Refusal 401."""
    shown = _shown(request)
    if _is_bearer(shown) and not _of_application(request, shown):
        found = _bearer_application(request, shown)
        if found.vendor_id is not None:
            return passing(found, bearer.NAME)
    return session(request)


def own(request: Request, environment_id: str) -> Environment | None:
    """The caller's environment with this id; None for anybody else's. Raises Refusal 401."""
    shown = _shown(request)
    if _is_bearer(shown):
        candidates = _of_application(request, shown)
    else:
        candidates = [_by_session_token(request, shown)]
    found = [each for each in candidates if fold(each.id) == fold(environment_id)]
    return _used(found[0]) if found else None


def knows_secret(request: Request) -> bool:
    """Whether the caller can sign with a session token; who shows a foreign issuer's may not."""
    shown = _shown(request)
    return not (_is_bearer(shown) and bearer.is_signed(shown.token))


def user(token: str) -> str:
    """Who a user token stands for: itself, unless the settings want users to be verified.

    Raises Refusal 401 for one that cannot be.
    """
    hub = services()
    if not token or not hub.settings.access.verify_users:
        return token
    return bearer.verified_user(token, hub.issuers)


def _shown(request: Request) -> Presented:
    shown = presented(request.headers.get, request.args.get)
    refused_here = not services().settings.access.basic_in_query
    if refused_here and shown.in_query and shown.method == basic.NAME.lower():
        text = "Basic is not taken from the query here; send the header Authorization."
        raise Refusal(401, SCOPE, text)
    return shown


def _window() -> timedelta:
    return timedelta(seconds=services().settings.access.hmac_window_seconds)


def _is_bearer(shown: Presented) -> bool:
    return shown.method == bearer.NAME.lower()


def _by_session_token(request: Request, shown: Presented) -> Environment:
    hub = services()
    now, limit = hub.clock.now(), hub.settings.access.session_seconds

    def find(token: str) -> Known[Environment] | None:
        with reading(hub.engine) as connection:
            found = environments.by_session_token(connection, token)
        if found is None or found.is_over(now, limit):
            return None
        return Known(found.application.secret, found)

    return check(shown, find, _arrival(request, now), _window())


def _arrival(request: Request, now: datetime) -> datetime:
    # A signature that was fresh when the request came does not grow old while it is parked.
    parked = parking.resumed(request.environ)
    return parked.arrived if parked else now


def _bearer_application(request: Request, shown: Presented) -> Application:
    hub = services()
    with hub.engine.connect() as connection:
        key = bearer.application_key(
            shown.token,
            hub.issuers,
            lambda digest: tokens.find(connection, digest, hub.clock.now()),
        )
        # The key may be named beside the token, and must be the token's then (INF-AUT-011).
        named = parameters.value(request, "applicationKey")
        found = vendors.find_application(connection, key) if named in (None, key) else None
    if found is None:
        raise refused()
    notation.remember(found)
    return found


def _of_application(request: Request, shown: Presented) -> list[Environment]:
    """The sessions of a Bearer token's application that are not over."""
    hub = services()
    key = _bearer_application(request, shown).key
    with hub.engine.connect() as connection:
        found = environments.of_application(connection, key)
    now, limit = hub.clock.now(), hub.settings.access.session_seconds
    return [each for each in found if not each.is_over(now, limit)]


def _only(request: Request, found: list[Environment]) -> Environment:
    """The one session meant: as instanceId and userToken say, and opened with Bearer if any was."""
    instance = parameters.value(request, "instanceId")
    named = user(parameters.value(request, "userToken") or "")
    if instance:
        found = [each for each in found if each.instance_id == instance]
    if named:
        found = [each for each in found if each.user_digest == user_digest(named)]
    found = [each for each in found if each.authentication_method == bearer.NAME] or found
    if len(found) == 1:
        return found[0]
    text = "This application has no such environment; create one."
    if found:
        text = "This application has several environments; name one with the header instanceId."
    raise Refusal(401, SCOPE, text)


def _used(environment: Environment) -> Environment:
    notation.remember(environment.application, environment)
    hub = services()
    now = hub.clock.now()
    if environment.needs_touch(now, hub.settings.access.session_seconds):
        with hub.engine.begin() as connection:
            environments.touch(connection, environment.id, now)
    return environment
