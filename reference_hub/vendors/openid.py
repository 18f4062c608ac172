"""The OpenID provider of the settings, as the console asks it: its discovery document, its keys,
the exchange of a code, userinfo (OpenID Connect Discovery 1.0; Core 1.0, 3.1.3 and 5.3; RFC 7636;
RFC 9207).

What it says of itself is kept for KEPT_SECONDS. Keys are looked up again when a token names one
that is not known, at most once in AGAIN_SECONDS: a provider can change its keys at any time.
"""

from __future__ import annotations

import base64
import json
import os
import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from reference_hub.model.openid import NotProven, ProviderAway, Tokens, Way
from reference_hub.problems import SetupError
from reference_hub.settings import OpenId, Settings
from reference_hub.vendors.addresses import is_local
from reference_hub.workers.transport import Answer, Http, Unreachable

KEPT_SECONDS, AGAIN_SECONDS = 3600.0, 30.0
TIMEOUT_SECONDS = 10.0
LARGEST_ANSWER = 1024 * 1024
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_FORM, _JWT = "application/x-www-form-urlencoded", "application/jwt"
# RFC 6750, 2.1: what may stand in the header.
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_BASIC, _POST = "client_secret_basic", "client_secret_post"


def provider_of(settings: Settings) -> OpenIdProvider | None:
    """The provider that the settings name; None: none. Raises SetupError for half a provider."""
    given = settings.openid
    if not given.issuer:
        return None
    _refuse_wrong(given, settings)
    room = threading.BoundedSemaphore(max(settings.server.threads // 2, 1))
    http = Http(TIMEOUT_SECONDS, largest=LARGEST_ANSWER, check=_refuse_plain)
    return OpenIdProvider(given, http, room)


def _refuse_wrong(given: OpenId, settings: Settings) -> None:
    try:
        _refuse_plain(given.issuer)
    except Unreachable:
        raise SetupError(
            "openid.issuer is no address that begins with https://; write it as the provider's "
            "discovery document does."
        ) from None
    if not given.client_id or not given.roles:
        raise SetupError(
            "[openid] needs a client_id, and in [openid.roles] at least one group with its role; "
            "nobody could sign in."
        )
    if "openid" not in given.scope.split():
        raise SetupError("openid.scope must hold the word openid; without it there is no ID token.")
    if given.secret_env and not os.environ.get(given.secret_env):
        raise SetupError(
            f"The environment variable {given.secret_env} is not set; put the secret that the "
            "OpenID provider gave to the hub into it, or leave openid.secret_env out."
        )
    for name, role in given.roles.items():
        if role.zone and role.zone not in settings.zones:
            known = ", ".join(settings.zones)
            raise SetupError(
                f"openid.roles.{name} names the zone '{role.zone}', which the settings do not have "
                f"(known: {known}); correct it."
            )


def _refuse_plain(url: str) -> None:
    """Raise Unreachable for an address at which others could read codes and secrets on the way."""
    try:
        parts = urlsplit(url)
        local = is_local(parts.hostname or "")
    except ValueError:
        parts, local = urlsplit(""), False
    is_right = parts.scheme == "https" or (parts.scheme == "http" and local)
    if not is_right or not parts.hostname or "@" in parts.netloc:
        raise Unreachable("the provider names an address that is not https")


@dataclass(slots=True)
class OpenIdProvider:
    """A Provider of journeys.console_openid, over HTTP; `room` for so many requests at a time."""

    settings: OpenId
    http: Http
    room: threading.BoundedSemaphore
    _facts: tuple[float, Mapping[str, Any]] | None = None
    _kept_keys: tuple[float, Sequence[Mapping[str, Any]]] | None = None
    _asked_again: float = float("-inf")

    def address(self, way: Way) -> str:
        """Where the browser is to go, with PKCE by S256."""
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": way.back,
            "scope": self.settings.scope,
            "state": way.state,
            "nonce": way.nonce,
            "code_challenge": way.challenge,
            "code_challenge_method": "S256",
        }
        return _with(self._said("authorization_endpoint"), asked)

    def tokens(self, code: str, way: Way, issuer: str) -> Tokens:
        """What the code is worth."""
        wants_issuer = bool(self._known().get("authorization_response_iss_parameter_supported"))
        if (issuer or wants_issuer) and issuer != self.settings.issuer:
            raise NotProven("the answer is of another issuer")
        return self._exchanged(code, way)

    def userinfo(self, access: str) -> Mapping[str, Any] | str | None:
        """What the provider says of whom the access token was given for, as it came."""
        where = self._known().get("userinfo_endpoint")
        if not isinstance(where, str) or not access:
            return None
        headers = {"Authorization": f"Bearer {access}", "Accept": f"application/json, {_JWT}"}
        answer = self._send("GET", _safe(where), headers)
        if answer.status in (401, 403):
            raise NotProven(
                f"the provider refuses its own access token at userinfo ({answer.status}); the "
                "client there may lack the right to ask"
            )
        kind = answer.header("Content-Type").partition(";")[0].strip().lower()
        if answer.status == 200 and kind == _JWT:
            return answer.body.decode("ascii", "replace").strip()
        return _object(answer, "userinfo")

    def farewell(self, back: str) -> str:
        """Where one signs out there too (RP-Initiated Logout 1.0)."""
        where = self._known().get("end_session_endpoint")
        if not isinstance(where, str):
            return ""
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back}
        return _with(_safe(where), asked)

    def _exchanged(self, code: str, way: Way) -> Tokens:
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": way.back,
            "code_verifier": way.verifier,
            "client_id": self.settings.client_id,
        }
        headers = {"Content-Type": _FORM, "Accept": "application/json"}
        secret = os.environ.get(self.settings.secret_env, "") if self.settings.secret_env else ""
        if secret and self._takes(_BASIC):
            headers["Authorization"] = _basic(self.settings.client_id, secret)
        elif secret:
            asked["client_secret"] = secret
        answer = self._send(
            "POST", self._said("token_endpoint"), headers, urlencode(asked).encode()
        )
        if answer.status in (400, 401):
            raise NotProven(f"the provider does not take the code or the secret ({answer.status})")
        found = _object(answer, "its token end point")
        proof, access = found.get("id_token"), found.get("access_token")
        if not isinstance(proof, str):
            raise NotProven("the provider gave no ID token")
        # A token of another kind needs more than showing it (RFC 6749, 7.1).
        shown = str(found.get("token_type")).lower() == "bearer" and isinstance(access, str)
        usable = shown and _BEARER.fullmatch(str(access))
        return Tokens(proof, str(access) if usable else "")

    def _takes(self, way: str) -> bool:
        # Basic is what holds where the document says nothing (Discovery 1.0, 3).
        offered = self._known().get("token_endpoint_auth_methods_supported") or [_BASIC]
        return way in offered or _POST not in offered

    def _known(self) -> Mapping[str, Any]:
        kept = self._facts
        if kept is None or time.monotonic() - kept[0] >= KEPT_SECONDS:
            kept = time.monotonic(), self._discovered()
            self._facts = kept
        return kept[1]

    def _discovered(self) -> Mapping[str, Any]:
        place = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = _object(self._send("GET", place, {"Accept": "application/json"}), "its document")
        # Another issuer there would be somebody who stands in for this one (Discovery 1.0, 4.3).
        if found.get("issuer") != self.settings.issuer:
            raise ProviderAway("the provider's document names another issuer than the settings")
        lacks = [name for name in _NEEDED if not isinstance(found.get(name), str)]
        if lacks:
            raise ProviderAway(f"the provider's document lacks {', '.join(lacks)}")
        return found

    def _said(self, name: str) -> str:
        return _safe(str(self._known()[name]))

    def keys(self, *, again: bool = False) -> Sequence[Mapping[str, Any]]:
        """The keys of its set, looked up `again` at most once in AGAIN_SECONDS."""
        kept, now = self._kept_keys, time.monotonic()
        is_due = kept is None or now - kept[0] >= KEPT_SECONDS
        if again and now - self._asked_again >= AGAIN_SECONDS:
            self._asked_again, is_due = now, True
        if kept is None or is_due:
            answer = self._send("GET", self._said("jwks_uri"), {"Accept": "application/json"})
            listed = _object(answer, "its keys").get("keys")
            found = listed if isinstance(listed, list) else []
            kept = now, [each for each in found if isinstance(each, Mapping)]
            self._kept_keys = kept
        return kept[1]

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        # A provider that hangs must leave threads to the rest of the hub.
        if not self.room.acquire(blocking=False):
            raise ProviderAway("too many sign-ins wait for the provider")
        try:
            return self.http.send(method, url, headers, body)
        except Unreachable as error:
            raise ProviderAway(str(error).replace("the vendor", "the provider")) from None
        finally:
            self.room.release()


def _object(answer: Answer, what: str) -> Mapping[str, Any]:
    if answer.status != 200:
        raise ProviderAway(f"the provider answered {answer.status} for {what}")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, Mapping):
        raise ProviderAway(f"the provider's answer for {what} is no JSON object")
    return found


def _safe(url: str) -> str:
    try:
        _refuse_plain(url)
    except Unreachable as error:
        raise ProviderAway(str(error)) from None
    return url


def _with(url: str, asked: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(asked, quote_via=quote)}"


def _basic(client_id: str, secret: str) -> str:
    # Both are form-encoded first (RFC 6749, 2.3.1).
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
