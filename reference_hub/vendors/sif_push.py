"""Push to a vendor that offers a Direct environment: the hub is its SIF consumer.

Many objects of a type go in one request where the vendor takes that; how many is learned: fewer
after a request that was too large or too slow, more again after one that went well.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from reference_hub.clock import Clock
from reference_hub.codec.xml import MalformedDocument, fold, read, refid_of
from reference_hub.model.change import CREATE, DELETE, UPDATE
from reference_hub.model.message import Batch, Delivery, Outgoing, Settled
from reference_hub.model.party import Subscriber
from reference_hub.model.pod import Pod
from reference_hub.model.statement import Heard
from reference_hub.model.uuids import derived
from reference_hub.vendors import environment, replies, sif_together, verdicts
from reference_hub.vendors.environment import Environment, NoEnvironment
from reference_hub.vendors.sif_json import Speech
from reference_hub.vendors.signing import HMAC, sign
from reference_hub.workers.transport import Answer, Exchange, Unreachable

MARKER, AT_ONCE, MOST = "dataPrivacyMarker", "at_once", "most"
_VERBS = {CREATE: "POST", UPDATE: "PUT", DELETE: "DELETE"}
# What to try once when the vendor's state is not what the message expects.
_INSTEAD = {(CREATE, 409): UPDATE, (UPDATE, 404): CREATE}
# In one request unless the connection says otherwise, and what is not worth one.
_MOST, _FEWEST = 100, 5
# Where many go one by one, so many at a time: what a crash can at most repeat.
_SINGLY = 10
_TOO_LARGE = 413
# The vendor has no such door; the other refusals may be about one of the objects.
_NO_DOOR = frozenset({404, 405, 415, 501})


class SifPush:
    """A Transport for objects and PODs."""

    def __init__(
        self, http: Exchange, clock: Clock, rng: random.Random, speech: Speech | None = None
    ) -> None:
        self.http, self.clock, self.rng, self.speech = http, clock, rng, speech or Speech()

    def deliver(self, batch: Batch) -> Delivery:
        """Deliver in order; stop at the first message that must be tried again.

        What went in one request is settled together, so it may stand between others.
        """
        delivery = Delivery()
        to = batch.subscriber
        link = Link(self.speech.over(self.http, to), self.clock, to)
        delivery.settled = self._together(link, batch)
        if not delivery.settled:
            is_many = len(batch.messages) >= _FEWEST
            for message in batch.messages[: _SINGLY if is_many else None]:
                settled = self._one(link, batch, message, delivery)
                delivery.settled.append(settled)
                if settled.state == "waiting":
                    break
        if link.changed:
            delivery.session = link.remembered()
        return delivery

    def _together(self, link: Link, batch: Batch) -> list[Settled]:
        """Send as many as the vendor takes in one request; none where they must go one by one."""
        while len(part := batch.messages[: link.at_once]) >= _FEWEST:
            if not sif_together.is_alike(part):
                return []
            try:
                answer = link.change_many(part, part[0].action, _marker(batch.pod))
            except Unreachable as error:
                link.learn(max(_FEWEST, len(part) // 2))
                return [self._again(part[0], str(error), None)]
            except NoEnvironment as error:
                return [self._again(part[0], str(error), error.answer)]
            if answer.status != _TOO_LARGE:
                return self._of_many(link, batch, part, answer)
            link.learn(len(part) // 2, len(part) // 2)
        return []

    def _of_many(
        self, link: Link, batch: Batch, part: Sequence[Outgoing], answer: Answer
    ) -> list[Settled]:
        action = part[0].action
        is_good = 200 <= answer.status < 300
        told = sif_together.items(answer, action) if is_good else None
        if told is None:
            if is_good or answer.status in _NO_DOOR:
                link.learn(1, 1)
            settled = verdicts.settle(part[0], answer, self.clock.now(), self.rng)
            # A fault may be that of one object: one by one it is found.
            is_away = settled.state == "waiting" and not settled.at_fault and answer.status != 501
            return [settled] if is_away else []
        link.learn(min(link.at_once + _FEWEST, link.most))
        found = {
            fold(each.refid): self._said(each, item)
            for each in part
            if (item := told.get(fold(each.refid))) and (action, item.status) not in _INSTEAD
        }
        rest = [each for each in part if fold(each.refid) not in found]
        found |= self._instead(link, batch, [x for x in rest if fold(x.refid) in told])
        stuck: Settled | None = None
        for each in rest:
            if fold(each.refid) not in found:
                one = (
                    replace(stuck, id=each.id)
                    if stuck
                    else self._one(link, batch, each, Delivery())
                )
                stuck = one if one.state == "waiting" else None
                found[fold(each.refid)] = one
        return [found[fold(each.refid)] for each in part]

    def _instead(
        self, link: Link, batch: Batch, messages: Sequence[Outgoing]
    ) -> dict[str, Settled]:
        """The other verb for objects that were there already, or that were not; together."""
        if len(messages) < _FEWEST:
            return {}
        action = UPDATE if messages[0].action == CREATE else CREATE
        try:
            answer = link.change_many(messages, action, _marker(batch.pod))
        except (Unreachable, NoEnvironment):
            return {}
        told = sif_together.items(answer, action) if 200 <= answer.status < 300 else None
        return {
            fold(each.refid): self._said(replace(each, action=action), item)
            for each in messages
            if (item := (told or {}).get(fold(each.refid)))
        }

    def _said(self, message: Outgoing, item: sif_together.Item) -> Settled:
        return self._settled(message, Answer(item.status, {}, b""), item.refid)

    def _settled(self, message: Outgoing, answer: Answer, given: str) -> Settled:
        """`given` is the RefId that the vendor told it gave to what it created."""
        if message.action == DELETE and answer.status == 404:
            return Settled(message.id, "done", "it was not there")
        settled = verdicts.settle(message, answer, self.clock.now(), self.rng)
        if settled.state != "done" or message.action == DELETE:
            return settled
        if message.action == CREATE and given and fold(given) != fold(message.refid):
            return Settled(message.id, "dead", "the vendor gave it another RefId")
        return Settled(message.id, "done", target_id=message.refid)

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
        given = _refid_in(answer) if action == CREATE else ""
        return self._settled(replace(message, action=action), answer, given)

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

    def __init__(self, http: Exchange, clock: Clock, to: Subscriber) -> None:
        self.http, self.clock, self.to = http, clock, to
        self.environment: Environment | None = environment.recall(to.session)
        known = to.session or {}
        self.allowed = int(to.delivery.get("objects_per_request", _MOST))
        self.most = min(int(known.get(MOST, self.allowed)), self.allowed)
        self.at_once = min(int(known.get(AT_ONCE, self.most)), self.most)
        self.changed = False

    def remembered(self) -> dict[str, object]:
        """What the next delivery needs."""
        known = self.environment.remembered() if self.environment else {}
        if self.at_once == self.most == self.allowed:
            return known
        return known | {AT_ONCE: self.at_once, MOST: self.most}

    def learn(self, number: int, most: int | None = None) -> None:
        """Remember how many objects go in the next request, and how many ever may."""
        most = self.most if most is None else most
        self.changed = self.changed or (number, most) != (self.at_once, self.most)
        self.at_once, self.most = number, most

    def change(
        self, message: Outgoing, action: str, message_id: str, marker: dict[str, str]
    ) -> Answer:
        """Create, update or delete one object."""
        name = message.object_type if action == CREATE else quote(message.refid, safe="-")
        headers = marker | ({"mustUseAdvisory": "true"} if action == CREATE else {})
        path = f"{quote(message.object_type)}s/{name}"
        body = None if action == DELETE else message.body
        return self.send(_VERBS[action], path, action, message_id, headers, body)

    def change_many(
        self, messages: Sequence[Outgoing], action: str, marker: dict[str, str]
    ) -> Answer:
        """Create, update or delete objects of one type in one request."""
        headers = marker | ({"mustUseAdvisory": "true"} if action == CREATE else {})
        if action == DELETE:
            headers["methodOverride"] = DELETE
        path = f"{quote(messages[0].object_type)}s"
        verb = "POST" if action == CREATE else "PUT"
        message_id, body = sif_together.message_id(messages, action), sif_together.body
        return self.send(verb, path, action, message_id, headers, body(messages, action))

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


def _refid_in(answer: Answer) -> str:
    try:
        return refid_of(read(answer.body)) if answer.body else ""
    except MalformedDocument:
        return ""
