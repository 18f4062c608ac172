"""What a connection by SFTP is told: whose key is right, and how files are to lie in the folder."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from reference_hub.problems import SetupError

CHECKSUM, ROWS = "sha256", "rows"
BESIDE = (CHECKSUM, ROWS)
MOST_KEPT = 100
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")
_KIND = re.compile(r"(ssh|ecdsa|sk)-[a-z0-9@.-]+")


@dataclass(frozen=True, slots=True)
class Terms:
    """`host_keys`: SHA256 fingerprints, or public keys as a known_hosts file has them; `keep`: how
    many files of before stay; `beside`: what lies beside a file; `results`: pattern of the
    vendor's result files below the folder, '' for none."""

    host_keys: tuple[str, ...]
    keep: int = 0
    beside: tuple[str, ...] = ()
    results: str = ""


def read_terms(delivery: Mapping[str, Any]) -> Terms:
    """The terms as they are stored with the connection. Raises SetupError without a host key."""
    host_keys = tuple(delivery.get("host_keys", ()))
    if not host_keys:
        raise SetupError(
            "The connection knows no key of the vendor's server; connect it again with --host-key."
        )
    return Terms(
        host_keys,
        int(delivery.get("keep", 0)),
        tuple(delivery.get("beside", ())),
        str(delivery.get("results", "")),
    )


def host_key(text: str) -> str:
    """A fingerprint `SHA256:...`, or the key of a known_hosts line: `ssh-ed25519 AAAA...`.

    Raises SetupError for anything else.
    """
    words = text.split()
    if len(words) == 1 and _FINGERPRINT.fullmatch(words[0]):
        return words[0].rstrip("=")
    for kind, key in pairwise(words):
        if _KIND.fullmatch(kind) and _is_key(kind, key):
            return f"{kind} {key}"
    raise SetupError(
        "--host-key is neither a fingerprint (SHA256: and 43 characters) nor a line of a "
        "known_hosts file; ask the vendor for it, or take it from: ssh-keyscan HOST"
    )


def _is_key(kind: str, key: str) -> bool:
    try:
        blob = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        return False
    size = int.from_bytes(blob[:4], "big")
    return blob[4 : 4 + size] == kind.encode()


def folder_of(url: str) -> str:
    """The folder that an sftp URL names: absolute after two slashes (`sftp://host//drop`), below
    the user's own folder after one; '.' for that itself."""
    path = unquote(urlsplit(url).path)
    return path[1:] or "."


def refuse_outside(pattern: str) -> None:
    """Raise SetupError for a pattern of result files that leaves the folder."""
    path = PurePosixPath(pattern)
    if path.is_absolute() or ".." in path.parts:
        raise SetupError("--results names files below the folder, such as results/*.csv.")
