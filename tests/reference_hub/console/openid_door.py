"""A console that trusts an OpenID provider, and a person who goes there and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec
import pytest
import requests

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.settings import OpenId, OpenIdRole
from reference_hub.vendors.openid import OpenIdProvider
from reference_hub.web.services import EXTENSION
from tests.reference_hub.console.conftest import Desk, Web
from tests.reference_hub.console.openid_provider import (
    CLIENT,
    GROUP,
    SECRET,
    OpenIdServer,
    providing,
)
from tests.reference_hub.listening import listening_at

ROLES = {
    GROUP: OpenIdRole("manager"),
    "Chiefs": OpenIdRole("admin"),
    "North": OpenIdRole("viewer", "other-district"),
}


@dataclass
class Door:
    """A console that trusts a provider, and a person's browser."""

    desk: Desk
    provider: OpenIdServer
    web: Web
    trusted: OpenIdProvider | None = None

    def claim(self, place: str) -> None:
        """Have the hub look for groups at another place."""
        assert self.trusted is not None
        settings = msgspec.structs.replace(self.trusted.settings, claim=place)
        self.trusted.settings = settings

    def leave(self, **given: str) -> requests.Response:
        """From the sign-in page to the provider; what the hub answers."""
        return self.web.get("/openid/start", params=given)

    def answered(self, address: str) -> str:
        """Let oneself in at the provider; the path that it sends the browser back to."""
        sent = requests.post(address, timeout=20, allow_redirects=False)
        assert sent.status_code == 302, sent.text
        return sent.headers["Location"].removeprefix(f"{self.desk.base}/console")

    def come(self) -> requests.Response:
        """The whole way; the page at its end."""
        return self.web.get(self.answered(self.leave().headers["Location"]))

    def is_in(self) -> bool:
        """Whether the browser is signed in."""
        return self.web.get("/account").status_code == 200

    def refusals(self) -> list[object]:
        """Why the audit trail says that somebody was refused."""
        rows = self.desk.run(
            "SELECT detail->>'why' FROM audit WHERE action = 'console sign-in refused'"
        )
        return [row[0] for row in rows]


@pytest.fixture
def door(desk: Desk, console_clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """The console with a provider that works."""
    monkeypatch.setenv("OPENID_SECRET", SECRET)
    with providing(console_clock.now) as provider:
        openid = OpenId(
            issuer=provider.issuer, client_id=CLIENT, secret_env="OPENID_SECRET",
            button="Demo Schools", roles=ROLES,
        )  # fmt: skip
        settings = msgspec.structs.replace(desk.settings, openid=openid)
        app = create_app(settings, desk.engine, console_clock, judge=Judge())
        with listening_at(app) as base:
            trusted = app.extensions[EXTENSION].outside.openid
            yield Door(replace(desk, base=base, settings=settings), provider, Web(base), trusted)
