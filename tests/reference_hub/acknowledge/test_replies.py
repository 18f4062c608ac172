"""A vendor answers the POD that was pushed to it: by a signed record, by its marker, or with no."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from conformance.simulators import serve
from conformance.simulators.message import Response
from reference_hub.codec.statement_json import SIGNATURE, signature
from reference_hub.model.pod import Pod
from tests.reference_hub.acknowledge.conftest import record
from tests.reference_hub.delivery.district import District, Vendor, change

SECRET = "demo-secret-1"


@pytest.fixture
def pushed(store: object) -> Iterator[tuple[District, Vendor]]:
    """A vendor that the hub pushes to, one object waiting for its POD."""
    district, app = District(store), Vendor()  # type: ignore[arg-type]
    with serve(app) as handle:
        district.connect(district.vendor(), handle.url)
        district.accept(change(1))
        yield district, app


def receipts_only(district: District) -> None:
    with district.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE vendor SET acknowledge_by = 'receipt'")


def answered(app: Vendor, pod: Pod, secret: str = SECRET, **changes: object) -> None:
    """The vendor's next answer is a record, signed with the secret, '' for unsigned."""
    body = json.dumps(record(pod, **changes)).encode()
    headers = [(SIGNATURE, signature(body, secret))] if secret else []
    marker = ("dataPrivacyMarker", pod.token)
    app.serves(Response(201, body, "application/json", headers=(marker, *headers)))


def outcome(district: District) -> tuple[str, str | None]:
    """Status of the POD and the way of its receipt."""
    ((status, how),) = district.query(
        "SELECT p.status, r.channel FROM pod p LEFT JOIN receipt r ON r.pod_id = p.id"
    )
    return status, how  # type: ignore[return-value]


def test_a_signed_record_acknowledges_and_data_follows(pushed: tuple[District, Vendor]) -> None:
    district, app = pushed
    receipts_only(district)
    pod = district.issue(1)
    answered(app, pod)
    district.deliver()
    assert outcome(district) == ("Live", "reply")
    ((told, by),) = district.query("SELECT pod_hash, given_by FROM receipt")
    assert told == record(pod)["podHash"]
    assert isinstance(by, dict)
    assert by["contact"] == "privacy@reading.example"
    assert [request.header("dataPrivacyMarker") for request in app.data()] == [pod.token]


def test_under_receipt_the_marker_alone_is_not_enough(pushed: tuple[District, Vendor]) -> None:
    district, app = pushed
    receipts_only(district)
    district.issue(1)
    district.deliver()
    assert outcome(district) == ("Pending", None)
    assert app.data() == []


def test_a_wrong_signature_makes_the_answer_count_for_nothing(
    pushed: tuple[District, Vendor],
) -> None:
    district, app = pushed
    answered(app, district.issue(1), "another-secret")
    district.deliver()
    assert outcome(district) == ("Pending", None)
    assert app.data() == []


def test_without_a_signature_only_the_marker_counts(pushed: tuple[District, Vendor]) -> None:
    district, app = pushed
    answered(app, district.issue(1), "")
    district.deliver()
    assert outcome(district) == ("Live", "push")


def test_under_receipt_a_record_without_a_signature_does_not_count(
    pushed: tuple[District, Vendor],
) -> None:
    district, app = pushed
    receipts_only(district)
    answered(app, district.issue(1), "")
    district.deliver()
    assert outcome(district) == ("Pending", None)


def test_a_marker_beside_an_unsigned_refusal_acknowledges_nothing(
    pushed: tuple[District, Vendor],
) -> None:
    district, app = pushed
    answered(app, district.issue(1), "", decision="REJECTED")
    district.deliver()
    assert outcome(district) == ("Pending", None)
    assert app.data() == []


def test_a_record_of_another_text_does_not_count(pushed: tuple[District, Vendor]) -> None:
    district, app = pushed
    answered(app, district.issue(1), podHash="sha256:0")
    district.deliver()
    assert outcome(district) == ("Pending", None)
    noted = "SELECT detail -> 'wrong' FROM audit WHERE action = 'refused receipt'"
    assert district.query(noted) == [(["podHash"],)]


@pytest.mark.requirement("POD-ACK-015")
def test_a_signed_rejection_ends_the_pod(pushed: tuple[District, Vendor]) -> None:
    district, app = pushed
    answered(app, district.issue(1), decision="REJECTED", reason="Too much data")
    district.deliver()
    assert outcome(district) == ("Expired", "reply")
    assert district.query("SELECT decision, reason FROM receipt") == [("REJECTED", "Too much data")]
    assert app.data() == []


@pytest.mark.parametrize("status", [400, 403, 410, 422])
def test_a_vendor_that_refuses_its_pod_has_rejected_it(
    pushed: tuple[District, Vendor], status: int
) -> None:
    district, app = pushed
    district.issue(1)
    app.serves(Response(status))
    district.deliver()
    assert outcome(district) == ("Expired", "push")
    assert district.query("SELECT state, reason FROM message WHERE kind = 'pod'") == [
        ("dead", f"the vendor refuses its POD ({status})")
    ]


@pytest.mark.parametrize("status", [404, 405, 409])
def test_a_vendor_without_the_door_may_still_acknowledge(
    pushed: tuple[District, Vendor], status: int
) -> None:
    district, app = pushed
    district.issue(1)
    app.serves(Response(status))
    district.deliver()
    assert outcome(district) == ("Pending", None)


def test_what_was_acknowledged_is_not_undone_by_a_refusal(
    pushed: tuple[District, Vendor],
) -> None:
    district, app = pushed
    district.issue(1, acknowledged=True)
    app.serves(Response(403))
    district.deliver()
    assert outcome(district) == ("Live", "a person")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[1]", b"x" * 100_000])
def test_a_signature_over_no_record_does_not_count(
    pushed: tuple[District, Vendor], body: bytes
) -> None:
    district, app = pushed
    pod = district.issue(1)
    headers = ((SIGNATURE, signature(body, SECRET)), ("dataPrivacyMarker", pod.token))
    app.serves(Response(201, body, "application/json", headers=headers))
    district.deliver()
    assert outcome(district) == ("Pending", None)
