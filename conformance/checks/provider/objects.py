"""One object and whole collections (Base Architecture 3.2.1, 5.2, 5.4.1 and 5.15)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from conformance import expect, trees
from conformance.checks.preparation import (
    accepted,
    came_with,
    control_holds,
    prepared,
    xml_only,
)
from conformance.offer import Offer, ids, members
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.verifies import verifies

DELAYED = {"requestType": "DELAYED", "requestId": "r-1", "queueId": str(uuid.uuid4())}


def unknown_id() -> str:
    """An id that nothing has."""
    return str(uuid.uuid4()).upper()


def refused_without_data(reply: Reply, *codes: int) -> None:
    """One of these codes (any from 400 on when none is given) and no object in the body."""
    if codes:
        expect.status(reply, *codes)
    expect.true(reply.status >= 400, "the request is refused", reply, str(reply.status))
    expect.equal(len(members(reply)), 0, "objects in the refusal", reply)


@verifies("INF-QRY-001")
def check_one_object_is_read_by_its_id(offer: Offer) -> None:
    """GET by id is 200 with that object under its own element, and no other."""
    for one in offer.some(2):
        reply = offer.get(trees.refid(one))
        expect.status(reply, 200)
        expect.equal(trees.local(reply.object), trees.local(one), "root of the answer", reply)
        expect.same_id(trees.refid(reply.object), trees.refid(one), "id of the object", reply)


@verifies("INF-QRY-002", "NEG-014", negative=True)
def check_reading_an_unknown_id_is_404(offer: Offer) -> None:
    """GET of an id that does not exist is 404, not an empty success; one that exists is served."""
    control_holds(offer.get(offer.one()), "an object that exists is served")
    expect.status(offer.get(unknown_id()), 404)


@verifies("INF-QRY-003")
def check_list_without_pages_holds_every_object(offer: Offer) -> None:
    """GET of the collection without paging is 200 and holds each object that pages hold, once."""
    known = {trees.folded(trees.refid(one)) for one in offer.objects()}
    reply = offer.listed()
    if reply.status == 413:
        raise NotApplicable("the provider offers more objects than it gives without paging")
    expect.status(reply, 200)
    found = ids(reply)
    expect.equal(sorted(known - set(found)), [], "objects missing in the list", reply)
    expect.equal(len(found), len(set(found)), "number of different objects", reply)


@pytest.mark.parametrize("where", ["header", "query"])
@verifies("INF-QRY-004", negative=True)
def check_one_offered_object_cannot_be_paged(offer: Offer, where: str) -> None:
    """Paging parameters on a single object are 405; without them it is served."""
    if where == "query":
        came_with(offer.sif, "3.1", "paging in the query")
    control_holds(offer.get(offer.one()), "without paging the object is served")
    paging = {"navigationPage": "1", "navigationPageSize": "5"}
    paged = offer.get(offer.one(), headers=paging if where == "header" else {},
                      query=paging if where == "query" else {})  # fmt: skip
    refused_without_data(paged, 405)


@verifies("INF-QRY-009")
def check_reading_leaves_the_offer_as_it_is(offer: Offer) -> None:
    """After it was read in every way an object is what it was."""
    before = prepared(offer.get(offer.one()))
    for reply in (offer.listed(), offer.get(offer.one()), offer.page(1, 2)):
        members(reply)
    after = offer.get(offer.one())
    expect.same_facts(before.object, after.object, after, ids=True)


@verifies("INF-QRY-010", "INF-FMT-007")
def check_offered_objects_are_not_wrapped(offer: Offer) -> None:
    """By id the root is the object, in a list the collection around objects, nothing else."""
    singular = trees.local(offer.objects()[0])
    expect.xml(prepared(offer.get(offer.one())), singular)
    listed = prepared(offer.page(1, 2) if offer.declared("paging") else offer.listed())
    names = {trees.local(one) for one in expect.xml(listed, offer.name)}
    expect.equal(names, {singular}, "children of the collection", listed)


@verifies("INF-FMT-003")
def check_offered_objects_stand_in_the_agreed_namespace(offer: Offer) -> None:
    """Every element of an object stands in the data model namespace that was agreed on."""
    xml_only(offer.sif)
    reply = prepared(offer.get(offer.one()))
    spaces = sorted({trees.namespace(one) for one in reply.object.iter()})
    expect.equal(spaces, [offer.config.endpoint.data_model], "namespaces of the object", reply)


@pytest.mark.parametrize("change", [str.lower, str.upper], ids=["small", "capital"])
@verifies("INF-FMT-005", "NEG-061")
def check_offered_id_in_other_case_is_the_same(offer: Offer, change: Callable[[str], str]) -> None:
    """An id in small or in capital letters finds the same object."""
    reply = offer.get(change(offer.one()))
    expect.equal(ids(reply), [trees.folded(offer.one())], "the object that is found", reply)


@verifies("INF-QRY-011", negative=True)
def check_reading_one_object_cannot_be_delayed(offer: Offer) -> None:
    """A DELAYED query for one object is 400; an immediate one is served."""
    control_holds(offer.get(offer.one()), "an immediate query is served")
    refused_without_data(offer.get(offer.one(), headers=DELAYED), 400)


@verifies("INF-DLY-004", negative=True)
def check_delayed_reading_without_queues_is_refused(offer: Offer) -> None:
    """Where there are no queues a DELAYED list query is refused; an immediate one is served."""
    environment = offer.sif.environment
    if environment is not None and "queues" in environment.services:
        raise NotApplicable("the provider offers queues")
    control_holds(offer.page(1, 1), "an immediate query is served")
    refused_without_data(offer.page(1, 1, headers=DELAYED), 400, 404)


CHANGES = {
    "POST": "{name}/{singular}",
    "POST many": "{name}",
    "PUT": "{name}/{refid}",
    "PUT many": "{name}",
    "DELETE": "{name}/{refid}",
    "DELETE all": "{name}",
    "PATCH": "{name}/{refid}",
}


@pytest.mark.parametrize("change", sorted(CHANGES))
@verifies("INF-TRN-014", negative=True)
def check_change_that_is_not_offered_is_refused(offer: Offer, change: str) -> None:
    """What the rights call UNSUPPORTED or REJECTED is refused at once; reading is served."""
    verb = change.partition(" ")[0]
    right = {"POST": "CREATE", "PUT": "UPDATE"}.get(verb, verb)
    told = offer.rights("OBJECT", right).get(offer.name, "")
    if verb != "PATCH" and told not in ("UNSUPPORTED", "REJECTED"):
        raise NotApplicable(f"the rights do not say that {right} is refused")
    one = offer.objects()[0]
    # An id that nothing has: a provider that errs must not lose what it holds.
    path = CHANGES[change].format(name=offer.name, singular=trees.local(one), refid=unknown_id())
    reply = offer.sif.request(verb, path, body=None if verb == "DELETE" else stump(offer))
    refused_without_data(reply, 400, 403, 404, 405)
    control_holds(offer.get(offer.one()), "reading is served")


def stump(offer: Offer) -> bytes:
    """An object of the main collection that holds nothing and has an id of its own."""
    one = offer.objects()[0]
    key = next(str(name) for name, value in one.items() if value == trees.refid(one))
    space, name = trees.namespace(one), trees.local(one)
    return f'<{name} xmlns="{space}" {key}="{unknown_id()}"/>'.encode()


@verifies("INF-HED-001")
def check_head_is_understood_where_reading_is(offer: Offer) -> None:
    """HEAD of an object and of the list is served without a body."""
    control_holds(offer.get(offer.one()), "GET is served")
    for head in (offer.sif.request("HEAD", f"{offer.name}/{offer.one()}"), offer.head()):
        expect.no_body(accepted(head, "HEAD is served like GET"))


@verifies("INF-HED-005")
def check_head_of_an_object_has_the_status_of_get(offer: Offer) -> None:
    """HEAD of an object, and of an id that does not exist, has the status of GET."""
    for path in (f"{offer.name}/{offer.one()}", f"{offer.name}/{unknown_id()}"):
        head, get = offer.sif.request("HEAD", path), offer.sif.request("GET", path)
        if head.status in (405, 501):
            raise NotVerified("HEAD is not understood at all; that is judged elsewhere")
        expect.equal(head.status, get.status, "status of HEAD", head)


@verifies("INF-HED-003")
def check_head_of_an_object_names_its_action(offer: Offer) -> None:
    """The answer to HEAD says responseAction HEAD."""
    reply = prepared(offer.sif.request("HEAD", f"{offer.name}/{offer.one()}"))
    expect.header(reply, "responseAction", "HEAD")


@verifies("INF-HED-002", negative=True)
def check_head_of_an_object_is_served_or_refused(offer: Offer) -> None:
    """HEAD is answered like GET or with 405; GET is served."""
    control_holds(offer.get(offer.one()), "GET is served")
    expect.status(offer.sif.request("HEAD", f"{offer.name}/{offer.one()}"), 200, 204, 405)
