"""The doctor of the other roles: a client that connects to the suite, a hub with two vendors."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from conformance.doctor import Diagnosis
from conformance.evidence import Evidence
from conformance.problems import SetupFault
from conformance.roles import Move, Setting, tools_of
from conformance.session import wire_to
from conformance.simulators import serve
from conformance.simulators.consumer import Consumer
from conformance.simulators.hub import SimulatedHub
from conformance.simulators.provider import Provider
from conformance.target import TargetConfig, from_table
from tests.conformance.broker.judging import table_for
from tests.conformance.consumer.judging import SECRET, config_of
from tests.conformance.doctor.seeds import without_matrix
from tests.conformance.doctor.servers import meddler
from tests.conformance.engine.conftest import Listening, answering, http
from tests.conformance.provider.judging import table_for as provider_table


def examined(config: TargetConfig, move: Move | None = None) -> Diagnosis:
    """What the doctor of the role says; raises SetupFault."""
    evidence = Evidence()
    with wire_to(config, evidence) as wire:
        tools = tools_of(config.vendor.role, Setting(config, wire, evidence, move=move))
        try:
            return tools.examine()
        finally:
            tools.close()


def fault(config: TargetConfig, move: Move | None = None) -> SetupFault:
    """The fault that is found."""
    with pytest.raises(SetupFault) as caught:
        examined(config, move)
    return caught.value


def client(key: str = "demo-vendor", secret: str = SECRET, zone: str = "") -> Move:
    """A client that does what it is asked with these credentials, in a zone of its own mind."""

    def move(order: str, facts: Mapping[str, str]) -> bool:
        made = Consumer(facts["hub"], key, secret)
        if zone:
            made.connect()
            made.zones = [zone]
        getattr(made, order)()
        made.link.close()
        return True

    return move


def nobody(order: str, facts: Mapping[str, str]) -> bool:
    return True


def test_a_client_that_comes_in_is_fine() -> None:
    assert "the client made" in examined(config_of(), client()).fine[0]


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = fault(config_of(listener={"port": port}), nobody)
    assert "[listener] port" in found.key


def test_an_address_that_leads_elsewhere_is_named() -> None:
    found = fault(config_of(listener={"public_url": "http://127.0.0.1:1/hub"}), nobody)
    assert "[listener] public_url = 'http://127.0.0.1:1/hub'" in found.key
    assert "on this machine" in found.fix


def test_a_client_that_never_comes_is_told_the_address() -> None:
    found = fault(config_of(), nobody)
    assert "[consumer]" in found.key
    assert "does not reach 127.0.0.1: set host and public_url" in found.fix


@pytest.mark.parametrize(
    ("move", "key", "seen"),
    [
        (client(secret="another"), "[credentials]", "without the right credentials"),
        (client(key="somebody"), "[credentials] key = 'demo-vendor'", "as 'somebody'"),
        (client(zone="elsewhere"), "[endpoint] zone = 'not set'", "the zone 'elsewhere' only"),
    ],
)
def test_a_client_that_is_a_stranger_is_named(move: Move, key: str, seen: str) -> None:
    found = fault(config_of(), move)
    assert key in found.key
    assert seen in found.seen


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    """A simulated hub."""
    with serve(SimulatedHub()) as handle:
        yield handle.url


def at_hub(url: str, **tables: Any) -> TargetConfig:
    """A target for the hub with these tables changed."""
    plain = table_for(url)
    changed = {name: plain.get(name, {}) | tables.get(name, {}) for name in plain | tables}
    return from_table(changed, environ={})


def test_a_hub_with_two_vendors_and_an_operator_is_fine(hub: str) -> None:
    found = examined(at_hub(hub))
    assert f"the operator at {hub}/operator answers 200" in found.fine


BROKEN: list[tuple[dict[str, dict[str, Any]], str, str]] = [
    ({"second": {"secret": "another"}}, "[second] key = 'demo-other'", "not let in"),
    ({"second": {"key": "demo-vendor"}}, "[second] key", "the same application key"),
    ({"operator": {"url": "http://127.0.0.1:1/operator"}}, "[operator] url", "nothing listens"),
    ({"operator": {"load": ["no-such-command", "{file}"]}}, "[operator] load", "no command"),
    ({"operator": {"url": ""}}, "[operator] load", "it is missing"),
    ({"credentials": {"secret": "another"}}, "[credentials] secret", "401"),
]


@pytest.mark.parametrize(("tables", "key", "seen"), BROKEN)
def test_a_fault_around_a_hub_is_named(
    hub: str, tables: dict[str, dict[str, Any]], key: str, seen: str
) -> None:
    found = fault(at_hub(hub, **tables))
    assert key in found.key
    assert seen in found.seen


def test_an_operator_that_is_a_web_page_is_named(hub: str) -> None:
    page = Listening(answering(http("200 OK", b"<html></html>", "Content-Type: text/html")))
    assert "[operator] url" in fault(at_hub(hub, operator={"url": page.url})).key
    page.close()


@pytest.fixture(scope="module")
def source() -> Iterator[str]:
    """A simulated provider."""
    with serve(Provider()) as handle:
        yield handle.url


def at_provider(url: str, **tables: Any) -> TargetConfig:
    """A target for the provider with these tables changed."""
    plain = provider_table(url)
    changed = {name: plain.get(name, {}) | tables.get(name, {}) for name in plain | tables}
    return from_table(changed, environ={})


def test_a_provider_that_can_be_read_is_fine(source: str) -> None:
    assert "xStudents can be read" in examined(at_provider(source)).fine[1]


def test_matrix_parameters_stripped_before_a_provider_are_named(source: str) -> None:
    between = meddler(source, request=without_matrix)
    found = fault(at_provider(between.url))
    between.close()
    assert "strips matrix parameters" in found.fix


@pytest.mark.parametrize(
    ("tables", "key"),
    [
        ({"endpoint": {"zone": "elsewhere"}}, "[endpoint] zone = 'elsewhere'"),
        ({"endpoint": {"context": "OTHER"}}, "[endpoint] context = 'OTHER'"),
        ({"credentials": {"secret": "another"}}, "[credentials] secret"),
    ],
)
def test_a_fault_around_a_provider_is_named(
    source: str, tables: dict[str, dict[str, Any]], key: str
) -> None:
    assert key in fault(at_provider(source, **tables)).key
