"""Zones, contexts and forms of addresses (Base Architecture 3.2.1, 4.1, 4.3.3 and 5.2)."""

from __future__ import annotations

import random
from urllib.parse import quote

import pytest

from conformance import expect, trees
from conformance.checks.preparation import control_holds
from conformance.checks.provider.objects import refused_without_data
from conformance.checks.sif.zones import zone_of
from conformance.offer import Offer, ids
from conformance.problems import NotApplicable
from conformance.reply import Reply
from conformance.verifies import verifies


def read_at(offer: Offer, matrix: str, **headers: str) -> Reply:
    """GET one object with these matrix parameters behind its id."""
    return offer.sif.request("GET", f"{offer.name}/{offer.one()}{matrix}", headers=headers)


def found_at(offer: Offer, matrix: str) -> None:
    """The object is found with these matrix parameters."""
    reply = read_at(offer, matrix)
    expect.equal(ids(reply), [trees.folded(offer.one())], "the object that is found", reply)


@pytest.mark.parametrize(
    "form",
    ["{z};{c}", "{c};{z}", "{z}", "{c}"],
    ids=["zone first", "context first", "zone", "context"],
)
@verifies("INF-ZON-002")
def check_zone_and_context_of_a_reading_are_understood(offer: Offer, form: str) -> None:
    """Zone and context as matrix parameters, in any order or alone, lead to the object."""
    zone = f"zoneId={quote(zone_of(offer.sif), safe='')}"
    context = f"contextId={offer.config.endpoint.context or 'DEFAULT'}"
    found_at(offer, f";{form.format(z=zone, c=context)}")


@verifies("INF-ZON-002")
def check_percent_encoded_zone_of_a_reading_is_decoded(offer: Offer) -> None:
    """A zone id whose letters are percent-encoded names the same zone."""
    encoded = "".join(f"%{byte:02X}" for byte in zone_of(offer.sif).encode())
    found_at(offer, f";zoneId={encoded}")


@verifies("INF-ZON-003", "INF-ZON-010")
def check_default_zone_can_be_left_out_or_named(offer: Offer) -> None:
    """What is read without zone and context is what the default zone and DEFAULT hold."""
    default = offer.sif.environment.zone if offer.sif.environment else ""
    found_at(offer, "")
    found_at(offer, f";zoneId={quote(default or zone_of(offer.sif), safe='')};contextId=DEFAULT")


@pytest.mark.parametrize("place", ["zoneId", "contextId"])
@verifies("INF-HDR-009", "INF-ZON-004", "NEG-064", negative=True)
def check_foreign_zone_shows_nothing(offer: Offer, rng: random.Random, place: str) -> None:
    """A zone or context that nobody serves is 404; the own zone shows the object."""
    control_holds(read_at(offer, f";zoneId={quote(zone_of(offer.sif), safe='')}"), "the own zone")
    foreign = f";{place}=elsewhere-{rng.getrandbits(32):x}"
    refused_without_data(read_at(offer, foreign), 404)
    refused_without_data(offer.listed(f"{offer.name}{foreign}"), 404)


@verifies("NEG-015", negative=True)
def check_service_nobody_offers_is_404(offer: Offer, rng: random.Random) -> None:
    """A collection that nobody provides is 404, not a server error; what is offered is served."""
    control_holds(offer.get(offer.one()), "what is offered is served")
    refused_without_data(offer.listed(f"xUnicorn{rng.randint(100, 999)}s"), 404)


@pytest.mark.parametrize("name", ["zoneId", "contextId"])
@verifies("INF-ZON-005", negative=True)
def check_reading_in_two_zones_is_refused(offer: Offer, name: str) -> None:
    """Two different zones or contexts in one address are an error; one of them is served."""
    own = quote(zone_of(offer.sif), safe="") if name == "zoneId" else "DEFAULT"
    control_holds(read_at(offer, f";{name}={own}"), "one of them is served")
    refused_without_data(read_at(offer, f";{name}={own};{name}=another"), 400, 404, 409)


@pytest.mark.parametrize("name", ["zoneId", "contextId"])
@verifies("INF-HDR-010", negative=True)
def check_zone_of_a_reading_is_stated_once(offer: Offer, name: str) -> None:
    """The same zone or context in address and header is 409; in the address alone it is served."""
    own = zone_of(offer.sif) if name == "zoneId" else "DEFAULT"
    matrix = f";{name}={quote(own, safe='')}"
    control_holds(read_at(offer, matrix), "in the address alone it is served")
    refused_without_data(read_at(offer, matrix, **{name: own}), 409)


@verifies("INF-ZON-006", negative=True)
def check_zones_of_readings_count_letter_case(offer: Offer) -> None:
    """The zone in other letter case is another zone, which nobody serves."""
    zone = zone_of(offer.sif)
    if zone.swapcase() == zone:
        raise NotApplicable("the zone id has no letters")
    control_holds(read_at(offer, f";zoneId={quote(zone, safe='')}"), "the zone itself is served")
    refused_without_data(read_at(offer, f";zoneId={quote(zone.swapcase(), safe='')}"))


@pytest.mark.parametrize("where", ["middle of the path", "query"])
@verifies("NEG-063", negative=True)
def check_misplaced_zone_of_a_reading_is_not_ignored(offer: Offer, where: str) -> None:
    """A foreign zone in the middle of the path or in the query does not give the default zone."""
    control_holds(offer.get(offer.one()), "without a zone the object is found")
    if where == "query":
        reply = offer.get(offer.one(), query={"zoneId": "elsewhere"})
    else:
        reply = offer.sif.request("GET", f"{offer.name};zoneId=elsewhere/{offer.one()}")
    refused_without_data(reply)


def no_collection(offer: Offer, name: str) -> None:
    """Under this name nothing is offered, under its own name the collection is."""
    control_holds(offer.get(offer.one()), "the collection is served under its name")
    refused_without_data(offer.sif.request("GET", f"{name}/{offer.one()}"))


@pytest.mark.parametrize("change", [str.upper, str.lower], ids=["capital", "small"])
@verifies("INF-URL-001", negative=True)
def check_offered_name_counts_letter_case(offer: Offer, change: type[str]) -> None:
    """The collection in other letter case is no collection; under its own name it is served."""
    no_collection(offer, change(offer.name))


@pytest.mark.parametrize("form", ["{singular}", "{name}s", "{name}List"])
@verifies("INF-URL-003", "NEG-053", negative=True)
def check_offered_name_is_not_guessed(offer: Offer, form: str) -> None:
    """A name that one might guess is no collection; the name of the data model is served."""
    singular = trees.local(offer.objects()[0])
    no_collection(offer, form.format(name=offer.name, singular=singular))


@verifies("INF-URL-004", negative=True)
def check_address_of_creates_cannot_be_read(offer: Offer) -> None:
    """GET on the address for single creates is 404 or 405; an object can be read by its id."""
    control_holds(offer.get(offer.one()), "an object can be read by its id")
    singular = trees.local(offer.objects()[0])
    refused_without_data(offer.sif.request("GET", f"{offer.name}/{singular}"), 404, 405)


@verifies("INF-URL-006")
def check_slash_behind_an_address_does_no_harm(offer: Offer) -> None:
    """The object answers under its address with a slash at the end as well."""
    found_at(offer, "/")


@verifies("INF-URL-007")
def check_percent_encoding_of_an_offered_id_is_undone(offer: Offer) -> None:
    """An id whose letters are percent-encoded leads to the same object."""
    encoded = "".join(f"%{byte:02X}" for byte in offer.one().encode())
    reply = offer.sif.request("GET", f"{offer.name}/{encoded}")
    expect.equal(ids(reply), [trees.folded(offer.one())], "the object that is found", reply)


ODD = {
    "dots": "../environments",
    "encoded dots": "%2e%2e/%2e%2e",
    "encoded slash": "%2F%2F",
    "zero byte": "%00",
    "quotation": "%27%20or%20%271%27=%271",
    "script": "%3Cscript%3E",
    "not utf-8": "%FF%FE",
    "long": "a" * 3000,
    "percent": "100%25",
}


@pytest.mark.parametrize("form", sorted(ODD))
@verifies("INF-STA-001", negative=True)
def check_hostile_id_is_refused_calmly(offer: Offer, form: str) -> None:
    """An id full of traps is refused with a code of the table, never with a server error."""
    control_holds(offer.get(offer.one()), "an id that exists is served")
    reply = offer.sif.request("GET", f"{offer.name}/{ODD[form]}")
    refused_without_data(reply, 400, 403, 404, 405, 413, 414)
