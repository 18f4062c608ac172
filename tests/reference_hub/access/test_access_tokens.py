"""The token end point, request by request as RFC 6749 has them."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
import requests
from sqlalchemy import text

from reference_hub.settings import Access
from tests.reference_hub.access.conftest import Watch
from tests.reference_hub.web.conftest import SCOPE, SECRET, Hub

GRANT = {"grant_type": "client_credentials"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def ask(hub: Hub, form: Any, **more: Any) -> requests.Response:
    return requests.post(f"{hub.base}/oauth/token", form, **more)


@pytest.fixture
def known(hub: Hub, register: Any) -> Hub:
    """A hub that knows the application `sis`."""
    register("sis")
    return hub


def test_a_client_shows_its_secret_by_basic(known: Hub) -> None:
    reply = ask(known, GRANT, auth=("sis", SECRET))
    body = reply.json()
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "application/json")
    assert (reply.headers["Cache-Control"], reply.headers["Pragma"]) == ("no-store", "no-cache")
    assert (body["token_type"], body["expires_in"], "scope" in body) == ("Bearer", 3600, False)
    assert len(body["access_token"]) >= 40


def test_a_client_shows_its_secret_in_the_form(known: Hub) -> None:
    form = GRANT | {"client_id": "sis", "client_secret": SECRET, "scope": "all"}
    reply = ask(known, form)
    assert (reply.status_code, reply.json()["scope"]) == (200, "all")


def test_the_store_keeps_no_token(known: Hub) -> None:
    token = ask(known, GRANT, auth=("sis", SECRET)).json()["access_token"]
    with known.engine.connect() as connection:
        (row,) = connection.execute(text("SELECT * FROM access_token")).mappings()
    assert row["digest"] == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(dict(row))


def test_expired_tokens_are_forgotten(hub_with: Any, watch: Watch) -> None:
    hub = hub_with(access=Access(token_seconds=10))
    hub.client("sis")
    for _ in range(3):
        assert ask(hub, GRANT, auth=("sis", SECRET)).json()["expires_in"] == 10
        watch.forward(11)
    with hub.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM access_token")).scalar_one() == 1


@pytest.mark.parametrize("secret", ["Pa:ss+word/=", "pässwörd", "100%25"])
def test_a_secret_is_taken_encoded_and_as_it_is(hub: Hub, secret: str) -> None:
    from urllib.parse import quote_plus

    from reference_hub.store import vendors

    with hub.engine.begin() as connection:
        vendors.add_application(connection, "sis", secret, SCOPE)
    for shown in (secret, quote_plus(secret)):
        token = base64.b64encode(f"sis:{shown}".encode()).decode()
        assert ask(hub, GRANT, headers={"Authorization": f"Basic {token}"}).status_code == 200


ROSTER = "https://purl.imsglobal.org/spec/or/v1p2/scope/"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (f"{ROSTER}roster.readonly", f"{ROSTER}roster.readonly"),
        (f"{ROSTER}roster.readonly  {ROSTER}everything", f"{ROSTER}roster.readonly"),
        ("of-somebody-else", "of-somebody-else"),
    ],
)
def test_a_token_says_which_of_the_scopes_it_has(known: Hub, asked: str, given: str) -> None:
    reply = ask(known, GRANT | {"scope": asked}, auth=("sis", SECRET))
    assert (reply.status_code, reply.json()["scope"]) == (200, given)


def test_a_scope_that_no_operation_knows_is_invalid(known: Hub) -> None:
    reply = ask(known, GRANT | {"scope": f"{ROSTER}everything"}, auth=("sis", SECRET))
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_scope")


WRONG = ["sis:wrong", "nobody:a-secret", "sis:", ":", ":a-secret", "sis\x00:a-secret"]


@pytest.mark.parametrize("shown", WRONG)
@pytest.mark.parametrize("way", ["header", "form"])
def test_a_wrong_client_is_invalid(known: Hub, shown: str, way: str) -> None:
    key, _, secret = shown.partition(":")
    token = base64.b64encode(shown.encode()).decode()
    in_form = {"client_id": key, "client_secret": secret} if way == "form" else {}
    headers = {"Authorization": f"Basic {token}"} if way == "header" else {}
    reply = ask(known, GRANT | in_form, headers=headers)
    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")
    assert reply.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!", "Basic eA==", "Bearer x", "Basic /w=="]
)
def test_an_unreadable_header_is_an_invalid_client(known: Hub, header: str) -> None:
    form = GRANT | {"client_id": "sis"}
    reply = ask(known, form, headers={"Authorization": header})
    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("", "invalid_request"),
        ("grant_type=", "invalid_request"),
        ("scope=x", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=authorization_code&code=x", "unsupported_grant_type"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("grant_type=client_credentials&client_secret=a-secret", "invalid_request"),
        ("grant_type=%ff", "invalid_request"),
        (b"grant_type=\xff", "invalid_request"),
        ("&".join(f"a{number}=1" for number in range(60)), "invalid_request"),
    ],
)
def test_a_form_that_is_none_is_400(known: Hub, body: str | bytes, error: str) -> None:
    reply = ask(known, body, auth=("sis", SECRET), headers=FORM)
    assert (reply.status_code, reply.json()["error"]) == (400, error)
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("media", ["application/json", "text/plain", ""])
def test_another_media_type_is_400(known: Hub, media: str) -> None:
    headers = {"Content-Type": media}
    reply = ask(known, "grant_type=client_credentials", auth=("sis", SECRET), headers=headers)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")


def test_a_charset_beside_the_media_type_is_fine(known: Hub) -> None:
    headers = {"Content-Type": "Application/X-WWW-Form-URLEncoded; charset=UTF-8"}
    reply = ask(known, "grant_type=client_credentials", auth=("sis", SECRET), headers=headers)
    assert reply.status_code == 200


def test_only_post_is_offered(known: Hub) -> None:
    assert requests.get(f"{known.base}/oauth/token").status_code == 405


def test_the_caller_gets_json_whatever_it_accepts(known: Hub) -> None:
    headers = {"Accept": "application/xml"}
    reply = ask(known, GRANT, auth=("sis", SECRET), headers=headers)
    assert (reply.status_code, reply.json()["token_type"]) == (200, "Bearer")
