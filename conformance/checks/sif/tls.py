"""How the endpoint is protected on its way: TLS and certificates (Base Architecture 3.2, 3.3).

They ask the address by https:// that the target file names, beside the one in clear text or alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec

from conformance import expect, handshake
from conformance.checks.preparation import accepted, control_holds, offered, one_page, prepared
from conformance.problems import Finding, NotApplicable, NotVerified, Unreachable
from conformance.sif import SifClient
from conformance.target import TargetConfig
from conformance.verifies import verifies

LEAST_BITS = {"RSA": 2048, "EC": 224}


def secured(config: TargetConfig) -> str:
    """The address by https://."""
    if not config.doors.secure:
        raise NotApplicable("neither [endpoint] url nor [tls] url names an address by https://")
    return config.doors.secure


@contextmanager
def over_tls(sif: SifClient) -> Iterator[SifClient]:
    """A client of that address, not connected; whatever it creates is deleted afterwards."""
    endpoint = msgspec.structs.replace(sif.config.endpoint, url=secured(sif.config))
    config = replace(sif.config, endpoint=endpoint)
    client = SifClient(sif.wire, config, sif.rng, sif.evidence)
    client.collection = sif.collection
    try:
        yield client
    finally:
        client.clean_up()


@verifies("INF-TRN-001")
def check_environment_is_served_over_https(bare_sif: SifClient) -> None:
    """By https:// an environment is made whose addresses begin with https:// too."""
    with over_tls(bare_sif) as client:
        try:
            reply = client.connect()
        except Unreachable as error:
            if not error.kind.startswith("tls"):
                raise
            wanted = "TLS with a certificate that verifies"
            raise Finding("HTTPS cannot be used", wanted, error.reason) from None
        accepted(reply, "an environment is made over HTTPS")
        served = client.environment.services if client.environment else {}
        clear = sorted(name for name, url in served.items() if url.startswith("http://"))
        expect.equal(clear, [], "services told by an address in clear text", reply)


@verifies("INF-TRN-005", negative=True)
def check_tls_1_0_is_refused(bare_sif: SifClient) -> None:
    """A client that offers TLS 1.0 at the most is refused; one of TLS 1.2 or 1.3 is not."""
    refuses(bare_sif.config, "TLS 1.0")


def refuses(config: TargetConfig, version: str) -> None:
    """The target does not agree to this version of TLS, and does to one of today."""
    url, seconds = secured(config), config.endpoint.read_seconds
    if handshake.old(url, version, config.route, seconds):
        raise Finding(f"the endpoint agrees to {version}", f"{version} is refused", "it is agreed")
    handshake.today(url, config.route, seconds)


@verifies("INF-TRN-005")
def check_key_of_the_certificate_is_long_enough(bare_sif: SifClient) -> None:
    """The key of the certificate has at least 2048 bits (RSA) or 224 bits (elliptic curve)."""
    config = bare_sif.config
    agreed = handshake.today(secured(config), config.route, config.endpoint.read_seconds)
    least = LEAST_BITS.get(agreed.kind, 0)
    told = f"{agreed.kind} with {agreed.bits} bits"
    expect.true(agreed.bits >= least, f"the key has {least} bits or more", actual=told)


@verifies("POD-TLS-001", negative=True)
def check_tls_1_1_is_refused_where_markers_travel(bare_sif: SifClient) -> None:
    """A client that offers TLS 1.1 at the most is refused; one of TLS 1.2 or 1.3 is not."""
    refuses(bare_sif.config, "TLS 1.1")


@verifies("POD-TLS-001", negative=True)
def check_marker_is_not_taken_in_clear_text(bare_sif: SifClient) -> None:
    """A query with a marker is served over TLS and not in clear text, at any declared address."""
    with over_tls(bare_sif) as client:
        if not offered(client, "query"):
            raise NotApplicable("the target does not declare query")
        connects(client)
        pod = client.new_pod()
        prepared(client.push_pod(pod))
        keeps_from_clear_text(client, pod.token)


def connects(client: SifClient) -> None:
    """Make an environment by TLS whose requests do not go out in clear text; else NotVerified."""
    prepared(client.connect())
    # Asked before anything with a marker is sent there.
    if not client.environment or not client.environment.requests.startswith("https://"):
        raise NotVerified("the requests connector is no address by https://")


def keeps_from_clear_text(client: SifClient, marker: str) -> None:
    """A query with this marker is served over TLS, and not in clear text."""
    control_holds(one_page(client, marker=marker), "the query with its marker is served over TLS")
    # Where no other address is declared, the port of TLS is asked in clear text.
    place = client.config.doors.clear or secured(client.config)
    requests = client.environment.requests if client.environment else ""
    below = f"http://{urlsplit(place).netloc}{urlsplit(requests).path}/"
    try:
        reply = one_page(client, below, marker=marker)
    except Unreachable:
        return
    expect.true(not reply.ok, "no marker is taken in clear text", reply, str(reply.status))
