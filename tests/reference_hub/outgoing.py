"""All that leaves the hub for one vendor: pushes, a file, its queue, answers to its questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import requests
from lxml import etree

from conformance.simulators import serve
from conformance.simulators.message import Request, Response
from fixtures.writers import notation
from fixtures.writers.tree import Node
from fixtures.writers.xpress import NA4
from tests.reference_hub.delivery.district import District, Vendor
from tests.reference_hub.web.conftest import INF, SCOPE, Client, Hub

# Ids and times that are made for each message, and what is derived from them.
VOLATILE = {
    *("date", "timestamp", "messageid", "requestid", "dataprivacymarker", "authorization"),
    *("navigationid", "changessincemarker", "etag", "host", "user-agent", "server"),
}
# What is asked of a collection, besides for all of it.
QUESTIONS = {
    "xStudents": (
        '?where=[demographics/sex="Male"]',
        '?where=[demographics/birthDate>"2015-01-01"]',
        "?order=[demographics/birthDate=descending]",
        "?order=[phoneNumber/number=ascending]",
        '?where=[enrollment/gradeLevel="05"]',
    ),
    "StudentPersonals": (
        '?where=[Demographics/Gender="M"]',
        '?where=[ELL="Yes"]',
        "?order=[Demographics/BirthDate=descending]",
    ),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """One message to the vendor: way, what it is about, lasting headers, body."""

    way: str
    about: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Taker(Vendor):
    """A vendor that takes objects of all types."""

    def answer(self, request: Request) -> Response:
        """Note and accept data; sessions and PODs as the simulated vendor does."""
        if {"environments", "pods"} & set(request.segments):
            return super().answer(request)
        self.seen.append(request)
        return Response(201)


def outgoing(
    hub: Hub, collections: Mapping[str, Iterable[Node]], granted: tuple[str, ...]
) -> list[Sent]:
    """Post a district to an empty hub and give all that a vendor with this grant gets of it."""
    district, app = District(hub.engine), Taker()
    with serve(app) as vendor:
        vendor_id = district.vendor()
        types = [name.removesuffix("s") for name in collections]
        district.connect(vendor_id, vendor.url, name="push", objects=types)
        files = {"format": "oneroster-1.2-csv", "transport": "http_put", "objects": types}
        district.connect(vendor_id, f"{vendor.url}/files", name="files", **files)
        marker = district.issue(vendor_id, granted, acknowledged=True).token
        reader = hub.client("reader", vendor_id)
        assert reader.open().status_code == 201
        queue = _subscribed(reader, collections)
        _post(hub, collections)
        district.hour.moved = timedelta(hours=1)  # files wait until a district is quiet
        district.deliver(limit=500)
        return [
            *map(_request, app.data()),
            *_pulled(reader, queue, marker),
            *_answered(reader, collections, marker),
        ]


def _post(hub: Hub, collections: Mapping[str, Iterable[Node]]) -> None:
    sis = hub.client("sis")
    assert sis.open().status_code == 201
    for name, nodes in collections.items():
        root = etree.Element(f"{{{NA4}}}{name}", nsmap={None: NA4})
        root.extend([notation.element(node, NA4) for node in nodes])
        reply = sis.send("POST", f"/requests/{name}", etree.tostring(root))
        assert reply.status_code == 200, reply.text
        created = etree.fromstring(reply.content).iter("{*}create")
        assert {each.get("statusCode") for each in created} == {"201"}, reply.text


def _subscribed(reader: Client, names: Iterable[str]) -> str:
    queue = _made(reader, "queues/queue", "<polling>IMMEDIATE</polling>")
    where = f"<zoneId>{SCOPE.zone_id}</zoneId><contextId>{SCOPE.context_id}</contextId>"
    for name in names:
        what = f"<serviceType>OBJECT</serviceType><serviceName>{name}</serviceName>"
        _made(reader, "subscriptions/subscription", f"{where}{what}<queueId>{queue}</queueId>")
    return queue


def _made(reader: Client, service: str, inner: str) -> str:
    name = service.partition("/")[2]
    body = f'<{name} xmlns="{INF}">{inner}</{name}>'.encode()
    reply = reader.send("POST", f"/{service}", body, Content_Type="application/xml")
    assert reply.status_code == 201, reply.text
    return str(etree.fromstring(reply.content).get("id"))


def _pulled(reader: Client, queue: str, marker: str) -> Iterator[Sent]:
    done = ""
    while True:
        asked = {"dataPrivacyMarker": marker, "Accept_Encoding": "identity"}
        reply = reader.send("GET", f"/queues/{queue}/messages{done}", **asked)
        if reply.status_code == 204:
            return
        yield _reply("queue", reply)
        done = f";deleteMessageId={reply.headers['messageId']}"


def _answered(reader: Client, names: Iterable[str], marker: str) -> Iterator[Sent]:
    for name in names:
        for question in ("", *QUESTIONS.get(name, ())):
            path = f"/requests/{name}{question}"
            asked = {"dataPrivacyMarker": marker, "navigationPageSize": "500"}
            yield _reply(path, reader.send("GET", path, Accept_Encoding="identity", **asked))


def _request(one: Request) -> Sent:
    way = "file" if "files" in one.segments else "push"
    return _sent(way, " ".join((one.method, *one.segments)), one.headers.items(), one.body)


def _reply(way: str, reply: requests.Response) -> Sent:
    return _sent(way, str(reply.status_code), reply.headers.items(), reply.content)


def _sent(way: str, about: str, headers: Iterable[tuple[str, str]], body: bytes) -> Sent:
    kept = sorted((key.lower(), value) for key, value in headers if key.lower() not in VOLATILE)
    return Sent(way, about, tuple(kept), body)
