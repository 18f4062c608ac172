"""The open door of the suite's own hub: it listens for a whole run and keeps every call."""

from __future__ import annotations

from urllib.parse import urlsplit

from conformance.problems import SuiteFault
from conformance.roles import Setting
from conformance.stage.calls import Log
from conformance.stage.server import Answer, Server


def other_name(url: str, port: int) -> str:
    """The same address at another port, and on loopback under another name of the host too."""
    parts = urlsplit(url)
    names = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}
    host = parts.hostname or ""
    return parts._replace(netloc=f"{names.get(host, host)}:{port}").geturl()


class Doors:
    """Listens from now on; `url` is the address that the product is told."""

    def __init__(self, setting: Setting, answer: Answer) -> None:
        self.log = Log()
        self._setting = setting
        self._recorded = 0
        listener = setting.config.listener
        self._server = Server(listener.host, listener.port, answer, self.log.add)
        self.port = self._server.port
        self.url = listener.public_url.rstrip("/") or self._server.url

    def record(self) -> None:
        """Hand the calls that came to the evidence, and give them their numbers.

        Raises SuiteFault if the hub itself failed: the product is not to blame for that.
        """
        if self._server.troubles:
            raise SuiteFault("the suite's own hub failed") from self._server.troubles[0]
        for call in self.log.since(self._recorded):
            call.exchange = self._setting.evidence.record(call.capture)
            self._setting.evidence.settle()
            self._recorded += 1

    def close(self) -> None:
        """Stop listening."""
        self._server.close()
        if not self._server.troubles:
            self.record()
