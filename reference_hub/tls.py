"""TLS of the server: one context per process, TLS 1.2 or newer, and clear words about bad files."""

from __future__ import annotations

import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from reference_hub.problems import SetupError
from reference_hub.settings import Server

LEAST_RSA_BITS = 2048


def context(certificate: str, private_key: str) -> ssl.SSLContext:
    """The server's side of TLS (INF-TRN-005). Raises SetupError for files that do not serve."""
    for name, file in (("certificate", certificate), ("private_key", private_key)):
        _refuse_unreadable(name, file)
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_RENEGOTIATION
    try:
        # A key with a passphrase would make OpenSSL ask on the terminal and wait.
        made.load_cert_chain(certificate, private_key, password=_no_passphrase)
    except (ssl.SSLError, ValueError) as error:
        raise SetupError(_fault(error, certificate, private_key)) from error
    _refuse_short(leaf(certificate), certificate)
    return made


def leaf(certificate: str) -> x509.Certificate:
    """The server's own certificate; what follows in the file leads to its authority."""
    return x509.load_pem_x509_certificates(Path(certificate).read_bytes())[0]


def is_on(server: Server) -> bool:
    """Whether the hub speaks TLS. Raises SetupError when only one of the two files is named."""
    if bool(server.certificate) != bool(server.private_key):
        missing = "private_key" if server.certificate else "certificate"
        raise SetupError(f"server.{missing} is missing; TLS needs both files, plain HTTP neither.")
    return bool(server.certificate)


def refuse_unusable(server: Server) -> None:
    """Raise SetupError when the settings ask for TLS that cannot be spoken."""
    if is_on(server):
        context(server.certificate, server.private_key)


def _refuse_unreadable(name: str, file: str) -> None:
    try:
        with Path(file).open("rb") as opened:
            opened.read(1)
    except OSError as error:
        raise SetupError(
            f"server.{name} {file} cannot be read ({error.strerror}); name a PEM file that the "
            "hub's user may read."
        ) from error


def _refuse_short(held: x509.Certificate, file: str) -> None:
    key = held.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        raise SetupError(
            f"The key of {file} has {key.key_size} bits; SIF asks for {LEAST_RSA_BITS} or more."
        )


def _no_passphrase() -> str:
    raise ValueError("passphrase")


def _fault(error: ssl.SSLError | ValueError, certificate: str, private_key: str) -> str:
    reason = getattr(error, "reason", None) or ""
    if reason == "KEY_VALUES_MISMATCH":
        return f"{private_key} is not the key of {certificate}; name a pair that belongs together."
    if isinstance(error, ssl.SSLError) and reason:
        words = reason.replace("_", " ").lower()
        return f"{certificate} and {private_key} are no usable certificate and key ({words})."
    if not isinstance(error, ssl.SSLError):
        return f"{private_key} has a passphrase; store the key without one, readable by the hub."
    return f"{certificate} or {private_key} is not in PEM form; convert it with openssl."
