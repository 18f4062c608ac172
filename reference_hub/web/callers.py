"""Who calls: an application that opens an environment, or a session in one."""

from __future__ import annotations

from flask import Request

from reference_hub.auth.check import Known, check, scheme_of
from reference_hub.auth.token import presented
from reference_hub.model.environment import Environment
from reference_hub.model.party import Application
from reference_hub.store import environments, vendors
from reference_hub.web.services import services


def application(request: Request) -> tuple[Application, str]:
    """The application behind the credentials and the method used. Raises Refusal 401."""
    shown = presented(request.headers.get, request.args.get)
    hub = services()

    def find(key: str) -> Known[Application] | None:
        with hub.engine.connect() as connection:
            found = vendors.find_application(connection, key)
        return Known(found.secret, found) if found else None

    return check(shown, find, hub.clock.now()), scheme_of(shown).name


def session(request: Request) -> Environment:
    """The environment whose session token was used. Raises Refusal 401."""
    hub = services()

    def find(token: str) -> Known[Environment] | None:
        with hub.engine.connect() as connection:
            found = environments.by_session_token(connection, token)
        return Known(found.application.secret, found) if found else None

    return check(presented(request.headers.get, request.args.get), find, hub.clock.now())
