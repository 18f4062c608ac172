"""First layer: HTTP to a OneRoster service, an access token, and what a refusal asks for."""

from __future__ import annotations

import base64
import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urljoin, urlsplit

SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said; `headers` are (name in small letters, value) in their order."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    url: str = ""

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name]

    def get(self, name: str) -> str:
        """The first value of a header, empty if there is none."""
        return next(iter(self.all(name)), "")

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Link:
    """Requests and tokens. A mutant overrides one method.

    It names in `breaks` the requirements it violates on purpose, in `also` the honest collateral.
    """

    breaks: ClassVar[tuple[str, ...]] = ()
    also: ClassVar[tuple[str, ...]] = ()
    special: ClassVar[bool] = False
    party = "Example Reading App"
    scopes: tuple[str, ...] = (
        f"{SCOPE}roster-core.readonly",
        f"{SCOPE}roster-demographics.readonly",
    )
    tries = 4
    pause_seconds = 0.025
    seconds = 10.0

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        self.hub = hub.rstrip("/")
        self.key, self.secret = key, secret or "demo-secret-1"
        self.token = ""
        self.until = 0.0
        self._open: dict[tuple[str, str], http.client.HTTPConnection] = {}

    @property
    def root(self) -> str:
        """The address of the rostering service."""
        return f"{self.hub}/ims/oneroster/rostering/v1p2"

    # -- tokens ------------------------------------------------------------------------------

    def ensure_token(self) -> bool:
        """Whether there is a token to call with, the old one while it lasts."""
        if not self.token or time.monotonic() >= self.until:
            self.renew_token()
        return bool(self.token)

    def renew_token(self) -> None:
        """Ask for a new token, again while the service is busy."""
        self.token = ""
        for number in range(self.tries):
            answer = self.ask_for_token()
            told = answer.json()
            if answer.status == 200 and isinstance(told, dict) and told.get("access_token"):
                self.token = str(told["access_token"])
                self.until = time.monotonic() + self.lasts(told)
                return
            if not self.is_busy(answer) or number + 1 == self.tries:
                return
            self.wait(answer, number)

    def lasts(self, told: Mapping[str, Any]) -> float:
        """Seconds for which a token is used; an hour where nothing is told."""
        return float(told.get("expires_in", 3600))

    def ask_for_token(self) -> Answer:
        """POST the token request."""
        proof = base64.b64encode(f"{quote(self.key)}:{quote(self.secret)}".encode()).decode()
        lines = {
            "Authorization": f"Basic {proof}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self.send("POST", self.token_url(), lines, urlencode(self.token_form()).encode())

    def token_url(self) -> str:
        """Where tokens come from."""
        return f"{self.hub}/oauth/token"

    def token_form(self) -> dict[str, str]:
        """The form of a token request."""
        return {"grant_type": "client_credentials", "scope": " ".join(self.scopes)}

    def authorization(self) -> dict[str, str]:
        """The header line that carries the token."""
        return {"Authorization": f"Bearer {self.token}"}

    # -- calls -------------------------------------------------------------------------------

    def call(
        self, method: str, url: str, lines: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """One call with a token, tried again as far as that can help."""
        answer = Answer(0)
        for number in range(self.tries):
            if not self.ensure_token():
                return Answer(401)
            answer = self.send(method, url, {**(lines or {}), **self.authorization()}, body)
            if not self.again(answer, number):
                break
        return answer

    def again(self, answer: Answer, number: int) -> bool:
        """Do what a refusal asks for before the next try; False to take it as it is."""
        if number + 1 == self.tries:
            return False
        if answer.status == 401:
            self.token = ""
            return number == 0
        if self.is_busy(answer):
            self.wait(answer, number)
            return True
        return False

    def is_busy(self, answer: Answer) -> bool:
        """Whether the same call may succeed later: 429, 5xx, or no answer."""
        return answer.status in (0, 429, 500, 502, 503, 504)

    def wait(self, answer: Answer, number: int) -> None:
        """As long as the service asks for, else longer each time."""
        asked = self.asked_pause(answer.get("retry-after"))
        time.sleep(asked if asked is not None else self.pause_seconds * 2**number)

    def asked_pause(self, text: str) -> float | None:
        """The seconds of a Retry-After, a number or a date; None where it is neither."""
        if text.isdecimal():
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return None
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())

    def send(self, method: str, url: str, lines: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send once; status 0 where no whole answer came. Redirects are not followed."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        for fresh in (False, True):
            connection = self._connection(parts.scheme, parts.netloc, fresh=fresh)
            try:
                connection.request(method, target, body or None, dict(lines))
                answer = connection.getresponse()
                told = tuple((name.lower(), value) for name, value in answer.getheaders())
                return Answer(answer.status, told, answer.read(), url)
            except http.client.RemoteDisconnected:
                continue  # an idle connection that the service had closed
            except (OSError, http.client.HTTPException):
                break
        self._connection(parts.scheme, parts.netloc, fresh=True)
        return Answer(0, (), b"", url)

    def _connection(self, scheme: str, netloc: str, *, fresh: bool) -> http.client.HTTPConnection:
        place = scheme, netloc
        if fresh and place in self._open:
            self._open.pop(place).close()
        if place not in self._open:
            kind: Any = http.client.HTTPConnection
            if scheme == "https":
                kind = http.client.HTTPSConnection
            self._open[place] = kind(netloc, timeout=self.seconds)
        return self._open[place]

    def close(self) -> None:
        """End all connections."""
        for one in self._open.values():
            one.close()
        self._open.clear()

    def is_ours(self, url: str) -> bool:
        """Whether an address is of the service that the token is for."""
        return urlsplit(url)[:2] == urlsplit(self.hub)[:2]

    def joined(self, base: str, url: str) -> str:
        """An address as it was told in an answer to a call for `base`."""
        return urljoin(base, url)
