"""The door is open: does everything get through, to the right zone, with the rights declared?"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from lxml import etree

from conformance import trees
from conformance.doctor_words import fault, fresh_instance, packed_badly
from conformance.environments import Environment
from conformance.problems import NotVerified, SetupFault, Unreachable
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.target import TargetConfig

LARGE = 300_000
_RIGHTS = {"create": "CREATE", "update": "UPDATE", "delete": "DELETE", "query": "QUERY"}
_ONE = {"navigationPage": "1", "navigationPageSize": "1"}


def look(config: TargetConfig, client: SifClient) -> list[str]:
    """Notes on what deserves attention; raises SetupFault. The client is connected."""
    environment = client.environment
    if environment is None or not environment.requests:
        return []
    notes = _gzip(config, client, environment)
    _refuse_small_limit(config, client)
    _refuse_rights(config, client, environment)
    if config.vendor.role == "receiver" and "pod" in config.capabilities:
        notes += _agree(config, client)
    if config.vendor.role != "receiver" or "query" not in config.capabilities:
        return notes
    return notes + places(config, client)


def _gzip(config: TargetConfig, client: SifClient, environment: Environment) -> list[str]:
    path = environment.services.get("environment") or config.url(
        f"environments/{quote(environment.id)}"
    )
    try:
        reply = client.request("GET", path, headers={"Accept-Encoding": "gzip"}, marker=None)
    except NotVerified as error:
        raise _elsewhere(config, path, error) from None
    if bad := packed_badly(reply):
        seen = f"{reply.request} with Accept-Encoding: gzip answered a body that {bad}"
        cure = "Correct the gzip of the product, or of what packs its answers on the way."
        raise fault(config, "endpoint", "url", config.base, seen, cure)
    if reply.status == 401:
        return ["the session that was just made is not known any more: one product, many servers?"]
    return []


def _elsewhere(config: TargetConfig, path: str, error: NotVerified) -> SetupFault:
    """The environment names addresses that cannot be reached from here."""
    place = f"{urlsplit(path).scheme}://{urlsplit(path).netloc}"
    seen = f"the environment of the target names {place}, and {error.reason}"
    cure = "Let the product name the address under which it is reached from outside."
    return fault(config, "endpoint", "url", config.base, seen, cure)


def _refuse_small_limit(config: TargetConfig, client: SifClient) -> None:
    """Bundles of students are large: find out before half of the checks do."""
    body = trees.tostring(client.environment_body(fresh_instance()))
    try:
        reply = client.connect(body=body + b"\n" * LARGE)
    except NotVerified as error:
        if not (isinstance(error, Unreachable) and error.kind in ("reset", "cut", "protocol")):
            return
        said = error.reason
    else:
        if reply.status != 413:
            return
        said = f"{reply.request} answered 413"
    seen = f"{said} to a body of {LARGE} bytes, which is good when it is small"
    cure = "Raise the largest body that the product, or the proxy before it, takes."
    raise fault(config, "endpoint", "url", config.base, seen, cure)


def _refuse_rights(config: TargetConfig, client: SifClient, environment: Environment) -> None:
    """The rights that the environment itself tells; what it does not tell is not asked."""
    zones = trees.every(environment.element, "provisionedZone")
    named = sorted({one.get("id") or "" for one in zones})
    wanted = config.endpoint.zone
    if wanted and named and wanted not in named:
        seen = f"the environment of the target names the zones {', '.join(named)}"
        cure = "Write one of these, or have this zone provisioned."
        raise fault(config, "endpoint", "zone", wanted, seen, cure)
    if config.vendor.role == "provider":
        return  # which services it may read is looked at one by one: plugin_provider
    for zone in zones:
        if (zone.get("id") or "") == client.zone:
            _refuse_services(config, client, trees.every(zone, "service"))


def _refuse_services(
    config: TargetConfig, client: SifClient, services: list[etree._Element]
) -> None:
    for service in services:
        if service.get("name") != client.collection:
            continue
        told = {one.get("type"): (one.text or "").strip() for one in trees.every(service, "right")}
        for capability, right in _RIGHTS.items():
            if capability in config.capabilities and told.get(right, "APPROVED") != "APPROVED":
                seen = (
                    f"the environment gives {right} on {client.collection} in zone"
                    f" {client.zone} as {told[right]}"
                )
                cure = f"Give the application that right, or declare {capability} = false."
                raise fault(config, "capabilities", capability, "true", seen, cure)


def _agree(config: TargetConfig, client: SifClient, **place: str) -> list[str]:
    """Have a POD in force, as every check with data needs one; `place` is another one."""
    pod = client.new_pod(**place)
    try:
        reply = client.push_pod(pod)
    except NotVerified as error:
        environment = client.environment
        raise _elsewhere(config, environment.requests if environment else "", error) from None
    if reply.status == 403:
        seen = f"{reply.request} answered 403 to an agreement with {config.party!r}"
        cure = "Write the name that your product expects, or declare pod = false."
        raise fault(config, "pod", "party", config.pod.party or "not set", seen, cure)
    if not reply.ok:
        return [
            f"{reply.request} answered {reply.status}: no agreement is in force, see the checks"
        ]
    client.use(pod)
    return []


def places(config: TargetConfig, client: SifClient) -> list[str]:
    """Read one page, plainly and with zone and context in the path; notes, or a SetupFault."""
    try:
        plain = _read(client, "")
        if plain.status == 403 and client.pod is not None and client.environment is not None:
            # An agreement for a place that nobody serves opens nothing.
            _agree(config, client, zone=client.environment.zone, context="DEFAULT")
            plain = _read(client, "")
        if plain.status in (401, 403):
            seen = f"{plain.request} answered {plain.status}, so the session may not read"
            cure = f"Give the application QUERY on {client.collection}, or declare query = false."
            raise fault(config, "capabilities", "query", "true", seen, cure)
        if not plain.ok:
            return [f"{plain.request} answered {plain.status}: see the checks"]
        _refuse_place(config, client)
        return _refuse_stripped(config, client)
    except NotVerified as error:
        environment = client.environment
        if isinstance(error, Unreachable) and environment is not None:
            raise _elsewhere(config, environment.requests, error) from None
        return [f"reading one page of {client.collection} failed: {error.reason}"]


def _read(client: SifClient, matrix: str, **headers: str) -> Reply:
    return client.request("GET", f"{client.collection}{matrix}", headers=_ONE | headers)


def _refuse_place(config: TargetConfig, client: SifClient) -> None:
    zone, context = config.endpoint.zone, config.endpoint.context
    zoned = f";zoneId={quote(client.zone, safe='')}" if client.zone else ""
    if zoned and not (reply := _read(client, zoned)).ok:
        seen = f"GET {client.collection} is answered, and {reply.status} with {zoned}"
        if zone:
            cure = "Write the name of a zone that the target serves; capitals count."
            raise fault(config, "endpoint", "zone", zone, seen, cure)
        if _read(client, f"{zoned};contextId=DEFAULT").ok:
            return
        cure = "Something on the way refuses or rewrites paths with ; in them."
        raise fault(config, "endpoint", "url", config.base, seen, cure)
    told = f"{zoned};contextId={quote(context, safe='')}"
    if context and not (reply := _read(client, told)).ok:
        seen = f"GET {client.collection} is answered, and {reply.status} with {told}"
        cure = "Write the name of a context that the target serves."
        raise fault(config, "endpoint", "context", context, seen, cure)


def _refuse_stripped(config: TargetConfig, client: SifClient) -> list[str]:
    """A zone that nobody serves must be refused, in the path as in a header."""
    nowhere = f"doctor-{client.rng.getrandbits(48):x}"
    if not _read(client, f";zoneId={nowhere}").ok:
        return []
    if _read(client, "", zoneId=nowhere).ok:
        return ["a zone that does not exist is answered: see the checks of zones"]
    seen = f"a zone that does not exist is refused in a header and answered in {client.collection};"
    cure = "Something strips matrix parameters (;zoneId=) on the way: let them pass."
    raise fault(config, "endpoint", "url", config.base, f"{seen}zoneId=", cure)
