"""Publishers with a wrong idea of their session."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from lxml import etree

from conformance.simulators.consumer.link import Answer
from conformance.simulators.documents import INF, child_text, node
from conformance.simulators.publisher.mutants import breaks
from conformance.simulators.publisher.posting import REQUESTS
from conformance.simulators.publisher.sending import Message
from conformance.simulators.publisher.system import Publisher

XML = {"content-type": "application/xml"}


@breaks("DAT-PUB-060")
class AsksForItsEnvironmentUnsigned(Publisher):
    """Looks at its environment without credentials before it does so with them."""

    def besides(self) -> None:
        whole, self.signing = self.signing, False
        try:
            self.send("GET", self.places["environment"], b"", self.session_lines())
        finally:
            self.signing = whole

    signing = True

    def signed(self) -> dict[str, str]:
        return super().signed() if self.signing else {}


@breaks("DAT-PUB-060")
class SendsAnEmptyToken(Publisher):
    """Asks for its environment a second time with a token that names nobody."""

    def besides(self) -> None:
        lines = self.session_lines()
        kept, self.blank = self.blank, True
        self.send("GET", self.places["environment"], b"", lines)
        self.blank = kept

    blank = False

    def user(self) -> str:
        return "" if self.blank else super().user()


@breaks("INF-AUT-007", also=("DAT-PUB-001",))
class SignsOnce(Publisher):
    """Signs at the start of the day and shows the same timestamp ever after."""

    first = ""

    def moment(self) -> str:
        early = datetime.now(UTC) - timedelta(hours=1)
        self.first = self.first or early.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return self.first


@breaks("INF-AUT-007")
class SignsOncePerSession(Publisher):
    """Makes one timestamp when it connects and keeps it as long as the session lasts."""

    kept = ("", "")

    def moment(self) -> str:
        if self.kept[0] != self.token or not self.token:
            self.kept = (self.token, super().moment())
        return self.kept[1]


@breaks("DAT-PUB-001")
class ClockIsAnHourSlow(Publisher):
    """Signs with a clock that is an hour behind."""

    def moment(self) -> str:
        early = datetime.now(UTC) - timedelta(hours=1)
        return early.isoformat(timespec="microseconds").replace("+00:00", "Z")


@breaks("DAT-PUB-001")
class SignsLocalTime(Publisher):
    """Writes its time without saying in which zone."""

    def moment(self) -> str:
        return super().moment().removesuffix("Z")


@breaks("INF-AUT-008")
class TriesTheKeyFirst(Publisher):
    """Sends each message as the application first and as its session when that is refused."""

    plain = False

    def attempt(self, message: Message, number: int) -> Answer:
        if number == 0:
            self.plain = True
            try:
                super().attempt(message, number)
            finally:
                self.plain = False
        return super().attempt(message, number)

    def user(self) -> str:
        return self.key if self.plain else super().user()


@breaks("INF-AUT-008")
class EventsComeFromTheApplication(Publisher):
    """Tries each deletion and event as the application, then as its session."""

    plain = False

    def attempt(self, message: Message, number: int) -> Answer:
        self.plain = number == 0 and message.connector != REQUESTS
        if self.plain:
            super().attempt(message, number)
            self.plain = False
        return super().attempt(message, number)

    def user(self) -> str:
        return self.key if self.plain else super().user()


@breaks("INF-AUT-014")
class PutsBasicIntoTheAddress(Publisher):
    """Adds the token of the method Basic to the address of its environment."""

    def besides(self) -> None:
        token = base64.b64encode(f"{self.token}:guess".encode()).decode().replace("=", "%3D")
        place = f"{self.places['environment']}?authenticationMethod=Basic&access_token={token}"
        self.send("GET", place, b"", self.session_lines())


@breaks("DAT-PUB-002")
class PutsTheSecretIntoTheAddress(Publisher):
    """Repeats its secret as a parameter of the address."""

    def besides(self) -> None:
        place = f"{self.places['environment']}?sharedSecret={self.secret}"
        self.send("GET", place, b"", self.session_lines())


@breaks("DAT-PUB-002")
class PutsTheSecretIntoTheEnvironment(Publisher):
    """Sends its secret as the user token of the environment that it asks for."""

    def wanted(self) -> etree._Element:
        made = super().wanted()
        made.append(node("userToken", self.secret))
        return made


@breaks("DAT-PUB-003")
class AsksForBasic(Publisher):
    """Asks for the method Basic in the environment and signs by another one."""

    def wanted(self) -> etree._Element:
        made = super().wanted()
        made[0].text = "Basic"
        return made


@breaks("DAT-PUB-003")
class NamesAnotherApplication(Publisher):
    """Names another application in the environment than the one it signs as."""

    def wanted(self) -> etree._Element:
        made = super().wanted()
        made[-1][0].text = "another-application"
        return made


@breaks("INF-ZON-011")
class NamesAZoneToTheEnvironment(Publisher):
    """Puts zone and context behind the address where environments are made."""

    def front_door(self) -> str:
        return f"{super().front_door()};zoneId=zone-a;contextId=DEFAULT"


@breaks("INF-ZON-011")
class NamesAContextToTheEnvironment(Publisher):
    """Sends the header contextId with everything about its session."""

    def session_lines(self) -> dict[str, str]:
        return super().session_lines() | {"contextId": "DEFAULT"}


@breaks("NEG-002")
class BuildsAddresses(Publisher):
    """Looks for its environment below the address of the hub instead of the one it was given."""

    def besides(self) -> None:
        name = self.places["environment"].rpartition("/")[2]
        self.send("GET", f"{self.hub}/requests/{name}", b"", self.session_lines())


@breaks("NEG-002")
class GuessesTheQueues(Publisher):
    """Looks for queues where other hubs have them."""

    def connect(self) -> bool:
        done = super().connect()
        if done:
            self.send("GET", f"{self.hub}/queues", b"", self.session_lines())
        return done


@breaks("INF-FMT-001")
class AsksWithoutNamespace(Publisher):
    """Writes the environment it wants without a namespace."""

    def encode(self, element: etree._Element) -> bytes:
        space = f' xmlns="{INF}"'.encode()
        whole = etree.QName(element).localname == "environment"
        return super().encode(element).replace(space, b"") if whole else super().encode(element)


@breaks("INF-FMT-001")
class RegistersInTheModelsNamespace(Publisher):
    """Writes its entries of the registry in the namespace of the data model."""

    def encode(self, element: etree._Element) -> bytes:
        data = super().encode(element)
        if etree.QName(element).localname != "providers":
            return data
        return data.replace(b"infrastructure/3.3", b"datamodel/na/4.x")


@breaks("DAT-PUB-004", also=("DAT-PUB-005",))
class NeverComesBack(Publisher):
    """Gives a message up when its session is not known any more, and with it the news."""

    def again(self, answer: Answer, number: int) -> bool:
        if answer.status == 401:
            self.lost_session()
            return False
        return super().again(answer, number)


@breaks("NEG-003")
class TakesAConflictForTheEnd(Publisher):
    """Does not look at the environment that comes with 409."""

    def connect(self) -> bool:
        self.token, before = "", self.token
        wanted = self.encode(self.wanted())
        answer = self.send("POST", self.front_door(), wanted, self.session_lines())
        if answer.status != 201:
            self.token = before
            return False
        self.understand(answer.document)
        return True


@breaks("DAT-PUB-005", also=("DAT-PUB-044",))
class KnocksForEver(Publisher):
    """Tries again at once, fifty times."""

    tries = 50
    pause_seconds = 0.0

    def pause(self, number: int) -> None:
        """No pause."""


@breaks("DAT-PUB-005")
class ThrowsAwayWhatIsRefused(Publisher):
    """Forgets news when it may not come in with it."""

    def deliver(self, message: Message) -> Answer | None:
        answer = super().deliver(message)
        return answer if answer is not None or self.token else Answer(409, XML, b"")


@breaks("DAT-PUB-006")
class SendsWhatIsDenied(Publisher):
    """Deletes a roster although it has no right to."""

    def on_publish(self, facts: Mapping[str, str]) -> None:
        super().on_publish(facts)
        for zone in self.rights:
            if self.may(zone, "xStudents", "CREATE"):
                path = f"/xRosters/{self.new_id().upper()}"
                self.deliver(self.request("DELETE", zone, path, b""))


@breaks("DAT-PUB-006")
class RegistersWhatIsDenied(Publisher):
    """Registers for every collection that the environment lists, granted or not."""

    def register(self, zone: str, services: list[str]) -> bool:
        return super().register(zone, [*services, "xRosters"])


@breaks("NEG-003")
class ConnectsTwiceOnly(Publisher):
    """Takes 409 for a fault of the hub and waits for somebody to look."""

    def understand(self, made: etree._Element) -> None:
        if child_text(made, "sessionToken") in self.tokens:
            self.token = ""
            return
        super().understand(made)
        self.tokens.add(self.token)

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.tokens: set[str] = set()
