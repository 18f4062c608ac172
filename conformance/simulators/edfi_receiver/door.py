"""The root document, the token, the order of loads: what comes before the data."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from typing import Any
from urllib.parse import parse_qsl

from conformance.simulators.edfi_receiver.answers import FORBIDDEN, UNAUTHENTICATED, Refused
from conformance.simulators.edfi_receiver.reads import Reads
from conformance.simulators.edfi_receiver.resources import singular
from conformance.simulators.message import Request, Response

# References inside lists, which the table of resources does not name.
_INSIDE = {
    "sessions": {"gradingPeriodReference"},
    "sections": {"classPeriodReference"},
    "bellSchedules": {"classPeriodReference"},
    "studentAssessments": {"objectiveAssessmentReference"},
}
_PLACES = ("schools", "localEducationAgencies")


class Door(Reads):
    """Who may come in. `denied` are resources that the key has no claim to."""

    key = "demo-vendor"
    expired = "a-token-of-yesterday"
    lifetime = 1800
    denied: tuple[str, ...] = ("assessments",)

    def __init__(self, secret: str | None = None, key: str | None = None) -> None:
        super().__init__()
        self.key = key or self.key
        self.secret = secret or "demo-secret-1"
        self.tokens: dict[str, float] = {self.expired: 0.0}

    def root(self, request: Request) -> Response:
        """The versions and the addresses."""
        return self.answer(200, self.root_document(f"{request.origin}/api"))

    def root_document(self, start: str) -> dict[str, Any]:
        """The members of the root document."""
        return {
            "version": "7.3",
            "informationalVersion": "7.3",
            "suite": "3",
            "build": "1",
            "dataModels": [{"name": "Ed-Fi", "version": self.version()}],
            "urls": self.urls(start),
        }

    def version(self) -> str:
        """The version of the data model."""
        return f"{self.standard}.2.0"

    def urls(self, start: str) -> dict[str, str]:
        """Where things are."""
        return {
            "dependencies": f"{start}/metadata/data/v3/dependencies",
            "openApiMetadata": f"{start}/metadata/",
            "oauth": f"{start}/oauth/token",
            "dataManagementApi": f"{start}/data/v3/",
        }

    def token(self, request: Request) -> Response:
        """OAuth 2 client credentials (RFC 6749, 4.4)."""
        key, secret = self.pair(request)
        if not self.knows(key, secret):
            return self.no_client()
        if self.form(request).get("grant_type") != "client_credentials":
            return self.answer(400, {"error": "unsupported_grant_type"})
        return self.answer(200, self.granted())

    def no_client(self) -> Response:
        """The answer to a client that is not known (RFC 6749, 5.2)."""
        return self.answer(401, {"error": "invalid_client"}, ("WWW-Authenticate", "Basic"))

    def granted(self) -> dict[str, Any]:
        """A new token with its lifetime in seconds."""
        token = secrets.token_hex(16)
        self.tokens[token] = time.monotonic() + self.lifetime
        return {"access_token": token, "token_type": "bearer", "expires_in": self.lifetime}

    def pair(self, request: Request) -> tuple[str, str]:
        """Key and secret of HTTP Basic."""
        told = (request.header("Authorization") or "").partition(" ")[2]
        try:
            key, _, secret = base64.b64decode(told, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return "", ""
        return key, secret

    def form(self, request: Request) -> dict[str, str]:
        """The body of a form."""
        return dict(parse_qsl(request.body.decode("utf-8", "replace")))

    def knows(self, key: str, secret: str) -> bool:
        """Whether these are the right credentials."""
        return (key, secret) == (self.key, self.secret)

    def authenticate(self, request: Request) -> None:
        """Only with a token that was given and has not expired."""
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not self.admits(token.strip()):
            raise Refused(401, UNAUTHENTICATED, "The caller could not be authenticated.")

    def admits(self, token: str) -> bool:
        """Whether a token is good."""
        return self.tokens.get(token, 0.0) > time.monotonic()

    def authorise(self, name: str) -> None:
        """Only resources that the key has a claim to."""
        if name in self.denied:
            raise Refused(403, FORBIDDEN, "The claim set has no claim to this resource.")

    def dependencies(self) -> Response:
        """The groups of the order of loads."""
        return self.answer(200, self.groups())

    def groups(self) -> list[dict[str, Any]]:
        """Each resource with its group."""
        return [
            {
                "resource": f"/ed-fi/{name}",
                "order": self.group(name, ()),
                "operations": ["Create", "Update"],
            }
            for name in self.resources
        ]

    def group(self, name: str, on_the_way: tuple[str, ...]) -> int:
        """One more than the highest group of what a resource points to."""
        needed = [one for one in self.pointed_to(name) if one not in (*on_the_way, name)]
        return 1 + max((self.group(one, (*on_the_way, name)) for one in needed), default=0)

    def pointed_to(self, name: str) -> list[str]:
        """The resources that a body of this resource may point to."""
        nouns = {
            one.removesuffix("Reference")
            for one in {*self.resource(name).references, *_INSIDE.get(name, ())}
        }
        return [one for one in self.resources if any(_means(noun, one, name) for noun in nouns)]


def _means(noun: str, name: str, of: str) -> bool:
    one = singular(name)
    if noun == one or noun.endswith(one[0].upper() + one[1:]):
        return not (of == "localEducationAgencies" and noun.startswith("parent"))
    return name in _PLACES and noun.lower().endswith("educationorganization") and of not in _PLACES
