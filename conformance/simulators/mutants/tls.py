"""Receivers that are not protected on their way, or not well."""

from __future__ import annotations

from collections.abc import Iterable
from ssl import TLSVersion
from typing import TYPE_CHECKING

from conformance.simulators import tls_mistakes
from conformance.simulators.mutants import breaks
from conformance.simulators.receiver import Receiver

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@breaks("INF-TRN-001")
class TellsClearAddresses(tls_mistakes.TellsClearAddresses, Receiver):
    """Tells those who come by https:// addresses in clear text, as it does behind a proxy."""


@breaks("INF-TRN-001")
class HasTheCertificateOfAnotherHost(Receiver):
    """Shows the certificate of another host."""

    host = "192.0.2.7"


@breaks("INF-TRN-001")
class LetsItsCertificateExpire(Receiver):
    """Shows a certificate that has expired."""

    days = -1


@breaks("INF-TRN-005", also=("POD-TLS-001",))
class AgreesToTlsOneZero(Receiver):
    """Agrees to TLS 1.0."""

    least_tls = TLSVersion.TLSv1


@breaks("INF-TRN-005", also=("INF-TRN-001",))
class HasAShortKey(tls_mistakes.HasAShortKey, Receiver):
    """Has a certificate with an RSA key of 1024 bits."""


@breaks("POD-TLS-001")
class AgreesToTlsOneOne(Receiver):
    """Agrees to TLS 1.1 where markers travel."""

    least_tls = TLSVersion.TLSv1_1


@breaks("POD-TLS-001")
class TakesMarkersInClearText(Receiver):
    """Serves its address in clear text as it does the one by TLS."""

    def in_clear(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self(environ, start_response)
