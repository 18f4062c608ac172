"""How a simulated publisher that runs on its own is moved: an order is a POST to its own port."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from conformance.simulators.publisher.system import Publisher

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SECONDS = 120.0
_PREFIX = "CONFORMANCE_"
NAMES = ("hub", "key", "given_name", "family_name", "local_id", "birth_date")


class Control:
    """WSGI entry: an order has its facts as JSON; another hub is met by a new system."""

    def __init__(self, make: Callable[[str, str], Publisher]) -> None:
        self._make = make
        self._system: Publisher | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Do what is ordered, one order at a time."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        facts = json.loads(environ["wsgi.input"].read(length) or b"{}")
        with self._lock:
            if self._system is None or self._system.hub != facts["hub"]:
                self.close()
                self._system = self._make(facts["hub"], facts["key"])
            self._system.act(environ["PATH_INFO"].strip("/"), facts)
        start_response("204 No Content", [])
        return []

    def close(self) -> None:
        """Stop the system."""
        if self._system is not None:
            self._system.close()


def facts_of(environ: Mapping[str, str]) -> dict[str, str]:
    """The facts that the suite hands to a command, from the environment variables."""
    found = {name: environ.get(f"{_PREFIX}{name.upper()}", "") for name in NAMES}
    return {name: value for name, value in found.items() if value}


def order(port: int, name: str, facts: Mapping[str, str]) -> bool:
    """Give an order to the system that listens on this port of this machine; whether it did it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("POST", f"/{name}", json.dumps(facts))
        return connection.getresponse().status == 204
    except OSError:
        return False
    finally:
        connection.close()
