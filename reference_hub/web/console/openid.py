"""Sign in at the OpenID provider of the settings: there, back, and out."""

from __future__ import annotations

import math
from urllib.parse import urlsplit

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound

from reference_hub.journeys import console_openid as journey
from reference_hub.journeys.console_openid import NotLetIn, Provider, Return
from reference_hub.model.openid import ProviderAway
from reference_hub.web.console import site
from reference_hub.web.console.site import open_page
from reference_hub.web.console.visit import Visitor, see_other
from reference_hub.web.services import root_url, services

COOKIE = "reference_hub_console_openid"
_PLACE = f"{site.PLACE}/openid"
_LONGEST = 4096
_SAFE_PARTS = ("state", "code", "error", "iss")


def button() -> str:
    """What the provider is called on the sign-in page; '' where there is none."""
    provider = services().outside.openid
    if provider is None:
        return ""
    return provider.settings.button or urlsplit(provider.settings.issuer).hostname or ""


def _provider() -> Provider:
    found = services().outside.openid
    if found is None:
        raise NotFound
    return found


def _back() -> str:
    return f"{root_url()}{url_for('console.openid_back')}"


@open_page("/openid/start")
def openid_start(visitor: Visitor) -> Response:
    """To the provider; a link and no form, since forms lead to no other site."""
    hub, provider = services(), _provider()
    place = site.safe_next(request.args.get("next", ""))
    try:
        leaving = journey.begin(
            hub.engine, provider, _back(), place, request.remote_addr or "", hub.settings.console,
            hub.clock,
        )  # fmt: skip
    except ProviderAway as error:
        journey.tell(error)
        return visitor.show("sign_in_failed.html", 502, why="away")
    if leaving.locked_until is not None:
        seconds = (leaving.locked_until - hub.clock.now()).total_seconds()
        response = visitor.show("sign_in_failed.html", 429, why="locked", n=math.ceil(seconds / 60))
        response.headers["Retry-After"] = str(math.ceil(seconds))
        return response
    return _carrying(see_other(leaving.address), leaving.browser, journey.WITHIN.seconds)


@open_page("/openid/back")
def openid_back(visitor: Visitor) -> Response:
    """Where the provider sends the browser; a page that goes on by itself.

    Not a redirect: the cookie of the session is one that no way from another site brings along.
    """
    hub, provider = services(), _provider()
    state, code, error, issuer = (request.args.get(name, "")[:_LONGEST] for name in _SAFE_PARTS)
    came = Return(state, code, error, issuer, request.cookies.get(COOKIE, ""))
    try:
        done, place = journey.finish(
            hub.engine, provider, came, _back(), request.remote_addr or "", hub.settings.console,
            hub.clock,
        )  # fmt: skip
    except NotLetIn as refused:
        why = str(refused)
        answer = visitor.show("sign_in_failed.html", 502 if why == "away" else 403, why=why)
        return _carrying(answer, "", 0)
    answer = visitor.show("signed_in.html", place=site.safe_next(place))
    return _carrying(site.begin_session(answer, done.token), "", 0)


@open_page("/openid/out")
def openid_out(visitor: Visitor) -> Response:
    """Sign out of the provider too, where it names a place for that."""
    provider = _provider()
    try:
        where = provider.farewell(f"{root_url()}{url_for('console.sign_in')}")
    except ProviderAway as error:
        journey.tell(error)
        return visitor.show("sign_in_failed.html", 502, why="away")
    if not where:
        return visitor.show("sign_in_failed.html", why="no_way_out")
    return see_other(where)


def _carrying(response: Response, browser: str, age: int) -> Response:
    # Lax, as the way back begins at the provider's site; it opens nothing by itself.
    is_secure = request.is_secure or root_url().startswith("https:")
    response.set_cookie(
        COOKIE, browser, age, path=_PLACE, secure=is_secure, httponly=True, samesite="Lax"
    )
    return response
