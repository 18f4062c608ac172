"""The hub behind its own certificate: versions, deadlines, and words about files that do not do."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from reference_hub import tls
from reference_hub.problems import SetupError
from reference_hub.settings import Server
from tests.reference_hub.operating.certificates import Pair, issue
from tests.reference_hub.operating.served import Served, Start

GET = b"GET /nowhere HTTP/1.1\r\nHost: hub\r\n\r\n"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A certificate of localhost and its key."""
    return issue(tmp_path_factory.mktemp("tls"), "hub")


@pytest.fixture(scope="module")
def served(start_shared: Start, pair: Pair) -> Served:
    """A hub that speaks TLS, with few threads and a short limit."""
    found = start_shared(
        f"certificate = '{pair.certificate}'",
        f"private_key = '{pair.private_key}'",
        "threads = 4",
        read_seconds=1.5,
    )
    found.http.verify = str(pair.certificate)
    # REQUESTS_CA_BUNDLE would win over what is trusted here.
    found.http.trust_env = False
    return found


def trusting(pair: Pair) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pair.certificate))


@contextmanager
def secured(served: Served, pair: Pair, sent: bytes) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection(("localhost", served.port), timeout=10) as plain,
        trusting(pair).wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(sent)
        yield connection


@pytest.mark.requirement("INF-TRN-001", "INF-TRN-005")
def test_a_client_that_verifies_is_served(served: Served) -> None:
    answer = served.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://localhost:{served.port}/healthz", timeout=10)


@pytest.mark.requirement("INF-TRN-005", "POD-TLS-001")
@pytest.mark.parametrize(
    ("version", "welcome"),
    [("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)],
)
def test_tls_1_2_and_newer_are_spoken(
    served: Served, pair: Pair, version: str, welcome: bool
) -> None:
    client = trusting(pair)
    # The client itself must be willing, or the refusal would be its own.
    client.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client.minimum_version = client.maximum_version = ssl.TLSVersion[version]
    with socket.create_connection(("localhost", served.port), timeout=10) as plain:
        if welcome:
            with client.wrap_socket(plain, server_hostname="localhost") as connection:
                assert connection.version() == version.replace("_", ".")
        else:
            with pytest.raises(ssl.SSLError, match=r"(?i)version|alert"):
                client.wrap_socket(plain, server_hostname="localhost")


def test_plain_http_on_the_port_is_not_answered_and_the_hub_lives_on(served: Served) -> None:
    with (
        socket.create_connection(("localhost", served.port), timeout=10) as plain,
        contextlib.suppress(ConnectionError),
    ):
        plain.sendall(GET)
        assert b"HTTP/1.1" not in plain.recv(65536)
    assert served.get("/healthz").status_code == 200


def test_environments_name_https_addresses(served: Served) -> None:
    assert served.get("/openapi.json").json()["servers"][0]["url"].startswith("https://localhost:")


@pytest.mark.parametrize("half", [b"", b"GET / HT", GET[:-2], b"POST / HTTP/1.1\r\nHost: h\r\n"])
def test_half_sent_requests_hold_the_hub_no_longer_than_the_limit(
    served: Served, pair: Pair, half: bytes
) -> None:
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(secured(served, pair, half))
        begin = time.monotonic()
        assert served.get("/healthz").status_code == 200
        assert time.monotonic() - begin < 2.7


@pytest.mark.parametrize("hello", [b"", b"\x16\x03\x01\x02\x00\x01"])
def test_handshakes_that_do_not_end_hold_the_hub_no_longer_than_the_limit(
    served: Served, hello: bytes
) -> None:
    with ExitStack() as stack:
        for _ in range(10):
            plain = socket.create_connection(("localhost", served.port), timeout=10)
            stack.enter_context(plain).sendall(hello)
        begin = time.monotonic()
        assert served.get("/healthz").status_code == 200
        assert time.monotonic() - begin < 2.7


def test_a_first_byte_may_come_late_and_a_head_that_does_not_end_is_408(
    served: Served, pair: Pair
) -> None:
    with secured(served, pair, b"") as connection:
        time.sleep(2.2)
        connection.sendall(GET)
        assert connection.recv(65536).startswith(b"HTTP/1.1 404")
    with secured(served, pair, GET[:-2]) as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 408")


def test_requests_that_share_one_record_are_all_answered(served: Served, pair: Pair) -> None:
    # One record holds up to 16 KiB, the server reads 8 at a time.
    padded = GET[:-2] + b"X-Long: " + b"a" * 5000 + b"\r\n\r\n"
    with secured(served, pair, padded * 3) as connection:
        received = b""
        while received.count(b"HTTP/1.1 404") < 3:
            received += (part := connection.recv(65536))
            assert part


def test_a_connection_is_kept_alive(served: Served, pair: Pair) -> None:
    connection = http.client.HTTPSConnection("localhost", served.port, context=trusting(pair))
    with contextlib.closing(connection):
        ports = []
        for _ in range(3):
            connection.request("GET", "/healthz")
            ports.append(connection.sock.getsockname())
            assert connection.getresponse().read().startswith(b'{"status"')
            time.sleep(0.2)
    assert len(set(ports)) == 1


def test_the_end_of_a_connection_is_told(served: Served, pair: Pair) -> None:
    with secured(served, pair, GET.replace(b"Host", b"Connection: close\r\nHost")) as connection:
        # Without the closing alert this would be an error: the answer might be cut short.
        connection.suppress_ragged_eofs = False
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 404")


def test_files_that_do_not_do_are_told_by_name(pair: Pair, tmp_path: Path) -> None:
    other = issue(tmp_path, "other")
    locked = issue(tmp_path, "locked", passphrase=b"secret")
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    for certificate, key, words in (
        (tmp_path / "missing.pem", pair.private_key, "missing.pem cannot be read"),
        (pair.certificate, tmp_path, "cannot be read"),
        (pair.certificate, other.private_key, "is not the key of"),
        (locked.certificate, locked.private_key, "passphrase"),
        (text, pair.private_key, "text.pem"),
    ):
        with pytest.raises(SetupError, match=words):
            tls.refuse_unusable(Server(certificate=str(certificate), private_key=str(key)))


@pytest.mark.requirement("INF-TRN-005", "POD-TLS-001")
def test_a_key_below_2048_bits_is_refused(tmp_path: Path) -> None:
    for bits in (1024, 2048):
        pair = issue(tmp_path, f"rsa-{bits}", rsa_bits=bits)
        server = Server(certificate=str(pair.certificate), private_key=str(pair.private_key))
        refusal = pytest.raises(SetupError, match=r"1024 bits|key too small")
        with refusal if bits < 2048 else contextlib.nullcontext():
            tls.refuse_unusable(server)


def test_one_file_without_the_other_is_refused(pair: Pair) -> None:
    with pytest.raises(SetupError, match=r"server\.private_key is missing"):
        tls.refuse_unusable(Server(certificate=str(pair.certificate)))
