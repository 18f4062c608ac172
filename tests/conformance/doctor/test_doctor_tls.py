"""A second address by https:// is looked at before any check asks for it."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from conformance import doctor, session, target
from conformance.cli import cli
from conformance.evidence import Evidence
from conformance.problems import SetupFault, UsageFault
from conformance.simulators import Receiver
from conformance.simulators.registry import registry
from tests.conformance.judging import served

PLAIN = {
    "vendor": {"name": "Example Reading App"},
    "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
}


def examined(product: Any, **changes: dict[str, str]) -> doctor.Diagnosis:
    """What the doctor says of a product at all its addresses, some of them changed."""
    with served(product) as places:
        table = PLAIN | {name: places[name] | changes.get(name, {}) for name in places}
        config = target.from_table(table, environ={})
        with session.wire_to(config, Evidence()) as wire:
            return doctor.examine(config, wire)


def test_an_address_that_answers_by_tls_is_told() -> None:
    (line,) = [one for one in examined(Receiver()).fine if "https://" in one]
    assert line.endswith("/sif3 answers 401 by TLS")


def test_an_address_where_nothing_listens_is_a_fault_of_the_set_up() -> None:
    with pytest.raises(SetupFault, match=r"\[tls\] url.*nothing listens"):
        examined(Receiver(), tls={"url": "https://127.0.0.1:1/sif3"})


def test_an_issuer_that_nobody_named_is_a_fault_of_the_set_up() -> None:
    with pytest.raises(SetupFault, match=r"\[endpoint\] ca_file.*Name the PEM file"):
        examined(Receiver(), endpoint={"ca_file": ""})


def test_an_expired_certificate_is_left_to_the_checks() -> None:
    product = registry("receiver").find("LetsItsCertificateExpire")()
    assert [one for one in examined(product).fine if "https://" in one] == []


def test_a_simulated_product_without_such_an_address_says_so() -> None:
    wanted = ["simulate", "--role", "edfi-receiver", "--port", "0", "--tls", "0"]
    done = CliRunner().invoke(cli, wanted)
    assert isinstance(done.exception, UsageFault)
    assert str(done.exception).startswith("a simulated edfi-receiver has no address by https://")
