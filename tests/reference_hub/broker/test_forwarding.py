"""Requests that a registered provider answers: what goes out, what comes back."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lxml import etree
from werkzeug.wrappers import Response

from reference_hub.store import environments
from tests.reference_hub.broker.conftest import STUDENT, STUDENTS, Elsewhere, Seen
from tests.reference_hub.web.conftest import SECRET, Client, Hub

Registered = Callable[..., Any]
PLACE = ";zoneId=demo-district;contextId=DEFAULT"
LIST = "/requests/xStudents"


@pytest.mark.requirement("INF-RQC-001", "INF-ZON-001")
def test_a_request_goes_to_the_provider_of_its_service(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    assert consumer.send("GET", LIST).content == STUDENTS.encode()
    assert consumer.send("GET", "/requests/xSchools").status_code == 204
    assert consumer.send("GET", "/requests/xTeachers").status_code == 404
    assert [each.path for each in elsewhere.seen] == [f"/sif/xStudents{PLACE}"]


@pytest.mark.requirement("INF-ZON-004", "NEG-015")
def test_without_a_provider_it_is_404(consumer: Client, infrastructure: etree.XMLSchema) -> None:
    for path in ("xTeachers", "xTeachers;zoneId=nowhere", "xTeachers;contextId=OTHER"):
        reply = consumer.send("GET", f"/requests/{path}")
        assert reply.status_code == 404
        infrastructure.assertValid(etree.fromstring(reply.content))


@pytest.mark.requirement("INF-RQC-001")
def test_without_the_right_nothing_is_forwarded(
    join: Registered, registered: Registered, elsewhere: Elsewhere, granted: Registered
) -> None:
    registered("xStudents")
    other = join("limited", grants=[granted("xStudents", "QUERY")])
    assert other.send("POST", f"{LIST}/xStudent", STUDENT.encode()).status_code == 403
    assert elsewhere.seen == []
    assert other.send("GET", LIST).status_code == 200


def test_a_direct_environment_is_never_routed(
    join: Registered, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    direct = join("direct", environment_type="DIRECT")
    assert direct.send("GET", LIST).status_code == 204
    assert elsewhere.seen == []


@pytest.mark.requirement("INF-ZON-003", "INF-RQC-002")
@pytest.mark.parametrize("asked", ["", ";zoneId=demo-district", ";contextId=DEFAULT", PLACE])
def test_zone_and_context_are_always_in_the_path(
    consumer: Client, registered: Registered, elsewhere: Elsewhere, asked: str
) -> None:
    registered("xStudents")
    assert consumer.send("GET", f"{LIST}{asked}?navigationPage=1").status_code == 200
    assert elsewhere.seen[0].path == f"/sif/xStudents{PLACE}?navigationPage=1"


@pytest.mark.requirement("INF-RQC-002")
def test_method_path_and_payload_are_the_same(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    elsewhere.says(STUDENT, 201)
    body = STUDENT.encode()
    for verb, path in (("POST", "xStudent"), ("PUT", "a%2Fb"), ("DELETE", "x1")):
        consumer.send(verb, f"{LIST}/{path}", body, Content_Type="application/xml")
    assert [(each.method, each.path, each.body) for each in elsewhere.seen] == [
        ("POST", f"/sif/xStudents/xStudent{PLACE}", body),
        ("PUT", f"/sif/xStudents/a%2Fb{PLACE}", body),
        ("DELETE", f"/sif/xStudents/x1{PLACE}", body),
    ]


@pytest.mark.requirement("INF-HDR-007")
def test_headers_and_query_pass_unchanged(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    query = "where=%5BxStudent%2Fname%3D%22a%20b%22%5D&order=x&odd=1&timestamp=t&access_token=s"
    sent = {"messageId": str(uuid.uuid4()), "requestId": "r-1", "IdType": "local", "ETag": "e"}
    consumer.send("GET", f"{LIST}?{query}", **sent)
    seen = elsewhere.seen[0]
    assert seen.path.partition("?")[2] == query.partition("&timestamp")[0]
    assert {name: seen.headers[name.lower()] for name in sent} == sent


def proof(seen: Seen, user: str) -> str:
    """The token that SIF_HMACSHA256 asks for at the time of the request."""
    text = f"{user}:{seen.headers['timestamp']}".encode()
    mac = base64.b64encode(hmac.digest(SECRET.encode(), text, hashlib.sha256)).decode()
    return f"SIF_HMACSHA256 {base64.b64encode(f'{user}:{mac}'.encode()).decode()}"


@pytest.mark.requirement("INF-AUT-017", "NEG-050")
def test_the_provider_gets_its_own_token_never_the_consumers(
    consumer: Client, provider: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    consumer.send("GET", LIST, timestamp="2026-01-01T00:00:00Z", Cookie="c=1")
    seen = elsewhere.seen[0]
    assert seen.headers["authorization"] == proof(seen, provider.user)
    assert seen.headers["timestamp"] != "2026-01-01T00:00:00Z"
    shown = consumer.signed(consumer.user)["Authorization"].partition(" ")[2]
    assert [secret for secret in (shown, consumer.user) if secret in str(seen)] == []
    assert "cookie" not in seen.headers


@pytest.mark.requirement("INF-AUT-017")
def test_a_provider_that_speaks_basic_gets_its_basic_token(
    join: Registered, consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    far = join("far-basic", kind="provider")
    registered("xStudents", key=far.key)
    consumer.send("GET", LIST)
    token = base64.b64encode(f"{far.user}:{SECRET}".encode()).decode()
    assert elsewhere.seen[0].headers["authorization"] == f"Basic {token}"


@pytest.mark.requirement("INF-AUT-018", "INF-AUT-021")
def test_the_hub_says_who_asks_and_believes_no_consumer(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    lies = {"sourceName": "x", "fingerprint": "x", "authenticatedUser": "x", "environmentId": "x"}
    consumer.send("GET", LIST, **lies)
    headers = elsewhere.seen[0].headers
    assert consumer.environment is not None
    assert headers["sourcename"] == "portal"
    assert headers["fingerprint"] == consumer.environment.findtext("{*}fingerprint")
    assert not {"authenticateduser", "environmentid"} & set(headers)


@pytest.mark.requirement("INF-RQC-004")
def test_a_utility_service_learns_the_environment(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("timetables", "UTILITY")
    assert consumer.send("GET", "/requests/timetables", serviceType="UTILITY").status_code == 200
    assert consumer.environment is not None
    headers = elsewhere.seen[0].headers
    assert headers["environmentid"] == consumer.environment.get("id")
    assert headers["fingerprint"] == consumer.environment.findtext("{*}fingerprint")


def test_a_service_path_is_routed_by_its_template(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xSchools/{}/xStudents", "SERVICEPATH")
    headers = {"serviceType": "SERVICEPATH"}
    assert consumer.send("GET", "/requests/xSchools/1/xStudents", **headers).status_code == 200
    assert elsewhere.seen[0].path == f"/sif/xSchools/1/xStudents{PLACE}"


@pytest.mark.requirement("INF-RQC-003", "INF-HDR-007", "NEG-022")
def test_the_answer_comes_back_unchanged(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    sent = {
        "messageId": str(uuid.uuid4()), "timestamp": "2026-03-02T09:15:02.300Z",
        "messageType": "RESPONSE", "responseAction": "QUERY", "navigationPage": "2",
        "navigationPageSize": "1", "navigationCount": "7", "navigationLastPage": "7",
        "navigationId": "n", "ETag": "e", "changesSinceMarker": "m", "Odd": "1",
    }  # fmt: skip
    elsewhere.says(STUDENTS, 200, **sent)
    reply = consumer.send("GET", LIST)
    assert (reply.status_code, reply.content) == (200, STUDENTS.encode())
    assert {name: reply.headers[name] for name in sent} == sent


@pytest.mark.requirement("INF-RQC-003")
@pytest.mark.parametrize("status", [204, 304, 400, 403, 404, 409, 413, 500])
def test_the_status_comes_back_unchanged(
    consumer: Client, registered: Registered, elsewhere: Elsewhere, status: int
) -> None:
    registered("xStudents")
    elsewhere.says("<error/>" if status >= 400 else "", status)
    reply = consumer.send("GET", LIST)
    assert reply.status_code == status
    assert reply.content == (b"<error/>" if status >= 400 else b"")


@pytest.mark.requirement("INF-RQC-005")
def test_a_provider_that_is_away_is_503(
    consumer: Client, registered: Registered, elsewhere: Elsewhere, infrastructure: Any
) -> None:
    registered("xStudents")
    elsewhere.slow = 1.5
    reply = consumer.send("GET", LIST)
    assert reply.status_code == 503
    infrastructure.assertValid(etree.fromstring(reply.content))
    assert b"DELAYED" in reply.content
    assert b"127.0.0.1" not in reply.content


@pytest.mark.requirement("INF-DLY-005")
def test_a_time_out_names_the_way_out(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    elsewhere.slow = 1.5
    reply = consumer.send("GET", LIST)
    assert reply.status_code == 503
    assert "DELAYED" in etree.fromstring(reply.content).findtext("{*}message", "")


def test_a_provider_that_never_connected_is_503(
    hub: Hub, consumer: Client, provider: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    assert provider.environment is not None
    with hub.engine.begin() as connection:
        environments.delete(connection, provider.environment.get("id", ""))
    assert consumer.send("GET", LIST).status_code == 503
    assert elsewhere.seen == []


@pytest.mark.parametrize("status", [301, 302, 307, 401])
def test_redirects_and_refused_tokens_end_at_the_hub(
    consumer: Client, registered: Registered, elsewhere: Elsewhere, status: int
) -> None:
    registered("xStudents")
    elsewhere.says("", status, Location=f"{elsewhere.url}/other")
    reply = consumer.send("GET", LIST)
    assert reply.status_code == 503
    assert len(elsewhere.seen) == 1
    assert "127.0.0.1" not in str(reply.headers) + reply.text


@pytest.mark.requirement("INF-PRG-004")
def test_the_end_point_does_not_leak_from_answers(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    where = f"{elsewhere.url}/xStudents"
    elsewhere.says(STUDENT, 201, Location=where, Link=f"<{where}>", Set_Cookie="a=b")
    reply = consumer.send("POST", f"{LIST}/xStudent", STUDENT.encode())
    assert reply.status_code == 201
    assert not {"Location", "Link", "Set-Cookie"} & set(reply.headers)
    elsewhere.says(f"<error>{where}</error>", 500)
    reply = consumer.send("GET", LIST)
    assert reply.status_code == 500
    assert "127.0.0.1" not in str(reply.headers) + reply.text


def test_a_cookie_of_one_exchange_is_not_sent_in_another(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    elsewhere.says(STUDENTS, 200, Set_Cookie="session=1; Path=/")
    consumer.send("GET", LIST)
    consumer.send("GET", LIST)
    assert "cookie" not in elsewhere.seen[1].headers


def test_an_answer_over_the_limit_is_503(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    elsewhere.says(b" " * 1_000_001)
    assert consumer.send("GET", LIST).status_code == 503


@pytest.mark.requirement("INF-RQC-006")
def test_queue_and_request_type_stay_here(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    consumer.send("GET", LIST, queueId=str(uuid.uuid4()), requestType="IMMEDIATE")
    assert not {"queueid", "requesttype"} & set(elsewhere.seen[0].headers)


def test_head_is_forwarded(consumer: Client, registered: Registered, elsewhere: Elsewhere) -> None:
    registered("xStudents")
    elsewhere.answer = lambda _: Response("", 200, {"navigationCount": "9"})
    reply = consumer.send("HEAD", LIST)
    assert (reply.status_code, reply.headers["navigationCount"]) == (200, "9")
    assert elsewhere.seen[0].method == "HEAD"


def test_json_passes_as_it_is(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    body = b'{"xStudents": [ 1.0 ]}'
    elsewhere.answer = lambda _: Response(body, 200, content_type="application/json; x=1")
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    reply = consumer.send("POST", LIST, b"{ }", **headers)
    assert (reply.content, reply.headers["Content-Type"]) == (body, "application/json; x=1")
    assert elsewhere.seen[0].body == b"{ }"
    assert elsewhere.seen[0].headers["content-type"] == "application/json"


def test_compression_ends_at_the_hub(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    packed = gzip.compress(STUDENTS.encode())
    elsewhere.answer = lambda _: Response(packed, 200, {"Content-Encoding": "gzip"})
    reply = consumer.send("POST", LIST, gzip.compress(b"<x/>"), Content_Encoding="gzip")
    assert reply.content == STUDENTS.encode()
    assert elsewhere.seen[0].body == b"<x/>"
    assert "content-encoding" not in elsewhere.seen[0].headers


def test_a_bomb_is_cut_off(consumer: Client, registered: Registered, elsewhere: Elsewhere) -> None:
    registered("xStudents")
    packed = gzip.compress(b" " * 20_000_000)
    elsewhere.answer = lambda _: Response(packed, 200, {"Content-Encoding": "gzip"})
    assert consumer.send("GET", LIST).status_code == 503


@pytest.mark.parametrize("kind", ["drip", "cut"])
def test_an_answer_that_never_ends_is_503(
    consumer: Client, registered: Registered, elsewhere: Elsewhere, kind: str
) -> None:
    registered("xStudents")

    def parts() -> Iterator[bytes]:
        yield b"<xStudents>"
        while kind == "drip":
            time.sleep(0.1)
            yield b" "

    elsewhere.answer = lambda _: Response(parts(), 200, {"Content-Length": "10000"})
    started = time.monotonic()
    assert consumer.send("GET", LIST).status_code == 503
    assert time.monotonic() - started < 5


def test_a_request_that_goes_round_is_503(
    hub: Hub, consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    elsewhere.url = f"{hub.base}/requests"
    registered("xStudents")
    reply = consumer.send("GET", LIST)
    assert reply.status_code == 503
    assert "cannot be passed on" in reply.text
