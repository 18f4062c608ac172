"""Hubs to which markers do not travel well protected."""

from __future__ import annotations

from collections.abc import Iterable
from ssl import TLSVersion
from typing import TYPE_CHECKING

from conformance.simulators.hub.hub import SimulatedHub
from conformance.simulators.hub.mutants import breaks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@breaks("POD-TLS-001")
class StillAgreesToTlsOneOne(SimulatedHub):
    """Agrees to TLS 1.1."""

    least_tls = TLSVersion.TLSv1_1


@breaks("POD-TLS-001")
class AnswersInClearTextToo(SimulatedHub):
    """Serves its address in clear text as it does the one by TLS."""

    def in_clear(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self(environ, start_response)
