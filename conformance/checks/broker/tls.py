"""Markers on their way to a hub: TLS of today, and nothing in clear text (privacy profile)."""

from __future__ import annotations

from conformance.checks.broker.doors import SHOWN
from conformance.checks.sif import tls
from conformance.environments import Identity
from conformance.hub_stage import HubStage
from conformance.verifies import verifies


@verifies("POD-TLS-001", negative=True)
def check_hub_refuses_tls_1_1(hub: HubStage) -> None:
    """A client that offers TLS 1.1 at the most is refused; one of TLS 1.2 or 1.3 is not."""
    tls.refuses(hub.config, "TLS 1.1")


@verifies("POD-TLS-001", negative=True)
def check_hub_takes_no_marker_in_clear_text(hub: HubStage) -> None:
    """A query with a marker is served over TLS and not in clear text, at any declared address."""
    tls.secured(hub.config)
    pod = hub.usable(hub.a, *SHOWN)
    who = hub.a.who
    with tls.over_tls(hub.a.sif) as client:
        client.identity = Identity(who.key, who.secret, who.method)
        tls.connects(client)
        tls.keeps_from_clear_text(client, pod.token)
