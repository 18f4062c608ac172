"""Last layer: one synchronisation, whole or what changed; all or nothing for each collection."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from conformance.simulators.oneroster_consumer.paging import Unfinished
from conformance.simulators.oneroster_consumer.papers import Papers
from conformance.simulators.oneroster_consumer.store import Export, Store

Body = dict[str, Any]


class RosterClient(Papers):
    """A client that conforms: document first, then each collection to its end, then deltas."""

    collections: tuple[str, ...] = (
        "academicSessions", "orgs", "courses", "classes", "users", "enrollments", "demographics",
    )  # fmt: skip
    delta = True
    interval_seconds = 5.0

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.store = Store()
        self.export = Export(self.store, self.key, self.secret)
        self.marks: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # -- being moved -------------------------------------------------------------------------

    def synchronise(self) -> None:
        """Read what there is, or what changed since the last time."""
        if not self.obtain():
            return
        for collection in self.wanted():
            try:
                self.take(collection)
            except Unfinished as error:
                if not self.go_on(collection, error.status):
                    return

    def restart(self) -> None:
        """Lose what was only in memory, and read everything."""
        self.token, self.agreed = "", None
        self.marks.clear()
        self.close()
        self.synchronise()

    def reject(self) -> None:
        """There is nothing to reject over OneRoster."""

    def leave(self) -> None:
        """There is no session to end over OneRoster."""

    def start(self) -> None:
        """Synchronise now and again until stopped."""
        self._thread = threading.Thread(target=self._loop, name="roster client", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the loop."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(10)

    def _loop(self) -> None:
        while not self._stop.is_set():
            self.synchronise()
            self._stop.wait(self.interval_seconds)

    # -- data --------------------------------------------------------------------------------

    def wanted(self) -> Sequence[str]:
        """The collections to read, in the order of references."""
        return self.collections

    def take(self, collection: str) -> None:
        """Read one collection and keep it; raises Unfinished, and keeps nothing of it then."""
        mark = self.marks.get(collection, "") if self.delta else ""
        bodies = self.read(collection, self.condition(mark) if mark else "")
        usable = [self.kept(collection, one) for one in bodies if self.understood(collection, one)]
        if mark:
            self.store.put(collection, usable)
        else:
            self.store.replace(collection, usable)
        self.marks[collection] = self.mark(bodies, mark)

    def condition(self, mark: str) -> str:
        """What is asked for after the first time."""
        return f"dateLastModified>='{mark}'"

    def mark(self, bodies: Sequence[Body], before: str) -> str:
        """The moment from which to ask the next time: the latest that the service told."""
        told = [str(one.get("dateLastModified") or "") for one in bodies]
        return max([one for one in told if _is_moment(one)], default=before)

    def understood(self, collection: str, body: Body) -> bool:  # noqa: ARG002
        """Whether an object can be used; members and words that are unknown are passed over."""
        return True

    def kept(self, collection: str, body: Body) -> Body:  # noqa: ARG002
        """An object as it is stored: as it was told."""
        return body

    def go_on(self, collection: str, status: int) -> bool:
        """Whether the other collections are read when one was refused.

        They are where that one is shut or gone; where the document was changed, all is read anew.
        """
        if status == 403:
            return self.is_agreed(collection)
        if status == 410:
            self.agreed = None
        return status == 404

    def is_agreed(self, collection: str) -> bool:
        """Whether the document in force is acknowledged now; a new one opens this collection."""
        before, self.agreed = self.agreed, None
        if not self.obtain():
            return False
        if before is None or self.agreed is None or before.id == self.agreed.id:
            return True
        try:
            self.take(collection)
        except Unfinished:
            return False
        return True


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
