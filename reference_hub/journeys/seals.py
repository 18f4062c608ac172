"""Opaque values that only this store can make: entity tags and markers for changes since.

Both are keyed by the store's epoch, so that nobody forges one or reads a number of changes off it.
A marker names the epoch by a digest: another life of the store means that it has expired.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from binascii import Error as NotBase64

from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope
from reference_hub.problems import Refusal

_LENGTH = 12
_LIFE = re.compile(b"[0-9a-f]{%d}" % _LENGTH)
_SCOPE = "Changes since"


def tag(epoch: str, *parts: object) -> str:
    """A short word for the parts; equal parts give equal words in one life of the store."""
    return _text(_digest(epoch, "tag", *parts))


def grant_of(pod: Pod | None) -> str:
    """What stands for the paths granted now; another grant, another word."""
    if pod is None:
        told: list[object] = ["everything"]
    else:
        conditions = [[each.kind, each.path, each.op, each.value] for each in pod.conditions]
        told = [*sorted(set(pod.granted)), conditions, sorted(pod.excluded)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:_LENGTH]


def seal(epoch: str, scope: Scope, object_type: str, grant: str, moment: str) -> str:
    """The marker for everything that comes after `moment`."""
    content = f"{grant}.{moment}"
    signature = _signature(epoch, scope, object_type, content)
    return _text(signature + _life(epoch).encode() + _veiled(epoch, signature, content.encode()))


def unseal(marker: str, epoch: str, scope: Scope, object_type: str, grant: str) -> str:
    """The moment in a marker.

    Raises Refusal 400 for a marker that the hub did not give for this type and place, 410 for one
    of another life of the store or of another grant: then all objects must be read anew.
    """
    signature, life, veiled = _split(marker)
    if _LIFE.fullmatch(life) and life != _life(epoch).encode():
        raise Refusal(410, _SCOPE, "The marker has expired; read all objects and take a new one.")
    content = _veiled(epoch, signature, veiled).decode("ascii", "replace")
    wanted = _signature(epoch, scope, object_type, content)
    if not hmac.compare_digest(signature, wanted):
        text = "This is no changesSinceMarker of this service; take one from HEAD."
        raise Refusal(400, _SCOPE, text, "400-02")
    given, _, moment = content.partition(".")
    if given != grant:
        text = "What you may see has changed since the marker; read all objects, take a new one."
        raise Refusal(410, _SCOPE, text)
    return moment


def _split(marker: str) -> tuple[bytes, bytes, bytes]:
    try:
        raw = base64.b64decode(marker.encode() + b"=" * (-len(marker) % 4), b"-_", validate=True)
    except (NotBase64, ValueError):
        raw = b""
    return raw[:_LENGTH], raw[_LENGTH : 2 * _LENGTH], raw[2 * _LENGTH :]


def _veiled(epoch: str, signature: bytes, text: bytes) -> bytes:
    """A text that only the store reads, and back: a moment counts the transactions of everybody."""
    veil = hashlib.shake_256(epoch.encode() + signature).digest(len(text))
    return bytes(one ^ other for one, other in zip(text, veil, strict=True))


def _signature(epoch: str, scope: Scope, object_type: str, content: str) -> bytes:
    return _digest(epoch, "marker", scope.zone_id, scope.context_id, object_type, content)


def _life(epoch: str) -> str:
    return hashlib.sha256(epoch.encode()).hexdigest()[:_LENGTH]


def _digest(epoch: str, *parts: object) -> bytes:
    message = json.dumps([str(part) for part in parts]).encode()
    return hmac.digest(epoch.encode(), message, hashlib.sha256)[:_LENGTH]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
