"""The publisher as a provider behind a hub: its entry, and its answers to what is handed on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lxml import etree

from conformance import auth, expect, trees
from conformance.checks.publisher.looking import document, registrations, wanted
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.stage.calls import Call
from conformance.stage.counter import Registered
from conformance.stage.desk import Desk
from conformance.stage.trouble import Trouble
from conformance.verifies import verifies

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def entries(desk: Desk) -> list[tuple[Call, etree._Element]]:
    """The entries that were asked for, with the call that did."""
    found = wanted(registrations(desk.calls()), "a registration")
    roots = [(call, root) for call in found if (root := document(call)) is not None]
    return [(call, one) for call, root in roots
            for one in ([root] if trees.local(root) == "provider" else list(root))]  # fmt: skip


@verifies("DAT-PUB-050")
def check_entries_say_all_that_a_hub_needs(desk: Desk) -> None:
    """An entry names type, service, zone and context that are granted, and a whole address."""
    for call, entry in entries(desk):
        told = {trees.local(one): trees.text(entry, trees.local(one)) for one in entry}
        expect.equal(told.get("serviceType"), "OBJECT", "serviceType", call.message)
        expect.one_of(told.get("serviceName"), desk.waits.services, "serviceName", call.message)
        expect.one_of(told.get("zoneId"), desk.zones.values(), "zoneId", call.message)
        context = desk.config.endpoint.context or "DEFAULT"
        expect.equal(told.get("contextId"), context, "contextId", call.message)
        place = trees.text(entry, "endPoint", "location")
        whole = place.startswith(("http://", "https://"))
        expect.true(whole, "the location is a whole address", call.message, "it is not")


@verifies("INF-PRG-008")
def check_entries_tell_types_and_pages(desk: Desk) -> None:
    """An entry lists XML beside other media types, and the largest page where it has pages."""
    for call, entry in entries(desk):
        types = [(one.text or "").strip() for one in trees.every(entry, "mediaType")]
        if types:
            expect.true("application/xml" in types, "XML is listed too", call.message, str(types))
        support = trees.child(entry, "querySupport")
        if support is not None and trees.text(support, "paged") == "true":
            size, total = (trees.text(support, name) for name in ("maxPageSize", "totalCount"))
            told = size or ", ".join(map(trees.local, support))
            expect.true(size.isdigit() and int(size) > 0, "maxPageSize is told", call.message, told)
            expect.one_of(total, ("true", "false"), "totalCount", call.message)


@verifies("DAT-PUB-051", negative=True)
def check_entries_are_made_anew_after_a_restart_of_the_hub(desk: Desk) -> None:
    """The hub restarts and forgets its providers: the publisher registers again."""
    before = {(one.zone, one.service) for one in _registered(desk)}
    trouble = Trouble(left=1, before=desk.counter.forget)
    person = desk.person()
    with desk.troubled(trouble):
        desk.let("add", person)
    if trouble.before is not None:
        raise NotVerified("no message came that the restart could meet")
    after = {(one.zone, one.service) for one in desk.counter.registered}
    last = desk.recent()[-1].message
    expect.equal(sorted(after), sorted(before), "collections that are registered", last)


def _registered(desk: Desk) -> list[Registered]:
    desk.offered()
    return list(desk.counter.registered)


def working(desk: Desk) -> tuple[Registered, Reply]:
    """An entry whose collection can be read with the token of its session; else nothing is told."""
    entry = desk.offered()
    reply = desk.forward(entry)
    if reply.status not in (200, 204):
        raise NotVerified(f"the provider answers its own hub with {reply.status}")
    return entry, reply


@verifies("INF-AUT-019", negative=True)
def check_only_the_token_of_the_session_is_let_in(desk: Desk) -> None:
    """With the key, another token, another secret or none, the provider refuses the request."""
    entry, _ = working(desk)
    for user, secret in (
        (desk.config.credentials.key, ""),
        ("0b5c2d4e-0000-4000-8000-1f2e3d4c5b6a", ""),
        ("", "not-the-secret"),
    ):
        reply = desk.forward(entry, user=user, secret=secret)
        expect.refused(reply, 401, 403)
    reply = desk.forward(entry, lines={"Authorization": ""})
    expect.refused(reply, 401, 403)
    expect.status(desk.forward(entry), 200, 204)


@verifies("INF-AUT-006", negative=True)
def check_an_old_timestamp_is_not_let_in(desk: Desk) -> None:
    """A request that was signed a day ago is refused; the same of now is answered."""
    entry, _ = working(desk)
    if desk.config.credentials.method.lower() == "basic":
        raise NotApplicable("Basic signs no timestamp")
    old = auth.stamp(auth.now() - timedelta(days=1))
    expect.refused(desk.forward(entry, moment=old), 401, 403)
    expect.status(desk.forward(entry), 200, 204)


@verifies("DAT-PUB-054", negative=True)
def check_another_zone_is_not_answered_for(desk: Desk) -> None:
    """A request for a zone that was not registered gets an error and no data."""
    entry, _ = working(desk)
    reply = desk.forward(replace(entry, zone="zone-nobody-has"))
    expect.refused(reply, 400, 403, 404)


@verifies("INF-PAG-012", negative=True)
def check_a_page_that_is_no_number_is_refused(desk: Desk) -> None:
    """With pages told in the entry, page zero and a page in letters are refused."""
    entry, _ = working(desk)
    told = [trees.text(one, "querySupport", "paged") for _, one in entries(desk)]
    if "true" not in told:
        raise NotApplicable("the provider tells of no pages")
    for page in ("0", "one"):
        lines = {"navigationPage": page, "navigationPageSize": "1"}
        expect.refused(desk.forward(entry, lines=lines), 400)
    lines = {"navigationPage": "1", "navigationPageSize": "1"}
    expect.status(desk.forward(entry, lines=lines), 200, 204)


@verifies("INF-QRY-002", negative=True)
def check_an_unknown_id_is_not_found(desk: Desk) -> None:
    """A request for an id that the provider does not have is answered 404 with an error."""
    entry, _ = working(desk)
    expect.refused(desk.forward(entry, f"/{UNKNOWN}"), 404)


@verifies("INF-TRN-014", negative=True)
def check_what_is_not_supported_is_refused_at_once(desk: Desk) -> None:
    """A query by example that the entry does not offer is refused, with an error and in time."""
    entry, _ = working(desk)
    told = [trees.text(one, "querySupport", "queryByExample") for _, one in entries(desk)]
    if "true" in told:
        raise NotApplicable("the provider offers queries by example")
    name = entry.service.removesuffix("s")
    space = desk.config.endpoint.data_model
    body = trees.tostring(etree.Element(f"{{{space}}}{name}"))
    lines = {"methodOverride": "GET", "Content-Type": "application/xml"}
    reply = desk.forward(entry, method="POST", lines=lines, body=body)
    expect.refused(reply, 400, 405, 501)


@verifies("INF-TRN-014", negative=True)
def check_a_method_that_is_none_of_sif_is_refused(desk: Desk) -> None:
    """A request with the method PATCH is refused with an error; a query is answered."""
    entry, _ = working(desk)
    expect.refused(desk.forward(entry, f"/{UNKNOWN}", "PATCH"), 400, 404, 405, 501)
    expect.status(desk.forward(entry), 200, 204)


@verifies("INF-HDR-003", "INF-HDR-004")
def check_answers_carry_the_headers_of_sif(desk: Desk) -> None:
    """An answer says its type, its time, its id, and QUERY for a query; a refusal says ERROR."""
    entry, reply = working(desk)
    lost = desk.forward(entry, f"/{UNKNOWN}")
    for one, kind in ((reply, "RESPONSE"), (lost, "ERROR" if lost.status >= 400 else "RESPONSE")):
        expect.header(one, "messageType", kind)
        expect.uuid(one.headers.get("messageId"), "messageId", one)
        expect.matches(one, "timestamp", r"\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)", "a time")
        expect.header(one, "responseAction", "QUERY")


@verifies("INF-HDR-005")
def check_answers_echo_the_request(desk: Desk) -> None:
    """generatorId and requestId come back as they were sent."""
    entry, _ = working(desk)
    lines = {"generatorId": "generator-7", "requestId": "request-000451"}
    reply = desk.forward(entry, lines=lines)
    for name, value in lines.items():
        expect.header(reply, name, value)


@verifies("INF-PAG-003", negative=True)
def check_a_page_behind_the_last_is_empty(desk: Desk) -> None:
    """With pages told in the entry, one behind the last is answered 204, and the first is not."""
    entry, _ = working(desk)
    told = [trees.text(one, "querySupport", "paged") for _, one in entries(desk)]
    if "true" not in told:
        raise NotApplicable("the provider tells of no pages")
    first = desk.forward(entry, lines={"navigationPage": "1", "navigationPageSize": "1"})
    if first.status != 200:
        raise NotVerified(f"the first page is answered {first.status}")
    far = desk.forward(entry, lines={"navigationPage": "99999", "navigationPageSize": "1"})
    expect.status(far, 204)
    expect.no_body(far)


@verifies("DAT-PUB-052")
def check_a_query_gives_what_the_event_told(desk: Desk) -> None:
    """An object that an event told of as new is given by id, with the same values."""
    person, zone = desk.person(), desk.zones["provide"]
    sent = [one for one in desk.enrol(person) if one.zone == zone]
    entry = next((one for one in _registered(desk) if sent and one.zone == zone
                  and one.service == sent[0].service), None)  # fmt: skip
    if entry is None:
        raise NotVerified("no event told of the student")
    reply = desk.forward(entry, f"/{sent[0].refid}")
    expect.status(reply, 200)
    expect.same_facts(sent[0].element, reply.object, reply, ids=True)


@verifies("DAT-PUB-053")
def check_collections_hold_objects_of_their_model(desk: Desk) -> None:
    """A query of a collection gives this collection, in the namespace of the data model."""
    for entry in _registered(desk):
        reply = desk.forward(entry)
        if reply.status == 204:
            continue
        expect.status(reply, 200)
        root = expect.xml(reply, entry.service)
        model = desk.config.endpoint.data_model
        expect.equal(trees.namespace(root), model, "namespace of the collection", reply)
