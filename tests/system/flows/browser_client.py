"""A script in a browser, as the HITS client of NSIP is one: mixed-case header names, infrastructure
3.2.1, answers read by regular expression."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import re
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

HITS = "https://hits.example"
SIMPLE = ("accept", "content-type", "origin")


@dataclass(frozen=True)
class Page:
    """An answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    text: str

    def is_shown(self, origin: str) -> bool:
        """Whether a browser lets a script from there see it."""
        return self.headers.get("access-control-allow-origin") in ("*", origin)


@dataclass
class Browser:
    """The script with the user's input."""

    url: str
    key: str
    secret: str = "Password1"
    method: str = "Basic"
    user: str = "teacher-1"
    token: str = ""
    environment_id: str = ""
    origin: str = HITS
    preflights: list[Page] = field(default_factory=list)

    def authorization(self, user: str) -> dict[str, str]:
        """The signature, with a timestamp in milliseconds whatever the method."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        proof = self.secret
        if self.method == "SIF_HMACSHA256":
            digest = hmac.new(self.secret.encode(), f"{user}:{now}".encode(), hashlib.sha256)
            proof = base64.b64encode(digest.digest()).decode()
        token = base64.b64encode(f"{user}:{proof}".encode()).decode()
        return {"authorization": f"{self.method} {token}", "timestamp": now}

    def ask(self, verb: str, path: str, body: str = "", user: str = "") -> Page:
        """One request of the script: the browser asks first whether it may, and checks."""
        named = {
            "Accept": "*/*",
            "Origin": self.origin,
            "messageId": "c4b2fcc7-8a7c-4f1e-9f32-3c6e0f6f0a11",
            "requestId": "1",
            "requestType": "IMMEDIATE",
            "serviceType": "OBJECT",
            "authenticateduser": self.user,
            **self.authorization(user or self.token),
        }
        if body:
            named["Content-Type"] = "application/xml"
        self._ask_first(verb, path, named)
        return self._shown(self._exchange(verb, path, named, body))

    def _shown(self, page: Page) -> Page:
        if not page.is_shown(self.origin):
            raise PermissionError("The browser keeps this answer from the script.")
        return page

    def _ask_first(self, verb: str, path: str, named: dict[str, str]) -> None:
        asked = sorted(name.lower() for name in named if name.lower() not in SIMPLE)
        fields = {
            "Accept": "*/*",
            "Origin": self.origin,
            "Access-Control-Request-Method": verb,
            "Access-Control-Request-Headers": ",".join([*asked, "content-type"]),
        }
        page = self._shown(self._exchange("OPTIONS", path, fields, ""))
        self.preflights.append(page)
        assert 200 <= page.status < 300
        allowed = split(page.headers.get("access-control-allow-headers", ""))
        methods = split(page.headers.get("access-control-allow-methods", ""))
        assert {*asked, "content-type"} <= allowed
        assert verb.lower() in methods or verb in ("GET", "HEAD", "POST")

    def _exchange(self, verb: str, path: str, fields: dict[str, str], body: str) -> Page:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        with closing(connection):
            connection.request(verb, path, body.encode() or None, fields)
            reply = connection.getresponse()
            headers = {name.lower(): value for name, value in reply.getheaders()}
            return Page(reply.status, headers, reply.read().decode())

    def connect(self) -> Page:
        """Create the environment; 409 with a body is as good."""
        body = (
            '<environment xmlns="http://www.sifassociation.org/infrastructure/3.2.1">'
            f"<solutionId>HITS</solutionId><authenticationMethod>{self.method}"
            f"</authenticationMethod><instanceId></instanceId><userToken>{self.user}</userToken>"
            f"<consumerName>HITS-Client</consumerName><applicationInfo><applicationKey>{self.key}"
            "</applicationKey><supportedInfrastructureVersion>3.2.1"
            "</supportedInfrastructureVersion><dataModelNamespace>"
            "http://www.sifassociation.org/au/datamodel/3.4</dataModelNamespace><transport>REST"
            "</transport><applicationProduct><vendorName>NSIP</vendorName><productName>"
            "HITS Test Harness</productName><productVersion>0.1alpha</productVersion>"
            "</applicationProduct></applicationInfo></environment>"
        )
        page = self.ask("POST", "/environments/environment", body, user=self.key)
        assert page.status in (201, 409)
        self.environment_id = first(r'id="([^"]*)"', page.text)
        self.token = first(r"<sessionToken>([^<]*)</sessionToken>", page.text)
        return page


def first(pattern: str, text: str) -> str:
    """The group of the first match."""
    found = re.search(pattern, text)
    assert found, text
    return found[1]


def split(header: str) -> set[str]:
    """The values of a list header, in lower case."""
    return {name.strip().lower() for name in header.split(",") if name.strip()}
