"""Beside the third layer: the same product by TLS, and at an address in clear text.

with opened(product) as doors:
    doors.secure     # https address, its certificate is its own issuer, at doors.ca_file
    doors.clear      # http address where nothing is taken
"""

from __future__ import annotations

import ssl
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from conformance.simulators import applications
from conformance.simulators.access import Access
from conformance.simulators.message import Request, send
from conformance.simulators.problems import Refusal
from conformance.simulators.server import serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Opened:
    """Both addresses with the base path of the product, and the issuer of the certificate."""

    secure: str
    clear: str
    ca_file: str

    def claims(self) -> dict[str, Any]:
        """The table `[tls]` of a target file for them; `ca_file` goes to `[endpoint]`."""
        return {"tls": {"url": self.secure, "clear_url": self.clear}}


class Secured(Access):
    """What a product does for those who come by TLS, and for those who come without."""

    least_tls = ssl.TLSVersion.TLSv1_2
    # An address in the certificate, and the last day on which it is valid, from today.
    host = "127.0.0.1"
    days = 2

    def new_key(self) -> Key:
        """The key of the certificate."""
        return ec.generate_private_key(ec.SECP256R1())

    def in_clear(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI entry of the address in clear text: nothing is taken there."""
        request = Request(environ["REQUEST_METHOD"], "", (), (), {}, {}, b"")
        refused = self.refused(request, Refusal(403, "Come by https://."))
        return send(self.finish(request, refused), request.method, start_response)


@contextmanager
def everywhere(product: Any) -> Iterator[dict[str, Any]]:
    """Serve a product at its plain address too: the tables that name all, and whom it lets in."""
    with serve(product) as handle, opened(product) as doors:
        endpoint = {"url": handle.url, "ca_file": doors.ca_file}
        yield {"endpoint": endpoint, **doors.claims(), **applications.claims()}


@contextmanager
def opened(product: Any, port: int = 0) -> Iterator[Opened]:
    """Serve a product at both addresses until the end of the block; `port` is that of TLS."""
    with tempfile.TemporaryDirectory() as folder:
        certificate = _certificate(product, Path(folder))
        context = _context(product.least_tls, certificate)
        with serve(product, port, context=context) as secure, serve(product.in_clear) as clear:
            yield Opened(secure.url, f"{clear.url}{product.base}", str(certificate))


def _context(least: ssl.TLSVersion, certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # A product may speak what Python advises against, with a key that OpenSSL finds too short.
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = least
    context.load_cert_chain(certificate)
    return context


def _certificate(product: Any, folder: Path) -> Path:
    """Key and certificate in one file."""
    key = product.new_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulated product")])
    host = x509.SubjectAlternativeName([x509.IPAddress(ip_address(product.host))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=product.days))
        .add_extension(host, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(secret + made.public_bytes(pem))
    return file
