"""A second hub of the suite beside the first: zones of the same names, another district."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lxml import etree

from conformance.pods import Pod
from conformance.roles import Setting
from conformance.stage import district
from conformance.stage.calls import SECOND, Asked, Call, Given, Log
from conformance.stage.doors import Door, Doors
from conformance.stage.hub import Hub
from conformance.stage.server import Server

# The numbers of its zones among those that students are drawn for.
FIRST_ZONE = 7
PLACE = "connectors-beside"


class Second:
    """Listens from now on; `engaged`: the client is told of it with every order."""

    def __init__(self, setting: Setting, zones: Sequence[str], doors: Doors) -> None:
        config = setting.config
        people = [district.students(setting.seed, FIRST_ZONE + n) for n in range(len(zones))]
        for drawn in people:
            setting.evidence.register(*drawn)
        self.hub = Hub(config, zones, people, PLACE)
        self.hub.post.clock = doors.clock
        self.log = Log(doors.clock)
        self.engaged = False
        self._ledger, self._papers = doors.ledger, doors.papers
        self._papers.also(self._shown)
        self._recorded = 0
        self._door = self._opened(setting, doors)
        self.url = self.hub.url = self._door.url

    def _opened(self, setting: Setting, doors: Doors) -> Door:
        if setting.understudy is not None:
            return setting.understudy.door(self._answer, self._came, SECOND)
        listener = setting.config.listener
        at = (listener.host, listener.second_port)
        return Server(*at, self._answer, self._came, doors.entrance)

    def _shown(self) -> list[etree._Element]:
        return [one.shown for one in self.hub.places.values() if one.shown is not None]

    def _answer(self, asked: Asked) -> Given:
        self._papers.look()
        return self.hub.answer(asked)

    def _came(self, call: Call) -> None:
        call.door = SECOND
        self.log.add(call)

    def renew(self, pod_of: Callable[[str], Pod]) -> None:
        """A new document in every zone."""
        with self.hub.lock:
            for zone, place in self.hub.places.items():
                place.put_in_force(pod_of(zone), district.GRANTED)

    def since(self, mark: int) -> list[Call]:
        """Its calls from this position on, each with a number in the run."""
        calls = self.log.since(mark)
        for call in self.log.calls[self._recorded : mark + len(calls)]:
            self._ledger.take(call)
            self._recorded += 1
        return calls

    def close(self) -> None:
        """Stop listening."""
        self._door.close()


def second_of(setting: Setting, zones: Sequence[str], doors: Doors) -> Second | None:
    """The second hub that the target file asks for; none through a relay."""
    if "hubs" not in setting.config.capabilities or setting.config.consumer.relay:
        return None
    return Second(setting, zones, doors)
