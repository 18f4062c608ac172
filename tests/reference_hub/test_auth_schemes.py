"""Both schemes against the published vectors, and tokens that prove nothing."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_hub.auth.check import Known, check
from reference_hub.auth.sif_hmac import mac
from reference_hub.auth.token import Presented, presented
from reference_hub.problems import Refusal

KEY = "HubDemo"
SESSION = "c0ffee00-1111-4222-8333-444455556666"
TV2 = "SHViRGVtbzp4RG8xU09QcHJYR3pQZ0ZZMzE3S0FmZFVzNzgwSU1OVjgvMDBIZ0t2SElVPQ=="
TV3 = (
    "YzBmZmVlMDAtMTExMS00MjIyLTgzMzMtNDQ0NDU1NTU2NjY2"
    "OjQrN05PZGhMZjVCM09aSzlhZjNxd1J6R0Y4ck91UHllalQ2ZVU0UnpiVk09"
)
TV4 = "SHViRGVtbzpPUmljbFR6azNCRDkzb2xvUFVsVmxrbXZIcTc5WHZueFdjOENGRmRsaUFBPQ=="
TV5 = "SHViRGVtbzpHYUNUMnZYekQ0blFJZDlnSTJnWkpZMmovWXdjTnZ0TmNCZTdhb2ZhZnVFPQ=="
TV7 = "UmFtc2V5UG9ydGFsOmJMdVhuUVErQ0ttSFQrUlFoOVVKZTRQNUNQcVo4ZzhVZGVLSmd4MTJMRnc9"
UMLAUT = base64.b64encode(f"{KEY}:94VXJl+YqPDwW8CrtcfNxONZLZT104PbGk6AvdcS8CA=".encode()).decode()

HMAC_VECTORS = [
    pytest.param(KEY, "demo-secret-1", "2026-03-02T09:15:00.000Z", TV2, id="TV-2"),
    pytest.param(SESSION, "demo-secret-1", "2026-03-02T09:15:02.250Z", TV3, id="TV-3"),
    pytest.param(KEY, "demo-secret-1", "2026-03-02T10:15:00.000+01:00", TV4, id="TV-4"),
    pytest.param(KEY, "Pa:ss+word/=", "2026-03-02T09:15:00Z", TV5, id="TV-5"),
    pytest.param(KEY, "pässwörd", "2026-03-02T09:15:00Z", UMLAUT, id="TV-6"),
    pytest.param("RamseyPortal", "a1b2c398", "2013-06-22T23:52:07Z", TV7, id="TV-7"),
]
BASIC_VECTORS = [
    pytest.param(KEY, "demo-secret-1", "SHViRGVtbzpkZW1vLXNlY3JldC0x", id="TV-1"),
    pytest.param(KEY, "Pa:ss+word/=", "SHViRGVtbzpQYTpzcyt3b3JkLz0=", id="TV-5"),
    pytest.param("RamseyPortal", "a1b2c398", "UmFtc2V5UG9ydGFsOmExYjJjMzk4", id="TV-7"),
]


def ask(user: str, secret: str, shown: Presented, now: datetime | None = None) -> str:
    known = Known(secret, user)
    moment = now or datetime.fromisoformat(shown.timestamp or "2026-03-02T09:15:00Z")
    return check(shown, lambda name: known if name == user else None, moment)


@pytest.mark.requirement("INF-AUT-004", "INF-AUT-024", "NEG-008")
@pytest.mark.parametrize(("user", "secret", "timestamp", "token"), HMAC_VECTORS)
def test_hmac_vectors_are_accepted(user: str, secret: str, timestamp: str, token: str) -> None:
    assert ask(user, secret, Presented("sif_hmacsha256", token, timestamp)) == user


@pytest.mark.requirement("INF-AUT-003", "NEG-008")
@pytest.mark.parametrize(("user", "secret", "token"), BASIC_VECTORS)
def test_basic_vectors_are_accepted(user: str, secret: str, token: str) -> None:
    assert ask(user, secret, Presented("basic", token, "")) == user


@pytest.mark.requirement("INF-AUT-004", "NEG-006")
def test_the_mac_covers_the_exact_text_of_the_timestamp() -> None:
    shown = Presented("sif_hmacsha256", TV2, "2026-03-02T09:15:00Z")
    with pytest.raises(Refusal) as caught:
        ask(KEY, "demo-secret-1", shown)
    assert caught.value.status == 401


@pytest.mark.requirement("INF-AUT-006", "NEG-006")
@pytest.mark.parametrize(("minutes", "good"), [(-6, False), (-4, True), (4, True), (6, False)])
def test_the_timestamp_must_be_within_five_minutes(minutes: int, good: bool) -> None:
    shown = Presented("sif_hmacsha256", TV2, "2026-03-02T09:15:00.000Z")
    now = datetime(2026, 3, 2, 9, 15, tzinfo=UTC) + timedelta(minutes=minutes)
    if good:
        assert ask(KEY, "demo-secret-1", shown, now) == KEY
        return
    with pytest.raises(Refusal, match="within 5 minutes"):
        ask(KEY, "demo-secret-1", shown, now)


@pytest.mark.requirement("INF-AUT-005", "NEG-006")
@pytest.mark.parametrize("timestamp", ["", "yesterday", "2026-03-02T09:15:00", "2026-03-02"])
def test_a_signed_timestamp_that_is_no_zoned_time_is_refused(timestamp: str) -> None:
    token = base64.b64encode(f"{KEY}:{mac(KEY, 'demo-secret-1', timestamp)}".encode()).decode()
    now = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
    with pytest.raises(Refusal) as caught:
        ask(KEY, "demo-secret-1", Presented("sif_hmacsha256", token, timestamp), now)
    assert caught.value.status == 401


# The Basic sample ends in CR LF, the HMAC one in LF, as printed in Infrastructure Services 4.1.
@pytest.mark.requirement("INF-AUT-023", "NEG-007")
@pytest.mark.parametrize(
    "token", ["UmFtc2V5UG9ydGFsOmExYjJjMzk4DQo=", "!!", "SHVi", "SHViRGVtbw==", "\u00e9", "/w=="]
)
def test_malformed_basic_tokens_are_401(token: str) -> None:
    with pytest.raises(Refusal) as caught:
        ask("RamseyPortal", "a1b2c398", Presented("basic", token, ""))
    assert caught.value.status == 401


@pytest.mark.requirement("INF-AUT-023", "NEG-007")
@given(st.text(max_size=80), st.text(max_size=30), st.sampled_from(["basic", "sif_hmacsha256"]))
def test_no_token_whatever_breaks_the_check(token: str, timestamp: str, method: str) -> None:
    with pytest.raises(Refusal) as caught:
        check(Presented(method, token, timestamp), lambda _: None, datetime.now(UTC))
    assert caught.value.status == 401


@pytest.mark.requirement("INF-AUT-023", "NEG-007")
@given(st.binary(max_size=60), st.sampled_from(["basic", "sif_hmacsha256"]))
def test_no_decoded_token_breaks_the_check(inside: bytes, method: str) -> None:
    shown = Presented(method, base64.b64encode(inside).decode(), "")
    with pytest.raises(Refusal):
        check(shown, lambda _: None, datetime.now(UTC))


def test_an_empty_secret_does_not_open_an_unknown_user() -> None:
    shown = Presented("basic", base64.b64encode(b"nobody:").decode(), "")
    with pytest.raises(Refusal):
        check(shown, lambda _: None, datetime.now(UTC))


def test_a_mac_with_the_empty_secret_tells_nothing_of_an_unknown_user() -> None:
    stale = "2001-01-01T00:00:00Z"
    token = base64.b64encode(f"nobody:{mac('nobody', '', stale)}".encode()).decode()
    with pytest.raises(Refusal, match="The token is not valid"):
        check(Presented("sif_hmacsha256", token, stale), lambda _: None, datetime.now(UTC))


def test_an_unknown_method_names_the_known_ones() -> None:
    with pytest.raises(Refusal, match="Basic, SIF_HMACSHA256 or Bearer"):
        ask(KEY, "x", Presented("digest", "SHVi", ""))


@pytest.mark.requirement("INF-AUT-013", "INF-AUT-022")
def test_the_header_wins_over_the_query() -> None:
    headers = {"Authorization": "BASIC one", "timestamp": "now"}
    query = {"access_token": "two", "authenticationMethod": "SIF_HMACSHA256", "timestamp": "then"}
    assert presented(headers.get, query.get) == Presented("basic", "one", "now")


@pytest.mark.requirement("INF-AUT-012", "NEG-010")
def test_the_query_serves_where_there_is_no_header() -> None:
    query = {"access_token": "two", "authenticationMethod": "SIF_HMACSHA256", "timestamp": "then"}
    assert presented({}.get, query.get) == Presented("sif_hmacsha256", "two", "then", in_query=True)


@pytest.mark.requirement("INF-AUT-001")
@pytest.mark.parametrize("headers", [{}, {"Authorization": ""}, {"Authorization": "Basic"}])
def test_no_credentials_are_401(headers: dict[str, str]) -> None:
    with pytest.raises(Refusal) as caught:
        presented(headers.get, {}.get)
    assert caught.value.status == 401
