"""How a target shakes hands: which TLS it agrees to, and with which certificate.

A handshake and nothing more: no byte of HTTP is sent. The wire cannot ask for a version that this
machine's own TLS has given up, so the greeting of an old client is written by hand (RFC 5246,
section 7.4.1.2; RFC 8422, section 5.1).
"""

from __future__ import annotations

import secrets
import socket
import ssl
import struct
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from conformance.problems import NotVerified, TimedOut
from conformance.route import Route, place_of

OLD = {"TLS 1.0": b"\x03\x01", "TLS 1.1": b"\x03\x02"}
# Those of TLS 1.0 and 1.1 that servers of today still have, and the sign of RFC 5746.
_SUITES = (0xC00A, 0xC009, 0xC014, 0xC013, 0x0039, 0x0033, 0x0035, 0x002F, 0x000A, 0x00FF)
_CURVES = (23, 24, 25)
_HANDSHAKE, _SERVER_HELLO = 22, 2


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the target agrees to with a client of today: kind and size (bits) of its key too."""

    version: str
    kind: str
    bits: int


def today(url: str, route: Route, seconds: float) -> Agreed:
    """Shake hands by TLS 1.2 or 1.3, whatever the certificate is worth; raises NotVerified."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A key that is too short is to be seen, not to end the handshake.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if route.client_certificate:
        context.load_cert_chain(route.client_certificate, route.client_key, route.key_password)
    with _connected(url, route, seconds) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=urlsplit(url).hostname) as inner:
                der = inner.getpeercert(binary_form=True)
                version = inner.version() or ""
        except OSError as error:
            raise _unlike(url, error, seconds) from None
    key = x509.load_der_x509_certificate(der or b"").public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return Agreed(version, "RSA", key.key_size)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return Agreed(version, "EC", key.key_size)
    return Agreed(version, type(key).__name__.strip("_").removesuffix("PublicKey"), 0)


def old(url: str, version: str, route: Route, seconds: float) -> bool:
    """Whether the target agrees to this version of OLD; NotVerified if there is no connection."""
    host = urlsplit(url).hostname or ""
    with _connected(url, route, seconds) as plain:
        try:
            plain.sendall(_greeting(OLD[version], host))
            answer = _read(plain, 9)
        except TimeoutError as error:
            raise _unlike(url, error, seconds) from None
        except OSError:
            return False
    return len(answer) == 9 and answer[0] == _HANDSHAKE and answer[5] == _SERVER_HELLO


def _connected(url: str, route: Route, seconds: float) -> socket.socket:
    place = place_of(url)
    if route.offline:
        raise NotVerified("not recorded: a handshake is not played")
    if route.proxy_for(url):
        raise NotVerified(f"a proxy stands before {place}, so its handshake cannot be seen")
    host, _, port = place.rpartition(":")
    try:
        return socket.create_connection((host, int(port)), seconds)
    except OSError as error:
        raise _unlike(url, error, seconds) from None


def _unlike(url: str, error: OSError, seconds: float) -> NotVerified:
    if isinstance(error, TimeoutError):
        return TimedOut(f"{place_of(url)} did not shake hands within {seconds:g} s of silence")
    why = getattr(error, "reason", "") or type(error).__name__
    return NotVerified(f"no handshake with {place_of(url)}: {why}")


def _read(plain: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (piece := plain.recv(size - len(data))):
        data += piece
    return data


def _greeting(version: bytes, host: str) -> bytes:
    """A record with the ClientHello of this version."""
    suites = struct.pack(f">{len(_SUITES)}H", *_SUITES)
    curves = struct.pack(f">{len(_CURVES)}H", *_CURVES)
    extensions = _extension(10, _sized(curves)) + _extension(11, b"\x01\x00")
    if any(letter.isalpha() for letter in host) and ":" not in host:
        extensions = _extension(0, _sized(b"\x00" + _sized(host.encode("idna")))) + extensions
    hello = version + secrets.token_bytes(32) + b"\x00" + _sized(suites) + b"\x01\x00"
    hello += _sized(extensions)
    message = b"\x01" + len(hello).to_bytes(3, "big") + hello
    return bytes([_HANDSHAKE]) + b"\x03\x01" + _sized(message)


def _extension(number: int, content: bytes) -> bytes:
    return number.to_bytes(2, "big") + _sized(content)


def _sized(content: bytes) -> bytes:
    return len(content).to_bytes(2, "big") + content
