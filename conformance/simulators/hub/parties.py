"""First layer of the simulated hub: its vendors, each with a key, a secret and a party of its own.

Environments, Basic and SIF_HMACSHA256 are those of the simulated receiver; who may ask is told
apart by the application key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from conformance.simulators import tokens
from conformance.simulators.documents import node
from conformance.simulators.environments import Asked, Environments
from conformance.simulators.hub.papers import Paper
from conformance.simulators.message import Request
from conformance.simulators.problems import Refusal
from conformance.simulators.store import Session
from conformance.simulators.tokens import Credentials


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor as the district registered it; the operator calls it by its key."""

    key: str
    secret: str
    party: str


VENDORS = (
    Vendor("demo-vendor", "demo-secret-1", "Example Reading App"),
    Vendor("demo-other", "demo-secret-2", "Example Other App"),
)


@dataclass(slots=True)
class Stored:
    """An object and the number of its latest change."""

    element: etree._Element
    number: int


@dataclass(slots=True)
class Message:
    """A message that waits: of an object its collection and id, of a POD the POD."""

    id: str
    action: str
    collection: str
    refid: str
    paper: Paper | None = None


@dataclass(slots=True)
class Queue:
    """A queue of a vendor, what it is subscribed to, and what waits in it."""

    id: str
    vendor: str
    services: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)


@dataclass(slots=True)
class Holdings:
    """What the hub keeps besides sessions: objects by collection and folded id, PODs, queues."""

    objects: dict[str, dict[str, Stored]] = field(default_factory=dict)
    papers: list[Paper] = field(default_factory=list)
    queues: dict[str, Queue] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    barred: dict[str, set[str]] = field(default_factory=dict)
    audit: list[dict[str, str]] = field(default_factory=list)
    changes: int = 0


class Parties(Environments):
    """Two vendors by default; `zone` is the district, `base` the path in front of everything."""

    connector = "requests"

    def __init__(
        self,
        *,
        secret: str | None = None,
        vendors: Sequence[Vendor] = VENDORS,
        zone: str = "demo-district",
        base: str = "/sif3",
    ) -> None:
        first = replace(vendors[0], secret=secret or vendors[0].secret)
        super().__init__(
            secret=first.secret, key=first.key, party=first.party, zone=zone, base=base
        )
        self.vendors = {one.key: one for one in (first, *vendors[1:])}
        self.held = Holdings()

    def known_application(self, key: str) -> bool:
        """Whether one of the vendors has this key."""
        return key in self.vendors

    def check_secret(self, credentials: Credentials) -> None:
        """Refuse a proof that the secret of this vendor does not explain."""
        session = self.find_session(credentials.user)
        expected = self.vendors[session.key if session else credentials.user].secret
        if credentials.method == tokens.HMAC:
            timestamp = self.check_timestamp(credentials.timestamp)
            expected = tokens.mac(credentials.user, expected, timestamp)
        if not tokens.same(credentials.proof, expected):
            raise Refusal(401, "The token does not match the shared secret.")

    def new_session(
        self, request: Request, asked: Asked, method: str, identity: tuple[str, str, str]
    ) -> Session:
        """A session with the vendor's own key in its document."""
        session = super().new_session(request, asked, method, identity)
        for key in session.document.iter("{*}applicationKey"):
            key.text = identity[0]
        return session

    def environment_type(self) -> str:
        """BROKERED: the hub stands between."""
        return "BROKERED"

    def services(self, root: str, refid: str) -> dict[str, str]:
        """URLs of the infrastructure services."""
        return super().services(root, refid) | {
            "queues": f"{root}/queues",
            "subscriptions": f"{root}/subscriptions",
        }

    def provisioned_zones(self) -> etree._Element:
        """What vendors may do in the district."""
        names = ("xSchools", "xStudents", "xStaffs", "xContacts", "StudentPersonals")
        listed = [_service("OBJECT", one) for one in names]
        services = node("services", _service("UTILITY", "pods"), *listed)
        return node("provisionedZones", node("provisionedZone", services, id=self.zone))


def _service(kind: str, name: str) -> etree._Element:
    right = node("right", "APPROVED", type="QUERY")
    return node("service", node("rights", right), type=kind, name=name, contextId="DEFAULT")
