"""The published-by-hand vectors of Basic and SIF_HMACSHA256, computed and over the wire."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
import requests

from conformance.simulators import Receiver, serve, tokens

VECTORS = {
    "TV-2": (
        "HubDemo", "demo-secret-1", "2026-03-02T09:15:00.000Z",
        "SHViRGVtbzp4RG8xU09QcHJYR3pQZ0ZZMzE3S0FmZFVzNzgwSU1OVjgvMDBIZ0t2SElVPQ==",
    ),
    "TV-3": (
        "c0ffee00-1111-4222-8333-444455556666", "demo-secret-1", "2026-03-02T09:15:02.250Z",
        "YzBmZmVlMDAtMTExMS00MjIyLTgzMzMtNDQ0NDU1NTU2NjY2"
        "OjQrN05PZGhMZjVCM09aSzlhZjNxd1J6R0Y4ck91UHllalQ2ZVU0UnpiVk09",
    ),
    "TV-4": (
        "HubDemo", "demo-secret-1", "2026-03-02T10:15:00.000+01:00",
        "SHViRGVtbzpPUmljbFR6azNCRDkzb2xvUFVsVmxrbXZIcTc5WHZueFdjOENGRmRsaUFBPQ==",
    ),
    "TV-5": (
        "HubDemo", "Pa:ss+word/=", "2026-03-02T09:15:00Z",
        "SHViRGVtbzpHYUNUMnZYekQ0blFJZDlnSTJnWkpZMmovWXdjTnZ0TmNCZTdhb2ZhZnVFPQ==",
    ),
    "TV-7": (
        "RamseyPortal", "a1b2c398", "2013-06-22T23:52:07Z",
        "UmFtc2V5UG9ydGFsOmJMdVhuUVErQ0ttSFQrUlFoOVVKZTRQNUNQcVo4ZzhVZGVLSmd4MTJMRnc9",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_hmac_tokens_equal_the_vectors(name: str) -> None:
    user, secret, timestamp, token = VECTORS[name]
    pair = base64.b64decode(token).decode()
    assert pair == f"{user}:{tokens.mac(user, secret, timestamp)}"


def test_a_secret_beyond_ascii_is_utf_8() -> None:
    mac = tokens.mac("HubDemo", "pässwörd", "2026-03-02T09:15:00Z")
    assert mac == "94VXJl+YqPDwW8CrtcfNxONZLZT104PbGk6AvdcS8CA="


@pytest.mark.parametrize(
    ("user", "secret", "token"),
    [
        ("HubDemo", "demo-secret-1", "SHViRGVtbzpkZW1vLXNlY3JldC0x"),
        ("HubDemo", "Pa:ss+word/=", "SHViRGVtbzpQYTpzcyt3b3JkLz0="),
        ("RamseyPortal", "a1b2c398", "UmFtc2V5UG9ydGFsOmExYjJjMzk4"),
    ],
)
def test_basic_tokens_equal_the_vectors(user: str, secret: str, token: str) -> None:
    assert tokens.basic_token(user, secret) == f"Basic {token}"


class At(Receiver):
    """A vendor whose clock stands still at the time of the vectors."""

    def now(self) -> datetime:
        return datetime(2026, 3, 2, 9, 15, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "timestamp", "status"),
    [
        ("TV-2", "2026-03-02T09:15:00.000Z", 201),
        ("TV-4", "2026-03-02T10:15:00.000+01:00", 201),
        ("TV-2", "2026-03-02T09:15:00Z", 401),  # TV-8: the MAC covers the text, not the instant
        ("TV-2", None, 401),
        ("TV-7", "2013-06-22T23:52:07Z", 401),
    ],
)
def test_hmac_counts_the_exact_timestamp(name: str, timestamp: str | None, status: int) -> None:
    user, secret, _, token = VECTORS[name]
    headers = {"Authorization": f"SIF_HMACSHA256 {token}"}
    headers |= {"timestamp": timestamp} if timestamp else {}
    with serve(At(key=user, secret=secret)) as handle:
        reply = requests.post(f"{handle.url}/environments/environment", headers=headers)
    assert reply.status_code == status


@pytest.mark.parametrize("secret", ["Pa:ss+word/=", "pässwörd"])
def test_colons_and_umlauts_in_a_secret_work_over_the_wire(secret: str) -> None:
    headers = {"Authorization": tokens.basic_token("HubDemo", secret)}
    with serve(Receiver(key="HubDemo", secret=secret)) as handle:
        reply = requests.post(f"{handle.url}/environments/environment", headers=headers)
    assert reply.status_code == 201


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic UmFtc2V5UG9ydGFsOmExYjJjMzk4DQo=",  # the specification's own sample: CR LF inside
        "Basic",
        "Basic not base64!",
        "Basic bm9jb2xvbg==",
        "Bearer abc",
        "SIF_HMACSHA256 UmFtc2V5UG9ydGFsOmExYjJjMzk4",
    ],
)
def test_mangled_credentials_are_401(authorization: str) -> None:
    with serve(Receiver(key="RamseyPortal", secret="a1b2c398")) as handle:
        url = f"{handle.url}/environments/environment"
        reply = requests.post(url, headers={"Authorization": authorization})
    assert reply.status_code == 401
    assert "Basic" in reply.headers["WWW-Authenticate"]
