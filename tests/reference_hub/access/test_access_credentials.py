"""Basic and SIF_HMACSHA256 over a socket: where they travel, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from lxml import etree

from reference_hub.settings import Access
from reference_hub.store import vendors
from tests.reference_hub.access.conftest import grant
from tests.reference_hub.web.conftest import SCOPE, SECRET, Hub

CREATE = "/environments/environment"
SERVICES = [
    ("POST", CREATE),
    ("GET", "/environments/00000000-0000-4000-8000-000000000000"),
    ("DELETE", "/environments/00000000-0000-4000-8000-000000000000"),
    ("GET", "/requests/xStudents"),
    ("POST", "/requests/xStudents/xStudent"),
    ("GET", "/requests/zones"),
    ("GET", "/queues"),
    ("POST", "/queues"),
    ("GET", "/queues/00000000-0000-4000-8000-000000000000/messages"),
    ("GET", "/subscriptions"),
    ("POST", "/subscriptions"),
    ("POST", "/provisionRequests"),
    ("GET", "/provisionRequests"),
    ("POST", "/eventsConnector"),
    ("GET", "/services/rosterValidations"),
    ("POST", "/services/rosterValidations/rosterValidation"),
]


def signed(user: str, secret: str, timestamp: str) -> str:
    mac = hmac.digest(secret.encode(), f"{user}:{timestamp}".encode(), hashlib.sha256)
    return base64.b64encode(f"{user}:{base64.b64encode(mac).decode()}".encode()).decode()


def now(**delta: float) -> str:
    return (datetime.now(UTC) + timedelta(**delta)).isoformat().replace("+00:00", "Z")


def basic(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.requirement("INF-AUT-001")
@pytest.mark.parametrize(("verb", "path"), SERVICES)
def test_nothing_is_served_without_credentials(hub: Hub, verb: str, path: str) -> None:
    assert requests.request(verb, f"{hub.base}{path}").status_code == 401


@pytest.mark.requirement("INF-AUT-003", "INF-AUT-024", "NEG-008")
@pytest.mark.parametrize("secret", ["Pa:ss+word/=", "pässwörd", ":"])
@pytest.mark.parametrize("method", ["Basic", "SIF_HMACSHA256"])
def test_secrets_with_colons_and_umlauts_work(
    hub: Hub, register: Any, secret: str, method: str
) -> None:
    client = register("sis")
    with hub.engine.begin() as connection:
        vendors.add_application(connection, "sis", secret, SCOPE)
    client.secret, client.method = secret, method
    assert client.open().status_code == 201
    assert client.send("GET", "/requests/xStudents").status_code == 204


@pytest.mark.requirement("INF-AUT-012", "NEG-010")
@pytest.mark.parametrize("method", ["Basic", "SIF_HMACSHA256"])
def test_credentials_may_travel_in_the_query_only(hub: Hub, register: Any, method: str) -> None:
    register("sis")

    def query(user: str) -> dict[str, str]:
        stamp = now()
        plain = method == "Basic"
        token = basic(f"{user}:{SECRET}") if plain else signed(user, SECRET, stamp)
        return {"access_token": token, "authenticationMethod": method, "timestamp": stamp}

    made = requests.post(f"{hub.base}{CREATE}", params=query("sis"))
    token = etree.fromstring(made.content).findtext("{*}sessionToken", "")
    read = requests.get(f"{hub.base}/requests/xStudents", params=query(token))
    assert (made.status_code, read.status_code) == (201, 204)


@pytest.mark.requirement("INF-AUT-013")
def test_a_header_stands_before_the_query(hub: Hub, register: Any) -> None:
    register("sis")
    wrong = {"access_token": basic("sis:wrong"), "authenticationMethod": "Basic"}
    right = {"access_token": basic(f"sis:{SECRET}"), "authenticationMethod": "Basic"}
    headers = {"Authorization": f"Basic {basic('sis:wrong')}"}
    assert requests.post(f"{hub.base}{CREATE}", params=right, headers=headers).status_code == 401
    headers = {"Authorization": f"Basic {basic(f'sis:{SECRET}')}"}
    assert requests.post(f"{hub.base}{CREATE}", params=wrong, headers=headers).status_code == 201


@pytest.mark.requirement("INF-AUT-014")
def test_basic_in_the_query_may_be_refused(hub_with: Any) -> None:
    hub = hub_with(access=Access(basic_in_query=False))
    client = hub.client("sis")
    query = {"access_token": basic(f"sis:{SECRET}"), "authenticationMethod": "basic"}
    assert requests.post(f"{hub.base}{CREATE}", params=query).status_code == 401
    stamp = now()
    query = {"access_token": signed("sis", SECRET, stamp), "timestamp": stamp}
    query["authenticationMethod"] = "SIF_HMACSHA256"
    assert requests.post(f"{hub.base}{CREATE}", params=query).status_code == 201
    assert client.open().status_code == 409


@pytest.mark.requirement("INF-AUT-004", "INF-AUT-005", "INF-AUT-006", "NEG-006")
@pytest.mark.parametrize(
    ("covered", "sent"),
    [
        (now(), now(seconds=1)),
        (now(), None),
        (now(minutes=-6), now(minutes=-6)),
        (now(minutes=6), now(minutes=6)),
        ("yesterday", "yesterday"),
        ("2026-02-30T00:00:00Z", "2026-02-30T00:00:00Z"),
    ],
    ids=["another", "none", "old", "future", "a word", "no date"],
)
def test_an_hmac_token_needs_its_own_current_timestamp(
    hub: Hub, register: Any, covered: str, sent: str | None
) -> None:
    register("sis")
    headers = {"Authorization": f"SIF_HMACSHA256 {signed('sis', SECRET, covered)}"}
    headers |= {"timestamp": sent} if sent is not None else {}
    assert requests.post(f"{hub.base}{CREATE}", headers=headers).status_code == 401


@pytest.mark.parametrize(("minutes", "status"), [(29, 201), (31, 401)])
def test_the_window_is_a_setting(hub_with: Any, minutes: float, status: int) -> None:
    hub = hub_with(access=Access(hmac_window_seconds=1800))
    hub.client("sis")
    stamp = now(minutes=-minutes)
    headers = {"Authorization": f"SIF_HMACSHA256 {signed('sis', SECRET, stamp)}"}
    reply = requests.post(f"{hub.base}{CREATE}", headers=headers | {"timestamp": stamp})
    assert reply.status_code == status


def test_two_requests_of_one_second_may_carry_one_token(hub: Hub, register: Any) -> None:
    client = register("sis")
    client.open()
    stamp = now()
    token = signed(client.user, SECRET, stamp)
    headers = {"Authorization": f"SIF_HMACSHA256 {token}", "timestamp": stamp}
    codes = [
        requests.get(f"{hub.base}/requests/{name}", headers=headers).status_code
        for name in ("xStudents", "xStudents", "xSchools")
    ]
    assert codes == [204, 204, 204]


@pytest.mark.requirement("INF-AUT-022")
@pytest.mark.parametrize("method", ["BASIC", "basic", "sif_hmacsha256", "Sif_HmacSha256"])
def test_the_name_of_a_method_has_no_case(hub: Hub, register: Any, method: str) -> None:
    register("sis")
    stamp = now()
    plain = method.lower() == "basic"
    token = basic(f"sis:{SECRET}") if plain else signed("sis", SECRET, stamp)
    headers = {"Authorization": f"{method} {token}", "timestamp": stamp}
    assert requests.post(f"{hub.base}{CREATE}", headers=headers).status_code == 201


@pytest.mark.requirement("INF-AUT-023", "NEG-007")
@pytest.mark.parametrize("method", ["Basic", "SIF_HMACSHA256", "sif_hmacsha256", "bearer"])
@pytest.mark.parametrize(
    "token",
    ["a\r\nb", "c2lzOm\nE=", "c2lz", "c2lzOmE", "!", "=", "é", "/w==", basic("sis:a-secret\r\n")],
)
def test_a_malformed_token_is_401(hub: Hub, register: Any, method: str, token: str) -> None:
    register("sis")
    query = {"access_token": token, "authenticationMethod": method, "timestamp": now()}
    assert requests.post(f"{hub.base}{CREATE}", params=query).status_code == 401
    assert requests.get(f"{hub.base}/requests/xStudents", params=query).status_code == 401


def test_a_line_break_after_the_token_is_forgiven(hub: Hub, register: Any) -> None:
    register("sis")
    query = {"access_token": basic(f"sis:{SECRET}") + "\r\n", "authenticationMethod": "Basic"}
    assert requests.post(f"{hub.base}{CREATE}", params=query).status_code == 201


@pytest.mark.requirement("INF-AUT-009", "NEG-009")
@pytest.mark.parametrize("method", ["Basic", "SIF_HMACSHA256"])
def test_the_application_key_opens_no_service(register: Any, method: str) -> None:
    client = register("sis")
    client.method = method
    client.open()
    assert client.send("GET", "/requests/xStudents").status_code == 204
    client.user = "sis"
    assert client.send("GET", "/requests/xStudents").status_code == 401
    assert client.send("GET", "/queues").status_code == 401


@pytest.mark.requirement("INF-AUT-015", "NEG-058")
def test_a_bad_token_is_401_and_a_missing_right_403(register: Any) -> None:
    client = register("sis", grants=[grant("xStudents", QUERY="APPROVED", CREATE="REJECTED")])
    client.open()
    single = "/requests/xStudents/xStudent"
    assert client.send("POST", single, b"<xStudent/>").status_code == 403
    assert client.send("GET", "/requests/xSchools").status_code == 403
    client.secret = "wrong"
    assert client.send("POST", single, b"<xStudent/>").status_code == 401
    assert client.send("GET", "/requests/xStudents").status_code == 401


def test_a_session_token_needs_the_secret_of_its_own_application(register: Any, hub: Hub) -> None:
    sis, other = register("sis"), register("other")
    sis.open()
    with hub.engine.begin() as connection:
        vendors.add_application(connection, "other", "other-secret", SCOPE)
    other.secret, other.user = "other-secret", sis.user
    assert other.send("GET", "/requests/xStudents").status_code == 401


@pytest.mark.requirement("NEG-063")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/requests/xStudents;zoneId=demo-district/abc", 400),
        ("/requests;zoneId=demo-district/xStudents", 404),
        ("/requests/xStudents?zoneId=other-district", 400),
        ("/requests/xStudents;zoneId=other-district", 403),
    ],
)
def test_a_misplaced_zone_is_never_taken_for_the_default(
    register: Any, path: str, status: int
) -> None:
    client = register("sis")
    client.open()
    assert client.send("GET", path).status_code == status
