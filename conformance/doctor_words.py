"""What the doctor needs to read an answer, and to say what it found."""

from __future__ import annotations

import re
import secrets
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from conformance.problems import SetupFault
from conformance.reply import Reply
from conformance.target import TargetConfig
from conformance.target_lines import with_line

MOST_SKEW_SECONDS = 60
_LOGIN = re.compile(rb"type\s*=\s*[\"']?password|log[ -]?in|sign[ -]?in|single sign", re.IGNORECASE)
_LOGIN_PATH = re.compile(r"log-?in|sign-?in|sso|saml|oauth|auth", re.IGNORECASE)


def fault(
    config: TargetConfig, table: str, key: str, value: object, seen: str, cure: str
) -> SetupFault:
    """A fault at a key of the target file, with its line if the file has it."""
    name = f"[{table}] {key}".rstrip()
    shown = "" if value is None else f" = {str(value)!r}"
    place = with_line(f"{config.path or 'conformance.toml'}, {name}{shown}")
    return SetupFault(place, f"{seen}.", cure)


def fresh_instance() -> str:
    """A name for an environment of the doctor's that no run used before."""
    return f"doctor-{secrets.token_hex(8)}"


def is_html(reply: Reply) -> bool:
    """Whether the body is a web page, by type or by its first bytes."""
    start = reply.body[:200].lstrip().lower()
    return "html" in reply.headers.get("Content-Type").lower() or bool(
        re.match(rb"<(?:!doctype\s+html|html)", start)
    )


def is_login(reply: Reply) -> bool:
    """Whether a web page, or the place a redirect leads to, asks a person to log in."""
    where = reply.headers.get("Location")
    return bool(_LOGIN.search(reply.body[:100_000]) or (where and _LOGIN_PATH.search(where)))


def packed_badly(reply: Reply) -> str:
    """What is wrong with a body that says it is gzip; empty if nothing is."""
    told = reply.headers.get("Content-Encoding").strip().lower()
    if told not in ("gzip", "x-gzip") or not reply.raw:
        return ""
    unpacker = zlib.decompressobj(31)
    try:
        plain = unpacker.decompress(reply.raw, 10_000_000)
    except zlib.error:
        return "is not gzip, although Content-Encoding says so"
    if not unpacker.eof and not unpacker.unconsumed_tail:
        return "is gzip without its end"
    return "is packed twice" if plain[:2] == b"\x1f\x8b" else ""


def clock_skew(reply: Reply, now: datetime | None = None) -> float:
    """Seconds by which the Date header is ahead of this machine; 0 if it is missing."""
    try:
        there = parsedate_to_datetime(reply.headers.get("Date"))
    except (TypeError, ValueError):
        return 0.0
    if there.tzinfo is None:
        there = there.replace(tzinfo=UTC)
    return (there - (now or datetime.now(UTC))).total_seconds()


def ahead(skew: float) -> str:
    """`90 s ahead of`, `90 s behind`."""
    return f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'}"
