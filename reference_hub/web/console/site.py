"""The way into each page: who may open it is data, and no page opens in another way.

A page is a function of `Here` under `@page(rule, roles)`. It is asked only when the session holds,
the role is among the roles and, for a form, when it comes from a page of ours. Nobody signed in:
to the sign-in page, and what a form held is kept for whoever signs in again.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request, url_for
from werkzeug.exceptions import NotFound

from reference_hub.journeys.console_sign_in import is_over, key_of
from reference_hub.model.console import Session
from reference_hub.store import console_sessions
from reference_hub.web.console import forms
from reference_hub.web.console.texts import LANGUAGES, preferred
from reference_hub.web.console.visit import Here, Visitor, see_other
from reference_hub.web.services import root_url, services

if TYPE_CHECKING:
    from sqlalchemy import Connection

PLACE = "/console"
COOKIE, FORM_COOKIE, LANGUAGE_COOKIE = (
    "reference_hub_console",
    "reference_hub_console_form",
    "reference_hub_console_language",
)
CSRF = "csrf"
LOOK = "X-Console-Look"
# Whoever has not signed in may open these.
NOBODY = "nobody"
_NOTED_EVERY = timedelta(seconds=20)
_YEAR = 365 * 86400
_LARGEST_ID = 2**31 - 1
View = Callable[..., Response]

blueprint = Blueprint("console", __name__, template_folder="templates", url_prefix=PLACE)


@dataclass(frozen=True, slots=True)
class Route:
    """One page: where, by which methods, for which roles; (NOBODY,) for whoever comes."""

    rule: str
    endpoint: str
    methods: tuple[str, ...]
    roles: tuple[str, ...]


ROUTES: list[Route] = []


def page(
    rule: str, roles: tuple[str, ...], methods: tuple[str, ...] = ("GET",)
) -> Callable[[View], View]:
    """Serve a function of `Here` at PLACE + rule to these roles; its name names the page."""

    def register(view: View) -> View:
        name = view.__name__
        ROUTES.append(Route(PLACE + rule, name, methods, roles))

        def serve(**given: Any) -> Response:
            return _served(view, roles, "GET" in methods, given)

        _add(rule, name, serve, methods)
        return view

    return register


def open_page(rule: str, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Serve a function of `Visitor` to whoever comes. It has no transaction of its own."""

    def register(view: View) -> View:
        name = view.__name__
        ROUTES.append(Route(PLACE + rule, name, methods, (NOBODY,)))

        def serve(**given: Any) -> Response:
            visitor = _visitor()
            visitor.csrf = request.cookies.get(FORM_COOKIE, "") or secrets.token_urlsafe(24)
            if request.method == "POST":
                if _is_foreign():
                    return visitor.show("refused.html", 403, why="foreign")
                if not _same(request.cookies.get(FORM_COOKIE, ""), _posted(CSRF)):
                    return visitor.show("refused.html", 403, why="cookie")
            response = view(visitor, **given)
            _set_cookie(response, FORM_COOKIE, visitor.csrf)
            return response

        _add(rule, name, serve, methods)
        return view

    return register


def _add(rule: str, name: str, serve: View, methods: tuple[str, ...]) -> None:
    blueprint.add_url_rule(rule, name, serve, methods=methods, provide_automatic_options=False)


def _served(
    view: View, roles: tuple[str, ...], has_form: bool, given: Mapping[str, Any]
) -> Response:
    visitor, hub = _visitor(), services()
    is_form = request.method == "POST"
    if is_form and _is_foreign():
        return visitor.show("refused.html", 403, why="foreign")
    if is_form and forms.is_too_large():
        return visitor.show("refused.html", 413, why="large")
    with hub.engine.begin() as connection:
        session = found_session(connection)
        if session is None or is_over(session, hub.settings.console, hub.clock.now()):
            return _to_sign_in(connection, session, has_form)
        here = Here(connection, session, visitor)
        _seen(connection, session)
        if session.account.role not in roles:
            return here.show("refused.html", 403, why="role")
        if _is_odd(given):
            raise NotFound
        if is_form:
            if not _same(session.csrf, _posted(CSRF)):
                return _again(here, has_form)
            here.form = forms.fields(CSRF)
        elif not _is_look():
            visitor.notices = console_sessions.take_notices(connection, session.key)
        response = view(here, **given)
        if is_form and response.status_code < 400:
            console_sessions.drop_draft(connection, session.account.id, request.path)
        return response


def _is_odd(given: Mapping[str, Any]) -> bool:
    """Whether the address holds a number or a character that the store cannot have anywhere."""
    too_large = any(isinstance(each, int) and each > _LARGEST_ID for each in given.values())
    return too_large or "\0" in f"{request.path}{''.join(request.args.values())}"


def found_session(connection: Connection) -> Session | None:
    """The session of the cookie, over or not."""
    token = request.cookies.get(COOKIE, "")
    return console_sessions.find(connection, key_of(token)) if token else None


def _seen(connection: Connection, session: Session) -> None:
    now = services().clock.now()
    # A page that looks again by itself does not mean that somebody is there.
    if not _is_look() and now - session.seen >= _NOTED_EVERY:
        console_sessions.set_seen(connection, session.key, now)


def _is_look() -> bool:
    # A stream of events can carry no header of ours.
    return LOOK in request.headers or request.headers.get("Accept") == "text/event-stream"


def _to_sign_in(connection: Connection, session: Session | None, has_form: bool) -> Response:
    if request.method != "POST":
        return see_other(url_for("console.sign_in", next=_this()))
    kept = session is not None and _same(session.csrf, _posted(CSRF))
    if session is not None and kept and has_form:
        _keep(connection, session)
    where = request.path if has_form else _before()
    told = "kept" if kept and has_form else "undone"
    return see_other(url_for("console.sign_in", next=where, why=told))


def _again(here: Here, has_form: bool) -> Response:
    """A form of an earlier session of the same person is shown anew; any other is refused."""
    own = console_sessions.is_own(here.connection, here.account.id, _posted(CSRF))
    if not (own and has_form):
        return here.show("refused.html", 403, why="old")
    _keep(here.connection, here.session)
    return see_other(request.path)


def _keep(connection: Connection, session: Session) -> None:
    fields = {name: found for name, found in forms.fields(CSRF).items() if "password" not in name}
    now = services().clock.now()
    console_sessions.keep_draft(connection, session.account.id, request.path, fields, now)


def _this() -> str:
    query = request.query_string.decode("latin-1")
    return f"{request.path}?{query}" if query else request.path


def _before() -> str:
    """The page on which a button stood, if it was one of ours."""
    parts = urlsplit(request.headers.get("Referer", ""))
    return safe_next(parts.path if parts.netloc == request.host else "")


def safe_next(asked: str) -> str:
    """A page of the console to go to, whatever was asked: never another site."""
    parts = urlsplit(asked)
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith(f"{PLACE}/")
    odd = "\\" in asked or not asked.isprintable()
    return asked if is_ours and not odd else url_for("console.overview")


def _is_foreign() -> bool:
    """Whether the browser says that the form stood on a page of somebody else."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    ours = {_origin(root_url()), _origin(request.host_url)}
    return origin.lower() not in ours


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _posted(name: str) -> str:
    return "" if forms.is_too_large() else request.form.get(name, "")


def _same(known: str, said: str) -> bool:
    return bool(known) and hmac.compare_digest(known.encode(), said.encode("utf-8", "replace"))


def _visitor() -> Visitor:
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        g.console_language = asked
    kept = request.cookies.get(LANGUAGE_COOKIE, "")
    usual = kept if kept in LANGUAGES else preferred(request.headers.get("Accept-Language", ""))
    return Visitor(asked if asked in LANGUAGES else usual)


def begin_session(response: Response, token: str) -> Response:
    """Give the browser its token; other sites never make it send it."""
    _set_cookie(response, COOKIE, token)
    return response


def end_session(response: Response) -> Response:
    """Have the browser forget its token."""
    response.delete_cookie(COOKIE, path=PLACE)
    return response


def _set_cookie(response: Response, name: str, value: str, age: int | None = None) -> None:
    is_secure = request.is_secure or root_url().startswith("https:")
    response.set_cookie(
        name, value, age, path=PLACE, secure=is_secure, httponly=True, samesite="Strict"
    )


def keep_language(response: Response) -> Response:
    """Remember the language that this request asked for."""
    if "console_language" in g:
        _set_cookie(response, LANGUAGE_COOKIE, g.console_language, _YEAR)
    return response


def visitor() -> Visitor:
    """Whoever asks, signed in or not, for pages that say what went wrong."""
    return _visitor()
