"""Whatever comes to the privacy services, each answers by itself and tells nothing."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.reference_hub.acknowledge.conftest import post, record

CANARY = "Kanarie7"
QUIET = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TEXTS = st.one_of(
    st.sampled_from((CANARY, "", "\x00", "\ud800", "2026-11-26T08:00:00Z", "REJECTED", "x" * 3000)),
    st.text(max_size=20),
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers(), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = (
    *("podId", "podVersion", "podToken", "podHash", "decision", "reason", "acknowledgedAt"),
    *("acknowledgedBy", "zoneId", "contextId", "appId", "fingerprint", "dataModel"),
    *("deletedAt", "scope", "by", "note"),
)


@pytest.fixture
def paths(hub: Any, reader: Any) -> tuple[dict[str, object], list[str]]:
    """A fitting record, and every address that takes JSON."""
    pod = hub.pod(1, status="Draft")
    live = hub.pod(1)
    ids = (pod.id, live.id, str(uuid.uuid4()))
    return record(live), [
        "/privacy/markers",
        *(f"/privacy/pods/{each}/acknowledgements" for each in ids),
        f"/privacy/deletions/{ids[-1]}/confirmation",
    ]


@QUIET
@given(
    which=st.integers(0, 4),
    wrong=st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1, max_size=3),
    whole=st.booleans(),
)
def test_no_record_by_chance_breaks_a_service(
    reader: Any,
    paths: tuple[dict[str, object], list[str]],
    which: int,
    wrong: dict[str, object],
    whole: bool,
) -> None:
    told, addresses = paths
    body = json.dumps((told if whole else {}) | wrong).encode()
    with capture_logs() as logs:
        reply = post(reader, addresses[which], body)
    assert reply.status_code in (200, 201, 404, 409, 410, 422), reply.text
    assert CANARY not in f"{reply.text}{logs}"
    assert str(told["podToken"]) not in str(logs)


@QUIET
@given(body=st.binary(max_size=60), which=st.integers(0, 4))
def test_no_bytes_by_chance_break_a_service(
    reader: Any, paths: tuple[dict[str, object], list[str]], body: bytes, which: int
) -> None:
    reply = post(reader, paths[1][which], body)
    assert reply.status_code in (200, 404, 422)
    assert reply.json() if reply.status_code == 200 else "error" in reply.json()
