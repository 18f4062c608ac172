"""The error object of a provider (Base Architecture 3.2.1, 4.5.1; infrastructure 3.3 schema)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance import expect, trees
from conformance.checks.preparation import control_holds, prepared, xml_only
from conformance.checks.provider.objects import unknown_id
from conformance.checks.sif.errors import error_in
from conformance.offer import Offer
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.verifies import verifies

Fault = Callable[[Offer], Reply]

FAULTS: dict[str, Fault] = {
    "unknown id": lambda offer: offer.get(unknown_id()),
    "unknown service": lambda offer: offer.listed("xUnicorns"),
    "no credentials": lambda offer: offer.listed(auth=None),
    "bad page": lambda offer: offer.page("abc", 1),
    "one paged": lambda offer: offer.get(offer.one(), headers={"navigationPage": "1"}),
    "foreign zone": lambda offer: offer.listed(f"{offer.name};zoneId=elsewhere"),
}
every_fault = pytest.mark.parametrize("fault", sorted(FAULTS))


def refusal(offer: Offer, fault: str) -> Reply:
    """The refusal of a fault, beside a query that is served."""
    control_holds(offer.page(1, 1), "a proper query is served")
    reply = FAULTS[fault](offer)
    if reply.status < 400:
        raise NotVerified(f"{reply.request} was not refused, so there is no error to judge")
    return reply


@every_fault
@verifies("INF-ERR-001", "NEG-057", negative=True)
def check_refused_reading_carries_an_error_object(offer: Offer, fault: str) -> None:
    """A refusal is XML with an error as root and says messageType ERROR; a success does not."""
    reply = refusal(offer, fault)
    expect.xml(reply, "error")
    expect.header(reply, "messageType", "ERROR")
    fine = prepared(offer.get(offer.one()))
    told = fine.headers.get("messageType")
    expect.true(told != "ERROR", "a success is not marked as an error", fine)


@every_fault
@verifies("INF-ERR-002", negative=True)
def check_error_of_a_reading_has_the_code_of_the_status(offer: Offer, fault: str) -> None:
    """The code in the error is the HTTP status of the answer."""
    reply = refusal(offer, fault)
    expect.equal(trees.text(error_in(reply), "code"), str(reply.status), "error/code", reply)


@every_fault
@verifies("INF-ERR-003", negative=True)
def check_error_of_a_reading_says_what_and_why(offer: Offer, fault: str) -> None:
    """The error has exactly one scope and one message, with words, of at most 1024 characters."""
    reply = refusal(offer, fault)
    for name in ("scope", "message"):
        found = [one for one in error_in(reply) if trees.local(one) == name]
        expect.equal(len(found), 1, f"number of error/{name}", reply)
        words = len((found[0].text or "").strip())
        expect.true(3 <= words <= 1024, f"error/{name} has 3 to 1024 characters", reply, f"{words}")


@every_fault
@verifies("INF-ERR-004", negative=True)
def check_error_of_a_reading_stands_in_the_infrastructure_namespace(
    offer: Offer, fault: str
) -> None:
    """The error and its parts stand in an infrastructure namespace, whatever was read."""
    xml_only(offer.sif)
    reply = refusal(offer, fault)
    for one in error_in(reply).iter():
        space = trees.namespace(one)
        legal = trees.is_infrastructure(space)
        expect.true(legal, "errors stand in the infrastructure namespace", reply, space or "none")


@every_fault
@verifies("INF-ERR-006", negative=True)
def check_error_of_a_reading_has_an_id(offer: Offer, fault: str) -> None:
    """The error has a UUID of its own, another one each time."""
    found = [error_in(refusal(offer, fault)).get("id") or "" for _ in range(2)]
    for one in found:
        expect.uuid(one, "error/@id")
    expect.equal(len(set(found)), 2, "number of different error ids")


@verifies("INF-ERR-005", negative=True)
def check_error_of_a_reading_names_no_person(offer: Offer) -> None:
    """No text of an object stands in the error about a query that names it."""
    control_holds(offer.page(1, 1), "a proper query is served")
    texts = [
        value for path, value in trees.leaves(offer.objects()[0])
        if len(value) > 5 and path.casefold().endswith(("name", "emailaddress", "line1"))
    ]  # fmt: skip
    if not texts:
        raise NotVerified("the object has no telling text to ask with")
    for text in texts[:4]:
        reply = offer.listed(query={"where": f'[shoeSize="{text}" and'})
        if reply.status < 400:
            raise NotVerified("a condition in disorder is not refused; that is judged elsewhere")
        said = reply.body.decode("utf-8", "replace")
        expect.true(text not in said, "the error does not repeat the text", reply)
