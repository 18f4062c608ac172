"""Push to a vendor that offers a Direct environment: the hub is its SIF consumer."""

from __future__ import annotations

import random
from urllib.parse import quote

from reference_hub.clock import Clock
from reference_hub.codec.xml import MalformedDocument, fold, read, refid_of
from reference_hub.model.change import CREATE, DELETE, UPDATE
from reference_hub.model.message import Batch, Delivery, Outgoing, Settled
from reference_hub.model.party import Subscriber
from reference_hub.model.pod import Pod
from reference_hub.model.statement import Heard
from reference_hub.model.uuids import derived
from reference_hub.vendors import environment, replies, verdicts
from reference_hub.vendors.environment import Environment, NoEnvironment
from reference_hub.vendors.signing import HMAC, sign
from reference_hub.workers.transport import Answer, Http, Unreachable

MARKER = "dataPrivacyMarker"
_VERBS = {CREATE: "POST", UPDATE: "PUT", DELETE: "DELETE"}
# What to try once when the vendor's state is not what the message expects.
_INSTEAD = {(CREATE, 409): UPDATE, (UPDATE, 404): CREATE}


class SifPush:
    """A Transport for objects and PODs."""

    def __init__(self, http: Http, clock: Clock, rng: random.Random) -> None:
        self.http, self.clock, self.rng = http, clock, rng

    def deliver(self, batch: Batch) -> Delivery:
        """Deliver in order; stop at the first message that must be tried again."""
        delivery = Delivery()
        link = Link(self.http, self.clock, batch.subscriber)
        for message in batch.messages:
            settled = self._one(link, batch, message, delivery)
            delivery.settled.append(settled)
            if settled.state == "waiting":
                break
        if link.changed:
            delivery.session = link.remembered()
        return delivery

    def _one(self, link: Link, batch: Batch, message: Outgoing, delivery: Delivery) -> Settled:
        try:
            if message.kind == "pod":
                return self._pod(link, batch, message, delivery)
            return self._object(link, batch.pod, message)
        except Unreachable as error:
            return self._again(message, str(error), None)
        except NoEnvironment as error:
            return self._again(message, str(error), error.answer)

    def _again(self, message: Outgoing, reason: str, answer: Answer | None) -> Settled:
        return verdicts.again(message, reason, answer, self.clock.now(), self.rng)

    def _object(self, link: Link, pod: Pod | None, message: Outgoing) -> Settled:
        action = message.action
        answer = link.change(message, action, message.message_id, _marker(pod))
        instead = _INSTEAD.get((action, answer.status))
        if instead:
            other_id = _second_id(message.message_id)
            action, answer = instead, link.change(message, instead, other_id, _marker(pod))
        if action == DELETE and answer.status == 404:
            return Settled(message.id, "done", "it was not there")
        settled = verdicts.settle(message, answer, self.clock.now(), self.rng)
        if settled.state != "done" or action == DELETE:
            return settled
        if action == CREATE and _renamed(answer, message):
            return Settled(message.id, "dead", "the vendor gave it another RefId")
        return Settled(message.id, "done", target_id=message.refid)

    def _pod(self, link: Link, batch: Batch, message: Outgoing, delivery: Delivery) -> Settled:
        # JSON for the record that may be the answer.
        takes = "application/xml, application/json;q=0.9"
        headers = {"serviceType": "UTILITY", "Accept": takes}
        answer = link.send("POST", "pods/pod", CREATE, message.message_id, headers, message.body)
        if answer.status in verdicts.REJECTING:
            delivery.heard = Heard(refused=answer.status)
            return Settled(message.id, "dead", f"the vendor refuses its POD ({answer.status})")
        settled = verdicts.settle(message, answer, self.clock.now(), self.rng)
        if settled.state != "done":
            return settled
        said = replies.heard(answer, batch.subscriber, answer.header(MARKER))
        delivery.heard = said
        is_echoed = batch.pod is not None and said.echoed == batch.pod.token
        if said.statement is None and not is_echoed:
            return Settled(message.id, "done", "taken, but not acknowledged")
        return settled


class Link:
    """The connection to one vendor: opens the environment when first needed, renews it once."""

    def __init__(self, http: Http, clock: Clock, to: Subscriber) -> None:
        self.http, self.clock, self.to = http, clock, to
        self.environment: Environment | None = environment.recall(to.session)
        self.changed = False

    def remembered(self) -> dict[str, object]:
        """What the next delivery needs."""
        return self.environment.remembered() if self.environment else {}

    def change(
        self, message: Outgoing, action: str, message_id: str, marker: dict[str, str]
    ) -> Answer:
        """Create, update or delete one object."""
        name = message.object_type if action == CREATE else quote(message.refid, safe="-")
        headers = marker | ({"mustUseAdvisory": "true"} if action == CREATE else {})
        path = f"{quote(message.object_type)}s/{name}"
        body = None if action == DELETE else message.body
        return self.send(_VERBS[action], path, action, message_id, headers, body)

    def send(
        self,
        verb: str,
        path: str,
        action: str,
        message_id: str,
        headers: dict[str, str],
        body: bytes | None,
    ) -> Answer:
        """One signed request; after a 401 once more in a new environment."""
        opened = self._open()
        answer = self._signed(opened, verb, path, action, message_id, headers, body)
        if answer.status != 401:
            return answer
        self.environment, self.changed = None, True
        return self._signed(self._open(), verb, path, action, message_id, headers, body)

    def _open(self) -> Environment:
        if self.environment is None:
            self.environment = environment.create(self.http, self.to, self.clock)
            self.changed = True
        return self.environment

    def _signed(
        self,
        opened: Environment,
        verb: str,
        path: str,
        action: str,
        message_id: str,
        headers: dict[str, str],
        body: bytes | None,
    ) -> Answer:
        credentials = self.to.credentials
        method = credentials.get("method", HMAC)
        every = sign(method, opened.token, credentials["secret"], self.clock.now()) | {
            "Accept": "application/xml",
            "messageId": message_id,
            "messageType": "REQUEST",
            "requestAction": action,
        }
        if body is not None:
            every["Content-Type"] = "application/xml"
        url = f"{opened.requests.rstrip('/')}/{path}{_place(self.to)}"
        return self.http.send(verb, url, every | headers, body or b"")


def _place(to: Subscriber) -> str:
    zone, context = quote(to.scope.zone_id, safe=""), quote(to.scope.context_id, safe="")
    return f";zoneId={zone};contextId={context}"


def _marker(pod: Pod | None) -> dict[str, str]:
    return {MARKER: pod.token} if pod and pod.acknowledged else {}


def _second_id(message_id: str) -> str:
    # Another request needs another id, yet the same one each time this message is repeated.
    return derived(message_id)


def _renamed(answer: Answer, message: Outgoing) -> bool:
    try:
        given = refid_of(read(answer.body)) if answer.body else ""
    except MalformedDocument:
        return False
    return bool(given) and fold(given) != fold(message.refid)
