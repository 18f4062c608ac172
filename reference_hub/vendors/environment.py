"""The vendor's Direct environment as its consumer sees it: created once, remembered, renewed.

HubError
└── NoEnvironment        the vendor gave no usable environment; `answer` is its reply, if any
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from reference_hub.clock import Clock
from reference_hub.codec import tree
from reference_hub.codec.xml import MalformedDocument, local_name, read
from reference_hub.model.party import Subscriber
from reference_hub.problems import HubError
from reference_hub.vendors.signing import HMAC, sign
from reference_hub.workers.transport import Answer, Exchange

MODEL = "http://www.sifassociation.org/datamodel/na/4.x"


@dataclass(eq=False)
class NoEnvironment(HubError):
    """`reason` in plain words for the district."""

    reason: str
    answer: Answer | None = None

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Environment:
    """What must survive a restart: a second create of the same instance would be a 409."""

    url: str
    token: str
    requests: str
    instance: str

    def remembered(self) -> dict[str, object]:
        """As plain JSON for the subscriber's session."""
        return {
            "environment": self.url,
            "token": self.token,
            "requests": self.requests,
            "instance": self.instance,
        }


def recall(session: Any) -> Environment | None:
    """The environment of an earlier delivery; None when there is none to go on with."""
    if not session or not session.get("token") or not session.get("requests"):
        return None
    return Environment(
        session.get("environment", ""),
        session["token"],
        session["requests"],
        session.get("instance", ""),
    )


def create(http: Exchange, to: Subscriber, clock: Clock) -> Environment:
    """Create an environment under the connection's own name as instance.

    A 409 that brings the existing environment is taken over; after any other 409 the session is
    lost for us, so a new instance is made. Raises NoEnvironment.
    """
    answer = _post(http, to, clock, to.name)
    if answer.status == 409:
        found = _parsed(answer, to, to.name)
        if found:
            return found
        instance = f"{to.name}-{clock.new_uuid()[:8]}"
        return _created(_post(http, to, clock, instance), to, instance)
    return _created(answer, to, to.name)


def _created(answer: Answer, to: Subscriber, instance: str) -> Environment:
    if not 200 <= answer.status < 300:
        raise NoEnvironment(f"the vendor gave no environment ({answer.status})", answer)
    found = _parsed(answer, to, instance)
    if found is None:
        raise NoEnvironment("the vendor's environment has no token or requestsConnector", answer)
    return found


def _post(http: Exchange, to: Subscriber, clock: Clock, instance: str) -> Answer:
    key, secret = to.credentials["key"], to.credentials["secret"]
    method = to.credentials.get("method", HMAC)
    headers = sign(method, key, secret, clock.now()) | {
        "Content-Type": "application/xml",
        "Accept": "application/xml",
        "messageId": clock.new_uuid(),
        "messageType": "REQUEST",
        "requestAction": "CREATE",
    }
    url = f"{to.url.rstrip('/')}/environments/environment"
    return http.send("POST", url, headers, _wish(method, instance, key))


def _wish(method: str, instance: str, key: str) -> bytes:
    root = tree.root("environment")
    tree.leaf(root, "authenticationMethod", method)
    tree.leaf(root, "instanceId", instance)
    tree.leaf(root, "consumerName", "Reference hub")
    info = tree.branch(root, "applicationInfo")
    tree.leaf(info, "applicationKey", key)
    tree.leaf(info, "supportedInfrastructureVersion", "3.3")
    tree.leaf(info, "dataModelNamespace", MODEL)
    tree.leaf(info, "transport", "REST")
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _parsed(answer: Answer, to: Subscriber, instance: str) -> Environment | None:
    try:
        root = read(answer.body)
    except MalformedDocument:
        return None
    if local_name(root) != "environment":
        return None
    services = {
        each.get("name", ""): (each.text or "").strip()
        for each in root.iterfind(".//{*}infrastructureService")
    }
    token = (root.findtext("{*}sessionToken") or "").strip()
    connector = services.get("requestsConnector", "")
    if not token or not connector:
        return None
    for url in services.values():
        _refuse_unprotected(url, to)
    return Environment(services.get("environment", ""), token, connector, instance)


def _refuse_unprotected(url: str, to: Subscriber) -> None:
    ours, theirs = urlsplit(to.url).scheme, urlsplit(url).scheme
    if theirs not in ("http", "https") or (ours == "https" and theirs == "http"):
        raise NoEnvironment("the vendor's environment names an address that is not protected")
