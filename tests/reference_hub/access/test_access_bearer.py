"""Bearer: tokens of the hub's own, tokens of trusted issuers, and those that prove nothing."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from reference_hub.app import create_app
from reference_hub.auth import bearer
from reference_hub.problems import SetupError
from reference_hub.settings import Access, Issuer, Settings
from tests.reference_hub.access.conftest import AUDIENCE, ISSUER, Signer, Watch
from tests.reference_hub.web.conftest import INF, SECRET, Hub

CREATE = "/environments/environment"


def bearing(token: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} | more


def fetch(hub: Hub, key: str = "sis") -> str:
    form = {"grant_type": "client_credentials"}
    reply = requests.post(f"{hub.base}/oauth/token", form, auth=(key, SECRET))
    assert reply.status_code == 200
    return str(reply.json()["access_token"])


def create(hub: Hub, headers: dict[str, str], body: bytes = b"", query: str = "") -> Any:
    return requests.post(f"{hub.base}{CREATE}{query}", data=body, headers=headers)


def read(hub: Hub, headers: dict[str, str], path: str = "/requests/xStudents") -> int:
    return requests.get(f"{hub.base}{path}", headers=headers).status_code


@pytest.fixture
def trusting(hub_with: Any, signers: dict[str, Signer], tmp_path: Path) -> Callable[[str], Hub]:
    """A hub that trusts the issuer of an algorithm, with an application `sis`."""

    def start(algorithm: str) -> Hub:
        issuers = {ISSUER: signers[algorithm].issuer(tmp_path)}
        hub: Hub = hub_with(access=Access(issuers=issuers))
        hub.client("sis")
        return hub

    return start


@pytest.mark.requirement("INF-AUT-002")
def test_a_token_of_the_hub_opens_an_environment_and_its_services(
    hub: Hub, register: Any, infrastructure: etree.XMLSchema
) -> None:
    register("sis")
    headers = bearing(fetch(hub))
    body = f'<environment xmlns="{INF}"><authenticationMethod>bearer</authenticationMethod>'
    reply = create(hub, headers, f"{body}</environment>".encode())
    made = etree.fromstring(reply.content)
    infrastructure.assertValid(made)
    assert (reply.status_code, made.findtext("{*}authenticationMethod")) == (201, "Bearer")
    assert read(hub, headers) == 204
    assert read(hub, headers, f"/environments/{made.get('id')}") == 200


def test_the_session_token_of_a_client_with_a_secret_works_as_well(hub: Hub, register: Any) -> None:
    client = register("sis")
    reply = create(hub, bearing(fetch(hub)))
    client.user = etree.fromstring(reply.content).findtext("{*}sessionToken", "")
    assert client.send("GET", "/requests/xStudents").status_code == 204


@pytest.mark.requirement("INF-AUT-011", "INF-AUT-013", "INF-HDR-008")
@pytest.mark.parametrize(
    ("header", "query", "status"),
    [
        (None, "", 201),
        ("sis", "", 201),
        (None, "?applicationKey=sis", 201),
        ("sis", "?applicationKey=other", 201),
        ("other", "?applicationKey=sis", 401),
        (None, "?applicationKey=other", 401),
    ],
)
def test_an_application_key_beside_the_token_must_be_its_own(
    hub: Hub, register: Any, header: str | None, query: str, status: int
) -> None:
    register("sis"), register("other")
    headers = bearing(fetch(hub), **({"applicationKey": header} if header else {}))
    assert create(hub, headers, query=query).status_code == status


@pytest.mark.requirement("NEG-005")
@pytest.mark.parametrize("query", ["", "?applicationKey="])
def test_an_empty_application_key_is_401(hub: Hub, register: Any, query: str) -> None:
    register("sis")
    empty = {"applicationKey": ""} if not query else {}
    assert create(hub, bearing(fetch(hub), **empty), query=query).status_code == 401


def test_a_token_travels_in_the_query_too(hub: Hub, register: Any) -> None:
    register("sis")
    query = f"?access_token={fetch(hub)}&authenticationMethod=bearer"
    assert create(hub, {}, query=query).status_code == 201
    assert read(hub, {}, f"/requests/xStudents{query}") == 204


def test_a_token_without_an_environment_opens_no_service(hub: Hub, register: Any) -> None:
    register("sis")
    assert read(hub, bearing(fetch(hub))) == 401


def test_of_several_environments_the_instance_is_named(hub: Hub, register: Any) -> None:
    register("sis")
    headers = bearing(fetch(hub))
    for name in ("one", "two"):
        create(hub, headers | {"instanceId": name})
    assert read(hub, headers) == 401
    assert read(hub, headers | {"instanceId": "two"}) == 204
    assert read(hub, headers, "/requests/xStudents?instanceId=one") == 204
    assert read(hub, headers | {"instanceId": "three"}) == 401


def test_of_several_users_the_user_is_named(hub: Hub, register: Any) -> None:
    register("sis")
    headers = bearing(fetch(hub))
    for name in ("ann", "bob"):
        create(hub, headers | {"userToken": name})
    assert read(hub, headers) == 401
    assert read(hub, headers | {"userToken": "bob"}) == 204


def test_an_environment_opened_with_bearer_stands_before_others(hub: Hub, register: Any) -> None:
    register("sis").open()
    headers = bearing(fetch(hub))
    assert read(hub, headers) == 204
    create(hub, headers | {"instanceId": "two"})
    assert read(hub, headers) == 204


def test_the_token_of_another_application_reaches_no_foreign_environment(
    hub: Hub, register: Any
) -> None:
    sis = register("sis")
    sis.open(), register("other")
    path = f"/environments/{sis.environment.get('id')}"
    create(hub, bearing(fetch(hub, "other")))
    assert read(hub, bearing(fetch(hub, "other")), path) == 404
    deleted = requests.delete(f"{hub.base}{path}", headers=bearing(fetch(hub, "other")))
    assert deleted.status_code == 404
    assert read(hub, bearing(fetch(hub)), path) == 200


@pytest.mark.requirement("INF-AUT-015")
def test_a_token_expires(hub_with: Any, watch: Watch) -> None:
    hub = hub_with(access=Access(token_seconds=60))
    hub.client("sis")
    headers = bearing(fetch(hub))
    create(hub, headers)
    assert read(hub, headers) == 204
    watch.forward(61)
    assert read(hub, headers) == 401


def test_a_session_that_is_over_is_none_for_bearer_either(hub_with: Any, watch: Watch) -> None:
    hub = hub_with(access=Access(token_seconds=9999, session_seconds=100))
    hub.client("sis")
    headers = bearing(fetch(hub))
    environment_id = etree.fromstring(create(hub, headers).content).get("id")
    watch.forward(200)
    assert read(hub, headers) == 401
    assert read(hub, headers, f"/environments/{environment_id}") == 404


def test_another_secret_ends_the_tokens(hub: Hub, register: Any) -> None:
    register("sis")
    headers = bearing(fetch(hub))
    create(hub, headers)
    register("sis")
    assert read(hub, headers) == 204
    with hub.engine.begin() as connection:
        from reference_hub.store import vendors
        from tests.reference_hub.web.conftest import SCOPE

        vendors.add_application(connection, "sis", "another-secret", SCOPE)
    assert read(hub, headers) == 401


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_token_of_a_trusted_issuer_opens_an_environment(
    trusting: Callable[[str], Hub], signers: dict[str, Signer], algorithm: str
) -> None:
    hub = trusting(algorithm)
    headers = bearing(signers[algorithm].token())
    reply = create(hub, headers)
    made = etree.fromstring(reply.content)
    assert reply.status_code == 201
    # Who signs in elsewhere may not know the secret, so a session token would be of no use.
    assert made.find("{*}sessionToken") is None
    assert read(hub, headers) == 204
    assert read(hub, bearing(signers[algorithm].token(exp=int(time.time()) + 99))) == 204


def unsigned(**claims: Any) -> str:
    return jwt.encode({"iss": ISSUER, "aud": AUDIENCE, "client_id": "sis"} | claims, None, "none")


NOW = int(time.time())
BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "expired": {"exp": NOW - 60},
    "without an end": {"exp": None},
    "end of another kind": {"exp": "soon"},
    "endless": {"exp": float("inf")},
    "not begun": {"nbf": NOW + 3600},
    "another audience": {"aud": "somebody-else"},
    "without an audience": {"aud": None},
    "another issuer": {"iss": "https://elsewhere.example"},
    "without an issuer": {"iss": None},
    "issuer of another kind": {"iss": ["https://login.example"]},
    "unknown application": {"client_id": "nobody"},
    "without an application": {"client_id": None},
    "application of another kind": {"client_id": ["sis"]},
    "application with NUL": {"client_id": "sis\x00"},
}


@pytest.mark.parametrize("name", BAD_CLAIMS)
def test_a_signed_token_with_a_wrong_claim_is_401(
    trusting: Callable[[str], Hub], signers: dict[str, Signer], name: str
) -> None:
    hub = trusting("ES256")
    if "iss" in BAD_CLAIMS[name] or name == "endless":
        claims = {"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 300, "client_id": "sis"}
        told = {k: v for k, v in (claims | BAD_CLAIMS[name]).items() if v is not None}
        token = jwt.PyJWS().encode(json.dumps(told).encode(), signers["ES256"].key, "ES256")
    else:
        token = signers["ES256"].token(**BAD_CLAIMS[name])
    assert create(hub, bearing(token)).status_code == 401


def test_a_token_of_another_key_is_401(trusting: Callable[[str], Hub]) -> None:
    hub = trusting("RS256")
    stranger = Signer(rsa.generate_private_key(65537, 2048), "RS256")
    assert create(hub, bearing(stranger.token())).status_code == 401


def test_the_token_does_not_choose_its_algorithm(
    trusting: Callable[[str], Hub], signers: dict[str, Signer], tmp_path: Path
) -> None:
    hub = trusting("RS256")
    public = Path(signers["RS256"].issuer(tmp_path).public_key).read_bytes()
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")
    payload = signers["RS256"].token().split(".")[1].encode()
    import hashlib
    import hmac

    mac = hmac.digest(public, head + b"." + payload, hashlib.sha256)
    forged = b".".join([head, payload, base64.urlsafe_b64encode(mac).rstrip(b"=")])
    assert create(hub, bearing(forged.decode())).status_code == 401
    assert create(hub, bearing(unsigned(exp=NOW + 300))).status_code == 401
    assert create(hub, bearing(signers["ES256"].token())).status_code == 401


def test_without_issuers_no_signed_token_counts(
    hub: Hub, register: Any, signers: dict[str, Signer]
) -> None:
    register("sis")
    assert create(hub, bearing(signers["ES256"].token())).status_code == 401


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


MALFORMED = [
    "x",
    ".",
    "..",
    "...",
    "a.b.c",
    "é.é.é",
    f"{encoded('[')}.{encoded('{}')}.",
    f"{encoded('[]')}.{encoded('{}')}.x",
    f"{encoded('{}')}.{encoded('[]')}.x",
    f"{encoded('{}')}.{encoded('[' * 3000)}.x",
    f"{encoded('[' * 3000)}.{encoded('{}')}.x",
    f"{encoded(json.dumps({'alg': 'ES256', 'crit': ['x']}))}.{encoded('{}')}.x",
    f"{encoded(json.dumps({'alg': 1}))}.{encoded(json.dumps({'iss': ISSUER}))}.x",
    f"{encoded(json.dumps({'alg': 'ES256'}))}.{encoded(json.dumps({'iss': ISSUER}))}.x",
]


@pytest.mark.parametrize("token", MALFORMED)
def test_a_malformed_token_is_401_as_any_wrong_one(
    trusting: Callable[[str], Hub], token: str
) -> None:
    hub = trusting("ES256")
    query = {"access_token": token, "authenticationMethod": "Bearer"}
    replies = [
        requests.post(f"{hub.base}{CREATE}", params=query),
        requests.get(f"{hub.base}/requests/xStudents", params=query),
    ]
    texts = {etree.fromstring(each.content).findtext("{*}message") for each in replies}
    assert [each.status_code for each in replies] == [401, 401]
    assert texts == {"The token is not valid; check key, secret, method and timestamp."}


@pytest.mark.requirement("INF-AUT-016")
def test_a_401_names_every_scheme(hub: Hub) -> None:
    reply = requests.get(f"{hub.base}/requests/xStudents", headers=bearing("x"))
    challenges = reply.headers["WWW-Authenticate"]
    assert [name for name in ("Basic", "SIF_HMACSHA256", "Bearer") if name in challenges] == [
        "Basic",
        "SIF_HMACSHA256",
        "Bearer",
    ]


@pytest.mark.parametrize("content", [None, b"nothing", b"-----BEGIN PUBLIC KEY-----\nx\n"])
def test_an_issuers_key_that_cannot_be_read_is_told_at_the_start(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SetupError, match=r"access\.issuers\.https://login\.example\.public_key"):
        bearer.trusted({ISSUER: Issuer(str(path), AUDIENCE)})


def test_a_weak_key_is_not_trusted(tmp_path: Path) -> None:
    weak = Signer(rsa.generate_private_key(65537, 1024), "RS256")
    with pytest.raises(SetupError, match="2048"):
        bearer.trusted({ISSUER: weak.issuer(tmp_path)})


def test_the_hub_does_not_start_with_an_issuer_it_cannot_check(engine: Any) -> None:
    settings = Settings(access=Access(issuers={ISSUER: Issuer("none.pem", AUDIENCE)}))
    with pytest.raises(SetupError, match=r"none\.pem"):
        create_app(settings, engine)
