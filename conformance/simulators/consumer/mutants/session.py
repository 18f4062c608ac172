"""Mistakes with the session: who it is, when, where it goes, how it ends."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from lxml import etree

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.link import Answer, Link
from conformance.simulators.consumer.mutants import breaks
from conformance.simulators.documents import node


class _Frozen(Link):
    kept = ""

    def moment(self, now: str) -> str:
        self.kept = self.kept or now
        return self.kept


class _FrozenPerUser(Link):
    def __init__(self, hub: str, user: str, secret: str) -> None:
        super().__init__(hub, user, secret)
        self.kept: dict[str, str] = {}

    def moment(self, now: str) -> str:
        return self.kept.setdefault(self.user, now)


class _Zoneless(Link):
    def moment(self, now: str) -> str:
        return now.removesuffix("Z")


class _Late(Link):
    def moment(self, now: str) -> str:  # noqa: ARG002
        past = datetime.now(UTC) - timedelta(hours=1)
        return past.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _BasicInAddress(Link):
    def target(self, path: str) -> str:
        token = base64.b64encode(f"{self.user}:{self._secret}".encode()).decode()
        mark = "&" if "?" in path else "?"
        return f"{path}{mark}access_token={token}&authenticationMethod=Basic"


class _SecretInAddress(Link):
    def target(self, path: str) -> str:
        return f"{path}{'&' if '?' in path else '?'}secret={self._secret}"


class Anonymous(Link):
    """A way to the hub that can leave the credentials out."""

    signs = True

    def _signed(self) -> dict[str, str]:
        return super()._signed() if self.signs else {}


@breaks("INF-AUT-007")
class SignsOnceForAll(Consumer):
    """Signs when it starts and sends the same time with every call."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _Frozen(hub, key, secret)


@breaks("INF-AUT-007")
class SignsOnceForASession(Consumer):
    """Computes the token of a session once and keeps it."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _FrozenPerUser(hub, key, secret)


@breaks("DAT-CON-001")
class SignsATimeWithoutAZone(Consumer):
    """Leaves the zone out of its timestamps."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _Zoneless(hub, key, secret)


@breaks("DAT-CON-001")
class SignsTheTimeOfAnHourAgo(Consumer):
    """Runs with a clock that is an hour late."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _Late(hub, key, secret)


@breaks("INF-AUT-014", also=["DAT-CON-002"])
class PutsBasicIntoTheAddress(Consumer):
    """Puts its credentials into each address, by the method Basic."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _BasicInAddress(hub, key, secret)


@breaks("DAT-CON-002")
class PutsTheSecretIntoTheAddress(Consumer):
    """Puts its secret into each address."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _SecretInAddress(hub, key, secret)


@breaks("DAT-CON-002")
class SendsTheSecretAsAUserToken(Consumer):
    """Sends its secret in the place of a token of the user."""

    def wanted(self) -> etree._Element:
        made = super().wanted()
        made.insert(3, node("userToken", self.link._secret))
        return made


@breaks("INF-AUT-008")
class SignsWithTheKeyThroughout(Consumer):
    """Goes on as the application when it has a session."""

    def settle(self, made: etree._Element) -> None:
        super().settle(made)
        self.link.user = self.key


@breaks("INF-AUT-008", also=["DAT-CON-060", "DAT-CON-062"])
class MakesItsQueueWithTheKey(Consumer):
    """Asks for a queue as the application, and is refused."""

    def make_queue(self) -> None:
        token, self.link.user = self.link.user, self.key
        super().make_queue()
        self.link.user = token


@breaks("DAT-CON-011")
class AsksForDocumentsWithoutCredentials(Consumer):
    """Takes its documents for something public."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return Anonymous(hub, key, secret)

    def read_papers(self, zone: str) -> Answer:
        self.link.signs = False  # type: ignore[attr-defined]
        answer = super().read_papers(zone)
        self.link.signs = True  # type: ignore[attr-defined]
        return answer


@breaks("DAT-CON-011")
class PublishesWithoutCredentials(Consumer):
    """Sends its events without saying who it is."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return Anonymous(hub, key, secret)

    def publish(self, zone: str) -> None:
        self.link.signs = False  # type: ignore[attr-defined]
        super().publish(zone)
        self.link.signs = True  # type: ignore[attr-defined]


@breaks("DAT-CON-003")
class NamesAnotherMethod(Consumer):
    """Asks for an environment of the method Basic, signed with another."""

    def wanted(self) -> etree._Element:
        made = super().wanted()
        made[1].text = "Basic"
        return made


@breaks("DAT-CON-003")
class NamesAnotherKey(Consumer):
    """Names an application that it is not."""

    def wanted(self) -> etree._Element:
        made = super().wanted()
        made[-1][0].text = "another-app"
        return made


@breaks("INF-ZON-011", "INF-ENV-026")
class NamesAZoneAtTheQueues(Consumer):
    """Takes a queue for a matter of a zone."""

    def make_queue(self) -> None:
        self.places["queues"] = f"{self.places.get('queues', 'queues')}"
        super().make_queue()
        self.tell("GET", f"{self.at('queues')}/{self.queue};zoneId={self.zones[0]}")


@breaks("INF-ZON-011", "INF-ENV-026")
class NamesAContextAtEnvironments(Consumer):
    """Asks for an environment of a context."""

    def environments(self) -> str:
        return "environments/environment;contextId=DEFAULT"


@breaks("NEG-002")
class GuessesConnectors(Consumer):
    """Puts the addresses of services together from the one it was given."""

    def settle(self, made: etree._Element) -> None:
        super().settle(made)
        refid = made.get("id") or ""
        self.places = {"environment": f"environments/{refid}"}


@breaks("NEG-002")
class GuessesTheAddressOfQueues(Consumer):
    """Takes queues to be where they always were."""

    def settle(self, made: etree._Element) -> None:
        super().settle(made)
        del self.places["queues"]


@breaks("NEG-003")
class TakesAConflictForAnError(Consumer):
    """Told that its environment exists, it does nothing."""

    def tell(
        self, method: str, path: str, body: object = None, lines: dict[str, str] | None = None
    ) -> Answer:
        answer = super().tell(method, path, body, lines)
        return Answer(500, {}, b"") if answer.status == 409 else answer


@breaks("NEG-003")
class PassesOverTheTokenOfAConflict(Consumer):
    """Told that its environment exists, it takes a token that it makes up."""

    conflict = False

    def tell(
        self, method: str, path: str, body: object = None, lines: dict[str, str] | None = None
    ) -> Answer:
        answer = super().tell(method, path, body, lines)
        self.conflict = answer.status == 409
        return answer

    def settle(self, made: etree._Element) -> None:
        super().settle(made)
        if self.conflict:
            self.link.user = str(uuid4())


@breaks("DAT-CON-004", also=["DAT-CON-021"])
class GivesUpALostSession(Consumer):
    """Goes on with a session that the hub does not know any more."""

    def reconnect(self, zone: str, number: int) -> bool:  # noqa: ARG002
        return False

    def read_queue(self) -> None:
        zones, queue, places = self.zones, self.queue_place, self.places
        super().read_queue()
        if self.zones is not zones:
            self.zones, self.queue_place, self.places = zones, queue, places
            self.link.user = str(uuid4())


@breaks("DAT-CON-004")
class HammersWithALostSession(Consumer):
    """Tries a session that is not known twelve times before it makes another."""

    def connect(self) -> None:
        if self.link.user != self.key or self.queue_place:
            self.link.user = str(uuid4())
            for _ in range(12):
                self.tell("GET", self.queue_place)
        super().connect()

    def restart(self) -> None:
        self.queue_place = ""
        super().restart()

    def leave(self) -> None:
        super().leave()
        self.queue_place = ""


@breaks("DAT-CON-005")
class LeavesWithoutAWord(Consumer):
    """Ends without deleting its environment."""

    def leave(self) -> None:
        self.forget()


@breaks("NEG-066")
class KeepsPollingAfterItLeft(Consumer):
    """Goes on asking its queue when the environment is deleted."""

    def leave(self) -> None:
        super().leave()
        self.tell("GET", self.queue_place)


@breaks("NEG-066")
class ComesBackAtOnce(Consumer):
    """Deletes its environment and makes another."""

    def leave(self) -> None:
        super().leave()
        self.connect()


@breaks("INF-DEL-003")
class DeletesWithABody(Consumer):
    """Sends the environment along when it deletes it."""

    def leave(self) -> None:
        if not self.zones:
            self.connect()
        self.tell("DELETE", self.at("environment"), self.wanted())
        self.forget()


@breaks("INF-DEL-003")
class DeletesAllQueues(Consumer):
    """Deletes the collection of queues before it leaves."""

    def leave(self) -> None:
        if not self.zones:
            self.connect()
        self.tell("DELETE", self.at("queues"))
        super().leave()
