"""Look at the set-up before any check runs: three requests, each fault with its key and its fix.

Only what points at the set-up is a fault here. Wrong behaviour of a reachable target is left to
the checks.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from conformance import auth
from conformance.environments import read as read_environment
from conformance.evidence import Evidence
from conformance.problems import NotVerified, SetupFault, TimedOut, Unreachable
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.target import TargetConfig
from conformance.wire import Wire

MOST_SKEW_SECONDS = 60

_CURES = {
    "dns": ("url", "Correct the host name, or the name service of this machine."),
    "refused": ("url", "Start the product, or correct the port."),
    "reset": ("url", "Check the port; if it speaks TLS, write https:// instead of http://."),
    "protocol": ("url", "Check the port; if it speaks TLS, write https:// instead of http://."),
    "address": ("url", "Write a whole address, for example https://sif.example.org/sif3."),
    "tls": ("ca_file", "Install a certificate this machine trusts, or name its issuer's file."),
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was looked at and found in order, and what deserves attention all the same."""

    fine: tuple[str, ...]
    notes: tuple[str, ...] = ()


def examine(config: TargetConfig, wire: Wire, evidence: Evidence | None = None) -> Diagnosis:
    """Create and delete one environment and fetch the readback; raises SetupFault."""
    notes = [config.secret_note] if config.secret_note else []
    client = SifClient(wire, config, random.Random(0), evidence)  # noqa: S311
    try:
        reply = _knock(config, client)
        skew = clock_skew(reply)
        if abs(skew) > MOST_SKEW_SECONDS:
            notes.append(f"the target's clock is {_ahead(skew)} this machine's")
        fine: list[str] = []
        seen = f"{config.base} answers {reply.status} to an environment create"
        (fine if reply.ok else notes).append(seen)
        if read_environment(reply) is None:
            notes.append(f"the answer {reply.status} holds no environment: see the checks")
        if "readback" in config.capabilities:
            shown = _look_at_readback(config, wire)
            seen = f"the readback {config.readback.users} answers {shown.status}"
            (fine if shown.ok else notes).append(seen)
    finally:
        client.clean_up()
    return Diagnosis(tuple(fine), tuple(notes))


def _knock(config: TargetConfig, client: SifClient) -> Reply:
    try:
        reply = client.connect()
    except NotVerified as error:
        raise _network_fault(config, error) from None
    _refuse_wrong_place(config, reply)
    _refuse_wrong_credentials(config, reply)
    return reply


def _network_fault(config: TargetConfig, error: NotVerified) -> SetupFault:
    if isinstance(error, TimedOut) and "in one body" in error.reason:
        limit = str(config.endpoint.largest_body_mb)
        cure = "Check the address, or raise largest_body_mb."
        return _fault(config, "endpoint", "largest_body_mb", limit, error.reason, cure)
    if isinstance(error, TimedOut):
        cure = "Check host and port, or raise read_seconds."
        return _fault(config, "endpoint", "url", config.base, error.reason, cure)
    kind = error.kind if isinstance(error, Unreachable) else ""
    key, cure = _CURES.get(kind, ("url", "Check the address and the network."))
    if kind == "tls" and "WRONG_VERSION" in error.reason.upper().replace(" ", "_"):
        key, cure = "url", "The port does not speak TLS: write http:// instead of https://."
    value = getattr(config.endpoint, key) or "not set"
    return _fault(config, "endpoint", key, str(value), error.reason, cure)


def _refuse_wrong_place(config: TargetConfig, reply: Reply) -> None:
    seen = f"{reply.request} answered {reply.status}"
    cure = "Give the address below which environments/environment stands."
    if 300 <= reply.status < 400:
        where = reply.headers.get("Location") or "nowhere"
        cure = "Give the final address; redirects are not followed."
        raise _fault(config, "endpoint", "url", config.base, f"{seen}, to {where}", cure)
    if is_html(reply):
        raise _fault(config, "endpoint", "url", config.base, f"{seen} with a web page", cure)
    if reply.status in (404, 405, 410, 501, 502, 504):
        raise _fault(config, "endpoint", "url", config.base, seen, cure)
    if reply.status in (429, 500, 503):
        cure = "The product answers an error to the first request; look at its log."
        raise _fault(config, "endpoint", "url", config.base, seen, cure)


def _refuse_wrong_credentials(config: TargetConfig, reply: Reply) -> None:
    if reply.status not in (401, 403):
        return
    who = config.credentials
    skew = clock_skew(reply)
    if who.method == auth.HMAC and abs(skew) > MOST_SKEW_SECONDS:
        seen = f"answered {reply.status}, and its clock is {_ahead(skew)} this machine's"
        cure = "Set both clocks by a time server; the signature covers the time."
        raise SetupFault("the clock", f"the target {seen}.", cure)
    place = next(name for name in ("secret_env", "secret_file", "secret") if getattr(who, name))
    seen = f"the target refused key {who.key!r} with {reply.status}"
    cure = f"Check key, method ({who.method}) and the secret that {place} leads to."
    value = getattr(who, place) if place != "secret" else "in the file"
    raise _fault(config, "credentials", place, value, seen, cure)


def _look_at_readback(config: TargetConfig, wire: Wire) -> Reply:
    path = config.readback.users
    signed = auth.sign(auth.BASIC, config.credentials.key, config.secret)
    cure = "Correct the path, or declare readback = false."
    try:
        reply = wire.send("GET", config.url(path), signed.headers, named=path)
    except NotVerified as error:
        raise _fault(config, "readback", "users", path, error.reason, cure) from None
    if reply.status in (301, 302, 307, 308, 401, 403, 404, 405, 410) or is_html(reply):
        page = " with a web page" if is_html(reply) else ""
        seen = f"GET {path} answered {reply.status}{page}"
        raise _fault(config, "readback", "users", path, seen, cure)
    return reply


def _fault(
    config: TargetConfig, table: str, key: str, value: str, seen: str, cure: str
) -> SetupFault:
    place = f"{config.path or 'conformance.toml'}, [{table}] {key} = {value!r}"
    return SetupFault(place, f"{seen}.", cure)


def is_html(reply: Reply) -> bool:
    """Whether the body is a web page, by type or by its first bytes."""
    start = reply.body[:200].lstrip().lower()
    return "html" in reply.headers.get("Content-Type").lower() or bool(
        re.match(rb"<(?:!doctype\s+html|html)", start)
    )


def clock_skew(reply: Reply, now: datetime | None = None) -> float:
    """Seconds by which the Date header is ahead of this machine; 0 if it is missing."""
    try:
        there = parsedate_to_datetime(reply.headers.get("Date"))
    except (TypeError, ValueError):
        return 0.0
    if there.tzinfo is None:
        there = there.replace(tzinfo=UTC)
    return (there - (now or datetime.now(UTC))).total_seconds()


def _ahead(skew: float) -> str:
    return f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'}"
