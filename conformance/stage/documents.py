"""Infrastructure objects as the suite's own hub writes them: environment, queue, error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import uuid4

from lxml import etree

from conformance import auth
from conformance.trees import inf

APPROVED, REJECTED = "APPROVED", "REJECTED"
# By service its type and what may be done with it.
Rights = Mapping[str, tuple[str, Mapping[str, str]]]
RIGHTS: Rights = {
    "xStudents": ("OBJECT", dict.fromkeys(("QUERY", "SUBSCRIBE", "PROVIDE"), APPROVED)),
    "pods": ("UTILITY", dict.fromkeys(("QUERY", "SUBSCRIBE"), APPROVED)),
    "alerts": ("UTILITY", {"CREATE": APPROVED}),
}


def environment(
    refid: str,
    token: str,
    url: str,
    key: str,
    method: str,
    zones: Sequence[str],
    rights: Mapping[str, Rights] | None = None,
) -> etree._Element:
    """An environment whose connectors stand below `url`; the first zone is the default one.

    `rights` are those of each zone, where they are not RIGHTS.
    """
    places = {
        "environment": f"environments/{refid}",
        "requestsConnector": "requests",
        "servicesConnector": "services",
        "eventsConnector": "events",
        "queues": "queues",
        "subscriptions": "subscriptions",
        "provisionRequests": "provision",
    }
    services = [_named("infrastructureService", of, f"{url}/{at}") for of, at in places.items()]
    return inf(
        "environment",
        inf("fingerprint", f"fp-{uuid4()}"),
        inf("sessionToken", token),
        inf("defaultZone", inf("description", "Synthetic district"), id=zones[0]),
        inf("authenticationMethod", method),
        inf("applicationInfo", inf("applicationKey", key)),
        inf("infrastructureServices", *services),
        inf("provisionedZones", *(_zone(one, (rights or {}).get(one, RIGHTS)) for one in zones)),
        type="BROKERED",
        id=refid,
    )


def lead(environment: etree._Element, service: str, address: str) -> None:
    """Let an environment tell another address for one of its services."""
    for one in environment.iter("{*}infrastructureService"):
        if one.get("name") == service:
            one.text = address


def _zone(zone: str, rights: Rights) -> etree._Element:
    services = (_service(name, *told) for name, told in rights.items())
    return inf("provisionedZone", inf("services", *services), id=zone)


def _service(name: str, kind: str, rights: Mapping[str, str]) -> etree._Element:
    rows = [inf("right", value, type=one) for one, value in rights.items()]
    made = _named("service", name, inf("rights", *rows))
    made.set("type", kind)
    made.set("contextId", "DEFAULT")
    return made


def _named(tag: str, name: str, content: etree._Element | str) -> etree._Element:
    made = inf(tag, content)
    made.set("name", name)
    return made


def queue(refid: str, place: str, min_wait: int = 0, long: bool = False) -> etree._Element:
    """A queue whose messages stand at `place`; `min_wait` (seconds) passes after an empty answer.

    `long`: a call may be held until a message comes.
    """
    moment = auth.stamp(auth.now())
    return inf(
        "queue",
        inf("polling", "LONG" if long else "IMMEDIATE"),
        inf("queueUri", place),
        inf("idleTimeout", "1" if long else "0"),
        inf("minWaitTime", str(min_wait)),
        inf("created", moment),
        inf("lastAccessed", moment),
        inf("lastModified", moment),
        inf("messageCount", "0"),
        id=refid,
    )


def error(status: int, message: str, sub_code: str = "", version: str = "3.3") -> etree._Element:
    """An error; the privacy sub code stands in front of the description, from 3.6 in details."""
    refid = str(uuid4())
    if not sub_code:
        return inf("error", inf("code", str(status)), inf("scope", "Privacy"),
                   inf("message", message), id=refid)  # fmt: skip
    told = [inf("code", str(status)), inf("scope", "Privacy"), inf("message", message),
            inf("description", f"{sub_code}: {message}")]  # fmt: skip
    if tuple(int(one) for one in version.split(".")) >= (3, 6):
        detail = inf("errorDetail", inf("type", "INFRASTRUCTURE"), inf("subCode", sub_code),
                     inf("message", message), id=str(uuid4()))  # fmt: skip
        told.append(inf("errorDetails", detail))
    return inf("error", *told, id=refid)
