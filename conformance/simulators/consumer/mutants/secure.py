"""Mistakes of clients that come by TLS; a hub in clear text sees none of them."""

from __future__ import annotations

import ssl
import warnings
from urllib.parse import urlsplit

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.link import Answer
from conformance.simulators.consumer.mutants import breaks


@breaks("DAT-CON-014", "POD-TLS-001")
class AcceptsAnyCertificate(Consumer):
    """Was set up in a hurry: certificates are not looked at."""

    def believing(self, authority: str) -> ssl.SSLContext:
        context = super().believing(authority)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context


@breaks("DAT-CON-014", "POD-TLS-001")
class ChecksNoNames(Consumer):
    """Believes every certificate of the right issuer, whoever shows it."""

    def believing(self, authority: str) -> ssl.SSLContext:
        context = super().believing(authority)
        context.check_hostname = False
        return context


@breaks("DAT-CON-014", "POD-TLS-001")
class FallsBackToClearText(Consumer):
    """Where TLS fails it tries the same address in clear text."""

    def tell(
        self, method: str, path: str, body: object = None, lines: dict[str, str] | None = None
    ) -> Answer:
        answer = super().tell(method, path, body, lines)
        if answer.status or not self.link.hub.startswith("https:"):
            return answer
        address = path if path.startswith("http") else f"{self.link.hub}/{path}"
        return super().tell(method, address.replace("https:", "http:", 1), body, lines)


@breaks("POD-TLS-001")
class FollowsRedirectsToClearText(Consumer):
    """Follows a redirect on the same host, from https:// to http:// too."""

    def covered(self, zone: str, path: str, lines: dict[str, str], method: str = "GET") -> Answer:
        answer = super().covered(zone, path, lines, method)
        there = urlsplit(answer.headers.get("location", ""))
        if answer.status != 307 or there.hostname != urlsplit(self.link.hub).hostname:
            return answer
        self.link.close()
        again = super().covered(zone, there.geturl(), lines, method)
        self.link.close()
        return again


@breaks("POD-TLS-001")
class TakesClearAddresses(Consumer):
    """Goes where the environment says, by http:// too."""

    def is_safe(self, address: str) -> bool:
        return bool(address)


@breaks("POD-TLS-001")
class AgreesToOldTls(Consumer):
    """Speaks TLS 1.0 and 1.1 with whoever knows no other."""

    def believing(self, authority: str) -> ssl.SSLContext:
        context = super().believing(authority)
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
        return context


@breaks("INF-TRN-001", also=["DAT-CON-014", "POD-TLS-001"])
class PublishesInClearText(Consumer):
    """Its module for events knows addresses by http:// only."""

    def publish(self, zone: str) -> None:
        place = self.places.get("eventsConnector", "")
        if place.startswith("https:"):
            self.places["eventsConnector"] = place.replace("https:", "http:", 1)
        super().publish(zone)
        self.places["eventsConnector"] = place


@breaks("INF-TRN-001")
class TriesClearTextFirst(Consumer):
    """Looks whether the hub speaks clear text before it comes by TLS."""

    def connect(self) -> None:
        if self.link.hub.startswith("https:"):
            self.tell("GET", self.link.hub.replace("https:", "http:", 1))
            self.link.close()
        super().connect()
