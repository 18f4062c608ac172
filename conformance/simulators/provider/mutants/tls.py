"""Providers that are not protected on their way, or not well."""

from __future__ import annotations

from ssl import TLSVersion

from conformance.simulators import tls_mistakes
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider


@breaks("INF-TRN-001")
class SendsReadersBackToHttp(tls_mistakes.TellsClearAddresses, Provider):
    """Tells those who come by https:// addresses in clear text, as it does behind a proxy."""


@breaks("INF-TRN-001")
class ShowsTheCertificateOfAnotherHost(Provider):
    """Shows the certificate of another host."""

    host = "192.0.2.7"


@breaks("INF-TRN-001")
class ForgotToRenewItsCertificate(Provider):
    """Shows a certificate that has expired."""

    days = -1


@breaks("INF-TRN-005")
class StillSpeaksTlsOneZero(Provider):
    """Agrees to TLS 1.0."""

    least_tls = TLSVersion.TLSv1


@breaks("INF-TRN-005", also=("INF-TRN-001",))
class SavesBitsOfItsKey(tls_mistakes.HasAShortKey, Provider):
    """Has a certificate with an RSA key of 1024 bits."""
