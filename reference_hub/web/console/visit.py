"""One request as a page sees it: who asks, in which language, what to show, where to go next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from flask import Response, render_template, request, url_for
from werkzeug.exceptions import NotFound

from reference_hub.clock import Clock
from reference_hub.journeys.console_sign_in import DRAFTS
from reference_hub.model.console import Account, Session
from reference_hub.model.party import Vendor
from reference_hub.model.scope import Scope
from reference_hub.store import audits, console_sessions, vendors
from reference_hub.web.console import moments
from reference_hub.web.console.texts import LANGUAGES, say
from reference_hub.web.services import services

if TYPE_CHECKING:
    from sqlalchemy import Connection

HTML = "text/html; charset=utf-8"
# What stands in addresses as it is; an address that is quoted already stays so.
_SAFE = "%/:?#[]@!$&'()*+,;=~-._"


def see_other(address: str) -> Response:
    """Go to another page by GET, so that loading that page anew sends nothing again."""
    return Response(status=303, headers={"Location": quote(address, safe=_SAFE)})


def _shown(
    here: Visitor | Here, template: str, status: int, values: Mapping[str, object]
) -> Response:
    # A page about an error repeats nothing of what was asked for.
    languages = _languages(request.args.items(multi=True) if status < 400 else ())
    page = render_template(
        f"console/{template}", here=here, t=here.say, languages=languages, **values
    )
    return Response(page, status, content_type=HTML)


def _languages(asked: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Each language: code, own name, the address of this page in it."""
    kept = [pair for pair in asked if pair[0] != "lang"]
    return [
        (code, name, f"?{urlencode([*kept, ('lang', code)])}") for code, name in LANGUAGES.items()
    ]


@dataclass(slots=True)
class Visitor:
    """Somebody who may not have signed in. `csrf`: what the forms of this page must carry."""

    language: str
    csrf: str = ""
    notices: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def clock(self) -> Clock:
        """The hub's clock."""
        return services().clock

    @property
    def account(self) -> Account | None:
        """Nobody."""
        return None

    def say(self, key: str, /, **values: object) -> str:
        """A text in the language of the page."""
        return say(self.language, key, **values)

    def show(self, template: str, status: int = 200, /, **values: object) -> Response:
        """The page of a template below templates/console/."""
        return _shown(self, template, status, values)


@dataclass(slots=True)
class Here:
    """Somebody who has signed in and may open this page, with the transaction of the request."""

    connection: Connection
    session: Session
    visitor: Visitor
    form: Mapping[str, list[str]] | None = None

    @property
    def account(self) -> Account:
        """Who asks."""
        return self.session.account

    @property
    def language(self) -> str:
        """The language of the page."""
        return self.visitor.language

    @property
    def csrf(self) -> str:
        """What the forms of this page must carry."""
        return self.session.csrf

    @property
    def notices(self) -> list[Mapping[str, Any]]:
        """What the last page left to be said."""
        return self.visitor.notices

    @property
    def clock(self) -> Clock:
        """The hub's clock."""
        return services().clock

    @property
    def actor(self) -> str:
        """How the audit trail names the account."""
        return f"console:{self.account.name}"

    def may(self, *roles: str) -> bool:
        """Whether the account has one of these roles."""
        return self.account.role in roles

    def say(self, key: str, /, **values: object) -> str:
        """A text in the language of the page."""
        return say(self.language, key, **values)

    def show(self, template: str, status: int = 200, /, **values: object) -> Response:
        """The page of a template below templates/console/."""
        return _shown(self, template, status, values)

    def go(self, endpoint: str, notice: str = "", /, **values: Any) -> Response:
        """Go to a page after something was done, which `notice` says there: a key of the texts.

        Values that begin with `say_` fill the notice in, all others the address.
        """
        told = {
            name.removeprefix("say_"): value
            for name, value in values.items()
            if name.startswith("say_")
        }
        place = {name: value for name, value in values.items() if not name.startswith("say_")}
        if notice:
            self.note(notice, **told)
        where = endpoint if "/" in endpoint else url_for(f"console.{endpoint}", **place)
        return see_other(where)

    def note(self, key: str, /, kind: str = "done", **values: object) -> None:
        """Have the next page say a text; `kind`: done | fault."""
        notice = {"key": key, "kind": kind, "values": values}
        console_sessions.note(self.connection, self.session.key, notice)

    def value(self, name: str, otherwise: str = "") -> str:
        """What the form says in a field, in one line; on a page that shows a form: what it said
        before the session ran out."""
        found = self._fields().get(name)
        return " ".join(found[0].split()) if found else otherwise

    def whole(self, name: str, otherwise: str = "") -> str:
        """The same with its line breaks."""
        found = self._fields().get(name)
        return found[0].replace("\r\n", "\n").strip() if found else otherwise

    def secret(self, name: str) -> str:
        """What a form says in a field for a password, as it was typed."""
        return (self.values(name) or [""])[0]

    def values(self, name: str) -> list[str]:
        """All that a form says under one name, as tick boxes do."""
        return list(self._fields().get(name, ()))

    def is_back(self) -> bool:
        """Whether the form shows what was kept when a session ran out."""
        return request.method != "POST" and bool(self._fields())

    def _fields(self) -> Mapping[str, list[str]]:
        if self.form is None:
            since = self.clock.now() - DRAFTS
            kept = console_sessions.draft(self.connection, self.account.id, request.path, since)
            self.form = kept or {}
        return self.form

    def vendor(self, vendor_id: int) -> Vendor:
        """The vendor with that id; as if there were none where the account may not see it."""
        found = vendors.vendor_by_id(self.connection, vendor_id)
        if found is None or not self.account.sees(found.scope.zone_id, found.id):
            raise NotFound
        return found

    def audit(
        self, scope: Scope, action: str, /, object_type: str = "", count: int = 1, **told: object
    ) -> None:
        """Write into the audit trail what the account did or looked at; never a value of data."""
        entry = audits.Entry(self.actor, action, object_type, count, told)
        audits.add(self.connection, scope, self.clock.now(), entry)

    def moment(self, value: datetime | None, zone_id: str = "") -> str:
        """A moment in words, in the time of the district; of the hub's first one without any."""
        zone = zone_id or self.account.zone_id or next(iter(services().settings.zones), "")
        return moments.moment(value, self.language, self.clock, zone)

    def day(self, value: date | None) -> str:
        """A day in words."""
        return moments.day(value, self.language)

    def since(self, value: datetime | None) -> str:
        """How long it is since then, in words."""
        return moments.span(value, self.clock.now(), self.language)
