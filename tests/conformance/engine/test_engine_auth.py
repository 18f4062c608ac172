"""The judge signs as the published vectors say; its code is not the hub's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from conformance import auth
from conformance.problems import UsageFault

SESSION = "c0ffee00-1111-4222-8333-444455556666"
TV2 = "SHViRGVtbzp4RG8xU09QcHJYR3pQZ0ZZMzE3S0FmZFVzNzgwSU1OVjgvMDBIZ0t2SElVPQ=="
TV3 = (
    "YzBmZmVlMDAtMTExMS00MjIyLTgzMzMtNDQ0NDU1NTU2NjY2OjQrN05PZGhMZjVCM09aSzlhZjNxd1J6R0Y4ck91"
    "UHllalQ2ZVU0UnpiVk09"
)
TV4 = "SHViRGVtbzpPUmljbFR6azNCRDkzb2xvUFVsVmxrbXZIcTc5WHZueFdjOENGRmRsaUFBPQ=="
TV5 = "SHViRGVtbzpHYUNUMnZYekQ0blFJZDlnSTJnWkpZMmovWXdjTnZ0TmNCZTdhb2ZhZnVFPQ=="
TV7 = (
    "UmFtc2V5UG9ydGFsOmJMdVhuUVErQ0ttSFQrUlFoOVVKZTRQNUNQcVo4ZzhVZGVLSmd4MTJMRnc9"
)  # fmt: skip

SIGNED = [
    ("HubDemo", "demo-secret-1", "2026-03-02T09:15:00.000Z", TV2),
    (SESSION, "demo-secret-1", "2026-03-02T09:15:02.250Z", TV3),
    ("HubDemo", "demo-secret-1", "2026-03-02T10:15:00.000+01:00", TV4),
    ("HubDemo", "Pa:ss+word/=", "2026-03-02T09:15:00Z", TV5),
    ("RamseyPortal", "a1b2c398", "2013-06-22T23:52:07Z", TV7),
]


@pytest.mark.parametrize(("user", "secret", "timestamp", "token"), SIGNED)
def test_hmac_follows_the_vectors(user: str, secret: str, timestamp: str, token: str) -> None:
    signed = auth.sign(auth.HMAC, user, secret, timestamp)
    assert signed.headers == {"Authorization": f"SIF_HMACSHA256 {token}", "timestamp": timestamp}


def test_hmac_takes_the_secret_as_utf_8() -> None:
    mac = auth.mac("HubDemo", "p\u00e4ssw\u00f6rd", "2026-03-02T09:15:00Z")
    assert mac == "94VXJl+YqPDwW8CrtcfNxONZLZT104PbGk6AvdcS8CA="


@pytest.mark.parametrize(
    ("user", "secret", "token"),
    [
        ("HubDemo", "demo-secret-1", "SHViRGVtbzpkZW1vLXNlY3JldC0x"),
        ("HubDemo", "Pa:ss+word/=", "SHViRGVtbzpQYTpzcyt3b3JkLz0="),
        ("RamseyPortal", "a1b2c398", "UmFtc2V5UG9ydGFsOmExYjJjMzk4"),
    ],
)
def test_basic_follows_the_vectors(user: str, secret: str, token: str) -> None:
    assert auth.sign(auth.BASIC, user, secret).headers == {"Authorization": f"Basic {token}"}


def test_another_timestamp_gives_another_mac() -> None:
    one = auth.mac("HubDemo", "demo-secret-1", "2026-03-02T09:15:00.000Z")
    assert one != auth.mac("HubDemo", "demo-secret-1", "2026-03-02T09:15:00Z")


def test_the_query_form_holds_the_same_parts() -> None:
    signed = auth.sign(auth.HMAC, "HubDemo", "demo-secret-1", "2026-03-02T09:15:00.000Z")
    assert signed.query == {
        "authenticationMethod": "SIF_HMACSHA256",
        "access_token": TV2,
        "timestamp": "2026-03-02T09:15:00.000Z",
    }


def test_a_stamp_is_utc_with_milliseconds() -> None:
    berlin = timezone(timedelta(hours=1))
    assert auth.stamp(datetime(2026, 3, 2, 10, 15, tzinfo=berlin)) == "2026-03-02T09:15:00.000Z"
    assert auth.now().tzinfo is UTC


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(UsageFault, match="Digest"):
        auth.sign("Digest", "u", "s")
