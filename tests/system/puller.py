"""A vendor that pulls: it subscribes, reads its POD at the hub, then its events from a queue."""

from __future__ import annotations

from collections.abc import Iterator

import requests
from lxml import etree

INF = "http://www.sifassociation.org/infrastructure/3.3"
SUBSCRIPTION = (
    "<zoneId>demo-district</zoneId><contextId>DEFAULT</contextId>"
    "<serviceType>OBJECT</serviceType><serviceName>xStudents</serviceName>"
)


class Puller:
    """Signs by Basic with its session. `key`, `secret`: its registration for the vendor."""

    def __init__(self, hub: str, key: str, secret: str) -> None:
        self.hub = hub
        self.http = requests.Session()
        self.http.auth = (key, secret)
        environment = self.document("POST", "/environments/environment")
        self.http.auth = (environment.findtext("{*}sessionToken", ""), secret)
        queue = "<polling>IMMEDIATE</polling>"
        self.queue = self.create("queues/queue", queue)
        self.create("subscriptions/subscription", f"{SUBSCRIPTION}<queueId>{self.queue}</queueId>")

    def send(self, method: str, path: str, body: str = "", **headers: str) -> requests.Response:
        """One request of the session."""
        named = {"Content-Type": "application/xml"} | headers
        return self.http.request(method, f"{self.hub}{path}", data=body, headers=named, timeout=30)

    def document(self, method: str, path: str, body: str = "", **headers: str) -> etree._Element:
        """The answer of a request that must go well."""
        answer = self.send(method, path, body, **headers)
        answer.raise_for_status()
        return etree.fromstring(answer.content)

    def create(self, service: str, inner: str) -> str:
        """The id of what was created."""
        name = service.partition("/")[2]
        made = self.document("POST", f"/{service}", f'<{name} xmlns="{INF}">{inner}</{name}>')
        return str(made.get("id"))

    def marker(self) -> str:
        """The token of the POD that counts now."""
        pods = self.document("GET", "/requests/pods", serviceType="UTILITY")
        return next(pods.iter("{*}podToken")).text or ""

    def events(self, marker: str = "") -> Iterator[requests.Response]:
        """Every message that waits, removed once the next is asked for."""
        done, shown = "", {"dataPrivacyMarker": marker} if marker else {}
        while True:
            answer = self.send("GET", f"/queues/{self.queue}/messages{done}", **shown)
            if answer.status_code != 200:
                answer.raise_for_status()
                return
            yield answer
            done = f";deleteMessageId={answer.headers['messageId']}"
