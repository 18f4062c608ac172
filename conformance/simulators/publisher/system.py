"""Above all layers: what the people of a school do with their system."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.client import HTTPException

from lxml import etree

from conformance.simulators.publisher import records
from conformance.simulators.publisher.providing import Provider
from conformance.simulators.publisher.records import DELETED, KNOWN, Record


class Publisher(Provider):
    """A system that conforms. Zones with the right to create get posts, those to provide events."""

    interval_seconds = 5.0

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def act(self, order: str, facts: Mapping[str, str]) -> None:
        """Do what the suite asks the vendor's people for."""
        self.down = False
        if not self.token:
            self.begin()
        for zone in self.rights:
            if zone not in self.held:
                self.held[zone] = self.furnish(zone)
        getattr(self, f"on_{order}")(facts)

    def furnish(self, zone: str) -> list[Record]:
        """The data of a zone; who is asked for it has told of all of it."""
        made = records.school()
        for one in made:
            if not self.may(zone, one.service, "CREATE"):
                one.state = KNOWN
        return made

    def spread(self) -> None:
        """Tell every zone its news."""
        for zone, held in self.held.items():
            self.flush(zone, held)
            self.tell(zone, held)
            self.held[zone] = [one for one in held if one.state != DELETED]

    def on_publish(self, facts: Mapping[str, str]) -> None:  # noqa: ARG002
        """Everything that the hub does not have."""
        self.spread()
        self.look()

    def look(self) -> None:
        """Ask the hub for what it says of us, and begin anew if it does not know us any more."""
        if not self.token:
            return
        self.besides()
        answer = self.send("GET", self.places["environment"], b"", self.session_lines())
        if answer.status == 401:
            self.lost_session()
            self.begin()

    def besides(self) -> None:
        """Further calls of a synchronisation. None here."""

    def on_add(self, facts: Mapping[str, str]) -> None:
        """A new student in every zone."""
        for held in self.held.values():
            like = next(one for one in held if one.service == "xStudents")
            held.append(self.enrolled(like, facts))
        self.spread()

    def enrolled(self, like: Record, facts: Mapping[str, str]) -> Record:
        """A student as it is written down."""
        return records.enrolled(like, facts)

    def on_change(self, facts: Mapping[str, str]) -> None:
        """Other facts of a student."""
        for record in self.of(facts):
            record.put(facts)
        self.spread()

    def on_delete(self, facts: Mapping[str, str]) -> None:
        """The student leaves."""
        for record in self.of(facts):
            record.gone = True
        self.spread()

    def of(self, facts: Mapping[str, str]) -> list[Record]:
        """The records with the local id of these facts."""
        wanted = facts["local_id"]
        return [one for held in self.held.values() for one in held
                if one.service == "xStudents" and one.value("local_id") == wanted]  # fmt: skip

    def on_restart(self, facts: Mapping[str, str]) -> None:
        """Session and connection are lost, the data is not; everything is sent."""
        self.hang_up()
        self.token = ""
        self.remember()
        if self.begin():
            self.on_publish(facts)

    def remember(self) -> None:
        """Read every object from the disk, with the id under which the hub knows it; send it."""
        for zone, held in self.held.items():
            for one in held:
                if one.state == KNOWN and self.may(zone, one.service, "CREATE"):
                    one.dirty = {etree.QName(child).localname for child in one.element}

    # -- by itself ---------------------------------------------------------------------------

    def start(self) -> None:
        """Publish now and again until stopped."""
        self._thread = threading.Thread(target=self._loop, name="publisher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the loop and close."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(10)
        self.close()

    def _loop(self) -> None:
        while not self._stop.is_set():
            try:
                self.act("publish", {})
            except (OSError, HTTPException):
                self.hang_up()
            self._stop.wait(self.interval_seconds)
