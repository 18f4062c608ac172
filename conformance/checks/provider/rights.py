"""What the environment says may be read, and what is refused (Infrastructure Services 5.2.4)."""

from __future__ import annotations

import re

import pytest

from conformance import expect, trees
from conformance.checks.preparation import control_holds, prepared
from conformance.checks.provider.objects import refused_without_data
from conformance.checks.sif.environments import environment_url
from conformance.environments import Identity
from conformance.offer import Offer
from conformance.problems import NotApplicable
from conformance.sif import SifClient
from conformance.verifies import verifies

RIGHTS = ("QUERY", "CREATE", "UPDATE", "DELETE", "SUBSCRIBE", "PROVIDE")
TEMPLATE = re.compile(r"[A-Za-z]\w*(/\{\}/[A-Za-z]\w*)+")
VALUES = ("APPROVED", "REJECTED", "SUPPORTED", "UNSUPPORTED")


def denied(offer: Offer) -> str:
    """A service that exists and may not be read."""
    rejected = [name for name, told in offer.rights("OBJECT").items() if told == "REJECTED"]
    name = offer.config.offer.denied or (rejected[0] if rejected else "")
    if not name:
        raise NotApplicable("nothing is named that exists and may not be read ([offer] denied)")
    return name


@verifies("INF-ACL-003")
def check_what_is_approved_can_be_read(offer: Offer) -> None:
    """Every service whose right QUERY is APPROVED answers a query."""
    approved = [name for name, told in offer.rights("OBJECT").items() if told == "APPROVED"]
    if not approved:
        raise NotApplicable("the environment lists no approved service in the zone")
    for name in approved[:12]:
        expect.status(offer.page(1, 1, name), 200, 204)


@pytest.mark.parametrize("way", ["list", "page", "one", "head"])
@verifies("INF-QRY-006", "INF-ACL-003", "INF-ACL-004", negative=True)
def check_what_is_not_granted_is_403(offer: Offer, way: str) -> None:
    """A service without the right to read is 403, whichever way it is asked for."""
    name = denied(offer)
    control_holds(offer.page(1, 1), "what is granted is served")
    refusals = {
        "list": lambda: offer.listed(name),
        "page": lambda: offer.page(1, 1, name),
        "one": lambda: offer.get(offer.one(), name),
        "head": lambda: offer.sif.request("HEAD", name),
    }
    reply = refusals[way]()
    if way == "head":
        expect.status(reply, 403, 405)
    else:
        refused_without_data(reply, 403)


@verifies("INF-ACL-010", "INF-ACL-005")
def check_rights_use_the_words_of_the_schema(offer: Offer) -> None:
    """Rights and their values are those of the schema; a service path can only be read."""
    environment = offer.sif.environment
    services = trees.every(environment.element, "service") if environment else []
    for service in services:
        for right in trees.every(service, "right"):
            kind, told = right.get("type") or "", (right.text or "").strip()
            expect.one_of(kind, RIGHTS, "right/@type")
            expect.one_of(told, VALUES, "right")
            if service.get("type") == "SERVICEPATH" and kind != "QUERY":
                expect.true(told not in ("APPROVED", "SUPPORTED"), "a path can only be read")


@verifies("INF-SVP-005")
def check_service_paths_are_listed_as_templates(offer: Offer) -> None:
    """Each service path in the rights names collections with {} between them."""
    paths = offer.rights("SERVICEPATH")
    if not paths:
        raise NotApplicable("the environment lists no service path in the zone")
    for name in paths:
        fine = TEMPLATE.fullmatch(name) is not None
        expect.true(fine, "a service path is written as collection/{}/collection", None, name)


@verifies("INF-ACL-008")
def check_direct_environment_lets_nobody_provide(offer: Offer) -> None:
    """In a DIRECT environment the right PROVIDE is never APPROVED."""
    environment = offer.sif.environment
    if environment is None or environment.element.get("type") != "DIRECT":
        raise NotApplicable("the environment is not DIRECT")
    told = {*offer.rights("OBJECT", "PROVIDE").values()}
    expect.true("APPROVED" not in told, "PROVIDE is not approved")


@verifies("INF-ACL-006")
def check_services_stand_once_in_a_context(offer: Offer) -> None:
    """In a zone a service of one type, name and context is listed once, and names its context."""
    environment = offer.sif.environment
    zones = trees.every(environment.element, "provisionedZone") if environment else []
    for zone in zones:
        keys = [
            (one.get("type"), one.get("name"), one.get("contextId"))
            for one in trees.every(zone, "service")
        ]
        expect.equal(len(keys), len(set(keys)), "number of different services of a zone")
        expect.true(all(context for _, _, context in keys), "each service names its contextId")


@verifies("INF-ENV-012", "NEG-059", negative=True)
def check_environment_is_closed_to_other_applications(offer: Offer, stranger: SifClient) -> None:
    """Another application can neither look at an environment nor end it; its owner can look."""
    second = offer.config.second
    if not second.key:
        raise NotApplicable("the target file names no [second] application")
    prepared(offer.sif.request("GET", environment_url(offer.sif), marker=None))
    stranger.identity = Identity(second.key, offer.config.second_secret, second.method)
    prepared(stranger.connect())
    url = environment_url(offer.sif)
    for verb in ("GET", "DELETE"):
        expect.status(stranger.request(verb, url, marker=None), 401, 403, 404, 405)
    own = offer.sif.request("GET", url, marker=None)
    expect.status(own, 200)
