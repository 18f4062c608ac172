"""The token end point: client credentials for an access token (RFC 6749, 4.4)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from secrets import token_hex
from urllib.parse import parse_qsl, unquote_plus

from flask import Blueprint, Request, Response, request
from werkzeug.http import parse_options_header

from reference_hub.auth import bearer
from reference_hub.model.party import Application
from reference_hub.problems import HubError
from reference_hub.store import tokens, vendors
from reference_hub.web import answers, bodies
from reference_hub.web.oneroster.resources import SCOPES
from reference_hub.web.services import services

blueprint = Blueprint("tokens", __name__)
FORM = "application/x-www-form-urlencoded"
NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(eq=False)
class TokenRefused(HubError):
    """`code` is one of RFC 6749, 5.2; `text` says what to do."""

    code: str
    text: str


@blueprint.post("/oauth/token", provide_automatic_options=False)
def issue() -> Response:
    """An access token for the application whose key and secret were shown."""
    try:
        form = _form(request)
        found = _client(request, form)
        _refuse_other_grants(form)
        scope = _granted(form.get("scope", ""))
    except TokenRefused as fault:
        return _refusal(fault)
    hub = services()
    token, now = bearer.new_token(), hub.clock.now()
    seconds = hub.settings.access.token_seconds
    with hub.engine.begin() as connection:
        expires = now + timedelta(seconds=seconds)
        tokens.insert(connection, bearer.digest(token), found.key, expires, now, scope)
    body: dict[str, object] = {
        "access_token": token,
        "token_type": bearer.NAME,
        "expires_in": seconds,
    }
    return _json(body | ({"scope": scope} if scope else {}), 200)


def _granted(asked: str) -> str:
    """The scopes without those of OneRoster that no operation knows (RFC 6749, 3.3 and 5.1).

    Raises TokenRefused where nothing is left of what was asked.
    """
    named = asked.split()
    left = [one for one in named if "/spec/or/" not in one or one.rpartition("/")[2] in SCOPES]
    if named and not left:
        text = f"No operation of OneRoster knows the scope {named[0][-80:]!r}."
        raise TokenRefused("invalid_scope", text)
    return " ".join(left)


def _form(request: Request) -> Mapping[str, str]:
    media, _ = parse_options_header(request.headers.get("Content-Type"))
    if media.lower() != FORM:
        raise TokenRefused("invalid_request", f"Send the parameters as {FORM}.")
    try:
        text = bodies.body_bytes(request).decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=50, errors="strict")
    except ValueError as error:
        raise TokenRefused("invalid_request", "The form cannot be read.") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise TokenRefused("invalid_request", "A parameter is given twice.")
    return form


def _refuse_other_grants(form: Mapping[str, str]) -> None:
    asked = form.get("grant_type", "")
    if not asked:
        raise TokenRefused("invalid_request", "The parameter grant_type is missing.")
    if "\x00" in form.get("scope", ""):
        raise TokenRefused("invalid_scope", "The scope holds a NUL character.")
    if asked != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "Only client_credentials is offered.")


def _client(request: Request, form: Mapping[str, str]) -> Application:
    candidates = _shown(request.headers.get("Authorization"), form)
    for key, secret in candidates:
        found = _application(key)
        # An unknown key costs the same comparison as a wrong secret.
        known = found.secret if found else token_hex()
        if compare_digest(secret.encode(), known.encode()) and found is not None:
            return found
    raise TokenRefused("invalid_client", "Client id or secret is not valid.")


def _shown(authorization: str | None, form: Mapping[str, str]) -> list[tuple[str, str]]:
    """Client id and secret as they may be meant: RFC 6749 encodes them, many clients do not."""
    if authorization is None:
        return [(form.get("client_id", ""), form.get("client_secret", ""))]
    if "client_secret" in form:
        raise TokenRefused("invalid_request", "Show the client secret in one place only.")
    method, _, token = authorization.strip().partition(" ")
    try:
        text = base64.b64decode(token.strip().encode("ascii"), validate=True).decode("utf-8")
    except (UnicodeError, binascii.Error):
        text = ""
    key, colon, secret = text.partition(":")
    if method.lower() != "basic" or not colon:
        raise TokenRefused("invalid_client", "Authorization must be Basic, of id and secret.")
    return list(dict.fromkeys([(key, secret), (unquote_plus(key), unquote_plus(secret))]))


def _application(key: str) -> Application | None:
    if not key or "\x00" in key:
        return None
    with services().engine.connect() as connection:
        return vendors.find_application(connection, key)


def _refusal(fault: TokenRefused) -> Response:
    body = {"error": fault.code, "error_description": fault.text}
    if fault.code != "invalid_client":
        return _json(body, 400)
    return _json(body, 401, {"WWW-Authenticate": 'Basic realm="SIF"'})


def _json(
    body: Mapping[str, object], status: int, more: Mapping[str, str] | None = None
) -> Response:
    headers = NOT_STORED | dict(more or {})
    return answers.verbatim(json.dumps(body).encode(), "application/json", status, headers)
