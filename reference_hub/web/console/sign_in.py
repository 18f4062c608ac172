"""Sign in, sign out, change one's own password, and the page before the first account."""

from __future__ import annotations

import math

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.security import check_password_hash

from reference_hub.journeys import console_accounts
from reference_hub.journeys import console_sign_in as journey
from reference_hub.model.console import ALL
from reference_hub.model.scope import Scope
from reference_hub.store import console_accounts as store
from reference_hub.store import console_sessions
from reference_hub.web.console import forms, openid, site
from reference_hub.web.console.site import open_page, page
from reference_hub.web.console.visit import Here, Visitor, see_other
from reference_hub.web.services import services

_WHY = ("kept", "undone", "out", "password")
_BY_PROVIDER = "provider"


@open_page("/sign-in", methods=("GET", "POST"))
def sign_in(visitor: Visitor) -> Response:
    """The form; or which command makes the first account."""
    hub, after, button = services(), request.args.get("next", ""), openid.button()
    with hub.engine.connect() as connection:
        if not button and not store.is_any(connection):
            return visitor.show("first_run.html")
    why = request.args.get("why", "") if request.args.get("why") in _WHY else ""
    if request.method == "GET":
        by = request.args.get("by", "")
        also = button if why == "out" and by == _BY_PROVIDER else ""
        return visitor.show("sign_in.html", after=after, why=why, button=button, also=also)
    fields = forms.fields()
    name, password = (fields.get(each, [""])[0] for each in ("name", "password"))
    if not name.strip() or not password:
        return visitor.show(
            "sign_in.html", 422, after=after, button=button, name=name, fault="empty"
        )
    done = journey.sign_in(
        hub.engine, name, password, request.remote_addr or "", hub.settings.console, hub.clock
    )
    if done.account is not None:
        answer = see_other(site.safe_next(fields.get("next", [""])[0]))
        return site.begin_session(answer, done.token)
    if done.locked_until is None:
        return visitor.show(
            "sign_in.html", 401, after=after, button=button, name=name, fault="wrong"
        )
    seconds = (done.locked_until - hub.clock.now()).total_seconds()
    response = visitor.show(
        "sign_in.html", 429, after=after, button=button, name=name, fault="locked",
        wait=math.ceil(seconds / 60),
    )  # fmt: skip
    response.headers["Retry-After"] = str(math.ceil(seconds))
    return response


@page("/sign-out", ALL, methods=("POST",))
def sign_out(here: Here) -> Response:
    """End this session."""
    console_sessions.end(here.connection, here.session.key)
    here.audit(Scope(here.account.zone_id), "console signed out")
    by = _BY_PROVIDER if here.account.by_provider else None
    answer = see_other(url_for("console.sign_in", why="out", by=by))
    return site.end_session(answer)


@page("/account", ALL, methods=("GET", "POST"))
def account(here: Here) -> Response:
    """Who one is here, and another password."""
    if request.method == "GET" or here.account.by_provider:
        return here.show("account.html", faults={})
    found = store.find(here.connection, here.account.name)
    names = ("password_old", "password", "password_again")
    old, new, again = (here.secret(name) for name in names)
    faults = {}
    if found is None or not check_password_hash(found[1], old[: console_accounts.LONGEST + 1]):
        faults["password_old"] = here.say("account.wrong")
    if new != again:
        faults["password_again"] = here.say("account.differs")
    if console_accounts.is_weak(here.account.name, new):
        faults["password"] = here.say("account.weak", n=console_accounts.SHORTEST)
    if faults:
        return here.show("account.html", 422, faults=faults)
    console_accounts.set_password(
        here.connection, here.account.name, new, here.clock, here.session.key, here.actor
    )
    return here.go("account", "account.changed")


@site.blueprint.get("/<path:rest>", provide_automatic_options=False)
def nowhere(rest: str) -> Response:  # noqa: ARG001
    """No page of ours; said as a page."""
    raise NotFound
