"""A person acknowledges a POD on a page behind a signed link, for vendors who speak no SIF.

The link opens one version of one POD until a day. It is no marker and holds none (POD-GATE-017);
whoever has it may answer for the vendor, so it goes to the vendor's contact alone (profile).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from itsdangerous import BadData, URLSafeSerializer

from reference_hub.clock import Clock
from reference_hub.codec.pod_json import pod_hash
from reference_hub.codec.pod_xml import tree_of
from reference_hub.codec.xml import read
from reference_hub.journeys.acknowledge import acknowledge, reject
from reference_hub.model.pod import DRAFT, EXPIRED, Pod, Terms
from reference_hub.model.uuids import canonical
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import pods, receipts
from reference_hub.store.receipts import REJECTED, Receipt

if TYPE_CHECKING:
    from sqlalchemy import Connection

HOW = "form"
PLACE = "privacy/acknowledge"
_SALT = "reference-hub pod acknowledgement"
_SHORTEST_KEY = 16

INVALID, RAN_OUT, OVER = "invalid", "ran out", "over"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens: a POD, with its receipt once there is one; or why it opens nothing:
    INVALID (forged, or of no POD), RAN_OUT (too old), OVER (the POD is not in force any more)."""

    pod: Pod | None = None
    receipt: Receipt | None = None
    closed: str = ""


def link_for(pod: Pod, settings: Settings, clock: Clock | None = None) -> str:
    """The address of the form for this POD. Raises SetupError where no key is set."""
    now = (clock or Clock()).now()
    until = now + timedelta(days=settings.privacy.link_days)
    signed = _signer(_key(settings)).dumps([pod.id, pod.version, int(until.timestamp())])
    text = signed if isinstance(signed, str) else signed.decode()
    return f"{_root(settings)}/{PLACE}/{text}"


def is_offered(settings: Settings) -> bool:
    """Whether links can be read, which needs their key."""
    return len(_set_key(settings)) >= _SHORTEST_KEY


def opened(
    connection: Connection, link: str, settings: Settings, clock: Clock, *, lock: bool = False
) -> Opened:
    """What the link opens now; with `lock` the POD is held against other writers."""
    told = _told(link, settings)
    if told is None:
        return Opened(closed=INVALID)
    pod_id, version, until = told
    if clock.now().timestamp() > until:
        return Opened(closed=RAN_OUT)
    pod = pods.by_id(connection, pod_id)
    if pod is None or pod.version != version or pod.status == DRAFT:
        return Opened(closed=INVALID)
    if lock:
        pod = pods.lock(connection, pod.vendor_id, pod.token) or pod
    receipt = receipts.of(connection, pod.id)
    # A rejection ends its POD; whoever rejected it may still see that.
    rejected = receipt is not None and receipt.decision == REJECTED
    if _is_over(pod, clock) and not rejected:
        return Opened(closed=OVER)
    return Opened(pod, receipt)


def decide(
    connection: Connection,
    pod: Pod,
    decision: str,
    person: Mapping[str, str],
    reason: str,
    clock: Clock,
) -> None:
    """Keep what the person decided; who it was stands in the receipt alone. An earlier decision
    stays as it is."""
    if decision == REJECTED:
        reject(connection, pod.vendor_id, pod.token, HOW, reason, clock, given_by=person)
        return
    told = pod_hash(pod.document)
    acknowledge(connection, pod.vendor_id, pod.token, HOW, clock, pod_hash=told, given_by=person)


def entries_of(pod: Pod) -> list[tuple[Terms, dict[str, Any]]]:
    """Each privacy entry as the gate reads it, beside its whole content."""
    listed = tree_of(read(pod.document))["privacyList"].get("privacy", [])
    return list(zip(pod.entries, listed, strict=False))


def _told(link: str, settings: Settings) -> tuple[str, str, int] | None:
    if not is_offered(settings):
        return None
    try:
        pod_id, version, until = _signer(_set_key(settings)).loads(link)
    except (BadData, TypeError, ValueError):
        return None
    return canonical(str(pod_id)), str(version), int(until)


def _signer(key: str) -> URLSafeSerializer:
    how = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    return URLSafeSerializer(key, salt=_SALT, signer_kwargs=how)


def _key(settings: Settings) -> str:
    name = settings.privacy.link_key_env
    if not name:
        raise SetupError("The form is not offered; name its key with privacy.link_key_env.")
    if not is_offered(settings):
        raise SetupError(
            f"The environment variable {name} holds no key of at least {_SHORTEST_KEY} characters; "
            "put a long random one into it, the same for serve."
        )
    return _set_key(settings)


def _set_key(settings: Settings) -> str:
    name = settings.privacy.link_key_env
    return os.environ.get(name, "") if name else ""


def _root(settings: Settings) -> str:
    server = settings.server
    scheme = "https" if server.certificate else "http"
    return (server.public_url or f"{scheme}://{server.host}:{server.port}").rstrip("/")


def _is_over(pod: Pod, clock: Clock) -> bool:
    ended = pod.ends is not None and pod.ends < clock.today(pod.scope.zone_id)
    return pod.status == EXPIRED or ended


def day_of(day: date) -> str:
    """A day for people."""
    return f"{day.day} {day:%B %Y}"


def moment_of(moment: datetime) -> str:
    """A moment for people, in UTC."""
    return f"{day_of(moment)}, {moment:%H:%M} UTC"
