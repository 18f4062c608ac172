"""The first request got no usable answer: what stands in the way, and what to do about it."""

from __future__ import annotations

from urllib.parse import urlsplit

from conformance.doctor_words import fault
from conformance.problems import NotVerified, RateLimited, SetupFault, TimedOut, Unreachable
from conformance.route import place_of
from conformance.target import TargetConfig
from conformance.wire import Wire

_CURES = {
    "dns": "Correct the host name, or the name service of this machine.",
    "refused": "Start the product, or correct the port.",
    "reset": "Something hangs up: check the port, a firewall, and the log of the product.",
    "cut": "Something cuts answers short: look at the proxy, or at Content-Length.",
    "chunked": "Something breaks the chunks: look at what stands in between and rewrites bodies.",
    "protocol": "What listens there speaks another protocol: correct the port.",
    "address": "Write a whole address, for example https://sif.example.org/sif3.",
    "tls-plain": "The port does not speak TLS: write http:// instead of https://.",
    "tls-host": "Write the host name that stands in the certificate, or renew the certificate.",
    "tls-expired": "Renew the certificate of the target.",
    "tls-early": "The certificate is not valid yet: set the clock of this machine, or wait.",
}
_ISSUER = "Name the PEM file of its issuer in ca_file."
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def named(config: TargetConfig, wire: Wire, error: NotVerified) -> SetupFault:
    """The fault behind an error of the wire; sends a request or two to tell similar ones apart."""
    if isinstance(error, RateLimited):
        value = config.network.requests_per_second
        cure = "Set requests_per_second below the limit, or raise longest_pause_seconds."
        return fault(config, "network", "requests_per_second", value, error.reason, cure)
    if isinstance(error, TimedOut):
        return _too_long(config, error)
    kind = error.kind if isinstance(error, Unreachable) else ""
    if kind == "proxy":
        return _at_proxy(config, error)
    if kind == "reset" and config.base.startswith("https://"):
        kind = "tls-ended"
    if kind.startswith("tls"):
        return _in_tls(config, kind, error.reason)
    cure = _CURES.get(kind, "Check the address and the network.")
    if kind in ("reset", "protocol", "cut") and speaks_tls(wire, config.base):
        cure = "The port speaks TLS: write https:// instead of http://."
    elif kind == "refused" and (other := _other_loopback(wire, config.base)):
        cure = f"The product listens at {other}: write that address."
    return fault(config, "endpoint", "url", config.base, error.reason, cure)


def speaks_tls(wire: Wire, url: str) -> bool:
    """Whether what listens behind an http address answers a TLS handshake."""
    parts = urlsplit(url)
    if parts.scheme != "http":
        return False
    try:
        wire.send("GET", f"https://{parts.netloc}/")
    except Unreachable as error:
        # Whoever hangs up in the middle of a handshake has not said that it knows one.
        return error.kind.startswith("tls-") and error.kind not in ("tls-plain", "tls-ended")
    except NotVerified:
        return False
    return True


def _too_long(config: TargetConfig, error: TimedOut) -> SetupFault:
    if "in one body" in error.reason:
        limit = config.endpoint.largest_body_mb
        cure = "Check the address, or raise largest_body_mb."
        return fault(config, "endpoint", "largest_body_mb", limit, error.reason, cure)
    key = "connect_seconds" if "accept a connection" in error.reason else "read_seconds"
    cure = f"Check host, port and firewall, or raise {key}."
    return fault(config, "endpoint", "url", config.base, error.reason, cure)


def _at_proxy(config: TargetConfig, error: NotVerified) -> SetupFault:
    told = config.network
    key = "proxy" if told.proxy else "proxy_from_environment"
    value = told.proxy or ", ".join(config.route.proxy_places)
    cure = "Correct the address of the proxy, or start it."
    if " 407 " in error.reason:
        key, value = "proxy_login_env", told.proxy_login_env or "not set"
        cure = "Name the environment variable that holds user:password for the proxy."
    elif "refuses the way" in error.reason:
        cure = "Let the proxy connect to this host and port, or name the host in direct."
    return fault(config, "network", key, value, error.reason, cure)


def _in_tls(config: TargetConfig, kind: str, reason: str) -> SetupFault:
    if kind in ("tls-client", "tls-ended"):
        value = config.network.client_certificate or "not set"
        cure = "Name a certificate (PEM) that the target trusts, and its key in client_key."
        if kind == "tls-ended":
            cure = f"If the target demands a client certificate: {cure} Else look at its log."
        return fault(config, "network", "client_certificate", value, reason, cure)
    if kind in ("tls-self-signed", "tls-issuer", "tls"):
        value = config.endpoint.ca_file or "not set"
        return fault(config, "endpoint", "ca_file", value, reason, _ISSUER)
    return fault(config, "endpoint", "url", config.base, reason, _CURES[kind])


def _other_loopback(wire: Wire, url: str) -> str:
    """The form of this machine's own address at which something listens; empty if none does."""
    parts = urlsplit(url)
    if parts.hostname not in _LOOPBACK:
        return ""
    port = place_of(url).rpartition(":")[2]
    for host in ("127.0.0.1", "[::1]"):
        if host.strip("[]") == parts.hostname:
            continue
        try:
            wire.send("GET", f"{parts.scheme}://{host}:{port}/")
        except Unreachable as error:
            if error.kind in ("refused", "connect", "gave up"):
                continue
        except NotVerified:
            continue
        return f"{host}:{port}"
    return ""
