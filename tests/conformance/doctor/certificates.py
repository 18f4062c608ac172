"""Certificates for servers of the tests: good ones, and each kind of bad one."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = "key-password-of-the-tests"
_NOW = dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its key, as files."""

    certificate: Path
    key: Path


class Authority:
    """An issuer whose certificate is `file`; issues into the same folder."""

    def __init__(self, folder: Path, name: str = "issuer") -> None:
        self._folder = folder
        self._name = _named(f"{name} of the tests")
        self._key = ec.generate_private_key(ec.SECP256R1())
        constraint = x509.BasicConstraints(ca=True, path_length=None)
        made = _builder(self._name, self._name, self._key, -2, 30)
        made = made.add_extension(constraint, critical=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(_pem(made.sign(self._key, hashes.SHA256())))

    def issue(
        self, name: str, *, host: str = "127.0.0.1", since: int = -1, until: int = 2,
        own: bool = False, password: str = "",
    ) -> Pair:  # fmt: skip
        """A pair for this host, valid from `since` to `until` days from now; `own`: self-signed."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _named(name)
        made = _builder(subject, subject if own else self._name, key, since, until)
        made = made.add_extension(x509.SubjectAlternativeName([_general(host)]), critical=False)
        signed = made.sign(key if own else self._key, hashes.SHA256())
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        pair.certificate.write_bytes(_pem(signed))
        pair.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(password.encode())
                if password
                else serialization.NoEncryption(),
            )
        )
        return pair


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, since: int, until: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOW + dt.timedelta(days=since))
        .not_valid_after(_NOW + dt.timedelta(days=until))
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
