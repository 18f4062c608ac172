"""The explicit acknowledgement: idempotent, bound to version, text and party (profile)."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import requests
from sqlalchemy import text
from structlog.testing import capture_logs

from reference_hub.store import audits
from tests.reference_hub.acknowledge.conftest import acknowledge, post, record
from tests.reference_hub.web.conftest import SCOPE

LIST = "/requests/xStudents"


def status(hub: Any, pod: Any) -> str:
    with hub.engine.connect() as connection:
        found = connection.execute(text("SELECT status FROM pod WHERE id = :id"), {"id": pod.id})
        return str(found.scalar_one())


def actions(hub: Any) -> list[str]:
    with hub.engine.connect() as connection:
        return [each.action for each in audits.trail(connection, SCOPE)]


def test_a_receipt_acknowledges_the_pod(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    reply = acknowledge(reader, pod)
    assert reply.status_code == 201
    told = reply.json()
    assert uuid.UUID(told["acknowledgementId"])
    assert (told["association"], told["renewBy"]) == ("CURRENT", "2035-06-30")
    assert status(hub, pod) == "Live"


@pytest.mark.requirement("POD-ACK-012")
def test_the_same_receipt_again_has_the_same_id(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    first, again = acknowledge(reader, pod), acknowledge(reader, pod)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert actions(hub).count("acknowledged POD") == 1


def test_of_many_at_once_one_makes_the_receipt(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    clients = [replace(reader, http=requests.Session()) for _ in range(6)]
    with ThreadPoolExecutor(len(clients)) as pool:
        replies = list(pool.map(lambda each: acknowledge(each, pod), clients))
    assert sorted(each.status_code for each in replies) == [200] * 5 + [201]
    assert len({each.json()["acknowledgementId"] for each in replies}) == 1


def test_of_a_yes_and_a_no_at_once_one_stands(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    clients = [replace(reader, http=requests.Session()) for _ in range(2)]
    words = ("ACKNOWLEDGED", "REJECTED")
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda c, d: acknowledge(c, pod, decision=d), clients, words))
    statuses = [each.status_code for each in replies]
    assert statuses in ([201, 409], [410, 201])
    assert status(hub, pod) == ("Live" if statuses[0] == 201 else "Expired")


@pytest.mark.requirement("POD-ACK-013")
def test_the_receipt_says_who_what_when_and_how(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    acknowledge(reader, pod)
    told = reader.send("GET", f"/privacy/pods/{pod.id}/acknowledgements").json()
    by = {"application": "reader", "system": "reader 1.0", "contact": "privacy@reading.example"}
    assert told["acknowledgedBy"] == by | {"acknowledgedAt": "2026-11-26T08:00:00Z"}
    assert (told["channel"], told["decision"]) == ("receipt", "ACKNOWLEDGED")
    assert (told["podVersion"], told["podHash"]) == (pod.version, record(pod)["podHash"])
    assert pod.token not in str(told)


@pytest.mark.requirement("POD-ACK-011")
def test_a_receipt_of_something_else_is_409(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    wrong = {"podVersion": "9.9.9", "podToken": "another", "podHash": "sha256:" + "0" * 64}
    for name, value in (wrong | {"podId": str(uuid.uuid4()), "zoneId": "other"}).items():
        reply = acknowledge(reader, pod, **{name: value})
        assert reply.status_code == 409
        assert reply.json()["error"]["message"].startswith(f"Not the current document: {name}")
    assert status(hub, pod) == "Pending"


@pytest.mark.requirement("POD-ACK-011")
def test_another_partys_pod_looks_like_none(hub: Any, reader: Any, stranger: Any) -> None:
    pod = hub.pod(1)
    theirs = acknowledge(stranger, pod)
    nobodys = post(stranger, f"/privacy/pods/{uuid.uuid4()}/acknowledgements", record(pod))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.json()["error"]["message"] == nobodys.json()["error"]["message"]
    assert status(hub, pod) == "Pending"


def test_who_is_no_vendor_is_403_whatever_the_id(hub: Any, reader: Any, sis: Any) -> None:
    for pod_id in (hub.pod(1).id, str(uuid.uuid4()), "nonsense"):
        reply = post(sis, f"/privacy/pods/{pod_id}/acknowledgements", record(hub.pod(1)))
        assert reply.status_code == 403


def test_a_pod_of_another_application_of_the_vendor_is_403(hub: Any, reader: Any) -> None:
    pod = hub.pod(1, app_id="MathApp")
    assert acknowledge(reader, pod).status_code == 403
    assert status(hub, pod) == "Pending"


def test_a_draft_is_404_and_an_ended_pod_410(hub: Any, reader: Any) -> None:
    assert acknowledge(reader, hub.pod(1, status="Draft")).status_code == 404
    assert acknowledge(reader, hub.pod(1, status="Expired")).status_code == 410
    assert acknowledge(reader, hub.pod(1, ends=date(2026, 1, 1))).status_code == 410


@pytest.mark.requirement("POD-ACK-015")
def test_a_rejection_ends_a_pending_pod_and_can_be_repeated(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    first, again = (acknowledge(reader, pod, decision="REJECTED", reason="No") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["association"] == "ENDED"
    assert status(hub, pod) == "Expired"
    assert reader.send("GET", LIST, dataPrivacyMarker=pod.token).status_code == 410
    assert acknowledge(reader, pod).status_code == 410


def test_what_was_acknowledged_cannot_be_rejected(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    acknowledge(reader, pod)
    assert acknowledge(reader, pod, decision="REJECTED").status_code == 409
    assert status(hub, pod) == "Live"


def test_a_receipt_after_the_marker_is_200_and_on_record(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    assert reader.send("GET", LIST, dataPrivacyMarker=pod.token).status_code == 204
    assert acknowledge(reader, pod).status_code == 200
    assert actions(hub)[-1] == "confirmed receipt"


@pytest.mark.usefixtures("receipts_only")
def test_under_receipt_the_gate_stays_closed_until_the_receipt(
    hub: Any, reader: Any, three: Any
) -> None:
    pod = hub.pod(1)
    before = reader.send("GET", LIST, dataPrivacyMarker=pod.token)
    assert before.status_code == 403
    assert "403-POD-UNACK" in before.text
    assert status(hub, pod) == "Pending"
    assert acknowledge(reader, pod).status_code == 201
    assert reader.send("GET", LIST, dataPrivacyMarker=pod.token).status_code == 200


def test_there_is_no_receipt_before_the_acknowledgement(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    assert reader.send("GET", f"/privacy/pods/{pod.id}/acknowledgements").status_code == 404


FAULTY: list[object] = [
    *(b"", b"{", b"[]", b"\xff", b"null", b'"x"', b'{"podId":"1","podId":"2"}', b"[" * 5000),
    {},
    {"decision": "ACKNOWLEDGED"},
]
MEMBERS: list[dict[str, object]] = [
    *({"decision": each} for each in ("", "MAYBE", 1, None, [], True)),
    *({"acknowledgedAt": each} for each in ("yesterday", "2026-11-26", "2026-11-26T08:00:00", 5)),
    *({"acknowledgedBy": each} for each in ("me", [1], {"system": 3}, {"contact": "\x00"})),
    *({"reason": each} for each in ("x" * 5000, "\ud800", {"a": 1})),
    *({"podToken": each} for each in (None, 1, "\x00", "x" * 5000, "")),
    *({"podId": each} for each in (None, 7)),
]


def test_a_body_that_is_no_receipt_is_422(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    for body in FAULTY:
        reply = post(reader, f"/privacy/pods/{pod.id}/acknowledgements", body)
        assert reply.status_code == 422, body
    assert status(hub, pod) == "Pending"


def test_a_member_that_does_not_fit_is_422(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    for wrong in MEMBERS:
        reply = acknowledge(reader, pod, **wrong)
        assert reply.status_code == 422, ascii(wrong)
        assert next(iter(wrong)) in reply.json()["error"]["message"]
    assert status(hub, pod) == "Pending"


def test_other_bodies_are_413_and_415(hub: Any, reader: Any) -> None:
    path = f"/privacy/pods/{hub.pod(1).id}/acknowledgements"
    assert post(reader, path, b" " * 70_000).status_code == 413
    assert post(reader, path, b"{}", Content_Type="application/xml").status_code == 415


def test_a_strange_id_is_404_or_400(hub: Any, reader: Any) -> None:
    told = record(hub.pod(1))
    for pod_id in ("x", "%00", "..%2f", "{" * 400, "%C3%A9", "0" * 32, "-" * 36):
        path = f"/privacy/pods/{pod_id}/acknowledgements"
        assert post(reader, path, told).status_code in (400, 404)
        assert reader.send("GET", path).status_code in (400, 404)


def test_other_methods_paths_and_callers_are_refused(hub: Any, reader: Any) -> None:
    path = f"/privacy/pods/{hub.pod(1).id}/acknowledgements"
    assert reader.send("PUT", path, b"{}").status_code == 405
    assert reader.send("GET", "/privacy/nothing").status_code == 404
    reader.user = "nobody"
    assert post(reader, path, {}).status_code == 401


@pytest.mark.requirement("POD-GATE-017")
def test_neither_token_nor_contact_is_logged(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    with capture_logs() as logs:
        acknowledge(reader, pod)
        acknowledge(reader, pod, podHash="sha256:0")
    assert len(logs) >= 2
    assert pod.token not in json.dumps(logs, default=str)
    assert "privacy@reading.example" not in json.dumps(logs, default=str)
