"""Each fault of a set-up is named with the key in the file, what was seen and what to do."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from conformance import session
from conformance.doctor import Diagnosis, examine
from conformance.evidence import Evidence
from conformance.listener import Answer, Relay
from conformance.problems import SetupFault
from conformance.target import from_table
from tests.conformance.engine.conftest import Listening, answering, config_for, http, table

Listen = Callable[..., Listening]
ENVIRONMENT = "POST environments/environment"


def diagnosis(url: str, **tables: dict[str, Any]) -> Diagnosis:
    """What the doctor says about a target at this address."""
    config = config_for(url, **tables)
    with session.wire_to(config, Evidence()) as wire:
        return examine(config, wire)


def fault(url: str, **tables: dict[str, Any]) -> SetupFault:
    """The fault that the doctor finds."""
    with pytest.raises(SetupFault) as caught:
        diagnosis(url, **tables)
    assert caught.value.exit_code == 3
    return caught.value


def test_a_conforming_vendor_is_fine(vendor: str) -> None:
    found = diagnosis(vendor)
    assert len(found.fine) == 2
    assert "the secret stands in the file" in found.notes[0]


def test_the_doctor_leaves_no_environment_behind(vendor: str) -> None:
    with Relay(vendor) as relay:
        diagnosis(relay.url)
        asked = [(one.request.method, one.request.path, one.status) for one in relay.exchanges]
    made = [one for one in asked if one[0] == "POST" and one[1].endswith("/environment")]
    deleted = [one for one in asked if one[0] == "DELETE"]
    assert [status for _, _, status in deleted] == [204, 204]
    assert len(made) == 2


def test_an_unknown_host() -> None:
    found = fault("http://no-such-host.invalid/sif3")
    assert "[endpoint] url = 'http://no-such-host.invalid/sif3'" in found.key
    assert "is not known" in found.seen


def test_a_closed_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = fault(f"http://127.0.0.1:{port}")
    assert f"nothing listens at 127.0.0.1:{port}" in found.seen
    assert "Start the product" in found.fix


def test_silence(listen: Listen) -> None:
    found = fault(listen(lambda connection: time.sleep(3)).url, endpoint={"read_seconds": 0.2})
    assert "raise read_seconds" in found.fix


def test_https_to_a_port_without_tls(vendor: str) -> None:
    found = fault(vendor.replace("http://", "https://"))
    assert "write http:// instead of https://" in found.fix


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (http("404 Not Found"), "answered 404"),
        (http("405 Method Not Allowed"), "answered 405"),
        (http("200 OK", b"<!DOCTYPE html><html></html>"), "with a web page"),
        (http("401 Unauthorized", b"x", "Content-Type: text/html"), "with a web page"),
        (http("301 Moved", b"", "Location: https://other/"), "to https://other/"),
        (http("502 Bad Gateway"), "answered 502"),
    ],
)
def test_a_wrong_path(listen: Listen, answer: bytes, seen: str) -> None:
    found = fault(listen(answering(answer)).url)
    assert "[endpoint] url" in found.key
    assert seen in found.seen


@pytest.mark.parametrize("status", [500, 503])
def test_an_error_to_the_first_request(vendor: str, status: int) -> None:
    with Relay(vendor) as relay:
        relay.script(ENVIRONMENT, Answer(status))
        found = fault(relay.url)
    assert f"answered {status}" in found.seen
    assert "look at its log" in found.fix


def test_one_429_is_waited_for(vendor: str) -> None:
    with Relay(vendor) as relay:
        relay.script(ENVIRONMENT, Answer(429, {"Retry-After": "0"}))
        assert "answers 201" in diagnosis(relay.url).fine[0]


def test_a_body_over_the_limit(listen: Listen) -> None:
    server = listen(answering(http("200 OK", b"x" * 5000)))
    found = fault(server.url, endpoint={"largest_body_mb": 0.001})
    assert "[endpoint] largest_body_mb = '0.001'" in found.key
    assert "raise largest_body_mb" in found.fix


def test_only_2xx_answers_are_fine(vendor: str) -> None:
    with Relay(vendor) as relay:
        relay.script(ENVIRONMENT, Answer(400))
        relay.script("GET export/users.csv", Answer(500))
        found = diagnosis(relay.url)
    assert found.fine == ()
    assert any("answers 400 to an environment create" in note for note in found.notes)
    assert any("users.csv answers 500" in note for note in found.notes)


def test_a_wrong_secret(vendor: str) -> None:
    found = fault(vendor, credentials={"secret": "another-secret"})
    assert "[credentials] secret = 'in the file'" in found.key
    assert "refused key 'demo-vendor' with 401" in found.seen
    assert "another-secret" not in str(found)


def test_a_wrong_secret_names_the_environment_variable(
    vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "WRONG", "another-secret")
    given = table(vendor, credentials={"secret": "", "secret_env": "WRONG"})
    config = from_table(given)
    with session.wire_to(config, Evidence()) as wire, pytest.raises(SetupFault) as caught:
        examine(config, wire)
    assert "[credentials] secret_env = 'WRONG'" in caught.value.key


def test_a_clock_that_differs(vendor: str) -> None:
    yesterday = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    with Relay(vendor) as relay:
        relay.script(ENVIRONMENT, Answer(401, {"Date": yesterday}))
        found = fault(relay.url)
    assert found.key == "the clock"
    assert "behind this machine" in found.seen


def test_a_clock_that_differs_is_noted_even_when_the_secret_is_right(vendor: str) -> None:
    with Relay(vendor) as relay:
        tomorrow = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
        relay.script(ENVIRONMENT, Answer(400, {"Date": tomorrow}))
        found = diagnosis(relay.url)
    assert any("ahead of this machine" in note for note in found.notes)


def test_a_readback_that_is_not_there(vendor: str) -> None:
    found = fault(vendor, readback={"users": "export/nobody.csv"})
    assert "[readback] users = 'export/nobody.csv'" in found.key


def test_wrong_behaviour_is_left_to_the_checks(vendor: str) -> None:
    with Relay(vendor) as relay:
        relay.script(ENVIRONMENT, Answer(200, {}, b"<nonsense/>"))
        assert any("no environment" in note for note in diagnosis(relay.url).notes)
