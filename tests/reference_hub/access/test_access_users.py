"""Users: what tells their sessions apart, and who vouches for them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from reference_hub.settings import Access
from tests.reference_hub.access.conftest import ISSUER, Signer
from tests.reference_hub.web.conftest import Client


@pytest.fixture
def client(hub_with: Any, signers: dict[str, Signer], tmp_path: Path) -> Client:
    """An application of a hub that takes verified users only."""
    issuers = {ISSUER: signers["EdDSA"].issuer(tmp_path)}
    made: Client = hub_with(access=Access(issuers=issuers, verify_users=True)).client("sis")
    return made


@pytest.mark.requirement("INF-ENV-004", "INF-ENV-006")
def test_a_user_is_known_by_the_issuer_and_not_by_the_token(
    client: Client, signers: dict[str, Signer]
) -> None:
    soon = int(time.time()) + 60
    tokens = [signers["EdDSA"].token(sub=name, exp=soon + n) for n, name in enumerate("aab")]
    codes = [client.open(userToken=token).status_code for token in tokens]
    assert codes == [201, 409, 201]


@pytest.mark.requirement("INF-ENV-004")
@pytest.mark.parametrize("claims", [{"exp": 1}, {"sub": None}, {"iss": "https://x"}])
def test_a_user_nobody_vouches_for_is_401(
    client: Client, signers: dict[str, Signer], claims: dict[str, Any]
) -> None:
    token = signers["EdDSA"].token(**({"sub": "ann"} | claims))
    assert client.open(userToken=token).status_code == 401
    assert client.open(userToken=signers["ES256"].token(sub="ann")).status_code == 401
    assert client.open(userToken="opaque").status_code == 401


@pytest.mark.requirement("INF-ENV-004")
@pytest.mark.parametrize(("key", "secret"), [("nobody", "a-secret"), ("sis", "wrong")])
@pytest.mark.parametrize("method", ["Basic", "SIF_HMACSHA256"])
def test_an_unknown_application_or_a_wrong_secret_is_401(
    client: Client, key: str, secret: str, method: str
) -> None:
    client.key, client.secret, client.method = key, secret, method
    assert client.open().status_code == 401


def test_without_a_user_there_is_nobody_to_verify(client: Client) -> None:
    assert client.open().status_code == 201
