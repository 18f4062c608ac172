"""How a provider is protected on its way: the checks of receivers, asked of what it offers."""

from __future__ import annotations

from conformance.checks.sif import tls
from conformance.sif import SifClient
from conformance.verifies import verifies


@verifies("INF-TRN-001")
def check_provider_is_reached_over_https(stranger: SifClient) -> None:
    """By https:// an environment is made whose addresses begin with https:// too."""
    tls.check_environment_is_served_over_https(stranger)


@verifies("INF-TRN-005", negative=True)
def check_provider_refuses_tls_1_0(stranger: SifClient) -> None:
    """A client that offers TLS 1.0 at the most is refused; one of TLS 1.2 or 1.3 is not."""
    tls.check_tls_1_0_is_refused(stranger)


@verifies("INF-TRN-005")
def check_provider_has_a_key_that_is_long_enough(stranger: SifClient) -> None:
    """The key of the certificate has at least 2048 bits (RSA) or 224 bits (elliptic curve)."""
    tls.check_key_of_the_certificate_is_long_enough(stranger)
