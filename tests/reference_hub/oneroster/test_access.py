"""Who may ask: access tokens with scopes, signed requests of 1.1, a connection per application."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
import requests

from reference_hub.auth import oauth1
from reference_hub.store import vendors
from tests.reference_hub.oneroster.conftest import (
    ALL,
    GRADEBOOK,
    ROSTERING,
    V1_1,
    Puller,
    few,
)
from tests.reference_hub.oneroster.openapi import Service
from tests.reference_hub.web.conftest import SCOPE, SECRET

# RFC 5849, 1.2 and 3.4.1; the last two are those of a well-kept library for both digests.
PHOTO = (
    ("oauth_consumer_key", "dpf43f3p2l4k3l03"), ("oauth_token", "nnch734d00sl2jdk"),
    ("oauth_signature_method", "HMAC-SHA1"), ("oauth_timestamp", "137131202"),
    ("oauth_nonce", "chapoH"),
)  # fmt: skip
REQUEST = (
    ("oauth_consumer_key", "9djdj82h48djs9d2"), ("oauth_token", "kkk9d7dh3k39sjv7"),
    ("oauth_signature_method", "HMAC-SHA1"), ("oauth_timestamp", "137131201"),
    ("oauth_nonce", "7d8f3e4a"), ("c2", ""), ("a3", "2 q"),
)  # fmt: skip
BASE = (
    "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25"
    "253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26"
    "oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k3"
    "9sjv7"
)
KEYS = ("ECrDNoq1VYzzzzzzzzzyAK7TwZNtPnkqatqZZZZ", "just-a-string    asdasd")


def signed(text: bytes) -> str:
    return base64.b64encode(text).decode()


def test_the_published_example_is_signed_alike() -> None:
    url = "http://photos.example.net/photos?file=vacation.jpg&size=original"
    base = oauth1.base_string("GET", url, PHOTO)
    proof = oauth1.signature("HMAC-SHA1", base, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00")
    assert signed(proof) == "MdpQcU8iPSUjWoN/UDMsK2sui9I="


def test_the_published_base_string_is_made_alike() -> None:
    url = "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b"
    assert oauth1.base_string("POST", url, REQUEST) == BASE
    assert signed(oauth1.signature("HMAC-SHA1", BASE, *KEYS)) == "wsdNmjGB7lvis0UJuPAmjvX/PXw="
    proof = "wdfdHUKXHbOnOGZP8WFAWMSAmWzN3EVBWWgXGlC/Eo4="
    assert signed(oauth1.signature("HMAC-SHA256", BASE, *KEYS)) == proof


def header(url: str, key: str, secret: str = SECRET, verb: str = "GET", **changed: str) -> str:
    """Sign a request as a client of 1.1 does."""
    given = {
        "oauth_consumer_key": key, "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": str(int(time.time())), "oauth_nonce": f"n{time.perf_counter_ns()}",
        "oauth_version": "1.0",
    } | changed  # fmt: skip
    base = oauth1.base_string(verb, url, given.items())
    method = given["oauth_signature_method"]
    proof = oauth1.signature(method if method in oauth1.DIGESTS else "HMAC-SHA1", base, secret)
    given["oauth_signature"] = signed(proof)
    pairs = ",".join(f'{name}="{quote(value, safe="")}"' for name, value in given.items())
    return f'OAuth realm="",{pairs}'


@pytest.fixture
def old(puller: Callable[..., Puller]) -> Puller:
    """A vendor with a connection for 1.1."""
    made = puller("classic", "1.1")
    made.shelf.fill(few())
    return made


def asked(old: Puller, path: str = "orgs", token: str = "", **given: str) -> requests.Response:
    url = f"{old.hub.base}{V1_1}/{path}"
    told = {"Authorization": token or header(url, **{"key": old.key, **given})}
    return requests.get(url, headers=told, timeout=10)


def test_a_signed_request_of_1_1_is_answered(old: Puller) -> None:
    path = "users?filter=role%3D%27student%27%20AND%20status%3D%27active%27&limit=1"
    for method in ("HMAC-SHA1", "HMAC-SHA256"):
        reply = asked(old, path, oauth_signature_method=method)
        assert reply.status_code == 200, reply.text
        assert [each["role"] for each in reply.json()["users"]] == ["student"]


WRONG = {
    "secret": {"secret": "another"},
    "key": {"key": "nobody"},
    "method": {"oauth_signature_method": "PLAINTEXT"},
    "version": {"oauth_version": "2.0"},
    "old": {"oauth_timestamp": str(int(time.time()) - 4000)},
    "early": {"oauth_timestamp": str(int(time.time()) + 4000)},
    "time": {"oauth_timestamp": "soon"},
    "token": {"oauth_token": "x"},
    "nonce": {"oauth_nonce": "\x00"},
}


def test_every_wrong_signature_gets_the_same_answer(old: Puller) -> None:
    for fault, given in WRONG.items():
        reply = asked(old, **given)
        (told,) = reply.json()["statusInfoSet"]
        assert (reply.status_code, told["imsx_codeMinor"]) == (401, "unauthorized"), fault
        assert told["imsx_description"].startswith("The token is not valid")
        assert 'OAuth realm="OneRoster"' in reply.headers["WWW-Authenticate"]


def test_a_signature_is_good_for_one_request_only(old: Puller) -> None:
    token = header(f"{old.hub.base}{V1_1}/orgs", old.key)
    assert asked(old, token=token).status_code == 200
    assert asked(old, token=token).status_code == 401
    assert asked(old, "users", token=token).status_code == 401


def test_signed_requests_are_for_1_1_alone(holding: Puller) -> None:
    url = f"{holding.hub.base}{ROSTERING}/orgs"
    told = {"Authorization": header(url, holding.key)}
    assert requests.get(url, headers=told, timeout=10).status_code == 401


def test_wrong_tokens_are_refused_in_the_published_form(
    holding: Puller, services: dict[str, Service]
) -> None:
    url = f"{holding.hub.base}{ROSTERING}/users"
    for token in (
        "",
        "Bearer",
        "Bearer nonsense",
        "Bearer a.b.c",
        "Basic cmVhZGluZzphLXNlY3JldA==",
    ):
        reply = requests.get(url, headers={"Authorization": token} if token else {}, timeout=10)
        assert reply.status_code == 401
        assert services["rosters"].faults("GET", "users", 401, reply.json()) == []


def test_a_token_for_the_core_may_not_read_demographics(holding: Puller) -> None:
    holding.allowed("roster-core.readonly")
    assert holding.get("users", limit="1").status_code == 200
    for path in ("demographics", f"demographics/{few()['demographics'][0]['sourcedId']}"):
        reply = holding.get(path)
        fields = reply.json()["imsx_CodeMinor"]["imsx_codeMinorField"]
        assert (reply.status_code, fields[0]["imsx_codeMinorFieldValue"]) == (403, "forbidden")
    assert holding.get(f"classes/{few()['classes'][0]['sourcedId']}/students").status_code == 403


def test_a_token_for_demographics_reads_nothing_else(holding: Puller) -> None:
    holding.allowed("roster-demographics.readonly")
    assert holding.get("demographics").status_code == 200
    assert holding.get("users").status_code == 403


def test_a_token_without_scopes_of_1_2_reads_nothing_of_it(holding: Puller) -> None:
    for prefix in ("https://purl.imsglobal.org/spec/or/v1p1/scope", "https://evil.example"):
        holding.token = holding.ask_token(*ALL, prefix=prefix).json()["access_token"]
        assert holding.get("users").status_code == 403
    holding.token = holding.ask_token().json()["access_token"]
    assert holding.get("results", root=GRADEBOOK).status_code == 403


def test_a_token_ends(holding: Puller, later: Callable[[float], object]) -> None:
    later(3601)
    assert holding.get("users").status_code == 401


def test_two_vendors_never_see_each_others_rows(
    holding: Puller, puller: Callable[..., Puller]
) -> None:
    other = puller("math").allowed(*ALL)
    other.shelf.stamp()
    for name, rows in few().items():
        if name != "roles":
            reply = other.get(name)
            assert (reply.json()[name], reply.headers["X-Total-Count"]) == ([], "0")
            assert other.get(f"{name}/{rows[0]['sourcedId']}").status_code == 404
    other.shelf.keep("classes", few()["classes"][0])
    shared = few()["classes"][0]["sourcedId"]
    assert other.get(f"classes/{shared}/students").json()["users"] == []
    assert holding.get(f"classes/{shared}/students").json()["users"] != []


def test_an_application_without_such_a_connection_is_told_so(holding: Puller, old: Puller) -> None:
    assert holding.get("users", root=V1_1).status_code == 403
    old.allowed("roster.readonly")
    assert old.get("users", root=ROSTERING).status_code == 403
    with holding.hub.engine.begin() as connection:
        vendors.add_application(connection, "sis", SECRET, SCOPE)
    sis = Puller(holding.hub, "sis", holding.shelf).allowed(*ALL)
    assert sis.get("users").status_code == 403
