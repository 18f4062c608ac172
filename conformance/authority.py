"""The suite's own certificate authority, by which its hub is known to a client that uses TLS.

The certificate lies beside the target file, to be trusted by the client; its key lies beside it. It
is good for the names of this hub only, so that nobody is put at risk by trusting it.
"""

from __future__ import annotations

import ssl
import tempfile
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from conformance.problems import SetupFault

GOOD, STRANGE, MISNAMED, EXPIRED = "good", "of an unknown issuer", "of another name", "expired"
OLD_TLS = "by TLS 1.1"
NOBODY = "elsewhere.invalid"
YEARS = timedelta(days=825)
PEM = serialization.Encoding.PEM
FORM = serialization.PrivateFormat.PKCS8
PLAIN = serialization.NoEncryption()


class Authority:
    """One for these hosts, with a new key; `read` takes the one of a file in its place."""

    def __init__(self, hosts: Sequence[str]) -> None:
        self._hosts = tuple(hosts)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._own = _own(self._key, self._hosts)

    def pem(self) -> bytes:
        """What the client has to trust."""
        return self._own.public_bytes(PEM)

    def context(self, kind: str) -> ssl.SSLContext:
        """What a server shows: a certificate of this kind, or a good one by an old TLS."""
        issuer = Authority(self._hosts) if kind == STRANGE else self
        names = (NOBODY,) if kind == MISNAMED else self._hosts
        days = -1 if kind == EXPIRED else 30
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if kind == OLD_TLS:
            _age(context)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "certificate.pem"
            file.write_bytes(issuer.issued(names, days))
            context.load_cert_chain(file)
        return context

    def issued(self, names: Sequence[str], days: int) -> bytes:
        """Key and certificate of a server with these names, valid for so many days from today."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = (
            _begun("hub of the conformance suite", key, days=timedelta(days=days))
            .issuer_name(self._own.subject)
            .add_extension(x509.SubjectAlternativeName(list(map(_name, names))), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        return key.private_bytes(PEM, FORM, PLAIN) + made.public_bytes(PEM)

    def keep(self, path: Path) -> None:
        """Write certificate and key."""
        path.write_bytes(self.pem())
        secret = _beside(path)
        secret.touch(mode=0o600)
        secret.write_bytes(self._key.private_bytes(PEM, FORM, PLAIN))

    def read(self, path: Path) -> None:
        """Take certificate and key of an earlier run; raises ValueError, OSError."""
        own = x509.load_pem_x509_certificate(path.read_bytes())
        key = serialization.load_pem_private_key(_beside(path).read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or own.public_key() != key.public_key():
            raise ValueError("the key is not that of the certificate")
        limits = own.extensions.get_extension_for_class(x509.NameConstraints).value
        if set(limits.permitted_subtrees or ()) != set(_permitted(self._hosts)):
            raise ValueError("it is for another host")
        if own.not_valid_after_utc < datetime.now(UTC) + timedelta(days=1):
            raise ValueError("it has expired")
        self._own, self._key = own, key


def kept(path: str, hosts: Sequence[str]) -> Authority:
    """The authority of this file, written where there is none yet; raises SetupFault."""
    made, file = Authority(hosts), Path(path)
    try:
        if file.exists():
            made.read(file)
        else:
            made.keep(file)
    except (OSError, ValueError, x509.ExtensionNotFound) as error:
        told = str(error) if isinstance(error, ValueError) else type(error).__name__
        fix = "Remove it and its .key, then let your client trust the new one."
        raise SetupFault("[tls] authority", f"{file.name} cannot be used: {told}.", fix) from None
    return made


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.key")


def _age(context: ssl.SSLContext) -> None:
    """Agree to TLS 1.0 and 1.1 only."""
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1


def _own(key: ec.EllipticCurvePrivateKey, hosts: Sequence[str]) -> x509.Certificate:
    limits = x509.NameConstraints(permitted_subtrees=_permitted(hosts), excluded_subtrees=None)
    begun = _begun("conformance suite, for tests only", key, days=YEARS)
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        begun.issuer_name(_subject("conformance suite, for tests only"))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(limits, critical=True)
        .sign(key, hashes.SHA256())
    )


def _permitted(hosts: Sequence[str]) -> list[x509.GeneralName]:
    return [_place(one) for one in hosts] + [x509.DNSName(NOBODY)]


def _place(host: str) -> x509.GeneralName:
    name = _name(host)
    return x509.IPAddress(ip_network(host)) if isinstance(name, x509.IPAddress) else name


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _begun(name: str, key: ec.EllipticCurvePrivateKey, days: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + days)
    )
