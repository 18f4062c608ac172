"""A small OpenID provider over a socket, written from the specifications alone: authorization code
with PKCE, one-time codes, a discovery document and a set of keys."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

CLIENT, SECRET = "the-hub", "secret of the hub"
GROUP = "Data office"
_PAGE = """<!doctype html><html lang="en"><title>Provider</title><link rel="icon" href="data:,">
<form method="post"><button>Let me in</button></form></html>"""


@cache
def key(name: str) -> ec.EllipticCurvePrivateKey:
    """A key of that name, the same in each test."""
    return ec.generate_private_key(ec.SECP256R1())


def public(name: str) -> dict[str, Any]:
    """What the set of keys says of it."""
    told: dict[str, Any] = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key(name).public_key()))
    return told | {"kid": name, "use": "sig", "alg": "ES256"}


@dataclass
class OpenIdServer:
    """A WSGI application. `person`: the claims of whoever is signed in there; `wrong` replaces
    claims of the ID token; `signs`, `lists`: names of the key it signs with and of those it lists;
    `keys`: others to sign with in their place; `down`: it answers 503 to everything. `info`: what
    it says of the person at userinfo, None for no such place; `info_signs`: the key it signs that
    with, '' for plain JSON; `info_key` another one of that name; `info_answer`: another answer."""

    now: Callable[[], datetime]
    issuer: str = ""
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "4711",
            "preferred_username": "ana.ruiz",
            "groups": ["Everybody", GROUP],
        }
    )
    wrong: dict[str, Any] = field(default_factory=dict)
    signs: str = "first"
    lists: list[str] = field(default_factory=lambda: ["first"])
    more: dict[str, Any] = field(default_factory=dict)
    down: bool = False
    keys: dict[str, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    info: dict[str, Any] | None = None
    info_signs: str = ""
    info_key: ec.EllipticCurvePrivateKey | None = None
    info_answer: Response | None = None
    token_type: str = "Bearer"
    given: list[str] = field(default_factory=list)
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, environ: Any, start: Any) -> Any:
        """Answer one request."""
        request = Request(environ)
        self.asked.append(request.path)
        return (Response("", 503) if self.down else self._answer(request))(environ, start)

    def _answer(self, request: Request) -> Response:
        if request.path == "/.well-known/openid-configuration":
            return _json(self.document())
        if request.path == "/keys":
            return _json({"keys": [public(name) for name in self.lists]})
        if request.path == "/authorize":
            return self._authorize(request)
        if request.path == "/token":
            return self._token(request)
        if request.path == "/userinfo":
            return self._info(request)
        return Response("You are signed out of the provider." if request.path == "/out" else "")

    def document(self) -> dict[str, Any]:
        """Its discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=demo",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/out",
            **({} if self.info is None else {"userinfo_endpoint": f"{self.issuer}/userinfo"}),
        } | self.more

    def _info(self, request: Request) -> Response:
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or shown not in self.given:
            return _json({"error": "invalid_token"}, 401)
        if self.info_answer is not None:
            return self.info_answer
        if not self.info_signs:
            return _json(self.info)
        signer = self.info_key or key(self.info_signs)
        signed = jwt.encode(self.info or {}, signer, "ES256", {"kid": self.info_signs})
        return Response(signed, content_type="application/jwt")

    def _authorize(self, request: Request) -> Response:
        asked = request.args
        right = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        if any(asked.get(name) != value for name, value in right.items()):
            return Response("wrong request", 400)
        if request.method == "GET":
            return Response(_PAGE, content_type="text/html")
        code = secrets.token_urlsafe(16)
        self.codes[code] = dict(asked)
        told = {"code": code, "state": asked["state"], "iss": self.issuer}
        where = f"{asked['redirect_uri']}?{urlencode(told)}"
        return Response(status=302, headers={"Location": where})

    def _token(self, request: Request) -> Response:
        given, form = request.authorization, request.form
        if given is None or (given.username, given.password) != (
            CLIENT,
            SECRET.replace(" ", "%20"),
        ):
            return _json({"error": "invalid_client"}, 401)
        begun = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            begun is None
            or begun["code_challenge"] != challenge
            or begun["redirect_uri"] != form.get("redirect_uri")
        ):
            return _json({"error": "invalid_grant"}, 400)
        self.given.append(secrets.token_urlsafe(16))
        told = {"token_type": self.token_type, "access_token": self.given[-1]}
        return _json(told | {"id_token": self.token(begun["nonce"])})

    def token(self, nonce: str) -> str:
        """An ID token of five minutes."""
        moment = int(self.now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": moment, "exp": moment + 300}
        told = claims | {"nonce": nonce} | self.person | self.wrong
        return jwt.encode(
            told, self.keys.get(self.signs, key(self.signs)), "ES256", {"kid": self.signs}
        )


def _json(told: object, status: int = 200) -> Response:
    return Response(json.dumps(told), status, content_type="application/json")


@contextmanager
def providing(now: Callable[[], datetime]) -> Iterator[OpenIdServer]:
    """The provider on a free port; by its name, so that it is another site than the hub."""
    provider = OpenIdServer(now)
    server = make_server("127.0.0.1", 0, provider, threaded=True)
    provider.issuer = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
