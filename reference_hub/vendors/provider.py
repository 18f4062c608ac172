"""Requests that the hub forwards to a registered provider, under the provider's own session."""

from __future__ import annotations

import threading

from reference_hub.clock import Clock
from reference_hub.model.environment import Environment
from reference_hub.model.forwarding import Inbound, Outbound
from reference_hub.model.provider import Provider
from reference_hub.problems import Refusal
from reference_hub.vendors.signing import sign
from reference_hub.workers.transport import Http, Unreachable

SCOPE = "Requests connector"
_BEARER = "bearer"
_AWAY = "The provider of this service gave no answer; send it later, or as DELAYED."
_BUSY = "Too many requests wait for providers now; send it later, or as DELAYED."
# A quick provider frees a place within this time; a hanging one must not take more threads.
_PLACE_SECONDS = 0.5


class ProviderCalls:
    """A model.forwarding.Forward over HTTP, for at most `most` requests at once."""

    def __init__(self, timeout: float, largest: int, clock: Clock, most: int) -> None:
        """`timeout` in seconds, `largest` answer in bytes."""
        self._places = threading.BoundedSemaphore(most)
        # Header text came through WSGI as Latin-1; the same bytes go out again.
        self.http = Http(timeout, largest=largest, encoding="latin-1")
        self.clock = clock

    def __call__(self, provider: Provider, session: Environment, request: Outbound) -> Inbound:
        """One exchange. Raises Refusal 503 when no answer came, without a word on the address, or
        when too many others wait for theirs."""
        if not self._places.acquire(timeout=_PLACE_SECONDS):
            raise Refusal(503, SCOPE, _BUSY)
        try:
            return self._exchange(provider, session, request)
        finally:
            self._places.release()

    def _exchange(self, provider: Provider, session: Environment, request: Outbound) -> Inbound:
        url = f"{provider.endpoint.rstrip('/')}/{request.path}"
        headers = {**request.headers, **self._signed(session)}
        try:
            answer = self.http.send(request.method, url, headers, request.body)
        except Unreachable:
            raise Refusal(503, SCOPE, _AWAY) from None
        return Inbound(answer.status, answer.headers, answer.body)

    def _signed(self, session: Environment) -> dict[str, str]:
        method, now = session.authentication_method, self.clock.now()
        if method.lower() == _BEARER:
            return {"Authorization": f"Bearer {session.session_token}"}
        return sign(method, session.session_token, session.application.secret, now)
