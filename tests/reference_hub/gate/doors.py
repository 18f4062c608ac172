"""Every way into the hub: gated with a request that proves it, or without covered data and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

import requests
from lxml import etree

from fixtures.writers import xpress
from reference_hub.journeys.delay import answer_next
from reference_hub.replay import replaying
from reference_hub.web.oneroster.resources import SERVICES
from tests.reference_hub.gate.conftest import LIST, XML, Ground

Ask = Callable[[Ground, dict[str, str]], requests.Response]
QBE = {"methodOverride": "GET"}
MARKER = "dataPrivacyMarker"


def reading(path: str, verb: str = "GET", **more: str) -> Ask:
    """A plain request; `{one}` and `{school}` in the path are ids."""

    def ask(ground: Ground, headers: dict[str, str]) -> requests.Response:
        target = path.format(one=ground.one, school=ground.school)
        return ground.reader.send(verb, target, **(headers | more))

    return ask


def example(path: str, **more: str) -> Ask:
    """A query by example for the first student."""

    def ask(ground: Ground, headers: dict[str, str]) -> requests.Response:
        local = ground.students[0].findtext("{*}localId")
        body = f'<xStudent xmlns="{xpress.NA4}"><localId>{local}</localId></xStudent>'.encode()
        target = path.format(school=ground.school)
        given = headers | QBE | more | {"Content_Type": XML}
        return ground.reader.send("POST", target, body, **given)

    return ask


def next_page(ground: Ground, headers: dict[str, str]) -> requests.Response:
    """The second page of a kept result set, whose first page was read with the POD in force."""
    first = ground.reader.send(
        "GET", f"{LIST}?navigationPageSize=1", queryIntention="ALL", **ground.names
    )
    assert first.status_code == 200, first.text
    given = headers | {"navigationId": first.headers["navigationId"], "navigationPage": "2"}
    return ground.reader.send("GET", f"{LIST}?navigationPageSize=1", **given)


def changes(ground: Ground, headers: dict[str, str]) -> requests.Response:
    """What changed since a marker that was given under the POD in force."""
    since = ground.reader.send("HEAD", LIST, **ground.names).headers["changesSinceMarker"]
    ground.change(0, "Another")
    target = f"{LIST}?changesSinceMarker={quote(since, safe='')}"
    return ground.reader.send("GET", target, **headers)


def delayed(ask: Ask) -> Ask:
    """The same, answered later; what was put into the queue is read with the POD in force."""

    def later(ground: Ground, headers: dict[str, str]) -> requests.Response:
        held = ground.box
        wanted = {"requestType": "DELAYED", "queueId": held.id, "requestId": "r"}
        taken = ask(ground, headers | wanted)
        assert taken.status_code == 202, taken.text
        settings = ground.hub.settings
        assert answer_next(ground.hub.engine, settings, replaying(ground.app), ground.clock)
        found = held.all(**ground.names)
        return next(each for each in found if each.headers.get("requestId") == "r")

    return later


def waiting(ground: Ground, headers: dict[str, str]) -> requests.Response:
    """The event that waits in the queue since the students came."""
    return ground.box.read(**headers)


def filtering(ground: Ground, headers: dict[str, str]) -> requests.Response:
    """The vendor has its own payload filtered."""
    body = etree.tostring(xpress.collection("xStudents", ground.students))
    given = headers | {"Content_Type": XML}
    return ground.reader.send("POST", "/privacy/filter?object=xStudent", body, **given)


PATH = "/requests/xSchools/{school}/xStudents"
# Reading and writing in the name of the vendor, by the key of the operation in the tables below.
DOORS: dict[str, Ask] = {
    "requests GET collection": reading(LIST),
    "requests HEAD collection": reading(LIST, "HEAD"),
    "requests GET instance": reading(f"{LIST}/{{one}}"),
    "requests HEAD instance": reading(f"{LIST}/{{one}}", "HEAD"),
    "requests POST collection": example(LIST),
    "requests GET service path": reading(PATH),
    "requests HEAD service path": reading(PATH, "HEAD"),
    "requests POST service path": example(PATH),
    "queues GET messages": waiting,
    "privacy POST filter": filtering,
    # The same operations, used in another way.
    "a page": reading(f"{LIST}?navigationPageSize=1"),
    "a condition": reading(f'{LIST}?where=[localId!="x"]'),
    "an order": reading(f"{LIST}?order=[localId=ascending]"),
    "a first page that is kept": reading(f"{LIST}?navigationPageSize=1", queryIntention="ALL"),
    "the next page": next_page,
    "changes since": changes,
    "a delayed list": delayed(reading(LIST)),
    "a delayed example": delayed(example(LIST)),
    "a delayed service path": delayed(reading(PATH)),
}
WRITES = {
    "requests PUT collection": "an update of many; test_writes_gated",
    "requests POST singular": "a create; test_writes_gated",
    "requests PUT instance": "an update; test_writes_gated",
    "requests DELETE instance": "carries no data, and the standard has no marker on it",
}
BROKERED = ("requests GET collection", "requests HEAD collection", "requests GET instance",
            "requests HEAD instance")  # fmt: skip

DIRECTORY = "tells of the district's services, of nobody's data"
OWN_WORDS = "holds what the caller itself wrote"
CLOSED_JOBS = "the hub's own jobs are refused to vendors before anything is looked up"
# Connector, method and form of every operation that carries no covered data, and why.
CLEAR = {
    **{f"requests {verb} {form} of {name}": why
       for name, why in {
           "pods": "the vendor's own PODs; behind the gate nobody could acknowledge one",
           "zones": DIRECTORY,
           "providers": DIRECTORY,
           "namespaces": DIRECTORY,
           "codeSets": DIRECTORY,
           "xquerys": "scripts of applications, never run",
           "alerts": OWN_WORDS,
       }.items()
       for verb in ("GET", "HEAD") for form in ("collection", "instance")},
    "requests POST collection of providers": DIRECTORY,
    "requests POST singular of providers": DIRECTORY,
    "requests DELETE instance of providers": DIRECTORY,
    "requests POST singular of xquerys": OWN_WORDS,
    "requests DELETE instance of xquerys": OWN_WORDS,
    "requests POST singular of alerts": OWN_WORDS,
    "requests GET collection of a template": "no XQuery is ever run",
    "requests HEAD collection of a template": "no XQuery is ever run",
    **{f"services {verb} {form}": CLOSED_JOBS
       for form, verbs in {
           "collection": ("GET", "HEAD", "POST", "PUT"), "singular": ("POST",),
           "instance": ("GET", "HEAD", "DELETE"), "phase": ("GET", "HEAD", "POST", "PUT"),
           "states": ("GET", "HEAD"), "state": ("POST",),
       }.items() for verb in verbs},
    "queues GET collection": "names of the caller's queues",
    "queues POST collection": OWN_WORDS,
    "queues POST singular": OWN_WORDS,
    "queues GET instance": "how many messages wait, of whatever kind",
    "queues DELETE instance": "an answer without a body",
    "queues DELETE messages": "an answer without a body",
    "queues DELETE message": "an answer without a body",
    "subscriptions GET collection": OWN_WORDS,
    "subscriptions POST collection": OWN_WORDS,
    "subscriptions POST singular": OWN_WORDS,
    "subscriptions GET instance": OWN_WORDS,
    "subscriptions DELETE instance": "an answer without a body",
    "privacy POST markers": "the vendor's own token",
    "privacy GET pods acknowledgements": "the vendor's own receipt",
    "privacy HEAD pods acknowledgements": "the vendor's own receipt",
    "privacy POST pods acknowledgements": "the vendor's own receipt",
    "privacy GET deletions": "which PODs have ended",
    "privacy HEAD deletions": "which PODs have ended",
    "privacy POST deletions confirmation": OWN_WORDS,
}  # fmt: skip
# Rules of the application: the connectors whose operations stand above, and the rest.
CONNECTORS = {"/requests/<path:_>", "/services/<path:_>", "/queues", "/queues/<path:_>",
              "/subscriptions", "/subscriptions/<path:_>", "/privacy/<path:_>"}  # fmt: skip
# Their operations are in a table of their own, and tests/reference_hub/oneroster/test_gate.py asks
# each of them.
CONNECTORS |= {f"{root}<path:_>" for root in SERVICES}
CLEAR_RULES = {
    "/environments": "sessions, rights and zones of the caller",
    "/environments/<path:_>": "sessions, rights and zones of the caller",
    "/provisionRequests": "rights that the caller asked for",
    "/provisionRequests/<path:_>": "rights that the caller asked for",
    "/eventsConnector": "data comes in; the answer has no body",
    "/oauth/token": "credentials of the caller",
    "/privacy/acknowledge/<link>": "one POD behind a signed link, without its token",
    "/services/pods": "a vendor's own documents, shown to its access token (POD-DEL-003)",
    "/services/pods/<path:_>": "the same, one of them",
    "/public/<zone>": "which product gets which kinds of data, for everybody; no data itself",
    "/healthz": "whether the hub lives",
    "/metrics": "numbers of requests and messages, for the operator",
    "/openapi.json": "the description of the interface",
}
# Ways out of the worker, each with the test that shows its gate.
TRANSPORTS = {
    "edfi": "sends nothing itself; rows go by workers/edfi_sending.py, which asks the gate first",
    "sif_push": "test_pushes_wait_at_the_gate",
    "http_put": "test_pushes_wait_at_the_gate",
    "pull": "nothing is sent; tests/reference_hub/oneroster/test_gate.py",
    "sftp": "test_pushes_wait_at_the_gate",
}
KINDS = {
    "event": "waiting, and pushes: the gate is asked when it is read or sent",
    "response": "delayed: pruned when it is made, and once more when it is read",
    "error": "an error object, made by the hub",
    "pod": "the document itself, ahead of all data",
    "file": "pushes: the gate is asked when the file is made",
}
ERRANDS = {
    "answering": "delayed requests go through the same door as those from outside",
    "carrying_out": "jobs, which are refused to vendors",
    "sealing": "the audit trail, which holds no values",
    "forgetting": "deletes alerts",
    "chasing": "tells the district which deletions are overdue",
    "watching": "counts what waits in queues",
    "tidying": "deletes what is over",
    "following": "reads agreements",
    "releasing": "takes data in; its POD is asked as for any write",
    "collecting": "reads what vendors wrote; nothing leaves",
    "fulfilling": "runs of collections that people asked for; no vendor takes part",
}


def answers(reply: requests.Response) -> Iterator[bytes]:
    """All bytes of an answer: headers and body."""
    yield "\n".join(f"{name}: {value}" for name, value in reply.headers.items()).encode()
    yield reply.content
