"""The addresses that a hub told, and those of the relay that stand for them.

http://hub.example/sif3/requests  <->  http://127.0.0.1:8092/hub/connectors-3f09ab/requests
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable
from xml.sax.saxutils import escape

from lxml import etree

from conformance import trees
from conformance.stage.calls import Asked, Given
from conformance.stage.server import BASE, taken_apart

# What the relay calls the services of an environment: as the suite's own hub does.
SERVICES = {
    "requestsConnector": "requests",
    "servicesConnector": "services",
    "eventsConnector": "events",
    "queues": "queues",
    "subscriptions": "subscriptions",
    "provisionRequests": "provision",
}
_LOCATIONS = {"location", "content-location"}
Swap = tuple[etree._Element, str]


class Addresses:
    """Both names of every address; `place` is the step that nobody would guess (NEG-002)."""

    def __init__(self, hub: str, place: str) -> None:
        self.hub = hub
        self.place = place
        self._told: dict[tuple[str, str], str] = {}

    def leads(self, path: str, steps: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """The address at the hub that a path of the relay stands for, and the steps to judge by."""
        rest = path.removeprefix(BASE)
        first, _, below = rest.lstrip("/").partition("/")
        if not first.startswith(self.place):
            return self._guessed(f"{self.hub}{rest}", steps)
        for (place, name), address in self._longest_name():
            if place == first and _begins(below, name):
                return address + below[len(name) :], steps
        return f"{self.hub}/{below}", steps

    def _longest_name(self) -> list[tuple[tuple[str, str], str]]:
        return sorted(self._told.items(), key=lambda one: -len(one[0][1]))

    def _guessed(self, address: str, steps: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """A client put the address together: which service is it, if the hub told it too?"""
        fitting = [one for one in self._told.items() if _begins(address, one[1])]
        if not fitting:
            return address, steps
        (_, name), whole = max(fitting, key=lambda one: len(one[1]))
        return address, taken_apart(f"{BASE}/{name}{address[len(whole) :]}")[0]

    def replaced(
        self, asked: Asked, given: Given, url: str
    ) -> tuple[tuple[tuple[str, str], ...], bytes]:
        """Header lines and body of an answer with the addresses of the relay at `url`."""
        body = given.body
        if given.status in (200, 201, 409) and {"environments", "queues"} & set(asked.steps[:2]):
            body = self._told_by(body, url)
        lines = tuple(
            (name, self._inside(value, url) if name.lower() in _LOCATIONS else value)
            for name, value in given.headers
        )
        return lines, body

    def _inside(self, address: str, url: str) -> str:
        fitting = [one for one in self._told.items() if _begins(address, one[1])]
        if fitting:
            (place, name), whole = max(fitting, key=lambda one: len(one[1]))
            return f"{url}/{place}/{name}{address[len(whole) :]}"
        return url + address[len(self.hub) :] if _begins(address, self.hub) else address

    def _told_by(self, body: bytes, url: str) -> bytes:
        try:
            root = trees.parse(body)
        except trees.Unreadable:
            return self._in_json(body, url)
        swaps: list[Swap] = []
        for one in root.iter("{*}environment"):
            swaps += self._of_environment(one, url)
        for queue in root.iter("{*}queueUri"):
            whole = (queue.text or "").strip()
            name = f"mail/{hashlib.blake2b(whole.encode(), digest_size=12).hexdigest()}"
            swaps += self._named([(queue, name)], url)
        return _swapped(body, root, swaps)

    def _in_json(self, body: bytes, url: str) -> bytes:
        if body.lstrip()[:1] not in (b"{", b"["):
            return body
        for old, new in ((self.hub, f"{url}/{self.place}"),):
            for sign in ("/", "\\/"):
                body = body.replace(
                    old.replace("/", sign).encode(), new.replace("/", sign).encode()
                )
        return body

    def _of_environment(self, root: etree._Element, url: str) -> list[Swap]:
        own = f"environments/{root.get('id') or 'own'}"
        names = SERVICES | {"environment": own}
        found = [
            (one, names.get(one.get("name") or "", one.get("name") or "other"))
            for one in root.iter("{*}infrastructureService")
        ]
        return self._named(found, url)

    def _named(self, found: Iterable[tuple[etree._Element, str]], url: str) -> list[Swap]:
        """Remember these addresses, in a place where no other ones have their names."""
        told = [(one, name, (one.text or "").strip().rstrip("/")) for one, name in found]
        told = [one for one in told if "://" in one[2] and not _begins(one[2], url)]
        places = (self.place if at == 1 else f"{self.place}-{at}" for at in itertools.count(1))
        place = next(
            place
            for place in places
            if all(self._told.get((place, name), whole) == whole for _, name, whole in told)
        )
        for _, name, whole in told:
            self._told[place, name] = whole
        return [(one, f"{url}/{place}/{name}") for one, name, _ in told]


def _begins(address: str, start: str) -> bool:
    """Whether an address is this one or stands below it."""
    return address.startswith(start) and address[len(start) : len(start) + 1] in ("", *"/;?")


def _swapped(body: bytes, root: etree._Element, swaps: list[Swap]) -> bytes:
    """The body with new texts in these elements, all else byte for byte where that can be done."""
    made, at = body, 0
    order = {one: number for number, one in enumerate(root.iter())}
    for one, new in sorted(swaps, key=lambda swap: order[swap[0]]):
        old = escape((one.text or "").strip()).encode()
        found = re.compile(rb">\s*" + re.escape(old) + rb"\s*<").search(made, at)
        if found is None:
            break
        written = b">" + escape(new).encode() + b"<"
        made = made[: found.start()] + written + made[found.end() :]
        at = found.start() + len(written) - 1
    else:
        return made
    for one, new in swaps:
        one.text = new
    return trees.tostring(root)
