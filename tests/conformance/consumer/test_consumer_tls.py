"""The suite's hub by TLS: its issuer, what it shows, and who comes through the door."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from conformance import authority, session
from conformance.authority import EXPIRED, GOOD, MISNAMED, STRANGE, Authority
from conformance.problems import SetupFault
from conformance.runfile import FAIL, NOT_VERIFIED, PASS
from conformance.simulators.consumer import Consumer
from tests.conformance.consumer.judging import by_tls, config_of, moving
from tests.conformance.judging import SEED, with_verdict

HOSTS = ("127.0.0.1", "localhost")
WRONG = {STRANGE: "signature failure", MISNAMED: "IP address mismatch", EXPIRED: "has expired"}


def met(issuer: Authority, kind: str) -> str:
    """What a careful client says of a server that shows this; empty if nothing."""
    client = ssl.create_default_context(cadata=issuer.pem().decode())
    pipes = [ssl.MemoryBIO() for _ in range(2)]
    here = client.wrap_bio(pipes[0], pipes[1], server_hostname=HOSTS[0])
    there = issuer.context(kind).wrap_bio(pipes[1], pipes[0], server_side=True)
    for one in (here, there, here, there):
        try:
            one.do_handshake()
        except ssl.SSLWantReadError:
            continue
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
    return ""


def test_the_right_certificate_is_believed() -> None:
    assert met(Authority(HOSTS), GOOD) == ""


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_certificate_is_wrong_for_its_own_reason(kind: str) -> None:
    assert WRONG[kind] in met(Authority(HOSTS), kind)


def test_the_issuer_is_kept_from_run_to_run(tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"
    first, other = (authority.kept(str(file), HOSTS) for _ in range(2))
    assert first.pem() == other.pem() == file.read_bytes()
    assert met(other, GOOD) == ""
    assert (tmp_path / "authority.pem.key").stat().st_mode & 0o077 == 0


def test_the_issuer_is_good_for_this_hub_only() -> None:
    own = x509.load_pem_x509_certificate(Authority(HOSTS).pem())
    limits = own.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    told = [str(one.value) for one in limits.value.permitted_subtrees or ()]
    assert told == ["127.0.0.1/32", "localhost", "elsewhere.invalid"]


@pytest.mark.parametrize("wrong", ["other host", "no key", "no certificate"])
def test_a_file_that_is_no_issuer_of_this_hub_is_a_set_up_fault(wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"
    authority.kept(str(file), ("hub.example",) if wrong == "other host" else HOSTS)
    if wrong == "no key":
        (tmp_path / "authority.pem.key").unlink()
    if wrong == "no certificate":
        file.write_bytes(b"nothing")
    with pytest.raises(SetupFault, match=r"\[tls\] authority"):
        authority.kept(str(file), HOSTS)


def test_a_client_that_comes_by_tls_is_judged() -> None:
    checks = by_tls(Consumer, ["INF-TRN-001", "POD-TLS-001", "POD-ACK-001", "DAT-CON-010"])
    assert {one.verdict for one in checks} == {PASS}


@pytest.mark.soak
def test_a_client_passes_the_whole_role_by_tls() -> None:
    checks = by_tls(Consumer)
    assert with_verdict(checks, FAIL) | with_verdict(checks, NOT_VERIFIED) == {}


class Distrusts(Consumer):
    """Was not told whom to trust."""

    def trust(self, authority: str) -> None:
        pass


class InClear(Consumer):
    """Was told an address by http://."""

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub.replace("https:", "http:"), key, secret)


@pytest.mark.parametrize(
    ("product", "seen"), [(Distrusts, "UNKNOWN_CA"), (InClear, "came in clear text")]
)
def test_doctor_tells_why_nobody_comes_in(product: type[Any], seen: str, tmp_path: Path) -> None:
    config = config_of(tls={"authority": str(tmp_path / "authority.pem")})
    with pytest.raises(SetupFault, match=r"\[tls\] authority") as told:
        session.run(config, seed=SEED, only=("POD-ACK-001",), move=moving(product))
    assert seen in str(told.value)
