"""Whose turn it is after a check that did not pass: one party, and why.

A party is not guilt: `the standard` means that it says two things, `suite` that we broke, and
where nobody can tell there is no blame at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.claims import CALLERS
from conformance.contradictions import concerning
from conformance.problems import Finding, HubFault, RateLimited, TimedOut, Unreachable
from conformance.runfile import FAIL, NOT_VERIFIED, OUR_FAULT, Blame
from conformance.runfile import Finding as Found

VENDOR, HUB, CONFIGURATION, NETWORK = "vendor", "hub", "configuration", "network"
SUITE, STANDARD = "suite", "the standard is ambiguous"
PARTIES = (VENDOR, HUB, CONFIGURATION, NETWORK, SUITE, STANDARD)
TIMEOUT, PREPARATION = "timeout", "preparation"

_SET_UP = {
    "address": "An address in the target file, or in an answer, is none.",
    "proxy": "The proxy lets nothing through; look at [network].",
    "tls": "The certificates do not fit; look at ca_file and [network].",
    "rate limit": "The target asks for longer pauses than [network] longest_pause_seconds allows.",
}
_ON_THE_WAY = {
    TIMEOUT: "No whole answer came in time: the network or the product is slow."
    " If slow is normal there, raise [endpoint] read_seconds and total_seconds.",
    "dns": "The host name was not found any more.",
    "refused": "Nothing listened any more: the product stopped, or something between.",
    "reset": "The connection was closed before the answer.",
    "cut": "The connection was closed in the middle of the answer.",
    "connect": "There was no connection.",
    "gave up": "Too many requests in a row got no answer; the first of them tells more.",
}
_SILENT = (
    "The product made no call in time. Let it act when the suite asks for it,"
    " or raise wait_seconds in the target file."
)
_BEHIND = (
    "The hub behind the relay gave no answer, or a web page; nothing is said of the client."
    " Look at the hub, and at [consumer] relay."
)
_BROKE = "A check of this kit broke. Nothing is said of the product."
_EARLIER = (
    "A step before the statement did not work, so it was not reached;"
    " the checks of that step tell more."
)


def kind_of(error: BaseException, *, preparing: bool = False) -> str:
    """What stood in the way: hub | timeout | preparation | rate limit | a kind of Unreachable; or
    ''."""
    if isinstance(error, TimedOut):
        return TIMEOUT
    if isinstance(error, RateLimited):
        return "rate limit"
    if isinstance(error, HubFault):
        return HUB
    if isinstance(error, Unreachable):
        return error.kind.partition("-")[0]
    return PREPARATION if preparing or isinstance(error, Finding) else ""


def blame(
    role: str,
    verdict: str,
    kind: str,
    requirements: Iterable[str],
    findings: Sequence[Found] = (),
) -> Blame | None:
    """The party whose turn it is; None for a pass, and where nobody can tell.

    A failure whose findings show another reading of the standard is the standard's. `kind` is that
    of `kind_of`. The product itself is the `vendor`, in the role broker the `hub`.
    """
    product = HUB if role == "broker" else VENDOR
    if verdict == OUR_FAULT:
        return Blame(party=SUITE, why=_BROKE)
    if verdict == FAIL:
        rows = (one for name in requirements for one in concerning(name))
        found = next((one for one in rows if one.shown_by(findings)), None)
        if found is None:
            return Blame(party=product, why="The product did something else than is asked.")
        return Blame(party=STANDARD, why=found.choice, readings=found.readings)
    if verdict != NOT_VERIFIED:
        return None
    if kind == HUB:
        return Blame(party=HUB, why=_BEHIND)
    if kind in _SET_UP:
        return Blame(party=CONFIGURATION, why=_SET_UP[kind])
    if kind == TIMEOUT and role in CALLERS:
        return Blame(party=product, why=_SILENT)
    if kind in _ON_THE_WAY:
        return Blame(party=NETWORK, why=_ON_THE_WAY[kind])
    if kind in ("protocol", "chunked"):
        return Blame(party=product, why="The answer was not HTTP/1.1.")
    return Blame(party=product, why=_EARLIER) if kind == PREPARATION else None
