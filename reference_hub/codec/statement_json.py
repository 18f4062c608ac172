"""The acknowledgement record of our profile as JSON; modelled on draft-dsmullen-ppd-protocol."""

from __future__ import annotations

import hashlib
import hmac

from reference_hub.codec.json_record import moment, read_object, texts
from reference_hub.codec.xml import MalformedDocument
from reference_hub.model.statement import Statement

SIGNATURE = "podReceiptSignature"
"""Header of our own that signs a record which comes as the answer to a push."""
ACKNOWLEDGED, REJECTED = "ACKNOWLEDGED", "REJECTED"
DECISIONS = (ACKNOWLEDGED, REJECTED)
_NEEDED = ("podId", "podVersion", "podToken", "podHash", "decision")
_OTHERS = ("reason", "acknowledgedAt", "zoneId", "contextId", "appId")
_SCHEME = "sha256="


def read_statement(body: bytes) -> Statement:
    """The record. Raises MalformedDocument naming the member at fault, never its value."""
    told = read_object(body)
    by = told.get("acknowledgedBy") or {}
    if not isinstance(by, dict):
        raise MalformedDocument(0, "expected acknowledgedBy as an object")
    who = {f"acknowledgedBy/{name}": by.get(name) for name in ("system", "contact")}
    found = texts(told | who, _NEEDED, (*_OTHERS, *who))
    if found["decision"] not in DECISIONS:
        raise MalformedDocument(0, f"expected decision as one of {', '.join(DECISIONS)}")
    if found["acknowledgedAt"]:
        moment("acknowledgedAt", found["acknowledgedAt"])
    return Statement(
        pod_id=found["podId"],
        pod_version=found["podVersion"],
        # Compared byte for byte, so as it was sent.
        pod_token=told["podToken"],
        pod_hash=found["podHash"],
        decision=found["decision"],
        reason=found["reason"],
        acknowledged_at=found["acknowledgedAt"],
        system=found["acknowledgedBy/system"],
        contact=found["acknowledgedBy/contact"],
        zone_id=found["zoneId"],
        context_id=found["contextId"],
        app_id=found["appId"],
    )


def signature(body: bytes, secret: str) -> str:
    """`sha256=` and the hexadecimal HMAC-SHA256 of the bytes with the connection's secret."""
    return _SCHEME + hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def is_signed(body: bytes, secret: str, shown: str) -> bool:
    """Whether the header signs these bytes."""
    return hmac.compare_digest(signature(body, secret).encode(), shown.strip().encode())
