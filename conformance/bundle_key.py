"""Keys and signatures of bundles: Ed25519 (RFC 8032) in a DSSE envelope (secure-systems-lab v1.0).

The private key is PKCS #8 in PEM, with a passphrase or without, in a file that only its owner may
read; the public key stands beside it in `FILE.pub`. A fingerprint is the SHA-256 of the public
key's 32 raw bytes.
"""

from __future__ import annotations

import base64
import hashlib
import os
import sys
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from conformance.bundle_archive import BundleFault
from conformance.problems import PlaceFault, UsageFault

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_OTHERS = 0o077


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One signature; `keyid` is the fingerprint of its key, `sig` base64."""

    keyid: str
    sig: str


class Envelope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A DSSE envelope; `payload` is base64."""

    payload: str
    payloadType: str
    signatures: list[Signature]


def new_key(path: Path, passphrase: bytes | None) -> str:
    """Write a new private key (mode 0600) and its public key; gives the fingerprint.

    Raises UsageFault when a file is there already, PlaceFault when it cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    locked: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        locked = serialization.BestAvailableEncryption(passphrase)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    public = beside(path)
    for file, mode, text in (
        (path, 0o600, key.private_bytes(pem, pkcs8, locked)),
        (public, 0o644, public_pem(key.public_key())),
    ):
        _write_new(file, mode, text)
    return fingerprint(key.public_key())


def beside(path: Path) -> Path:
    """Where the public key of a private key stands."""
    return path.with_name(f"{path.name}.pub")


def _write_new(path: Path, mode: int, text: bytes) -> None:
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise UsageFault(f"{path} exists already; a key is never overwritten. Move it.") from None
    except OSError as error:
        raise PlaceFault(f"{path} cannot be written ({error.strerror})") from None
    with os.fdopen(number, "wb") as file:
        if sys.platform != "win32":
            os.fchmod(number, mode)  # whatever the umask says
        file.write(text)


def private_key(path: Path, passphrase: bytes | None) -> Ed25519PrivateKey:
    """Read a private key; raises UsageFault for one that is no such key or open to others."""
    data = _read(path)
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        raise UsageFault(f"{path} can be read by others; say `chmod 600 {path}` and think of it")
    try:
        key = serialization.load_pem_private_key(data, passphrase)
    except TypeError:
        wrong = "has no passphrase; leave out --passphrase-env" if passphrase else (
            "needs a passphrase: name the variable that holds it with --passphrase-env"
        )  # fmt: skip
        raise UsageFault(f"{path} {wrong}") from None
    except (ValueError, UnsupportedAlgorithm):
        hint = "or the passphrase is wrong" if passphrase else "`conformance key new` writes one"
        raise UsageFault(f"{path} is no private key, {hint}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageFault(f"{path} is no Ed25519 key; `conformance key new` writes one")
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """Read a public key in PEM; raises UsageFault for anything else."""
    try:
        return parsed(_read(path))
    except BundleFault:
        raise UsageFault(f"{path} is no public Ed25519 key in PEM (`FILE.pub` is one)") from None


def parsed(pem: bytes) -> Ed25519PublicKey:
    """The public key in these bytes; raises BundleFault if there is none."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise BundleFault("the signer's public key cannot be read") from None
    if not isinstance(key, Ed25519PublicKey):
        raise BundleFault("the signer's public key is no Ed25519 key")
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageFault(f"{path} cannot be read ({error.strerror})") from None


def public_pem(key: Ed25519PublicKey) -> bytes:
    """The public key in PEM."""
    pem, spki = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(pem, spki)


def fingerprint(key: Ed25519PublicKey) -> str:
    """`sha256:` and 64 hex digits."""
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return f"sha256:{hashlib.sha256(key.public_bytes(*raw)).hexdigest()}"


def signed(payload: bytes, key: Ed25519PrivateKey) -> Envelope:
    """The payload in an envelope with one signature."""
    mark = key.sign(_encoded(PAYLOAD_TYPE, payload))
    own = Signature(keyid=fingerprint(key.public_key()), sig=_text(mark))
    return Envelope(payload=_text(payload), payloadType=PAYLOAD_TYPE, signatures=[own])


def opened(envelope: Envelope, key: Ed25519PublicKey) -> bytes:
    """The payload, if this key signed it; raises BundleFault otherwise."""
    if envelope.payloadType != PAYLOAD_TYPE or len(envelope.signatures) != 1:
        raise BundleFault("its envelope is not one with one signature over an in-toto statement")
    (own,) = envelope.signatures
    if own.keyid != fingerprint(key):
        raise BundleFault("its envelope names another key than the one that lies beside it")
    payload = _bytes(envelope.payload)
    try:
        key.verify(_bytes(own.sig), _encoded(envelope.payloadType, payload))
    except InvalidSignature:
        raise BundleFault("its signature does not fit: what was signed was changed") from None
    return payload


def _encoded(kind: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise BundleFault("its envelope holds text that is no base64") from None
    if _text(data) != text:
        raise BundleFault("its envelope holds base64 that was changed")
    return data
