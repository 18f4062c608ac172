"""First layer: signed HTTP, the environment, and what it says of rights and addresses."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import uuid4

from lxml import etree

from conformance.simulators.consumer.link import Answer
from conformance.simulators.documents import child_text, node, serialise
from conformance.simulators.tokens import HMAC, mac

SECONDS = 10.0


class Session:
    """A connection to the hub. A mutant overrides one method.

    It names in `breaks` the requirements it violates on purpose, in `also` the honest collateral.
    """

    breaks: ClassVar[tuple[str, ...]] = ()
    also: ClassVar[tuple[str, ...]] = ()
    special: ClassVar[bool] = False

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        self.hub = hub.rstrip("/")
        self.key = key
        self.secret = secret or "demo-secret-1"
        self.token = ""
        self.instance = str(uuid4())
        self.places: dict[str, str] = {}
        self.rights: dict[str, dict[str, set[str]]] = {}
        self._connection: http.client.HTTPConnection | None = None

    # -- HTTP --------------------------------------------------------------------------------

    def send(
        self, method: str, url: str, body: bytes = b"", lines: Mapping[str, str] | None = None
    ) -> Answer:
        """One signed request over the connection that stays open."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        head = dict(lines or {}) | self.signed()
        if body:
            head["Content-Type"] = self.content_type()
        connection = self._open(url)
        connection.request(method, target, body or None, head)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, told, answer.read())

    def content_type(self) -> str:
        """The type of every body."""
        return "application/xml"

    def hang_up(self) -> None:
        """End the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self, url: str) -> http.client.HTTPConnection:
        if self._connection is None:
            parts = urlsplit(url)
            kind: Any = http.client.HTTPConnection
            if parts.scheme == "https":
                kind = http.client.HTTPSConnection
            self._connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
        return self._connection

    def moment(self) -> str:
        """The time that is signed."""
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def user(self) -> str:
        """The session token, and the application key before there is one."""
        return self.token or self.key

    def signed(self) -> dict[str, str]:
        """The header lines that prove who sends."""
        moment, user = self.moment(), self.user()
        proof = f"{user}:{mac(user, self.secret, moment)}"
        token = base64.b64encode(proof.encode()).decode()
        return {"Authorization": f"{HMAC} {token}", "timestamp": moment}

    def encode(self, element: etree._Element) -> bytes:
        """The bytes of a body."""
        return serialise(element)

    # -- the environment ---------------------------------------------------------------------

    def connect(self) -> bool:
        """Create the environment, or take the one that is there already."""
        self.token = ""
        wanted = self.wanted()
        answer = self.send("POST", self.front_door(), self.encode(wanted), self.session_lines())
        if answer.status not in (201, 409) or b"sessionToken" not in answer.body:
            return False
        self.understand(answer.document)
        return True

    def front_door(self) -> str:
        """The one address that was agreed out of band."""
        return f"{self.hub}/environments/environment"

    def session_lines(self) -> dict[str, str]:
        """Header lines of the requests about the session: no zone, no context."""
        return {"messageType": "REQUEST", "messageId": self.new_id()}

    def new_id(self) -> str:
        """The id of a message."""
        return str(uuid4())

    def wanted(self) -> etree._Element:
        """What the environment shall be."""
        return node(
            "environment",
            node("authenticationMethod", HMAC),
            node("instanceId", self.instance),
            node("consumerName", "Example School System"),
            node("applicationInfo", node("applicationKey", self.key)),
        )

    def understand(self, made: etree._Element) -> None:
        """Keep token, addresses and rights."""
        self.token = child_text(made, "sessionToken")
        self.places = {
            one.get("name") or "": (one.text or "").strip()
            for one in made.iter("{*}infrastructureService")
        }
        self.rights = {
            zone.get("id") or "": {one.get("name") or "": _approved(one)
                                   for one in zone.iter("{*}service")}
            for zone in made.iter("{*}provisionedZone")
        }  # fmt: skip

    def may(self, zone: str, service: str, right: str) -> bool:
        """Whether the environment approves this."""
        return right in self.rights.get(zone, {}).get(service, set())


def _approved(service: etree._Element) -> set[str]:
    return {one.get("type") or "" for one in service.iter("{*}right") if one.text == "APPROVED"}
