"""A consumer that behaves on the wire as the Java framework 0.15 does: lower-case header names,
matrix parameters, profiles, `Content-Type` on every request, one reader per queue."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import http.client
import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

DATA = "http://www.sifassociation.org/datamodel/au/3.4"
DATA_PROFILE = "urn:sif:data/au/3.4.6"
MOST_MESSAGES = 2000


@dataclass(frozen=True)
class Answer:
    """What came back; header names in lower case, the body unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def xml(self) -> etree._Element:
        """The body as a document."""
        return etree.fromstring(self.body)

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def text(self, name: str) -> str:
        """The text of the first element, attribute or member with this name."""
        if self.body.startswith(b"{"):
            return str(next(_members(self.json, name)))
        values = (
            str(each.text) if etree.QName(each).localname == name else each.get(name)
            for each in self.xml.iter("*")
        )
        return next(value for value in values if value is not None)


@dataclass
class JavaConsumer:
    """One application of the framework. `infra` is its infrastructure version, `notation` "" for
    XML, else pesc or goessner; `gzips` packs what it sends."""

    url: str
    key: str
    secret: str = "Password1"
    method: str = "Basic"
    infra: str = "3.3"
    notation: str = ""
    gzips: bool = False
    profile: str = DATA_PROFILE
    instance: str = field(default_factory=lambda: str(uuid.uuid4()))
    token: str = ""
    services: dict[str, str] = field(default_factory=dict)
    environment_id: str = ""

    @property
    def namespace(self) -> str:
        """The infrastructure namespace it writes."""
        return f"http://www.sifassociation.org/infrastructure/{self.infra}"

    def mac(self, user: str, timestamp: str) -> str:
        """HMAC-SHA256 over `user:timestamp`, in base64."""
        text = f"{user}:{timestamp}".encode("ascii")
        digest = hmac.new(self.secret.encode("ascii"), text, hashlib.sha256).digest()
        return base64.b64encode(digest).decode("ascii")

    def signed(self, user: str) -> dict[str, str]:
        """Authorization and timestamp; milliseconds only where they are signed."""
        is_signed = self.method == "SIF_HMACSHA256"
        exact = "milliseconds" if is_signed else "seconds"
        now = datetime.now(UTC).isoformat(timespec=exact).replace("+00:00", "Z")
        proof = self.mac(user, now) if is_signed else self.secret
        token = base64.b64encode(f"{user}:{proof}".encode("ascii")).decode("ascii")
        return {"authorization": f"{self.method} {token}", "timestamp": now}

    def send(
        self,
        verb: str,
        url: str,
        body: str | bytes = b"",
        without: Sequence[str] = (),
        **given: str,
    ) -> Answer:
        """One request; underscores in header names become hyphens, `without` are left out."""
        return self.exchange(verb, url, body, self.token, given, without)

    def exchange(
        self,
        verb: str,
        url: str,
        body: str | bytes,
        user: str,
        given: Mapping[str, str],
        without: Sequence[str] = (),
    ) -> Answer:
        """The same with the user that signs it."""
        data = body.encode() if isinstance(body, str) else body
        fields = self._fields(user) | self._described(url, bool(data))
        fields |= {name.replace("_", "-"): value for name, value in given.items()}
        if data and self.gzips:
            data, fields["content-encoding"] = gzip.compress(data), "gzip"
        kept = {name: value for name, value in fields.items() if name not in without}
        return exchanged(verb, url, kept, data)

    def _fields(self, user: str) -> dict[str, str]:
        fields = {
            "requestid": str(uuid.uuid4()),
            "messageid": str(uuid.uuid4()),
            "requesttype": "IMMEDIATE",
            **self.signed(user),
        }
        return fields | ({"accept-encoding": "gzip,identity"} if self.gzips else {})

    def _described(self, url: str, has_body: bool) -> dict[str, str]:
        plus = f"+{self.notation}" if self.notation else ""
        data, infra = f"{self.profile}{plus}", f"urn:sif:inf/global/{self.infra}{plus}"
        is_data = "/requests/" in url or url.endswith("/eventsConnector")
        media = "application/json" if self.notation else "application/xml"
        fields = {
            "accept": media,
            "content-type": f"{media};charset=utf-8" if has_body else media,
            "accept-profile": f"{data},{infra}" if is_data else infra,
        }
        # Whatever goes to one of these connectors is called data, a deleteRequest too.
        return fields | ({"content-profile": data if is_data else infra} if has_body else {})

    def connect(self, environment_id: str = "") -> Answer:
        """Its start: POST, or GET with the session it kept from its last run."""
        if environment_id:
            answer = self.send("GET", f"{self.url}/environments/{environment_id}")
        else:
            path = f"{self.url}/environments/environment"
            answer = self.exchange("POST", path, self.wish(), self.key, {})
        if answer.status in (200, 201, 409) and answer.body:
            remember = self._remember_json if self.notation else self._remember
            remember(answer)
        return answer

    def wish(self) -> str:
        """The environment it asks for; it has no id, and empty elements stay empty."""
        if self.notation:
            return json.dumps({"environment": self._wish_json()})
        return (
            f'<environment xmlns="{self.namespace}"><solutionId>test</solutionId>'
            f"<authenticationMethod>{self.method}</authenticationMethod>"
            f"<instanceId>{self.instance}</instanceId><userToken/>"
            f"<consumerName>{self.key}</consumerName><applicationInfo>"
            f"<applicationKey>{self.key}</applicationKey>"
            f"<supportedInfrastructureVersion>{self.infra}</supportedInfrastructureVersion>"
            f"<dataModelNamespace>{DATA}</dataModelNamespace><transport>REST</transport>"
            "</applicationInfo></environment>"
        )

    def _wish_json(self) -> dict[str, object]:
        info = {
            "applicationKey": self.key,
            "supportedInfrastructureVersion": self.infra,
            "dataModelNamespace": DATA,
            "transport": "REST",
        }
        return {
            "solutionId": "test",
            "authenticationMethod": self.method,
            "instanceId": self.instance,
            "consumerName": self.key,
            "applicationInfo": info,
        }

    def _remember(self, answer: Answer) -> None:
        environment = answer.xml
        self.environment_id = str(environment.get("id"))
        self.token = str(environment.findtext("{*}sessionToken"))
        listed = environment.iter("{*}infrastructureService")
        self.services = {str(each.get("name")): str(each.text) for each in listed}

    def _remember_json(self, answer: Answer) -> None:
        environment = answer.json["environment"]
        name, text = ("name", "value") if self.notation == "pesc" else ("@name", "#text")
        self.environment_id = environment["id" if self.notation == "pesc" else "@id"]
        self.token = environment["sessionToken"]
        listed = environment["infrastructureServices"]["infrastructureService"]
        self.services = {each[name]: each[text] for each in listed}

    def requests(self, path: str) -> str:
        """An address below the requests connector."""
        return f"{self.services['requestsConnector']}/{path}"

    def document(self, name: str, /, **fields: object) -> str:
        """An infrastructure element with these children, in the notation it speaks."""
        if self.notation:
            texts = {tag: str(value) for tag, value in fields.items()}
            return json.dumps({name: fields if self.notation == "pesc" else texts})
        inside = "".join(f"<{tag}>{value}</{tag}>" for tag, value in fields.items())
        return f'<{name} xmlns="{self.namespace}">{inside}</{name}>'

    def new_queue(self, polling: str = "IMMEDIATE", idle: int | None = None) -> Queue:
        """GET what there is, then POST one."""
        assert self.send("GET", self.services["queues"]).status in (200, 204)
        asked = {"polling": polling, "name": polling, "idleTimeout": idle}
        wanted = {name: value for name, value in asked.items() if value is not None}
        body = self.document("queue", **wanted, maxConcurrentConnections=1)
        answer = self.send("POST", self.services["queues"], body)
        assert answer.status == 201, answer.body
        names = ("id", "queueUri", "minWaitTime", "idleTimeout")
        id_, uri, least, longest = map(answer.text, names)
        return Queue(id_, uri, int(least), int(longest))

    def subscribe(self, queue: Queue, service: str, zone: str = "demo-district") -> Answer:
        """GET what there is, then POST one."""
        assert self.send("GET", self.services["subscriptions"]).status in (200, 204)
        body = self.document(
            "subscription", zoneId=zone, contextId="DEFAULT", serviceType="OBJECT",
            serviceName=service, queueId=queue.id,
        )  # fmt: skip
        return self.send("POST", self.services["subscriptions"], body)

    def read(self, queue: Queue, uris: Iterator[str] | None = None) -> Iterator[Answer]:
        """Every message until 204; each read deletes the one before. `uris`: where to, in turn."""
        done = ""
        for _ in range(MOST_MESSAGES):
            where = next(uris) if uris else queue.uri
            answer = self.send("GET", f"{where}{done}", connectionid="0")
            if answer.status == 204:
                return
            assert answer.status == 200, (answer.status, answer.body)
            yield answer
            done = f";deleteMessageId={answer.headers['messageid']}"
        raise AssertionError("The queue does not end.")

    def wait(self, queue: Queue, own: float = 0.0) -> None:
        """What it does after a 204."""
        time.sleep(max(queue.least, own))


@dataclass(frozen=True)
class Queue:
    """A queue as its creation told: `least` seconds between readings of an empty one."""

    id: str
    uri: str
    least: int
    longest: int


def _members(tree: Any, name: str) -> Iterator[Any]:
    inside = tree.items() if isinstance(tree, dict) else ((None, each) for each in tree)
    for key, value in inside:
        if key in (name, f"@{name}"):
            yield value
        elif isinstance(value, dict | list):
            yield from _members(value, name)


def exchanged(verb: str, url: str, fields: Mapping[str, str], data: bytes) -> Answer:
    """Exactly these header names on a connection of its own."""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    with closing(connection):
        connection.putrequest(verb, path, skip_accept_encoding=True)
        for name, value in fields.items():
            connection.putheader(name, value)
        if data:
            connection.putheader("content-length", str(len(data)))
        connection.endheaders(data or None)
        reply = connection.getresponse()
        headers = {name.lower(): value for name, value in reply.getheaders()}
        body = reply.read()
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return Answer(reply.status, headers, body)
