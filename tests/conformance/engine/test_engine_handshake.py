"""A handshake tells which TLS a target agrees to, and what stands in its certificate."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from ssl import TLSVersion

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from conformance import handshake
from conformance.problems import NotVerified, TimedOut
from conformance.route import DIRECT
from conformance.simulators import Receiver, serve
from conformance.simulators.secured import Key, opened
from tests.conformance.engine.conftest import Listening

SECONDS = 5.0


class Old(Receiver):
    """Agrees to everything, with a short key of RSA."""

    least_tls = TLSVersion.TLSv1

    def new_key(self) -> Key:
        return rsa.generate_private_key(65537, 1024)


class Curve(Receiver):
    """Has a key of another curve."""

    def new_key(self) -> Key:
        return ec.generate_private_key(ec.SECP384R1())


@pytest.fixture(scope="module")
def old() -> Iterator[str]:
    with opened(Old()) as doors:
        yield doors.secure


@pytest.fixture(scope="module")
def usual() -> Iterator[str]:
    with opened(Curve()) as doors:
        yield doors.secure


@pytest.mark.parametrize("version", handshake.OLD)
def test_an_old_version_is_agreed_to_or_refused(old: str, usual: str, version: str) -> None:
    assert handshake.old(old, version, DIRECT, SECONDS) is True
    assert handshake.old(usual, version, DIRECT, SECONDS) is False


def test_a_greeting_may_name_the_host(old: str) -> None:
    named = old.replace("127.0.0.1", "localhost")
    assert handshake.old(named, "TLS 1.0", DIRECT, SECONDS) is True


def test_the_key_is_told_by_kind_and_size(old: str, usual: str) -> None:
    assert handshake.today(old, DIRECT, SECONDS) == handshake.Agreed("TLSv1.3", "RSA", 1024)
    assert handshake.today(usual, DIRECT, SECONDS) == handshake.Agreed("TLSv1.3", "EC", 384)


def test_a_port_that_speaks_no_tls_agrees_to_none() -> None:
    with serve(Receiver()) as handle:
        url = handle.url.replace("http://", "https://")
        assert handshake.old(url, "TLS 1.0", DIRECT, SECONDS) is False
        with pytest.raises(NotVerified, match="no handshake with 127"):
            handshake.today(url, DIRECT, SECONDS)


Shake = Callable[[str], object]
BOTH: list[Shake] = [
    lambda url: handshake.old(url, "TLS 1.1", DIRECT, 0.2),
    lambda url: handshake.today(url, DIRECT, 0.2),
]


@pytest.mark.parametrize("shake", BOTH, ids=["old", "today"])
def test_silence_is_a_time_out_and_no_refusal(shake: Shake) -> None:
    def silent(connection: socket.socket) -> None:
        while connection.recv(4096):
            pass

    server = Listening(silent)
    with pytest.raises(TimedOut, match=r"did not shake hands within 0\.2 s"):
        shake(server.url.replace("http://", "https://"))
    server.close()


def test_nothing_is_sent_offline_or_past_a_proxy(usual: str) -> None:
    with pytest.raises(NotVerified, match="not recorded"):
        handshake.today(usual, replace(DIRECT, offline=True), SECONDS)
    proxied = replace(DIRECT, proxies={"https": "http://proxy.example:3128"})
    with pytest.raises(NotVerified, match="a proxy stands before"):
        handshake.old(usual, "TLS 1.0", proxied, SECONDS)
