"""Creating, reading and deleting an environment (Infrastructure Services 3.2.1, 4 and 5)."""

from __future__ import annotations

import base64
import random
import re
from dataclasses import replace

import pytest
from lxml import etree

from conformance import environments, expect, trees
from conformance.checks.preparation import accepted, control_holds, prepared
from conformance.environments import Identity
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.trees import inf
from conformance.verifies import verifies

SCHEMA_ORDER = (
    "fingerprint", "sessionToken", "solutionId", "defaultZone", "authenticationMethod",
    "instanceId", "userToken", "consumerName", "applicationInfo", "infrastructureServices",
    "provisionedZones",
)  # fmt: skip

# What an environment is read with all the same: headers and query.
WISHES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "a page": ({"navigationPage": "2", "navigationPageSize": "1"}, {}),
    "a condition": ({}, {"where": '[solutionId="nobody"]'}),
    "a delayed answer": ({"requestType": "DELAYED", "requestId": "r-1"}, {}),
}


def instance_of(rng: random.Random) -> str:
    """An instance id that no other check uses."""
    return f"check-{rng.getrandbits(64):016x}"


def create_without_body(sif: SifClient, headers: dict[str, str]) -> Reply:
    """POST for an environment with headers alone, and take the answer as the current one."""
    signed = sif.sign("application").headers
    url = sif.config.url("environments/environment")
    reply = sif.send("POST", url, headers=signed | headers)
    sif.environment = environments.read(reply) if reply.ok else None
    return reply


def environment_url(sif: SifClient) -> str:
    """Where the current environment says it can be read."""
    url = sif.environment.services.get("environment", "") if sif.environment else ""
    if not url:
        raise NotVerified("the environment does not say where it can be read")
    return url


@verifies("INF-ENV-001", "INF-ENV-002")
def check_new_environment_holds_what_a_consumer_needs(bare_sif: SifClient) -> None:
    """A new environment is answered with 201 and names id, token, method, application, services."""
    reply = bare_sif.connect()
    expect.status(reply, 201)
    root = expect.xml(reply, "environment")
    expect.true(bool(root.get("id")), "the environment has an id", reply)
    token = trees.text(root, "sessionToken")
    expect.true(len(token) >= 8, "sessionToken is a token of eight characters or more", reply)
    method = trees.text(root, "authenticationMethod")
    expect.equal(method.lower(), bare_sif.identity.method.lower(), "authenticationMethod", reply)
    key = trees.text(root, "applicationInfo", "applicationKey")
    expect.equal(key, bare_sif.identity.key, "applicationInfo/applicationKey", reply)
    services = {
        one.get("name"): one.text or "" for one in trees.every(root, "infrastructureService")
    }
    for name in ("environment", "requestsConnector"):
        url = services.get(name, "").strip()
        found = re.match(r"https?://[^/\s]+", url) is not None
        expect.true(found, f"the service {name} has an absolute URL", reply, url or "none")


@verifies("INF-ENV-003")
def check_environment_type_fits_its_services(bare_sif: SifClient) -> None:
    """A DIRECT environment lists no events connector, a BROKERED one lists all that it must."""
    reply = prepared(bare_sif.connect())
    kind = reply.object.get("type", "")
    expect.one_of(kind, ("DIRECT", "BROKERED"), "environment/@type", reply)
    names = {one.get("name") or "" for one in trees.every(reply.object, "infrastructureService")}
    if kind == "DIRECT":
        expect.true("eventsConnector" not in names, "DIRECT has no eventsConnector", reply)
    else:
        needed = {"queues", "subscriptions", "eventsConnector"}
        expect.equal(sorted(needed - names), [], "services that BROKERED lacks", reply)
    known = {"environment", "requestsConnector", "queues", "subscriptions", "provisionRequests",
             "eventsConnector", "servicesConnector"}  # fmt: skip
    expect.equal(sorted(names - known), [], "services that the standard does not name", reply)


@verifies("INF-ENV-024", "NEG-001")
def check_environment_names_its_default_zone(bare_sif: SifClient) -> None:
    """The environment has exactly one default zone with an id."""
    reply = prepared(bare_sif.connect())
    zones = [one for one in reply.object if trees.local(one) == "defaultZone"]
    expect.equal(len(zones), 1, "number of defaultZone elements", reply)
    zone = zones[0].get("id") or ""
    configured = bare_sif.config.endpoint.zone
    if configured:
        expect.equal(zone, configured, "defaultZone/@id", reply)
    else:
        expect.true(bool(zone.strip()), "defaultZone has an id", reply)


@verifies("INF-ENV-004", negative=True)
def check_wrong_secret_gets_no_environment(bare_sif: SifClient, rng: random.Random) -> None:
    """With a wrong secret no environment is made; with the right one it is."""
    wrong = bare_sif.connect(instance_of(rng), secret=f"wrong-{rng.getrandbits(64):x}")
    expect.status(wrong, 401)
    control_holds(bare_sif.connect(instance_of(rng)), "the right secret gets an environment")


@verifies("INF-ENV-004", negative=True)
def check_unknown_application_gets_no_environment(bare_sif: SifClient, rng: random.Random) -> None:
    """An application key that nobody registered gets no environment; the registered one does."""
    wrong = bare_sif.connect(instance_of(rng), key=f"nobody-{rng.getrandbits(64):x}")
    expect.status(wrong, 401)
    control_holds(bare_sif.connect(instance_of(rng)), "the registered key gets an environment")


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("dataModelNamespace", "http://vendor.example/datamodel/1"),
        ("supportedInfrastructureVersion", "2.7"),
        ("transport", "SOAP"),
    ],
)
@verifies("INF-ENV-005", negative=True)
def check_wishes_that_cannot_be_met_are_refused(
    bare_sif: SifClient, rng: random.Random, element: str, value: str
) -> None:
    """An environment for another data model, version or transport is refused with 400."""
    body = bare_sif.environment_body(instance_of(rng))
    wish = trees.child(body, "applicationInfo", element)
    assert wish is not None
    good, wish.text = wish.text, value
    expect.status(bare_sif.connect(body=body), 400)
    wish.text = good
    control = bare_sif.connect(body=body)
    control_holds(control, f"the supported {element} is accepted")


@verifies("INF-ENV-006", "INF-ENV-007", negative=True)
def check_second_environment_of_one_instance_is_a_conflict(
    bare_sif: SifClient, rng: random.Random
) -> None:
    """The same application and instance again is 409, another instance is not."""
    instance = instance_of(rng)
    first = prepared(bare_sif.connect(instance))
    token = trees.text(first.object, "sessionToken")
    again = bare_sif.connect(instance)
    expect.status(again, 409)
    other = accepted(bare_sif.connect(instance_of(rng)), "another instance gets an environment")
    fresh = trees.text(other.object, "sessionToken") != token
    expect.true(fresh, "another instance gets another session token", other)


@verifies("INF-ENV-009")
def check_environment_can_be_created_without_a_body(
    bare_sif: SifClient, rng: random.Random
) -> None:
    """The application can be named in headers alone, and an environment comes of it."""
    instance = instance_of(rng)
    headers = {
        "applicationKey": bare_sif.identity.key,
        "authenticationMethod": bare_sif.identity.method,
        "instanceId": instance,
    }
    reply = accepted(create_without_body(bare_sif, headers), "headers alone are enough")
    root = expect.xml(reply, "environment")
    key = trees.text(root, "applicationInfo", "applicationKey")
    expect.equal(key, bare_sif.identity.key, "applicationInfo/applicationKey", reply)
    bare_sif.disconnect()


@verifies("INF-ENV-011")
def check_environment_can_be_read(bare_sif: SifClient) -> None:
    """The environment URL answers its owner with 200 and the same environment."""
    made = prepared(bare_sif.connect()).object
    reply = bare_sif.request("GET", environment_url(bare_sif), marker=None)
    expect.status(reply, 200)
    root = expect.xml(reply, "environment")
    expect.same_id(root.get("id") or "", made.get("id") or "", "environment/@id", reply)
    expect.equal(_services(root), _services(made), "infrastructure services", reply)


def _services(root: etree._Element) -> list[tuple[str, str]]:
    found = trees.every(root, "infrastructureService")
    return sorted((one.get("name") or "", (one.text or "").strip()) for one in found)


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE"])
@verifies("INF-ENV-013", negative=True)
def check_environments_collection_is_closed(bare_sif: SifClient, verb: str) -> None:
    """Nobody can list, change or empty the collection of environments; one's own stays readable."""
    prepared(bare_sif.connect())
    url = bare_sif.config.url("environments")
    body = None if verb != "PUT" else inf("environments", bare_sif.environment_body("other"))
    reply = bare_sif.request(verb, url, body=body, marker=None)
    expect.status(reply, 403, 404, 405)
    own = bare_sif.request("GET", environment_url(bare_sif), marker=None)
    control_holds(own, "one's own environment can be read")


@verifies("INF-ENV-012", negative=True)
def check_environment_is_its_owners_alone(bare_sif: SifClient, rng: random.Random) -> None:
    """Another application can neither look at an environment nor end it; its owner can look."""
    second = bare_sif.config.second
    if not second.key:
        raise NotApplicable("the target file names no [second] application")
    prepared(bare_sif.connect(instance_of(rng)))
    owner, environment, url = bare_sif.identity, bare_sif.environment, environment_url(bare_sif)
    bare_sif.identity = Identity(second.key, bare_sif.config.second_secret, second.method)
    prepared(bare_sif.connect(instance_of(rng)))
    for verb in ("GET", "DELETE"):
        expect.status(bare_sif.request(verb, url, marker=None), 401, 403, 404, 405)
    bare_sif.identity, bare_sif.environment = owner, environment
    own = bare_sif.request("GET", url, marker=None)
    expect.status(own, 200)


@verifies("INF-ENV-019", negative=True)
@pytest.mark.parametrize("wish", sorted(WISHES))
def check_environment_is_no_list_and_no_matter_for_later(bare_sif: SifClient, wish: str) -> None:
    """Pages, conditions and a delayed answer do nothing to an environment, or are refused."""
    made = prepared(bare_sif.connect()).object
    url, (headers, query) = environment_url(bare_sif), WISHES[wish]
    plain = bare_sif.request("GET", url, marker=None)
    control_holds(plain, "without the wish the environment is served")
    reply = bare_sif.request("GET", url, headers=headers, query=query, marker=None)
    expect.status(reply, 200, 400, 404, 405)
    if reply.ok:
        seen = expect.xml(reply, "environment").get("id") or ""
        expect.same_id(seen, made.get("id") or "", "environment/@id", reply)
        expect.absent(reply, "navigationPage")


@verifies("INF-ENV-014", "NEG-065", negative=True)
def check_session_token_dies_with_its_environment(bare_sif: SifClient) -> None:
    """After the environment was deleted (204) its session token is answered with 401."""
    prepared(bare_sif.connect())
    url = environment_url(bare_sif)
    before = bare_sif.request("GET", url, marker=None)
    control_holds(before, "the token works before the deletion")
    expect.status(bare_sif.disconnect(), 204)
    connector = bare_sif.environment.requests if bare_sif.environment else ""
    after = bare_sif.request("GET", f"{connector}/{bare_sif.collection}")
    expect.status(after, 401)


@verifies("INF-ENV-017")
def check_application_can_come_back(bare_sif: SifClient, rng: random.Random) -> None:
    """After its deletion the same instance gets a new environment with another id and token."""
    instance = instance_of(rng)
    old = prepared(bare_sif.connect(instance)).object
    prepared(bare_sif.disconnect())
    reply = accepted(bare_sif.connect(instance), "the same instance gets an environment again")
    new = expect.xml(reply, "environment")
    expect.true(new.get("id") != old.get("id"), "the new environment has an id of its own", reply)
    same = trees.text(new, "sessionToken") == trees.text(old, "sessionToken")
    expect.true(not same, "the new environment has a token of its own", reply)


@verifies("INF-ENV-020")
def check_fingerprint_is_none_of_the_secrets(bare_sif: SifClient) -> None:
    """The fingerprint, where there is one, is not the id, the session token or the key."""
    reply = prepared(bare_sif.connect())
    fingerprint = trees.text(reply.object, "fingerprint")
    if not fingerprint:
        raise NotApplicable("the environment has no fingerprint")
    secrets = {
        "id": reply.object.get("id"),
        "sessionToken": trees.text(reply.object, "sessionToken"),
        "applicationKey": bare_sif.identity.key,
    }
    for name, value in secrets.items():
        expect.true(fingerprint != value, f"the fingerprint differs from {name}", reply)


@verifies("INF-ENV-021")
def check_user_token_is_not_handed_back(bare_sif: SifClient, rng: random.Random) -> None:
    """A user token in the request does not stand in the answer."""
    token = f"user-{rng.getrandbits(96):024x}"
    body = bare_sif.environment_body(instance_of(rng))
    at = next(place for place, one in enumerate(body) if trees.local(one) == "consumerName")
    body.insert(at, inf("userToken", token))
    reply = bare_sif.connect(body=body)
    if reply.status == 401:
        raise NotApplicable("user tokens are verified, and ours is made up")
    prepared(reply)
    expect.true(token.encode() not in reply.body, "the answer does not repeat userToken", reply)


@verifies("INF-ENV-022")
def check_method_name_counts_without_case(bare_sif: SifClient, rng: random.Random) -> None:
    """The method may be written in other letter case, and the answer names the method in use."""
    body = bare_sif.environment_body(instance_of(rng))
    method = trees.child(body, "authenticationMethod")
    assert method is not None
    method.text = bare_sif.identity.method.swapcase()
    reply = accepted(bare_sif.connect(body=body), "the method in other letter case is accepted")
    seen = trees.text(reply.object, "authenticationMethod")
    expect.equal(seen.lower(), bare_sif.identity.method.lower(), "authenticationMethod", reply)


@verifies("INF-ENV-023")
def check_environment_without_wishes_gets_the_defaults(
    bare_sif: SifClient, rng: random.Random
) -> None:
    """Version, transport and data model may be left out; the environment is made all the same."""
    body = bare_sif.environment_body(instance_of(rng))
    info = trees.child(body, "applicationInfo")
    assert info is not None
    for one in list(info):
        if trees.local(one) != "applicationKey":
            info.remove(one)
    reply = accepted(bare_sif.connect(body=body), "an environment without wishes is created")
    key = trees.text(expect.xml(reply, "environment"), "applicationInfo", "applicationKey")
    expect.equal(key, bare_sif.identity.key, "applicationInfo/applicationKey", reply)


@verifies("INF-ENV-026")
def check_zone_on_an_environment_request_is_ignored(bare_sif: SifClient) -> None:
    """Zone and context on the environment URL do no harm."""
    made = prepared(bare_sif.connect()).object
    url = environment_url(bare_sif)
    reply = bare_sif.request("GET", f"{url};zoneId=elsewhere;contextId=OTHER", marker=None)
    expect.status(reply, 200)
    expect.same_id(reply.object.get("id") or "", made.get("id") or "", "environment/@id", reply)


@verifies("INF-ENV-027", "NEG-041")
def check_environment_children_stand_in_schema_order(bare_sif: SifClient) -> None:
    """The children of the environment stand in the order of the schema, each at most once."""
    reply = prepared(bare_sif.connect())
    names = [trees.local(one) for one in reply.object]
    known = [name for name in SCHEMA_ORDER if name in names]
    expect.equal(names, known, "children of environment", reply)


@verifies("INF-ENV-028", negative=True)
def check_contradicting_method_is_refused(bare_sif: SifClient, rng: random.Random) -> None:
    """A method in the body that is not the one that signs is refused; without contradiction not."""
    instance = instance_of(rng)
    body = bare_sif.environment_body(instance)
    method = trees.child(body, "authenticationMethod")
    assert method is not None
    used = bare_sif.identity.method
    method.text = "Basic" if used != "Basic" else "SIF_HMACSHA256"
    expect.status(bare_sif.connect(body=body), 400, 401)
    control = bare_sif.connect(instance)
    control_holds(control, "the method in use is accepted")


@verifies("NEG-005", negative=True)
def check_empty_application_key_is_refused(bare_sif: SifClient, rng: random.Random) -> None:
    """An environment for an empty application key is refused without a server error."""
    body = bare_sif.environment_body(instance_of(rng))
    key = trees.child(body, "applicationInfo", "applicationKey")
    assert key is not None
    key.text = ""
    url = bare_sif.config.url("environments/environment")
    identity = replace(bare_sif.identity, key="")
    for headers in (
        {"Authorization": f"Bearer {base64.b64encode(b'nobody:none').decode()}"},
        bare_sif.sign("application", identity).headers,
    ):
        reply = bare_sif.send("POST", url, body=body, headers=headers)
        expect.status(reply, 400, 401, 403)
    control = bare_sif.connect(instance_of(rng))
    control_holds(control, "with its key the application is served")
