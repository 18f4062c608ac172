"""The second address of a target, by https://: whether something answers there at all.

A certificate that is wrong in itself (expired, of another host) is the product's and left to the
checks; one whose issuer nobody named is a fault of the set-up.
"""

from __future__ import annotations

from conformance.doctor_words import fault
from conformance.problems import NotVerified, Unreachable
from conformance.target import TargetConfig
from conformance.wire import Wire

_OF_THE_ISSUER = ("tls-self-signed", "tls-issuer")


def look(config: TargetConfig, wire: Wire) -> list[str]:
    """A line on `[tls] url` if one is declared; raises SetupFault."""
    url = config.doors.secure
    if not url or url == config.base:
        return []
    try:
        reply = wire.send("GET", url)
    except NotVerified as error:
        kind = error.kind if isinstance(error, Unreachable) else ""
        if kind in _OF_THE_ISSUER:
            value = config.endpoint.ca_file or "not set"
            cure = "Name the PEM file of its issuer in ca_file."
            raise fault(config, "endpoint", "ca_file", value, error.reason, cure) from None
        if kind.startswith("tls") and kind != "tls-plain":
            return []
        cure = "Correct the address, or leave it out: then what asks for TLS is not applicable."
        raise fault(config, "tls", "url", url, error.reason, cure) from None
    return [f"{url} answers {reply.status} by TLS"]
